"""What only an API makes at the emulator: an invoice to pay, and a customer's portal."""

from __future__ import annotations

import stripe

from tests.browser.screen import Screen


def hosted_invoice(screen: Screen) -> str:
    """The address of an open invoice."""
    client, customer = _with_customer(screen)
    client.v1.invoice_items.create(
        params={
            "customer": customer.id,
            "amount": 12_000,
            "currency": "usd",
            "description": "Ten seats, November",
        }
    )
    draft = client.v1.invoices.create(
        params={
            "customer": customer.id,
            "collection_method": "send_invoice",
            "days_until_due": 14,
            "pending_invoice_items_behavior": "include",
        }
    )
    address = client.v1.invoices.finalize_invoice(draft.id).hosted_invoice_url
    assert address
    return address


def portal(screen: Screen) -> str:
    """The address of a portal for somebody with a subscription and a card."""
    client, customer = _with_customer(screen)
    card = client.v1.payment_methods.attach("pm_card_visa", params={"customer": customer.id})
    price = client.v1.prices.create(
        params={
            "currency": "usd",
            "unit_amount": 9_900,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Monthly"},
        }
    )
    client.v1.subscriptions.create(
        params={
            "customer": customer.id,
            "items": [{"price": price.id}],
            "default_payment_method": card.id,
        }
    )
    configured = client.v1.billing_portal.configurations.create(
        params={
            "features": {
                "customer_update": {"enabled": True, "allowed_updates": ["email", "name"]},
                "invoice_history": {"enabled": True},
                "payment_method_update": {"enabled": True},
                "subscription_cancel": {"enabled": True},
            }
        }
    )
    return client.v1.billing_portal.sessions.create(
        params={
            "customer": customer.id,
            "configuration": configured.id,
            "return_url": f"http://127.0.0.1:{screen.site.port}/",
        }
    ).url


def _with_customer(screen: Screen) -> tuple[stripe.StripeClient, stripe.Customer]:
    client = stripe.StripeClient("sk_test_northstar_emulator", base_addresses={"api": screen.emulator})
    return client, client.v1.customers.create(params={"name": "Lou Weber", "email": "lou@demo.test"})
