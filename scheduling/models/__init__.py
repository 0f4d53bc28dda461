from scheduling.models.booking import Booking
from scheduling.models.calendars import BusyTime, CalendarCopy, ConnectedCalendar
from scheduling.models.feed import CalendarFeed
from scheduling.models.free_times import FreeTimes
from scheduling.models.move import MoveProposal
from scheduling.models.policy import CancellationPolicy
from scheduling.models.reminder import Reminder
from scheduling.models.report import Report
from scheduling.models.schedule import DateOverride, Schedule, TimeOff, Trip
from scheduling.models.window import OpenWindow

__all__ = [
    "Booking",
    "BusyTime",
    "CalendarCopy",
    "CalendarFeed",
    "CancellationPolicy",
    "ConnectedCalendar",
    "DateOverride",
    "FreeTimes",
    "MoveProposal",
    "OpenWindow",
    "Reminder",
    "Report",
    "Schedule",
    "TimeOff",
    "Trip",
]
