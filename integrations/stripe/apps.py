from django.apps import AppConfig


class StripeConfig(AppConfig):
    name = "integrations.stripe"
