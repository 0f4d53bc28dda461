from django.urls import path

from integrations.stripe.views import webhook

urlpatterns = [path("webhooks/", webhook, name="stripe_webhooks")]
