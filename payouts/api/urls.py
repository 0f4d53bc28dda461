from django.urls import path

from payouts.api.views import OnboardingView, PayeeView, PayoutsView

urlpatterns = [
    path("me/payee/", PayeeView.as_view(), name="api_payee"),
    path("me/payee/onboarding/", OnboardingView.as_view(), name="api_payee_onboarding"),
    path("me/payouts/", PayoutsView.as_view(), name="api_payouts"),
]
