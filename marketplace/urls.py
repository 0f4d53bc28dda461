from django.urls import path

from marketplace.views import desk, requests, scorecards, sessions

urlpatterns = [
    path("sessions/", sessions.my_sessions, name="my_sessions"),
    path("sessions/<uuid:pk>/", sessions.session, name="session"),
    path("sessions/<uuid:pk>/cancel/", sessions.cancel, name="session_cancel"),
    path("sessions/<uuid:pk>/review/", sessions.review, name="session_review"),
    path("sessions/<uuid:pk>/accept/", requests.accept, name="session_accept"),
    path("sessions/<uuid:pk>/decline/", requests.decline, name="session_decline"),
    path("sessions/<uuid:pk>/scorecard/", scorecards.scorecard, name="scorecard"),
    path("sessions/<uuid:pk>/scorecard/edit/", scorecards.edit, name="scorecard_edit"),
    path("desk/", desk.desk, name="desk"),
    path("desk/requests/", desk.waiting, name="desk_requests"),
    path("desk/calendar/", desk.calendar, name="desk_calendar"),
    path("desk/earnings/", desk.earnings, name="desk_earnings"),
]
