from __future__ import annotations

from secrets import token_urlsafe
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.money import Money
from core.states import MovesByTable, Transitions
from marketplace.rules.text import fold
from marketplace.rules.vocabulary import ALSO_CALLED, CoachKind, InterviewType, Language, Seniority
from marketplace.states import TRANSITIONS, CoachState

SEARCH_CONFIG = "english"


def new_private_code() -> str:
    return token_urlsafe(9)


class CoachQuerySet(models.QuerySet["Coach"]):
    """The words for sets of coaches and mentors."""

    def live(self) -> CoachQuerySet:
        return self.filter(state=CoachState.LIVE)

    def with_words(self) -> CoachQuerySet:
        """With what a row of a list shows, in two queries however many rows."""
        return self.select_related("user__schedule").prefetch_related("employments__company")


class Coach(MovesByTable, models.Model):
    """The public face of a coach or mentor: what people search, read and book.

    ``price_from`` (minor units), ``price_from_minutes`` and ``shortest_minutes`` tell of the active offers of
    kind *session*; ``rating`` and ``review_count`` of the candidates' reviews. Each is written by the verb
    that changes its source. ``words_*`` are the folded texts behind ``search``, from heavy to light.
    ``private_code`` is the end of the coach's own link, which lowers the platform's rate (rules/money.md 4).
    """

    TRANSITIONS: ClassVar[Transitions] = TRANSITIONS

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="coach")
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=CoachKind.choices)
    state = models.CharField(max_length=10, choices=CoachState.choices, default=CoachState.APPLIED)
    name = models.CharField(max_length=120)
    headline = models.CharField(max_length=160)
    bio = models.TextField(blank=True, max_length=4_000)
    seniority = models.CharField(max_length=20, choices=Seniority.choices)
    interview_types = ArrayField(models.CharField(max_length=20, choices=InterviewType.choices), default=list)
    languages = ArrayField(models.CharField(max_length=5, choices=Language.choices), default=list)
    companies = models.ManyToManyField(
        "marketplace.Company", through="marketplace.Employment", related_name="coaches"
    )
    photo = models.ImageField(upload_to="coaches/", blank=True)
    video_url = models.URLField(blank=True)
    monthly_quota = models.PositiveSmallIntegerField(null=True, blank=True)
    private_code = models.CharField(max_length=20, unique=True, default=new_private_code)
    created_at = models.DateTimeField()

    price_from = models.PositiveIntegerField(null=True, editable=False)
    price_from_minutes = models.PositiveSmallIntegerField(null=True, editable=False)
    shortest_minutes = models.PositiveSmallIntegerField(null=True, editable=False)
    rating = models.DecimalField(max_digits=3, decimal_places=2, null=True, editable=False)
    review_count = models.PositiveIntegerField(default=0, editable=False)

    words_name = models.TextField(blank=True, editable=False)
    words_headline = models.TextField(blank=True, editable=False)
    words_skills = models.TextField(blank=True, editable=False)
    words_bio = models.TextField(blank=True, editable=False)
    search = models.GeneratedField(
        expression=(
            SearchVector("words_name", weight="A", config=SEARCH_CONFIG)
            + SearchVector("words_headline", weight="B", config=SEARCH_CONFIG)
            + SearchVector("words_skills", weight="C", config=SEARCH_CONFIG)
            + SearchVector("words_bio", weight="D", config=SEARCH_CONFIG)
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects: ClassVar[CoachQuerySet] = CoachQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "coaches"
        constraints = [
            models.CheckConstraint(name="coach_state", condition=Q(state__in=sorted(CoachState.values))),
            models.CheckConstraint(name="coach_kind", condition=Q(kind__in=sorted(CoachKind.values))),
            models.CheckConstraint(
                name="coach_types_are_known",
                condition=Q(interview_types__contained_by=sorted(InterviewType.values)),
            ),
            models.CheckConstraint(
                name="coach_rating_between_1_and_5",
                condition=Q(rating__isnull=True, review_count=0)
                | Q(rating__isnull=False, rating__gte=1, rating__lte=5, review_count__gt=0),
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="coach_search"),
            GinIndex(fields=["interview_types"], name="coach_types"),
            GinIndex(fields=["languages"], name="coach_languages"),
            models.Index(fields=["price_from", "id"], name="coach_price", condition=Q(state="live")),
            models.Index(
                models.F("rating").desc(nulls_last=True),
                models.F("review_count").desc(),
                "id",
                name="coach_rating",
                condition=Q(state="live"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("coach", args=[self.slug])

    @property
    def is_mentor(self) -> bool:
        return self.kind == CoachKind.MENTOR

    @property
    def is_live(self) -> bool:
        return self.state == CoachState.LIVE

    @property
    def timezone(self) -> str:
        """The home zone: the schedule's where there is one, else the person's."""
        schedule = getattr(self.user, "schedule", None)
        return schedule.timezone if schedule else self.user.zone.key

    @property
    def lowest_price(self) -> Money | None:
        return None if self.price_from is None else Money(self.price_from, settings.CURRENCY)

    @property
    def type_labels(self) -> list[str]:
        return [str(InterviewType(code).label) for code in self.interview_types]

    @property
    def language_labels(self) -> list[str]:
        return [str(Language(code).label) for code in self.languages]

    def fold_words(self, companies: list[str]) -> None:
        """Set ``words_*`` from the texts as they are now; the database makes ``search`` of them."""
        also = [ALSO_CALLED.get(InterviewType(code), "") for code in self.interview_types]
        seniority = str(Seniority(self.seniority).label)
        skills = [*companies, *self.type_labels, *also, *self.language_labels, seniority, self.kind]
        self.words_name = fold(self.name)
        self.words_headline = fold(self.headline)
        self.words_skills = fold(" ".join(skills))
        self.words_bio = fold(self.bio)
