from django.apps import AppConfig


class MarketplaceConfig(AppConfig):
    name = "marketplace"

    def ready(self) -> None:
        """Let papers, purchases and statements name what was sold."""
        from marketplace.queries import wares, words  # noqa: F401, PLC0415  (models are loaded only now)
