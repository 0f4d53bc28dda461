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
    "products",
    "promotions",
    "setup_intents",
    "subscriptions",
    "subscription_items",
    "renewals",
    "invoices",
    "previews",
    "invoice_items",
    "portal",
    "checkout_sessions",
    "refunds",
    "disputes",
    "transfers",
    "reversals",
    "balances",
    "test_clocks",
    "payouts",
    "event_destinations",
    "webhook_endpoints",
    "event_lists",
)

for name in NAMES:
    import_module(f"{__name__}.{name}")
