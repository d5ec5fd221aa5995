"""The shop over HTTP, in JSON.

GET   /health
GET   /products
GET   /users/NAME
POST  /carts                 {"user": NAME}
GET   /carts/ID
POST  /carts/ID/items        {"sku": SKU, "quantity": NUMBER}
PUT   /carts/ID/coupon       {"code": CODE}
POST  /carts/ID/checkout
GET   /orders/ID
"""

import json
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from . import catalogue, users
from .carts import Carts
from .models import Cart, NotFoundError, ShopError
from .orders import Orders
from .pricing import quote

MAX_BODY = 10_000
"""Bytes of a request: ours are far smaller."""


class ShopServer(ThreadingHTTPServer):
    """One shop: its carts, its orders, and a thread for each connection."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int]) -> None:
        self.carts = Carts()
        self.orders = Orders()
        super().__init__(address, ShopHandler)


Body = dict[str, Any]
Answer = tuple[int, object]


def health(_shop: ShopServer, _body: Body) -> Answer:
    return 200, {"status": "ok"}


def list_products(_shop: ShopServer, _body: Body) -> Answer:
    return 200, catalogue.products()


def show_user(_shop: ShopServer, _body: Body, name: str) -> Answer:
    return 200, users.find(name)


def open_cart(shop: ShopServer, body: Body) -> Answer:
    return 201, shop.carts.open(users.find(text(body, "user")))


def show_cart(shop: ShopServer, _body: Body, cart_id: str) -> Answer:
    return 200, with_quote(shop.carts.find(int(cart_id)))


def add_item(shop: ShopServer, body: Body, cart_id: str) -> Answer:
    product = catalogue.find(text(body, "sku"))
    return 200, with_quote(shop.carts.add(int(cart_id), product, number(body, "quantity")))


def redeem_coupon(shop: ShopServer, body: Body, cart_id: str) -> Answer:
    return 200, with_quote(shop.carts.redeem(int(cart_id), text(body, "code")))


def check_out(shop: ShopServer, _body: Body, cart_id: str) -> Answer:
    return 201, shop.orders.check_out(shop.carts, int(cart_id))


def show_order(shop: ShopServer, _body: Body, order_id: str) -> Answer:
    return 200, shop.orders.find(int(order_id))


ROUTES: list[tuple[str, str, Callable[..., Answer]]] = [
    ("GET", r"/health", health),
    ("GET", r"/products", list_products),
    ("GET", r"/users/([a-z]+)", show_user),
    ("POST", r"/carts", open_cart),
    ("GET", r"/carts/(\d{1,9})", show_cart),
    ("POST", r"/carts/(\d{1,9})/items", add_item),
    ("PUT", r"/carts/(\d{1,9})/coupon", redeem_coupon),
    ("POST", r"/carts/(\d{1,9})/checkout", check_out),
    ("GET", r"/orders/(\d{1,9})", show_order),
]


class ShopHandler(BaseHTTPRequestHandler):
    """Finds the route of a request and writes its answer."""

    server: ShopServer
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True  # an answer goes out as head and body, and must not wait in between

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def do_PUT(self) -> None:
        self.answer()

    def answer(self) -> None:
        try:
            status, result = self.dispatch(self.read_body())
        except ShopError as error:
            status, result = error.status, {"error": str(error)}
        content = json.dumps(result, default=to_json).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def dispatch(self, body: Body) -> Answer:
        for method, pattern, action in ROUTES:
            match = re.fullmatch(pattern, self.path)
            if match and method == self.command:
                return action(self.server, body, *match.groups())
        raise NotFoundError(f"There is no {self.command} {self.path} here.")

    def read_body(self) -> Body:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            raise ShopError(f"A request has at most {MAX_BODY} bytes.")
        try:
            body = json.loads(self.rfile.read(int(length)) or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise ShopError("The request's body must be a JSON object.")
        return body

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: a line for each request would hide those that matter."""


def text(body: Body, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise ShopError(f"{key!r} must be a text.")
    return value


def number(body: Body, key: str) -> int:
    value = body.get(key)
    if type(value) is not int:
        raise ShopError(f"{key!r} must be a whole number.")
    return value


def with_quote(cart: Cart) -> object:
    return {"cart": cart, "quote": quote(cart, datetime.now(UTC))}


def to_json(value: object) -> object:
    """What the JSON encoder asks for each value that it does not know."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
