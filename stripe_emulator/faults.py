"""Faults on demand: what networks, Stripe's bad days and webhooks do to an application."""

from __future__ import annotations

import itertools
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from stripe_emulator.errors import ApiError, Broken, Invalid, KeyInUse, RateLimited

if TYPE_CHECKING:
    from stripe_emulator.chaos import Chaos

LOST = {"timeout_before": "timeout", "timeout_after": "timeout", "reset": "reset"}
REQUEST = {*LOST, "error_500", "conflict_409", "rate_429", "slow", "early_webhook"}
WEBHOOK = {"drop_webhook", "duplicate_webhook", "delay_webhook", "reorder_webhooks", "bad_signature"}
SECONDS = {"timeout_before": 30.0, "timeout_after": 30.0, "slow": 2.0, "delay_webhook": 60.0}


@dataclass
class Fault:
    """Something that goes wrong `times` times.

    `match` is ``POST /v1/transfers`` (``*`` and ``{id}`` stand for anything) or, for webhooks, an event type.
    `seconds`: how long a lost connection hangs, or a slow answer or a late webhook takes.
    """

    id: str
    kind: str
    match: str = "*"
    times: int = 1
    seconds: float = 0.0
    copies: int = 2
    struck: int = field(default=0)

    @property
    def spent(self) -> bool:
        return self.struck >= self.times

    def fits(self, subject: str) -> bool:
        pattern = re.escape(self.match).replace(r"\*", ".*")
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", pattern)
        return re.fullmatch(pattern, subject) is not None

    def error(self) -> ApiError | None:
        """What the API answers under this fault, if it answers by an error."""
        if self.kind == "error_500":
            return Broken("An unknown error occurred.")
        if self.kind == "conflict_409":
            return KeyInUse(
                "Another request with this idempotency key is still running.", code="idempotency_key_in_use"
            )
        if self.kind == "rate_429":
            return RateLimited("Too many requests hit the API too quickly.", code="rate_limit")
        return None


class Faults:
    """The faults in force, oldest first, and `chaos` where none of them strikes."""

    def __init__(self) -> None:
        self.chaos: Chaos | None = None
        self._faults: list[Fault] = []
        self._numbers = itertools.count(1)

    def add(self, given: dict[str, Any]) -> Fault:
        unknown = set(given) - {"kind", "match", "times", "seconds", "hold_seconds", "copies"}
        if unknown:
            raise Invalid(f"Unknown field: {min(unknown)}", code="parameter_unknown", param=min(unknown))
        kind = given.get("kind")
        if kind not in REQUEST | WEBHOOK:
            raise Invalid(f"Unknown kind: {kind!r}", code="parameter_invalid", param="kind")
        fault = Fault(
            id=f"fault_{next(self._numbers)}",
            kind=kind,
            match=_text(given.get("match", "*")),
            times=int(_amount(given.get("times", 1), "times", least=1)),
            seconds=_amount(
                given.get("seconds", given.get("hold_seconds", SECONDS.get(kind, 0.0))), "seconds"
            ),
            copies=int(_amount(given.get("copies", 2), "copies", least=1)),
        )
        self._faults.append(fault)
        return fault

    def clear(self, id: str = "") -> int:
        """Lift one fault, or all of them; how many were lifted."""
        kept = [fault for fault in self._faults if id and fault.id != id]
        lifted = len(self._faults) - len(kept)
        self._faults = kept
        return lifted

    def all(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._faults]

    def on_request(self, method: str, path: str) -> Fault | None:
        told = self._strike(REQUEST, f"{method} {path}")
        return told or (self.chaos.on_request(method, path) if self.chaos else None)

    def on_webhook(self, event_type: str) -> Fault | None:
        told = self._strike(WEBHOOK, event_type, event_type.removeprefix("v1."))
        return told or (self.chaos.on_webhook(event_type) if self.chaos else None)

    def _strike(self, kinds: set[str], *subjects: str) -> Fault | None:
        for fault in self._faults:
            if not fault.spent and fault.kind in kinds and any(fault.fits(subject) for subject in subjects):
                fault.struck += 1
                return fault
        return None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Invalid("match must be text", code="parameter_invalid", param="match")
    return value


def _amount(value: Any, name: str, least: float = 0) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= 10**6:
        raise Invalid(f"Invalid {name}", code="parameter_invalid", param=name)
    return float(value)
