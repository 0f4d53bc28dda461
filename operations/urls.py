from django.urls import path

from operations.views import cases

urlpatterns = [
    path("operations/", cases.queue, name="operations"),
    path("operations/sessions/<uuid:pk>/", cases.case, name="operations_case"),
    path("operations/sessions/<uuid:pk>/decide/", cases.decide, name="operations_decide"),
    path("operations/sessions/<uuid:pk>/refund/", cases.refund, name="operations_refund"),
    path("operations/sessions/<uuid:pk>/compensation/", cases.compensation, name="operations_compensation"),
]
