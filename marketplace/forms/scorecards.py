"""The scorecard's form: one level and one quotation per skill of the rubric, then the advice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from marketplace.models import Scorecard
from marketplace.rules.rubrics import LEVELS, RUBRICS, skill_label
from marketplace.rules.vocabulary import InterviewType


@dataclass(frozen=True)
class SkillFields:
    """What is asked about one skill."""

    skill: str
    label: str
    level: BoundField
    evidence: BoundField


class ScorecardForm(forms.Form):
    """Made for the rubric of ``interview_type``; ``marks()`` gives what ``deliver_scorecard`` takes."""

    keep = forms.CharField(
        label="Keep",
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What already works.",
    )
    stop = forms.CharField(
        label="Stop",
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What cost the most.",
    )
    start = forms.CharField(
        label="Start",
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The one habit to take up.",
    )
    drills = forms.CharField(
        label="Next drills", max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, interview_type: str, data: Any = None, *, scorecard: Scorecard | None = None) -> None:
        self.interview_type = interview_type
        super().__init__(data, initial=_initial(scorecard))
        for skill in RUBRICS[interview_type]:
            self.fields[f"level-{skill}"] = forms.TypedChoiceField(
                label=skill_label(skill),
                choices=[(level, name) for level, name in LEVELS.items()],
                coerce=int,
                error_messages={"required": "Choose a level."},
            )
            self.fields[f"evidence-{skill}"] = forms.CharField(
                label="In their own words",
                max_length=2_000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def skills(self) -> Iterator[SkillFields]:
        for skill in RUBRICS[self.interview_type]:
            yield SkillFields(skill, skill_label(skill), self[f"level-{skill}"], self[f"evidence-{skill}"])

    def marks(self) -> list[dict[str, Any]]:
        return [
            {
                "skill": skill,
                "level": self.cleaned_data[f"level-{skill}"],
                "evidence": self.cleaned_data[f"evidence-{skill}"],
            }
            for skill in RUBRICS[self.interview_type]
        ]


class RubricChoiceForm(forms.Form):
    """Which interview was practised, where the offer does not say."""

    type = forms.ChoiceField(label="Interview", choices=InterviewType.choices)


def _initial(scorecard: Scorecard | None) -> dict[str, Any]:
    if scorecard is None:
        return {}
    advice = {name: getattr(scorecard, name) for name in ("keep", "stop", "start", "drills")}
    marks = {f"level-{mark.skill}": mark.level for mark in scorecard.marks.all()}
    evidence = {f"evidence-{mark.skill}": mark.evidence for mark in scorecard.marks.all()}
    return {**advice, **marks, **evidence}
