"""What a coach's row tells of his offers, companies and reviews, kept right by whoever changes them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Avg, Count

from marketplace.models import Coach, Offer, Review
from scheduling.domain.schedules import sell_from


@transaction.atomic
def index_profile(coach: Coach) -> None:
    """Fold the texts of the profile for the search. To be called by whoever changed one of them."""
    coach.fold_words([job.company.name for job in coach.employments.select_related("company")])
    coach.save(update_fields=["words_name", "words_headline", "words_skills", "words_bio"])


@transaction.atomic
def retell_offers(coach_id: int, *, now: datetime) -> Coach:
    """Write what the active session offers say about price and length, and tell scheduling the shortest."""
    coach = Coach.objects.select_for_update().select_related("user").get(pk=coach_id)
    offers = Offer.objects.filter(coach=coach).active().sessions()
    cheapest = offers.order_by("price", "duration_minutes").first()
    shortest = offers.order_by("duration_minutes").first()
    coach.price_from = cheapest.price if cheapest else None
    coach.price_from_minutes = cheapest.duration_minutes if cheapest else None
    coach.shortest_minutes = shortest.duration_minutes if shortest else None
    coach.save(update_fields=["price_from", "price_from_minutes", "shortest_minutes"])
    sell_from(coach.user, coach.shortest_minutes if coach.is_live else None, now=now)
    return coach


@transaction.atomic
def retell_reviews(coach_id: int) -> Coach:
    """Write the mean and the number of the candidates' published reviews."""
    coach = Coach.objects.select_for_update().get(pk=coach_id)
    told = Review.objects.of_coach(coach).published().aggregate(mean=Avg("rating"), number=Count("id"))
    coach.rating, coach.review_count = told["mean"], told["number"]
    coach.save(update_fields=["rating", "review_count"])
    return coach
