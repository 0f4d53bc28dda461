"""What OpenAPI cannot read off the views."""

from __future__ import annotations

from typing import Any

REFUSAL = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "description": "Some codes bring more: `alternatives`, `reason`, `booking`, …",
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "fields": {"type": "object", "description": "Complaints by field."},
            },
            "required": ["code", "message"],
        }
    },
    "required": ["error"],
}


def document_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation may be refused, always in the one form (see ``core.api.handlers``)."""
    result["components"]["schemas"]["Refusal"] = REFUSAL
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = {"description": "Refused.", "content": content}
    return result
