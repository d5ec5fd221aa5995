"""The carts that customers are filling."""

import threading
from collections import OrderedDict
from datetime import UTC, datetime
from itertools import count

from . import discounts
from .models import Cart, Line, NotFoundError, Product, RefusedError, User

MAX_CARTS = 5_000
"""Carts that are kept; the oldest of them were surely left behind."""

MAX_QUANTITY = 20
"""Pieces of one product: more is a case for the wholesale desk."""


class Carts:
    """All open carts. Any number of requests may use them at once."""

    def __init__(self) -> None:
        self._carts: OrderedDict[int, Cart] = OrderedDict()
        self._ids = count(1)
        self._lock = threading.Lock()

    def open(self, user: User) -> Cart:
        with self._lock:
            cart = Cart(id=next(self._ids), user=user, created=datetime.now(UTC))
            self._carts[cart.id] = cart
            if len(self._carts) > MAX_CARTS:
                self._carts.popitem(last=False)
        return cart

    def find(self, cart_id: int) -> Cart:
        try:
            return self._carts[cart_id]
        except KeyError:
            raise NotFoundError(f"There is no cart {cart_id}.") from None

    def add(self, cart_id: int, product: Product, quantity: int) -> Cart:
        cart = self.find(cart_id)
        with self._lock:
            line = next((line for line in cart.lines if line.product == product), None)
            pieces = quantity + (line.quantity if line else 0)
            if quantity < 1 or pieces > MAX_QUANTITY:
                raise RefusedError(f"We send 1 to {MAX_QUANTITY} pieces of {product.title}.")
            if line:
                line.quantity = pieces
            else:
                cart.lines.append(Line(product, quantity))
        return cart

    def redeem(self, cart_id: int, code: str) -> Cart:
        """Put a coupon into the cart, in place of the one it had."""
        cart = self.find(cart_id)
        coupon = discounts.find_coupon(code)
        if not discounts.is_valid(coupon, datetime.now(UTC)):
            raise RefusedError(f"The coupon {code} is no longer valid.")
        cart.coupon = coupon
        return cart

    def close(self, cart_id: int) -> None:
        with self._lock:
            self._carts.pop(cart_id, None)
