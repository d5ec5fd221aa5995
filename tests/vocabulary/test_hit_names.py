"""What an expression sees of a captured hit."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest

from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.expressions import NotCaptured, Record, compile_expression, truth
from livebreak_agent.vocabulary.hit_names import names_of, plain
from livebreak_agent.vocabulary.model import Hit

HIT = Hit(
    id="1",
    breakpoint_id="2",
    timestamp="2026-11-23T07:20:00Z",
    filename="shop/cart.py",
    line_number=42,
    function="total",
    service="web",
    variables={
        "user_id": 42,
        "cart": {"py/object": "shop.Cart", "total": 120, "items": [{"py/object": "shop.Item", "price": 3}]},
        "password": {"py/object": "str", "$cut": "redacted"},
        "function": "a variable",
    },
)


@pytest.mark.parametrize(
    "text",
    [
        "user_id == 42 and service == 'web'",
        "line_number == 42 and filename == 'shop/cart.py' and environment is None and verified",
        "cart.total > 100 and any(item.price == 3 for item in cart.items)",
        "function == 'a variable'",
    ],
)
def test_a_filter_reads_variables_and_facts(text: str) -> None:
    expression = compile_expression(text)

    assert truth(expression.evaluate(names_of(HIT, expression.names))) is True


def test_only_wanted_names_are_there() -> None:
    assert {"user_id": 42, "service": "web"} == names_of(HIT, ["user_id", "service", "nobody"])


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (None, None),
        (1.5, 1.5),
        ([1, [2]], [1, [2]]),
        ({"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"py/object": "tuple", "items": [1, 2]}, (1, 2)),
        ({"py/object": "set", "items": [1, "a"]}, {1, "a"}),
        ({"py/object": "frozenset", "items": [1]}, frozenset({1})),
        ({"py/object": "collections.deque", "items": [1]}, deque([1])),
        ({"py/object": "dict", "entries": [[1, "a"], [{"py/object": "tuple", "items": [1, 2]}, "b"]]}, {1: "a", (1, 2): "b"}),
        ({"py/object": "int", "value": str(2**70)}, 2**70),
        ({"py/object": "float", "value": "-inf"}, float("-inf")),
        ({"py/object": "complex", "value": "(1+2j)"}, 1 + 2j),
        ({"py/object": "bytes", "value": r"b'a\x00\'\\\n'"}, b"a\x00'\\\n"),
        ({"py/object": "bytes", "value": """b"it's" """.strip()}, b"it's"),
        ({"py/object": "uuid.UUID", "value": "x"}, Record("uuid.UUID", {}, text="x")),
        ({"py/object": "shop.Cart", "total": 1}, Record("shop.Cart", {"total": 1})),
        ({"py/object": "str", "$cut": "redacted"}, NotCaptured("redacted")),
        ({"py/object": "str", "value": "ab", "$cut": "length", "$size": 9}, NotCaptured("length", 9, "ab")),
        ({"py/object": "bytes", "value": "b'ab'", "$cut": "length", "$size": 9}, NotCaptured("length", 9, b"ab")),
        ({"py/object": "int", "value": "0xff", "$cut": "length", "$size": 900}, NotCaptured("length", 900)),
        ({"py/object": "list", "items": [1], "$cut": "items", "$size": 9}, NotCaptured("items", 9, [1])),
        ({"py/object": "tuple", "items": [1], "$cut": "items", "$size": 9}, NotCaptured("items", 9, (1,))),
        ({"py/object": "dict", "entries": [["a", 1]], "$cut": "items", "$size": 9}, NotCaptured("items", 9, {"a": 1})),
        ({"py/object": "list", "$cut": "depth", "$size": 9}, NotCaptured("depth", 9)),
        ({"py/object": "set", "items": [[1]]}, NotCaptured("opaque", 1)),
        ({"py/object": "dict", "entries": [[[1], 2], ["a", 1]]}, NotCaptured("opaque", None, {"a": 1})),
    ],
)
def test_captured_values_become_plain_data(data: object, value: object) -> None:
    actual = plain(captured.read(data))

    assert (type(value), value) == (type(actual), actual)


@pytest.mark.parametrize(
    "data",
    [
        {"py/object": "int", "value": "twelve"},
        {"py/object": "int", "value": "9" * 5_000},
        {"py/object": "bytes", "value": "__import__('os')"},
        {"py/object": "bytes", "value": r"b'\d'"},
        {"py/object": "bytes", "value": "b'a' b'c'"},
        {"py/object": "complex", "value": "x"},
    ],
)
def test_a_text_that_is_none_of_its_type_is_not_captured(data: Any) -> None:
    assert NotCaptured("opaque") == plain(captured.read(data))
