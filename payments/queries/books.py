"""Truths about orders that the nightly check asks of the whole database; one line per difference."""

from __future__ import annotations

from django.db import connection

_ORDER_ADDS_UP = """
    SELECT o.id, o.card + o.balance + o.goodwill, o.refunded + o.lost + COALESCE(SUM(l.share + l.fee), 0)
    FROM payments_order o LEFT JOIN payments_orderline l ON l.order_id = o.id
    WHERE o.state = 'paid'
    GROUP BY o.id
    HAVING o.card + o.balance + o.goodwill <> o.refunded + o.lost + COALESCE(SUM(l.share + l.fee), 0)
    ORDER BY o.id
"""
_LINE_IS_SHARE = """
    SELECT l.id, l.share, s.amount
    FROM payments_orderline l JOIN payments_order o ON o.id = l.order_id AND o.state = 'paid'
    LEFT JOIN payouts_share s ON s.source = 'order_line:' || l.id
    WHERE l.payee_id IS NOT NULL AND s.amount IS DISTINCT FROM l.share
    ORDER BY l.id
"""
_REFUNDS_ARE_REFUNDED = """
    SELECT o.id, o.refunded, COALESCE(SUM(r.amount) FILTER (WHERE c.surplus IS NOT TRUE), 0)
    FROM payments_order o
    LEFT JOIN payments_refund r ON r.order_id = o.id
    LEFT JOIN payments_checkoutsession c ON c.id = r.payment_id
    GROUP BY o.id
    HAVING o.refunded <> COALESCE(SUM(r.amount) FILTER (WHERE c.surplus IS NOT TRUE), 0)
    ORDER BY o.id
"""
INVARIANTS = {
    "an order's card + balance + goodwill = refunded + lost + shares + fees": _ORDER_ADDS_UP,
    "an order line's share is the share that payouts holds": _LINE_IS_SHARE,
    "an order's refunded is the sum of its refunds": _REFUNDS_ARE_REFUNDED,
}


def differences() -> list[str]:
    """Sentences about what does not add up; empty when all orders do."""
    return [line for name, sql in INVARIANTS.items() for line in _broken(name, sql)]


def _broken(name: str, sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [f"{name}: {pk} has {one} and {other}" for pk, one, other in cursor.fetchall()]
