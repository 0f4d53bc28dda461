"""The Celery application. Periodic jobs are those the apps registered with `core.periodic`."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")

app = Celery("northstar")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def schedule_periodic_jobs(sender: Celery, **_: Any) -> None:
    """One entry per registered job; a turn nobody took before the next one is dropped."""
    from core.periodic import JOBS  # noqa: PLC0415  (the registry needs the settings this module is part of)

    sender.conf.beat_schedule = {
        name: {
            "task": "core.tasks.run_periodic",
            "schedule": job.every,
            "args": (name,),
            "options": {"expires": job.every.total_seconds()},
        }
        for name, job in JOBS.items()
    }
