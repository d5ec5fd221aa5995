"""The demo's shop and its shoppers, as they are in a user's folder: copied, and run by a Python that has nothing installed."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import livebreak

SHOP = Path(livebreak.__file__).parent / "demo" / "shop"
BREAK_LINE = "return Quote(subtotal=subtotal, loyalty=loyalty, coupon=coupon, shipping=shipping, total=total)"
SUMMARY = re.compile(r"(\d+) requests, (\d+) orders, (\d+) payments refused, (\d+) visits cut short")


@dataclass(frozen=True)
class Shop:
    folder: Path
    process: subprocess.Popen[str]
    url: str

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


def open_shop(folder: Path, port: int = 0) -> Shop:
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", RUN, "shop", "--port", str(port)], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    line = process.stdout.readline()
    assert line.startswith("shop listening on http://127.0.0.1:")
    return Shop(folder, process, line.split()[-1])


# `python -m shop`, but with nothing importable beside the standard library and the folder: -I leaves out the rest.
RUN = (
    "import runpy, sys; sys.path[:] = ['.', *(p for p in sys.path if 'site-packages' not in p)]; "
    "sys.argv = sys.argv[1:]; runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
)


def close(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def shop(folder: Path) -> Iterator[Shop]:
    shop = open_shop(folder)
    yield shop
    close(shop.process)


def start_traffic(folder: Path, url: str, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-I", "-c", RUN, "shop.traffic", "--url", url, *options]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)


def counts(output: str) -> tuple[int, ...]:
    """Requests, orders, payments refused and visits cut short, from the last line."""
    return tuple(int(number) for number in SUMMARY.findall(output)[-1])


def fill_cart(shop: Shop, user: str, sku: str, coupon: str) -> int:
    _, cart = shop.ask("POST", "/carts", {"user": user})
    shop.ask("POST", f"/carts/{cart['id']}/items", {"sku": sku, "quantity": 1})
    shop.ask("PUT", f"/carts/{cart['id']}/coupon", {"code": coupon})
    return cart["id"]


def test_an_order_is_priced_paid_and_can_be_looked_up(shop: Shop) -> None:
    cart = fill_cart(shop, "linus", "teapot", "SPRING15")

    status, order = shop.ask("POST", f"/carts/{cart}/checkout")

    assert 201 == status
    assert {"subtotal": 4800, "loyalty": 240, "coupon": 720, "shipping": 0, "total": 3840} == order["quote"]
    assert (200, order) == shop.ask("GET", f"/orders/{order['id']}")
    assert 404 == shop.ask("GET", f"/carts/{cart}")[0]


def test_a_gold_customers_small_cart_with_a_gift_coupon_meets_the_bug(shop: Shop) -> None:
    cart = fill_cart(shop, "ada", "strainer", "GIFT15")

    assert -85 == shop.ask("GET", f"/carts/{cart}")[1]["quote"]["total"]
    assert (402, {"error": "Sorry, your payment could not be processed."}) == shop.ask("POST", f"/carts/{cart}/checkout")


@pytest.mark.parametrize(("user", "sku"), [("ada", "cup"), ("linus", "strainer"), ("radia", "rooibos")])
def test_the_answer_in_the_readme_mends_the_bug(folder: Path, user: str, sku: str) -> None:
    pricing = folder / "shop" / "pricing.py"
    answer = re.search(r"    coupon = coupon_discount\(.*\)\n", (SHOP / "README.md").read_text())[0]
    mended, changes = re.subn(r"    coupon = coupon_discount\(.*\)\n", answer, pricing.read_text())
    pricing.write_text(mended)
    shop = open_shop(folder)
    try:
        status, _ = shop.ask("POST", f"/carts/{fill_cart(shop, user, sku, 'GIFT15')}/checkout")
    finally:
        close(shop.process)

    assert (1, 201) == (changes, status)


def test_the_line_to_break_on_stands_once_and_in_the_readme() -> None:
    lines = [line.strip() for line in (SHOP / "pricing.py").read_text().splitlines()]

    assert 1 == lines.count(BREAK_LINE)
    assert BREAK_LINE in (SHOP / "README.md").read_text()


def test_shoppers_place_orders_and_some_meet_the_bug_soon(shop: Shop) -> None:
    traffic = start_traffic(shop.folder, shop.url, "--rate", "1000", "--requests", "400")

    output, _ = traffic.communicate(timeout=60)

    requests, orders, refused, cut_short = counts(output)
    assert (0, 400, 0) == (traffic.returncode, requests, cut_short)
    assert 2 <= refused < orders / 5


def test_the_same_seed_makes_the_same_shoppers(folder: Path) -> None:
    seen = []
    for _ in range(2):
        shop = open_shop(folder)
        traffic = start_traffic(folder, shop.url, "--rate", "1000", "--requests", "200", "--seed", "3")
        seen.append(counts(traffic.communicate(timeout=60)[0]))
        close(shop.process)

    assert seen[0] == seen[1]


def test_shoppers_come_back_after_the_shop_restarted_and_leave_on_sigterm(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    shop = open_shop(folder, port)
    traffic = start_traffic(folder, shop.url, "--rate", "200")
    wait_for_order(shop)
    close(shop.process)

    shop = open_shop(folder, port)
    wait_for_order(shop)
    traffic.send_signal(signal.SIGTERM)
    output, _ = traffic.communicate(timeout=10)
    close(shop.process)

    assert 0 == traffic.returncode
    assert counts(output)[3] >= 1


def wait_for_order(shop: Shop) -> None:
    """Until the shoppers' first order; the test's own time-out bounds it."""
    while shop.ask("GET", "/orders/1001")[0] != 200:
        assert shop.process.poll() is None


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/carts", {"user": "nobody"}, 404),
        ("POST", "/carts", {"user": 1}, 400),
        ("POST", "/carts", ["ada"], 400),
        ("GET", "/carts/99", None, 404),
        ("POST", "/carts/1/items", {"sku": "cup", "quantity": 21}, 409),
        ("POST", "/carts/1/items", {"sku": "cup", "quantity": True}, 400),
        ("PUT", "/carts/1/coupon", {"code": "OPENING"}, 409),
        ("POST", "/carts/1/checkout", None, 409),
        ("GET", "/nowhere", None, 404),
    ],
)
def test_what_cannot_be_had_is_refused_with_a_sentence(shop: Shop, method: str, path: str, body: object, status: int) -> None:
    shop.ask("POST", "/carts", {"user": "ada"})

    answered, answer = shop.ask(method, path, body)

    assert status == answered
    assert answer["error"].endswith(".")
