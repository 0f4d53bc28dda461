from marketplace.models.coach import Coach
from marketplace.models.company import Company, Employment
from marketplace.models.compensation import Compensation
from marketplace.models.offer import Offer
from marketplace.models.review import Review
from marketplace.models.scorecard import Mark, Scorecard
from marketplace.models.session import Session
from marketplace.models.waitlist import WaitlistEntry, WaitlistTurn

__all__ = [
    "Coach",
    "Company",
    "Compensation",
    "Employment",
    "Mark",
    "Offer",
    "Review",
    "Scorecard",
    "Session",
    "WaitlistEntry",
    "WaitlistTurn",
]
