"""Calendars elsewhere, behind one interface: busy times are read, sessions written where that is possible."""
