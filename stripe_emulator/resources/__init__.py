"""One module per resource: what its endpoints answer and the verbs other resources may use."""

from importlib import import_module

NAMES = (
    "accounts",
    "account_links",
    "v1_accounts",
    "customers",
    "payment_methods",
    "payment_intents",
    "charges",
    "promotions",
    "checkout_sessions",
    "refunds",
    "disputes",
    "transfers",
    "reversals",
    "balances",
    "payouts",
    "event_destinations",
    "webhook_endpoints",
    "event_lists",
)

for name in NAMES:
    import_module(f"{__name__}.{name}")
