"""`python -m shop.traffic --url URL`: shoppers who look around, fill carts, redeem coupons and check out.

The same seed makes the same shoppers. Most of their orders are fine.
"""

import argparse
import http.client
import json
import random
import signal
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

NAMES = ["ada", "grace", "linus", "margaret", "guido", "radia"]
SKUS = ["assam", "sencha", "earl-grey", "rooibos", "honey", "strainer", "cup", "teapot"]
COUPONS = ["SPRING15", "TEATIME", "GIFT15", "GIFT15", "OPENING"]

SHOP_TIMEOUT = 10.0
"""Seconds to wait for an answer."""

RETRY_PAUSE = 0.5
"""Seconds to wait when the shop is closed, as it is for a moment while it restarts."""

REPORT_EVERY = 10.0
"""Seconds between two lines about how it goes."""


class StoppedError(Exception):
    """We were told to stop, or have sent all that we were to send."""


class Browser:
    """Sends a shopper's requests to the shop, one after the other, at an even pace."""

    def __init__(self, url: str, rate: float, requests: int | None) -> None:
        parts = urlsplit(url)
        if not parts.hostname:
            raise SystemExit(f"{url!r} is not the address of a shop; give one such as http://127.0.0.1:8000")
        self.stop = threading.Event()
        self.counts: Counter[str] = Counter()
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=SHOP_TIMEOUT)
        self._interval = 1 / rate
        self._next = time.monotonic()
        self._left = requests

    def send(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, int]]:
        """The status and the JSON of the shop's answer. Raises `OSError` or `HTTPException` if the shop is closed."""
        if self._left == 0 or self.stop.wait(max(0.0, self._next - time.monotonic())):
            raise StoppedError
        self._next = max(self._next + self._interval, time.monotonic())
        self._connection.request(method, path, None if body is None else json.dumps(body))
        response = self._connection.getresponse()
        answer = json.load(response)
        self.counts["requests"] += 1
        if self._left is not None:
            self._left -= 1
        return response.status, answer

    def close(self) -> None:
        self._connection.close()


def shop_once(browser: Browser, dice: random.Random) -> None:
    """One shopper's visit. It may end early: some only look, some leave a full cart behind."""
    browser.send("GET", "/products")
    status, cart = browser.send("POST", "/carts", {"user": dice.choice(NAMES)})
    if status != 201:
        return
    path = f"/carts/{cart['id']}"
    for sku in dice.sample(SKUS, k=dice.choice([1, 1, 1, 2, 3])):
        browser.send("POST", f"{path}/items", {"sku": sku, "quantity": dice.choice([1, 1, 1, 2, 4])})
    if dice.random() < 0.6:
        browser.send("PUT", f"{path}/coupon", {"code": dice.choice(COUPONS)})
    if dice.random() < 0.1:
        return
    status, order = browser.send("POST", f"{path}/checkout")
    if status == 201:
        browser.counts["orders"] += 1
        browser.send("GET", f"/orders/{order['id']}")
    elif status == 402:
        browser.counts["payments refused"] += 1


def run(browser: Browser, dice: random.Random) -> None:
    """Send shoppers until the browser is told to stop; while the shop is closed, try again and again."""
    report_at = time.monotonic() + REPORT_EVERY
    while True:
        try:
            shop_once(browser, dice)
        except StoppedError:
            return
        except (OSError, http.client.HTTPException, ValueError):
            browser.close()
            browser.counts["visits cut short"] += 1
            browser.stop.wait(RETRY_PAUSE)
        if time.monotonic() >= report_at:
            print(summary(browser.counts), flush=True)
            report_at = time.monotonic() + REPORT_EVERY


def summary(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[what]} {what}" for what in ["requests", "orders", "payments refused", "visits cut short"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m shop.traffic", description="Shoppers for the shop.")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the shop's address (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=40.0, help="requests a second (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=40, help="other seeds make other shoppers (default: %(default)s)")
    parser.add_argument("--requests", type=int, help="stop after so many (default: go on until stopped)")
    options = parser.parse_args()
    if options.rate <= 0:
        parser.error("--rate must be more than 0")

    browser = Browser(options.url, options.rate, options.requests)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: browser.stop.set())
    run(browser, random.Random(options.seed))
    browser.close()
    print(summary(browser.counts), flush=True)


if __name__ == "__main__":
    main()
