from django.urls import path

from scheduling.views import availability

urlpatterns = [path("desk/availability/", availability.availability, name="desk_availability")]
