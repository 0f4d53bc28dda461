from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        """Let the nightly check ask about orders too."""
        from payments.queries import books  # noqa: F401, PLC0415  (models are loaded only now)
