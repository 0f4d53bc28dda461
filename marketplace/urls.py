from django.urls import path

from marketplace.views import booking, coach, desk, directory, offers, requests, scorecards, sessions

urlpatterns = [
    path("coaching/", directory.directory, name="directory"),
    path("mentors/", directory.mentors, name="mentors"),
    path("coaching/<slug:slug>/", coach.coach, name="coach"),
    path("coaching/<slug:slug>/hold/", booking.hold, name="booking_hold"),
    path("with/<slug:code>/", coach.private_link, name="private_link"),
    path("sessions/", sessions.my_sessions, name="my_sessions"),
    path("sessions/<uuid:pk>/", sessions.session, name="session"),
    path("sessions/<uuid:pk>/cancel/", sessions.cancel, name="session_cancel"),
    path("sessions/<uuid:pk>/review/", sessions.review, name="session_review"),
    path("sessions/<uuid:pk>/accept/", requests.accept, name="session_accept"),
    path("sessions/<uuid:pk>/decline/", requests.decline, name="session_decline"),
    path("sessions/<uuid:pk>/scorecard/", scorecards.scorecard, name="scorecard"),
    path("sessions/<uuid:pk>/scorecard/edit/", scorecards.edit, name="scorecard_edit"),
    path("sessions/<uuid:pk>/prepare/", booking.prepare, name="booking_prepare"),
    path("sessions/<uuid:pk>/pay/", booking.pay, name="booking_pay"),
    path("sessions/<uuid:pk>/extend/", booking.extend, name="booking_extend"),
    path("sessions/<uuid:pk>/release/", booking.release, name="booking_release"),
    path("sessions/<uuid:pk>/paid/", booking.paid, name="booking_paid"),
    path("sessions/<uuid:pk>/answers/", booking.answers, name="booking_answers"),
    path("desk/", desk.desk, name="desk"),
    path("desk/requests/", desk.waiting, name="desk_requests"),
    path("desk/calendar/", desk.calendar, name="desk_calendar"),
    path("desk/offers/", offers.offers, name="desk_offers"),
    path("desk/offers/<int:pk>/", offers.edit, name="desk_offer"),
    path("desk/offers/<int:pk>/remove/", offers.remove, name="desk_offer_remove"),
    path("desk/earnings/", desk.earnings, name="desk_earnings"),
]
