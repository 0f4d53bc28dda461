from payments.models.checkout import CheckoutSession
from payments.models.order import Order, OrderLine
from payments.models.refund import Refund

__all__ = ["CheckoutSession", "Order", "OrderLine", "Refund"]
