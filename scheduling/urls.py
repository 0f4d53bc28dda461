from django.urls import path

from scheduling.views import availability, calendars, consent

urlpatterns = [
    path("desk/availability/", availability.availability, name="desk_availability"),
    path("desk/calendars/", calendars.calendars, name="desk_calendars"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/<int:pk>/read/", calendars.read_now, name="calendar_read"),
    path("calendars/<int:pk>/writes/", calendars.write_here, name="calendar_writes"),
    path("calendars/<int:pk>/disconnect/", calendars.let_go, name="calendar_disconnect"),
    path("calendars/connect/<slug:kind>/", consent.ask, name="calendar_consent"),
    path("calendars/connect/<slug:kind>/answer/", consent.answered, name="calendar_consent_answered"),
]
