"""Widgets of forms that the design system knows by their class."""

from __future__ import annotations

from django import forms


class Combobox(forms.Select):
    """A select with a search in it, where the browser allows; a plain select everywhere."""
