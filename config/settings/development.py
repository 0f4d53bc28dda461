"""The embedded default: everything on this machine, nothing to install. `DEBUG=1` adds tracebacks."""

from __future__ import annotations

from config.embedded.secret import secret
from config.settings.base import *

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or secret(VAR_DIR, "secret_key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Static files are served from where they lie; nothing is collected.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
# A file that is edited while the site runs has another length than at its start.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_MAX_AGE = 0

if SIMULATED_PAYMENTS:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(f"http://127.0.0.1:{PORTS.emulator}")

# Throttles guard a public site; on this machine they would only count ourselves.
ACCOUNT_RATE_LIMITS = False
FEED_RATE = None
REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "DEFAULT_THROTTLE_CLASSES": [
        "config.throttling.RemoteAnonRateThrottle",
        "config.throttling.RemoteUserRateThrottle",
    ],
}
