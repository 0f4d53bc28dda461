from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        """Let the nightly proof ask about orders too, and statements name what was sold."""
        from payments.domain import reconciling  # noqa: F401, PLC0415  (models are loaded only now)
        from payments.queries import books, words  # noqa: F401, PLC0415  (so are they here)
