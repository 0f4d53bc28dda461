"""Sockets under ``/ws/``; HTTP goes to `config.wsgi` in a bounded pool of threads."""

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from config.bridge import Bridge
from config.wsgi import application as wsgi_application  # sets Django up for what follows

from config.routing import websocket_urlpatterns  # isort: skip

application = ProtocolTypeRouter(
    {
        "http": Bridge(wsgi_application),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
