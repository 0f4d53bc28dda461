from django.urls import path

from operations.api import cases

urlpatterns = [
    path("operations/queues/", cases.QueuesView.as_view(), name="api_queues"),
    path("operations/bookings/<uuid:pk>/decide/", cases.Decide.as_view(), name="api_decide"),
    path("operations/bookings/<uuid:pk>/refund/", cases.GiveBack.as_view(), name="api_give_back"),
    path("operations/compensations/<int:pk>/grant/", cases.GrantCompensation.as_view(), name="api_grant"),
    path("operations/compensations/<int:pk>/refuse/", cases.RefuseCompensation.as_view(), name="api_refuse"),
]
