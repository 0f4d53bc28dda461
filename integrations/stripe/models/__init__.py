from integrations.stripe.models.event import StripeEvent
from integrations.stripe.models.operation import StripeOperation

__all__ = ["StripeEvent", "StripeOperation"]
