from django.urls import path

from payments.api import orders

urlpatterns = [
    path("me/orders/", orders.OwnOrders.as_view(), name="api_orders"),
    path("me/billing-details/", orders.OwnBillingDetails.as_view(), name="api_billing_details"),
    path("orders/<uuid:pk>/receipt.pdf", orders.OrderReceipt.as_view(), name="api_receipt"),
    path("orders/<uuid:pk>/invoice/", orders.OrderInvoice.as_view(), name="api_invoice"),
    path("papers/<int:pk>.pdf", orders.PaperPdf.as_view(), name="api_paper"),
]
