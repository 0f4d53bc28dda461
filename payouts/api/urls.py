from django.urls import path

from payouts.api.papers import InvoicesView, StatementView, TaxProfileView
from payouts.api.views import OnboardingView, PayeeView, PayoutsView

urlpatterns = [
    path("me/payee/", PayeeView.as_view(), name="api_payee"),
    path("me/payee/onboarding/", OnboardingView.as_view(), name="api_payee_onboarding"),
    path("me/tax-profile/", TaxProfileView.as_view(), name="api_tax_profile"),
    path("me/invoices/", InvoicesView.as_view(), name="api_invoices"),
    path("me/statements/<int:year>/<int:month>/", StatementView.as_view(), name="api_statement"),
    path("me/payouts/", PayoutsView.as_view(), name="api_payouts"),
]
