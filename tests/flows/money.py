"""Money as the API writes it."""


def dollars(amount: int) -> dict:
    """``amount`` cents."""
    return {"amount": amount, "currency": "usd"}


def cents(amounts: dict) -> dict:
    """Amounts without their currency."""
    return {name: money["amount"] for name, money in amounts.items() if isinstance(money, dict)}
