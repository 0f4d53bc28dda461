"""Database, broker, cache, channels, mail, Stripe: an address in the environment replaces each default."""

from __future__ import annotations

from config.embedded.address import Address
from config.embedded.ports import Ports
from config.embedded.secret import secret
from config.settings.environment import VAR_DIR, env

PORTS = Ports.current(VAR_DIR)
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{PORTS.site}")

DATABASE_EMBEDDED = not env.str("DATABASE_URL", default="")
DATABASES = {
    "default": {
        **(Address.below(VAR_DIR).settings if DATABASE_EMBEDDED else env.db_url("DATABASE_URL")),
        # One connection per thread of a bounded pool, kept; see *Serving* in docs/adr.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    },
}

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "northstar"},
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "capacity": 1000},
    }
    if REDIS_URL
    else {"BACKEND": "config.embedded.layer.ServingLoopLayer", "CONFIG": {"capacity": 1000}},
}

CELERY_BROKER_URL = REDIS_URL or "memory://localhost"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# In memory: kombu's default asks for messages once a second.
CELERY_BROKER_TRANSPORT_OPTIONS = {} if REDIS_URL else {"polling_interval": 0.02}
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)
CELERY_TIMEZONE = "UTC"

MAIL_DIR = VAR_DIR / "mail"
EMAIL_FILE_PATH = MAIL_DIR
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Northstar <hello@northstar.test>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
if env.str("EMAIL_URL", default=""):
    globals().update(env.email_url("EMAIL_URL"))

# Without a key of Stripe's, payments are simulated by our own emulator.
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
SIMULATED_PAYMENTS = not STRIPE_SECRET_KEY
STRIPE_API_BASE: str | None = None
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="")
if SIMULATED_PAYMENTS:
    STRIPE_SECRET_KEY = "sk_test_northstar_emulator"  # noqa: S105  (the emulator takes any test key)
    STRIPE_API_BASE = f"http://127.0.0.1:{PORTS.emulator}"
    STRIPE_WEBHOOK_SECRET = STRIPE_WEBHOOK_SECRET or "whsec_" + secret(VAR_DIR, "stripe_webhook")

# The development clock; `production` takes it away.
CLOCK_FILE = VAR_DIR / "clock.json"
