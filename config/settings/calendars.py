"""Connected calendars: who may be called, what seals their secrets, and where to ask for consent."""

from __future__ import annotations

from config.settings.environment import env

# The first one seals, all of them open; without any it is SECRET_KEY.
SEALING_SECRETS = env.list("SEALING_SECRETS", default=[])
# For calendars on this machine or in its network: tests and development only.
ALLOW_PRIVATE_ADDRESSES = env.bool("ALLOW_PRIVATE_ADDRESSES", default=False)

# Each is switched on by its keys.
CALENDAR_PROVIDERS = {
    "google": {
        "client_id": env.str("GOOGLE_CALENDAR_CLIENT_ID", default=""),
        "client_secret": env.str("GOOGLE_CALENDAR_CLIENT_SECRET", default=""),
        "authorize": "https://accounts.google.com/o/oauth2/v2/auth",
        "token": "https://oauth2.googleapis.com/token",
        "api": "https://www.googleapis.com/calendar/v3",
        "scope": "https://www.googleapis.com/auth/calendar.events",
    },
    "microsoft": {
        "client_id": env.str("MICROSOFT_CALENDAR_CLIENT_ID", default=""),
        "client_secret": env.str("MICROSOFT_CALENDAR_CLIENT_SECRET", default=""),
        "authorize": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "token": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "api": "https://graph.microsoft.com/v1.0",
        "scope": "offline_access Calendars.ReadWrite",
    },
}
