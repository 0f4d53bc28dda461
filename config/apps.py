from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The top of the house: it starts, checks and answers for everything below."""

    name = "config"
    verbose_name = "House"
