"""Tests: fast passwords, mail in memory, no throttles, hashed names of static files left out."""

from __future__ import annotations

import os

from config.settings.environment import BASE_DIR

# Before anything else reads it: a test run writes nowhere near a running installation.
os.environ.setdefault("NORTHSTAR_VAR", str(BASE_DIR / "var" / "test"))

from config.settings.development import *

DEBUG = False
SECRET_KEY = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = False

DATABASES["default"]["TEST"] = {"NAME": env.str("NORTHSTAR_TEST_DB", default="") or None}
CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = False
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}
