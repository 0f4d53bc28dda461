from django.urls import path

from operations.api import cases, money

urlpatterns = [
    path("operations/queues/", cases.QueuesView.as_view(), name="api_queues"),
    path("operations/bookings/<uuid:pk>/decide/", cases.Decide.as_view(), name="api_decide"),
    path("operations/bookings/<uuid:pk>/refund/", cases.GiveBack.as_view(), name="api_give_back"),
    path("operations/compensations/<int:pk>/grant/", cases.GrantCompensation.as_view(), name="api_grant"),
    path("operations/compensations/<int:pk>/refuse/", cases.RefuseCompensation.as_view(), name="api_refuse"),
    path("operations/ledger/", money.LedgerView.as_view(), name="api_ledger"),
    path(
        "operations/differences/<int:pk>/close/",
        money.CloseDifference.as_view(),
        name="api_close_difference",
    ),
    path("operations/dead-letters/<slug:letter>/replay/", money.Replay.as_view(), name="api_replay"),
    path("operations/motions/", money.Motions.as_view(), name="api_motions"),
    path("operations/motions/<int:pk>/second/", money.SecondMotion.as_view(), name="api_second"),
    path("operations/motions/<int:pk>/reject/", money.RejectMotion.as_view(), name="api_reject"),
    path("operations/orders/<uuid:pk>/adjust/", money.Adjust.as_view(), name="api_adjust"),
]
