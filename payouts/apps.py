from django.apps import AppConfig


class PayoutsConfig(AppConfig):
    name = "payouts"

    def ready(self) -> None:
        """Let the nightly proof compare what is here."""
        from payouts.domain import comparing  # noqa: F401, PLC0415  (models are loaded only now)
