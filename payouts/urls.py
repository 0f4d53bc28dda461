from django.urls import path

from payouts.views.onboarding import begin, come_back, refresh

urlpatterns = [
    path("desk/payouts/onboarding/", begin, name="payee_onboarding"),
    path("desk/payouts/return/", come_back, name="payouts_return"),
    path("desk/payouts/refresh/", refresh, name="payouts_refresh"),
]
