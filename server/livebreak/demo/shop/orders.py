"""Carts become orders once they are paid."""

import logging
import threading
from collections import OrderedDict
from datetime import UTC, datetime
from itertools import count

from .carts import Carts
from .models import NotFoundError, Order, PaymentError, RefusedError, User
from .pricing import quote

MAX_ORDERS = 1_000
"""Orders that are kept for looking up; the books are elsewhere."""

log = logging.getLogger(__name__)


class Orders:
    """The newest orders. Any number of requests may use them at once."""

    def __init__(self) -> None:
        self._orders: OrderedDict[int, Order] = OrderedDict()
        self._ids = count(1001)
        self._lock = threading.Lock()

    def check_out(self, carts: Carts, cart_id: int) -> Order:
        """Price the cart, take the money, keep the order, close the cart."""
        cart = carts.find(cart_id)
        if not cart.lines:
            raise RefusedError("The cart is empty.")
        now = datetime.now(UTC)
        price = quote(cart, now)
        charge(cart.user, price.total)
        with self._lock:
            order = Order(id=next(self._ids), cart=cart, quote=price, placed=now)
            self._orders[order.id] = order
            if len(self._orders) > MAX_ORDERS:
                self._orders.popitem(last=False)
        carts.close(cart_id)
        return order

    def find(self, order_id: int) -> Order:
        try:
            return self._orders[order_id]
        except KeyError:
            raise NotFoundError(f"There is no order {order_id}.") from None


def charge(user: User, amount: int) -> None:
    """Take the money. The payment provider refuses negative amounts, and says no more than that."""
    if amount < 0:
        log.warning("payment of %s refused", user.name)
        raise PaymentError("Sorry, your payment could not be processed.")
