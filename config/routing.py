"""Live addresses: every app with a ``routing.py`` offers its own ``websocket_urlpatterns``."""

from config.discovery import patterns

websocket_urlpatterns = patterns("routing", "websocket_urlpatterns")
