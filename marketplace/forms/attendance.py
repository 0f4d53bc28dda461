"""What is sent about who came: by the API, and by the forms of the session page."""

from __future__ import annotations

from typing import Any

from django import forms
from rest_framework import serializers

from core.api.serializers import StrictSerializer

LONG = 4_000
REASON = 200


class NoShowWish(StrictSerializer):
    comment = serializers.CharField(max_length=LONG, allow_blank=True, default="")


class DisputeWish(StrictSerializer):
    reason = serializers.CharField(max_length=REASON)
    comment = serializers.CharField(max_length=LONG, allow_blank=True)


class _OneOfSeveral(forms.Form):
    """Stands beside its like on one page, so its fields have names of their own there."""

    ids: str

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id=f"{self.ids}-%s")


class NoShowForm(_OneOfSeveral):
    """One side says that the other did not come."""

    ids = "no-show"

    comment = forms.CharField(
        label="What happened?",
        max_length=LONG,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="How long you waited, and whether you wrote to each other. Both sides read it.",
    )


class ObjectionForm(_OneOfSeveral):
    """The other side does not agree."""

    ids = "objection"

    comment = forms.CharField(
        label="What happened from your side?",
        max_length=LONG,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A person reads it before deciding.",
    )


class DisputeForm(_OneOfSeveral):
    """The candidate says that the session was not what was promised."""

    ids = "dispute"

    REASONS = (
        ("not_there", "The coach was not there"),
        ("cut_short", "It was cut short"),
        ("not_as_offered", "It was not what the offer says"),
        ("something_else", "Something else"),
    )

    reason = forms.ChoiceField(label="What went wrong?", choices=REASONS, widget=forms.RadioSelect)
    comment = forms.CharField(
        label="Tell us more",
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="A person reads it before deciding. Your coach reads it, too.",
    )


def blank_forms() -> dict[str, forms.Form]:
    """The forms of the session page before anything was written, by their names in its template."""
    return {
        "no_show_form": NoShowForm(),
        "objection_form": ObjectionForm(),
        "dispute_form": DisputeForm(),
    }
