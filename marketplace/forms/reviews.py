from __future__ import annotations

from django import forms


class ReviewForm(forms.Form):
    """What one side says of the other after a session."""

    rating = forms.TypedChoiceField(
        choices=[(n, str(n)) for n in range(1, 6)], coerce=int, label="Your rating"
    )
    text = forms.CharField(
        label="In your words",
        max_length=4_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What would you want to know before booking?",
    )


class DeclineForm(forms.Form):
    """Why a coach says no; the candidate reads it."""

    reason = forms.CharField(
        label="Why not?",
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Your words reach the candidate as they are.",
    )
