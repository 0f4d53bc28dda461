from django.urls import path, re_path

from marketplace.api import attendance, bookings, coaches, desk, earnings, invites, moving, series, waitlist

urlpatterns = [
    path("coaches/", coaches.CoachList.as_view(), name="api_coaches"),
    path("coaches/<slug:slug>/", coaches.CoachDetail.as_view(), name="api_coach"),
    path("coaches/<slug:slug>/slots/", coaches.CoachSlots.as_view(), name="api_coach_slots"),
    path("coaches/<slug:slug>/waitlist/", waitlist.CoachWaitlist.as_view(), name="api_coach_waitlist"),
    path("me/waitlist/", waitlist.OwnWaitlist.as_view(), name="api_waitlist"),
    path("me/waitlist/<int:pk>/", waitlist.OwnWaitlistEntry.as_view(), name="api_waitlist_entry"),
    path("me/offers/", desk.OwnOffers.as_view(), name="api_offers"),
    path("me/offers/<int:pk>/", desk.OwnOfferDetail.as_view(), name="api_offer"),
    # The contract writes it without a slash at its end.
    re_path(r"^me/availability/why/?$", desk.Why.as_view(), name="api_why"),
    path("me/earnings/", earnings.EarningsView.as_view(), name="api_earnings"),
    path("bookings/", bookings.Bookings.as_view(), name="api_bookings"),
    path("bookings/series/", series.SeriesOfSessions.as_view(), name="api_series"),
    path("bookings/<uuid:pk>/", bookings.BookingDetail.as_view(), name="api_booking"),
    path("bookings/<uuid:pk>/extend-hold/", bookings.ExtendHold.as_view(), name="api_booking_extend"),
    path("bookings/<uuid:pk>/cancel/", bookings.Cancel.as_view(), name="api_booking_cancel"),
    path("bookings/<uuid:pk>/accept/", bookings.Accept.as_view(), name="api_booking_accept"),
    path("bookings/<uuid:pk>/decline/", bookings.Decline.as_view(), name="api_booking_decline"),
    path("bookings/<uuid:pk>/reschedule/", moving.Reschedule.as_view(), name="api_reschedule"),
    path("bookings/<uuid:pk>/reschedule/accept/", moving.AcceptMove.as_view(), name="api_accept_move"),
    path("bookings/<uuid:pk>/reschedule/refuse/", moving.RefuseMove.as_view(), name="api_refuse_move"),
    path("bookings/<uuid:pk>/reschedule/withdraw/", moving.WithdrawMove.as_view(), name="api_withdraw_move"),
    path("bookings/<uuid:pk>/here/", attendance.Here.as_view(), name="api_booking_here"),
    path("bookings/<uuid:pk>/no-show/", attendance.NoShow.as_view(), name="api_booking_no_show"),
    path("bookings/<uuid:pk>/no-show/contest/", attendance.ContestNoShow.as_view(), name="api_contest"),
    path("bookings/<uuid:pk>/dispute/", attendance.Dispute.as_view(), name="api_booking_dispute"),
    path("bookings/<uuid:pk>/answers/", bookings.PrepAnswers.as_view(), name="api_booking_answers"),
    path("bookings/<uuid:pk>/scorecard/", bookings.SessionScorecard.as_view(), name="api_scorecard"),
    path("bookings/<uuid:pk>/invite.ics", invites.Invite.as_view(), name="api_booking_invite"),
    path("bookings/<uuid:pk>/review/", bookings.SessionReview.as_view(), name="api_review"),
]
