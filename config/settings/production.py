"""A public site. Each real address has to be given; what is for development only is refused."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

from config.settings.refusals import refusals

if _refused := refusals(os.environ):
    raise ImproperlyConfigured(" ".join(_refused))

from config.settings.base import *

PRODUCTION = True
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Only the wall clock is told here.
CLOCK_FILE = None
LOGGING = {"level": env.str("LOG_LEVEL", default="INFO")}

SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# The proxy in front ends TLS, sets this header itself and strips it from what it forwards.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The health probe speaks plain HTTP from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
