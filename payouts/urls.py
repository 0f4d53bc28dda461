from django.urls import path

from payouts.views.invoices import invoice_pdf, invoices, tax_profile
from payouts.views.onboarding import begin, come_back, dashboard, refresh
from payouts.views.statements import month, month_pdf, statements, year, year_pdf

urlpatterns = [
    path("desk/payouts/onboarding/", begin, name="payee_onboarding"),
    path("desk/payouts/return/", come_back, name="payouts_return"),
    path("desk/payouts/refresh/", refresh, name="payouts_refresh"),
    path("desk/payouts/account/", dashboard, name="payee_dashboard"),
    path("desk/statements/", statements, name="statements"),
    path("desk/statements/<int:year>/", year, name="year_statement"),
    path("desk/statements/<int:year>.pdf", year_pdf, name="year_statement_pdf"),
    path("desk/statements/<int:year>/<int:month>/", month, name="month_statement"),
    path("desk/statements/<int:year>/<int:month>.pdf", month_pdf, name="month_statement_pdf"),
    path("desk/invoices/", invoices, name="invoices"),
    path("desk/invoices/<int:pk>.pdf", invoice_pdf, name="payout_invoice_pdf"),
    path("desk/tax/", tax_profile, name="tax_profile"),
]
