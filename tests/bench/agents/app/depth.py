"""A line at the bottom of a stack, with locals of the kinds that applications have."""

from __future__ import annotations

import decimal
import sys
from datetime import UTC, datetime


class Customer:
    def __init__(self, number: int) -> None:
        self.id = number
        self.name = "Ada Lovelace"
        self.email = "ada@example.com"
        self.tags = ["gold", "newsletter"]
        self.address = {"street": "St James's Square 12", "city": "London", "country": "GB"}


def _use(*values: object) -> None:
    """So that nothing is assigned in vain."""


def order(number: int, customer: Customer) -> decimal.Decimal:
    items = [{"sku": f"tea-{item}", "price": 250 + item, "count": 2} for item in range(5)]
    placed_at = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    password = "correct horse"
    coupon = None
    is_paid = True
    quantities = {"tea": 3, "cup": 1, "pot": 1}
    discount = 0.15
    total = decimal.Decimal("12.50")
    _use(items, placed_at, password, coupon, is_paid, quantities, discount, customer, number)
    return total  # here: hit


def descend(left: int, number: int, customer: Customer) -> decimal.Decimal:
    note = "on the way"
    path = ("api", "v1", "orders", number)
    if left:
        return descend(left - 1, number, customer)
    _use(note, path)
    return order(number, customer)


def orders(count: int, stack: int) -> int:
    """Place so many orders, each at the bottom of a stack of so many frames."""
    depth = 0
    frame = sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    customer = Customer(7)
    for number in range(count):
        # One frame is `order`, one the first `descend`.
        descend(stack - depth - 2, number, customer)
    return count
