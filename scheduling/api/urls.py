from django.urls import path

from scheduling.api import availability

urlpatterns = [path("me/availability/", availability.OwnAvailability.as_view())]
