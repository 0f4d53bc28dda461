from django.urls import path

from payments.views import purchases

urlpatterns = [
    path("purchases/", purchases.my_purchases, name="my_purchases"),
    path("purchases/balance/", purchases.balance, name="balance"),
    path("purchases/billing/", purchases.billing_details, name="billing_details"),
    path("purchases/papers/<int:pk>/", purchases.paper, name="paper"),
    path("purchases/papers/<int:pk>.pdf", purchases.paper_pdf, name="paper_pdf"),
    path("purchases/<uuid:pk>/", purchases.purchase, name="purchase"),
    path("purchases/<uuid:pk>/receipt.pdf", purchases.receipt, name="receipt"),
    path("purchases/<uuid:pk>/invoice/", purchases.invoice, name="invoice"),
]
