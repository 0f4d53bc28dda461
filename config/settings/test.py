"""Tests: fast passwords, mail in memory, no throttles, hashed names of static files left out."""

from __future__ import annotations

import os
from pathlib import Path

# Before the other settings read it: a test run writes nowhere near a running installation.
os.environ.setdefault("NORTHSTAR_VAR", str(Path(__file__).resolve().parents[2] / "var" / "test"))

from config.settings.development import *

# Each worker of a parallel run has a clock and uploads of its own.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
CLOCK_FILE = VAR_DIR / f"clock-{WORKER}.json"
MEDIA_ROOT = VAR_DIR / f"media-{WORKER}"

SECRET_KEY = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = False
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}

DATABASES["default"]["TEST"] = {"NAME": env.str("NORTHSTAR_TEST_DB", default="") or None}
