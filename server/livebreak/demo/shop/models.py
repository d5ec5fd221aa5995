"""What the shop is about. Money is in whole cents, times are UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


def percentage(amount: int, percent: int) -> int:
    """So many percent of an amount, half a cent rounded up, as on a receipt."""
    return (amount * percent + 50) // 100


class Tier(Enum):
    """How loyal a customer is."""

    BASIC = "basic"
    SILVER = "silver"
    GOLD = "gold"


@dataclass(frozen=True)
class Address:
    street: str
    city: str
    country: str


@dataclass(frozen=True)
class User:
    id: int
    name: str
    email: str
    tier: Tier
    joined: datetime
    address: Address


@dataclass(frozen=True)
class Product:
    sku: str
    title: str
    price: int


@dataclass(frozen=True)
class Coupon:
    """Takes off either a percentage of the cart or a fixed amount."""

    code: str
    percent: int = 0
    amount: int = 0
    minimum: int = 0
    """What the cart must be worth for the coupon to count."""
    expires: datetime | None = None


@dataclass
class Line:
    """Some pieces of one product in a cart."""

    product: Product
    quantity: int

    @property
    def price(self) -> int:
        return self.product.price * self.quantity


@dataclass
class Cart:
    id: int
    user: User
    created: datetime
    lines: list[Line] = field(default_factory=list)
    coupon: Coupon | None = None


@dataclass(frozen=True)
class Quote:
    """What a cart costs, and why."""

    subtotal: int
    loyalty: int
    coupon: int
    shipping: int
    total: int


@dataclass(frozen=True)
class Order:
    id: int
    cart: Cart
    quote: Quote
    placed: datetime


class ShopError(Exception):
    """Something that the customer asked for and cannot have; the text is for the customer."""

    status = 400


class NotFoundError(ShopError):
    status = 404


class RefusedError(ShopError):
    status = 409


class PaymentError(ShopError):
    status = 402
