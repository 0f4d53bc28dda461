from django.urls import path

from operations.views import cases, money, motions, orders

urlpatterns = [
    path("operations/", cases.queue, name="operations"),
    path("operations/sessions/<uuid:pk>/", cases.case, name="operations_case"),
    path("operations/sessions/<uuid:pk>/decide/", cases.decide, name="operations_decide"),
    path("operations/sessions/<uuid:pk>/refund/", cases.refund, name="operations_refund"),
    path("operations/sessions/<uuid:pk>/compensation/", cases.compensation, name="operations_compensation"),
    path("operations/money/", money.money, name="operations_money"),
    path("operations/money/ask/", money.ask, name="operations_ask"),
    path("operations/money/accounts/<slug:kind>/", money.owners, name="operations_owners"),
    path("operations/money/differences/<int:pk>/close/", money.close, name="operations_close"),
    path("operations/money/letters/<slug:letter>/replay/", money.replay, name="operations_replay"),
    path("operations/motions/<int:pk>/", motions.motion, name="operations_motion"),
    path("operations/motions/<int:pk>/second/", motions.second, name="operations_second"),
    path("operations/motions/<int:pk>/reject/", motions.reject, name="operations_reject"),
    path("operations/orders/", orders.orders, name="operations_orders"),
    path("operations/orders/<uuid:pk>/", orders.order, name="operations_order"),
    path("operations/orders/<uuid:pk>/adjust/", orders.adjust, name="operations_adjust"),
    path(
        "operations/orders/<uuid:pk>/lines/<int:line>/refund/", orders.refund, name="operations_line_refund"
    ),
    path("operations/orders/<uuid:pk>/lines/<int:line>/<slug:verb>/", orders.share, name="operations_share"),
    path(
        "operations/orders/<uuid:pk>/disputes/<int:dispute>/evidence/",
        orders.evidence,
        name="operations_evidence",
    ),
    path(
        "operations/orders/<uuid:pk>/disputes/<int:dispute>/accept/", orders.accept, name="operations_accept"
    ),
]
