from scheduling.models.booking import Booking
from scheduling.models.free_times import FreeTimes
from scheduling.models.policy import CancellationPolicy
from scheduling.models.schedule import DateOverride, Schedule, TimeOff, Trip
from scheduling.models.window import OpenWindow

__all__ = [
    "Booking",
    "CancellationPolicy",
    "DateOverride",
    "FreeTimes",
    "OpenWindow",
    "Schedule",
    "TimeOff",
    "Trip",
]
