from django.urls import path

from marketplace.consumers import SlotsConsumer

websocket_urlpatterns = [path("ws/coaches/<slug:slug>/slots/", SlotsConsumer.as_asgi())]
