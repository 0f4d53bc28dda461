"""The words that library, coaching and rubrics share. Codes are stored, labels shown."""

from __future__ import annotations

from django.db import models


class InterviewType(models.TextChoices):
    PRODUCT_DESIGN = "product-design", "Product design"
    IMPROVEMENT = "improvement", "Improvement"
    SUCCESS_METRICS = "success-metrics", "Success metrics"
    ROOT_CAUSE = "root-cause", "Root cause"
    TRADE_OFF = "trade-off", "Trade-off"
    STRATEGY = "strategy", "Strategy"
    ESTIMATION = "estimation", "Estimation"
    BEHAVIOURAL = "behavioural", "Behavioural"
    TECHNICAL = "technical", "Technical"
    RESUME = "resume", "Resume and story"


ALSO_CALLED = {
    InterviewType.PRODUCT_DESIGN: "product sense",
    InterviewType.SUCCESS_METRICS: "execution analytical",
    InterviewType.BEHAVIOURAL: "leadership",
    InterviewType.RESUME: "cv story",
}
"""Other names that people type into the search."""


class Seniority(models.TextChoices):
    MANAGER = "pm", "Product manager"
    SENIOR = "senior", "Senior PM"
    PRINCIPAL = "principal", "Principal PM"
    GROUP = "group", "Group PM"
    DIRECTOR = "director", "Director"
    VICE_PRESIDENT = "vp", "VP or CPO"


class Language(models.TextChoices):
    """ISO 639-1."""

    ARABIC = "ar", "Arabic"
    CHINESE = "zh", "Chinese"
    DUTCH = "nl", "Dutch"
    ENGLISH = "en", "English"
    FRENCH = "fr", "French"
    GERMAN = "de", "German"
    HEBREW = "he", "Hebrew"
    HINDI = "hi", "Hindi"
    ITALIAN = "it", "Italian"
    JAPANESE = "ja", "Japanese"
    KOREAN = "ko", "Korean"
    POLISH = "pl", "Polish"
    PORTUGUESE = "pt", "Portuguese"
    RUSSIAN = "ru", "Russian"
    SPANISH = "es", "Spanish"
    SWEDISH = "sv", "Swedish"
    TURKISH = "tr", "Turkish"
    UKRAINIAN = "uk", "Ukrainian"


class CoachKind(models.TextChoices):
    COACH = "coach", "Coach"
    MENTOR = "mentor", "Mentor"


class OfferKind(models.TextChoices):
    SESSION = "session", "Session"
    INTRO = "intro", "Intro call"
    RESUME_REVIEW = "resume_review", "Resume review"
