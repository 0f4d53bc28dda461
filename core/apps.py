from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        """Let every app bind its checks, its subscribers and periodic jobs before the first event."""
        autodiscover_modules("checks", "subscribers", "tasks")
