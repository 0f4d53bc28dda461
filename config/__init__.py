"""Settings, addresses, serving: what sets the apps to work. The Celery app is bound for `shared_task`."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
