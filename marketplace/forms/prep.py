from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from core.instants import EARLIEST, LATEST
from marketplace.models import Session


class PrepForm(forms.ModelForm[Session]):
    """What a coach should know before the hour. Nothing of it is asked for."""

    class Meta:
        model = Session
        fields = Session.ANSWERS
        labels = {
            "target_company": "Which company?",
            "target_level": "Which level?",
            "interview_on": "When is the interview?",
            "focus": "What should the hour be about?",
            "background": "What should your coach know of you?",
            "went_wrong": "What went wrong last time?",
        }
        help_texts = {
            "target_level": "Such as Senior PM, L6 or Group PM.",
            "focus": "One question that scares you is enough.",
            "background": "Paste your CV, or five lines of it.",
        }
        widgets = {
            "target_company": forms.TextInput(attrs={"autocomplete": "off"}),
            "interview_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "focus": forms.Textarea(attrs={"rows": 3}),
            "background": forms.Textarea(attrs={"rows": 4}),
            "went_wrong": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)

    def clean_interview_on(self) -> date | None:
        on: date | None = self.cleaned_data["interview_on"]
        if on and not EARLIEST.year <= on.year < LATEST.year:
            raise forms.ValidationError("Give a day between the years 2000 and 2199.")
        return on
