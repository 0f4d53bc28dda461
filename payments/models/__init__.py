from payments.models.adjustment import Adjustment
from payments.models.billing_details import BillingDetails
from payments.models.checkout import CheckoutSession
from payments.models.dispute import Dispute, FraudWarning
from payments.models.order import Order, OrderLine
from payments.models.paper import Paper
from payments.models.refund import Refund

__all__ = [
    "Adjustment",
    "BillingDetails",
    "CheckoutSession",
    "Dispute",
    "FraudWarning",
    "Order",
    "OrderLine",
    "Paper",
    "Refund",
]
