"""Expressions over a hit that is over."""

from __future__ import annotations

import pytest

from livebreak.debugger.evaluate import Evaluated, evaluate
from livebreak.debugger.values import note, shown_value, value_line
from livebreak_agent.vocabulary.captured import Value
from livebreak_agent.vocabulary.model import Hit

HIT = Hit(
    id="1",
    breakpoint_id="2",
    timestamp="2026-11-23T07:20:00Z",
    filename="shop/cart.py",
    line_number=42,
    function="Cart.total",
    service="web",
    pid=17,
    variables={
        "total": 120,
        "cart": {"py/object": "shop.Cart", "owner": {"py/object": "shop.User", "name": "ada"}, "items": [3, 4]},
        "many": {"py/object": "list", "items": [1, 2, 3], "$cut": "items", "$size": 5_000},
        "password": {"py/object": "str", "$cut": "redacted"},
        "when": {"py/object": "datetime.date", "value": "2026-11-23"},
        "price": {"py/object": "decimal.Decimal", "value": "1.50"},
        "table": {"py/object": "dict", "entries": [[1, {"py/object": "tuple", "items": [1, 2]}]]},
        "data": {"py/object": "bytes", "value": "b'ab'"},
    },
)


def line(text: str) -> str:
    evaluated = evaluate(text, HIT)
    assert evaluated.value is not None, evaluated.error
    return value_line(evaluated.value, 80)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("total", "120"),
        ("total > 100 and service == 'web' and pid == 17", "True"),
        ("f'{function}:{line_number}'", "'Cart.total:42'"),
        ("cart", "Cart(owner=User(name='ada'), items=[3, 4])"),
        ("cart.owner.name", "'ada'"),
        ("[item * 2 for item in cart.items]", "[6, 8]"),
        ("(cart.items, {'a': None})", "([3, 4], {'a': None})"),
        ("many", "[1, 2, 3, … 5,000 items]"),
        ("(len(many), many[1])", "(5000, 2)"),
        ("password", "<redacted>"),
        ("[password]", "[<redacted>]"),
        ("when", "2026-11-23"),
        ("when.year", "2026"),
        ("price * 2", "3.00"),
        ("price > 1 and str(price) == '1.50'", "True"),
        ("table[1]", "(1, 2)"),
        ("{1, 2} & {2}", "{2}"),
        ("data", "b'ab'"),
        ("1e999", "inf"),
    ],
)
def test_the_value_is_shown_like_a_captured_one(text: str, value: str) -> None:
    assert value == line(text)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("totl", "No variable named 'totl' here."),
        ("total >", "This is not a Python expression."),
        ("password == 'x'", "The value is redacted."),
        ("many[7]", "Only 3 of 5,000 were captured here (cut: items)."),
        ("cart.nope", "A shop.Cart has no field 'nope' in this hit."),
        ("cart.total()", None),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(text: str, error: str | None) -> None:
    evaluated = evaluate(text, HIT)

    assert evaluated.value is None
    assert evaluated.error is not None
    assert error is None or Evaluated(error=error) == evaluated


def test_a_cut_value_keeps_its_note() -> None:
    value = evaluate("many", HIT).value

    assert value is not None
    assert "cut: 3 of 5,000 items" == note(value)


def test_a_large_value_many_times_in_a_result_is_held_once() -> None:
    hit = Hit(id="1", breakpoint_id="2", timestamp="t", filename="f", line_number=1, variables={"x": [[0] * 1_000] * 50})

    value = evaluate("[x] * 1000", hit).value

    assert value is not None
    assert value.items is not None
    assert 1 == len({id(item) for item in value.items})
    assert shown_value("x", value).children


def test_names_of_types_stay_readable() -> None:
    assert Value(type="None") == evaluate("None", HIT).value
    assert "shop.Cart" == getattr(evaluate("cart", HIT).value, "type", None)
