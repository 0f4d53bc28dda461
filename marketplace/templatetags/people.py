"""How people and rough lengths of time are written on the marketplace's pages."""

from __future__ import annotations

from datetime import timedelta

from django import template

from core.templatetags.formats import sentence
from scheduling.states import Side

register = template.Library()

# What the audit trail calls in a word that a reader knows under another one; the rest is told as it is.
HAPPENED = {
    "completed": "Took place",
    "expired": "Lapsed",
    "here": "Said “I am here”",
    "no_show_candidate": "The candidate did not come",
    "no_show_coach": "The coach did not come",
    "report_rejected": "Report not upheld",
    "session.reviewed": "Reviewed",
}
DOERS = {Side.SYSTEM: "automatically", Side.OPERATIONS: "by operations"}

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@register.filter
def first_name(name: str) -> str:
    """``Ada Okafor`` → ``Ada``."""
    return name.split(" ", maxsplit=1)[0]


@register.filter
def happened(kind: str) -> str:
    """``here`` → ``Said “I am here”``: a line of the audit trail in the words of the session's page."""
    return HAPPENED.get(kind) or sentence(kind)


@register.filter
def doer(side: Side) -> str:
    """Who did it: ``by the coach``, ``by operations``, ``automatically``."""
    return DOERS.get(side, f"by the {side}")


@register.filter
def roughly(length: timedelta) -> str:
    """``20 min``, ``2 h``, ``3 d``: rounded up, so that nobody is promised more than there was."""
    if length <= HOUR:
        return f"{max(1, -(-length // timedelta(minutes=1)))} min"
    return f"{-(-length // HOUR)} h" if length <= 2 * DAY else f"{-(-length // DAY)} d"
