"""What the tests of billing look at again and again."""

from __future__ import annotations

from datetime import UTC, datetime

DAY = 86400


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def lines(invoice):
    return [(line.description, line.amount) for line in invoice.lines.data]


def period(subscription):
    item = subscription["items"].data[0]
    return item.current_period_start, item.current_period_end


def named(shop, kind):
    return [event.data.object for event in shop.stripe.v1.events.list({"type": kind, "limit": 100}).data][
        ::-1
    ]
