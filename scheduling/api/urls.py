from django.urls import path

from scheduling.api import availability, calendars

urlpatterns = [
    path("me/availability/", availability.OwnAvailability.as_view()),
    path("me/calendars/", calendars.OwnCalendars.as_view(), name="api_calendars"),
    path("me/calendars/<int:pk>/", calendars.OwnCalendar.as_view(), name="api_calendar"),
    path("me/calendars/<int:pk>/sync/", calendars.SyncCalendar.as_view(), name="api_calendar_sync"),
]
