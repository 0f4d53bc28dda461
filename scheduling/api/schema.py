"""The shape of ``me/availability`` for the documentation; ``rules.availability_input`` is what reads it."""

from __future__ import annotations

from typing import Any

from scheduling.rules.availability import WEEKDAYS
from scheduling.rules.availability_input import BOUNDS, LIMITS

Schema = dict[str, Any]


def _object(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_DATE: Schema = {"type": "string", "format": "date"}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_ZONE: Schema = {"type": "string", "description": "An IANA name.", "example": "Europe/London"}
_TIME: Schema = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"}
_WINDOWS = _list({**_list(_TIME), "minItems": 2, "maxItems": 2, "example": ["09:00", "12:00"]})

AVAILABILITY = _object(
    {
        "timezone": _ZONE,
        "weekly": _object(dict.fromkeys(WEEKDAYS, _WINDOWS)),
        "rules": _list(
            _object(
                {
                    "rrule": {"type": "string", "example": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"},
                    "from": _DATE,
                    "windows": _WINDOWS,
                },
                required=("rrule", "from", "windows"),
            )
        ),
        "overrides": _list(_object({"date": _DATE, "windows": _WINDOWS}, required=("date",))),
        "time_off": _list(
            _object({"starts_at": _INSTANT, "ends_at": _INSTANT}, required=("starts_at", "ends_at"))
        ),
        "travel": _list(
            _object(
                {"from": _DATE, "to": {**_DATE, "nullable": True}, "timezone": _ZONE},
                required=("from", "timezone"),
            )
        ),
        "paused_until": {**_INSTANT, "nullable": True},
        **{
            name: {"type": "integer", "minimum": least, "maximum": most, "nullable": name in LIMITS}
            for name, (least, most) in BOUNDS.items()
        },
    }
)
