from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PayoutsConfig(AppConfig):
    name = "payouts"

    def ready(self) -> None:
        """Let every app add its invariants before the first check."""
        autodiscover_modules("queries.invariants")
