"""Captured JSON read back into trees: ours, another agent's, and anybody's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.captured import Cut, Value, escape_key, read, unescape_key


def scalar(value: bool | float | str | None) -> Value:
    return Value(type="None" if value is None else type(value).__name__, scalar=value)


@pytest.mark.parametrize("value", [None, True, False, 0, -3, 1.5, "", "text"])
def test_plain_values_are_themselves(value: Any) -> None:
    assert scalar(value) == read(value)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ([1, "a"], Value(type="list", items=(scalar(1), scalar("a")))),
        ([], Value(type="list", items=())),
        ({"a": 1}, Value(type="dict", entries=((scalar("a"), scalar(1)),))),
        ({}, Value(type="dict", entries=())),
        ({"$$a": 1, "$py/object": 2}, Value(type="dict", entries=((scalar("$a"), scalar(1)), (scalar("py/object"), scalar(2))))),
        ({"py/object": "decimal.Decimal", "value": "1.5"}, Value(type="decimal.Decimal", scalar="1.5")),
        ({"py/object": "int", "value": "9" * 30}, Value(type="int", scalar="9" * 30)),
        ({"py/object": "str", "value": "ab", "$cut": "length", "$size": 9}, Value(type="str", scalar="ab", cut="length", size=9)),
        ({"py/object": "tuple", "items": [1]}, Value(type="tuple", items=(scalar(1),))),
        (
            {"py/object": "list", "items": [1], "$cut": "items", "$size": 5000},
            Value(type="list", items=(scalar(1),), cut=Cut.ITEMS, size=5000),
        ),
        ({"py/object": "dict", "entries": [[1, "a"], [[2], None]]},
         Value(type="dict", entries=((scalar(1), scalar("a")), (Value(type="list", items=(scalar(2),)), scalar(None))))),
        ({"py/object": "shop.Cart", "total": 3}, Value(type="shop.Cart", fields=(("total", scalar(3)),))),
        ({"py/object": "shop.Empty"}, Value(type="shop.Empty", fields=())),
        ({"py/object": "Cart", "$$x": 3, "$py/y": 4}, Value(type="Cart", fields=(("$x", scalar(3)), ("py/y", scalar(4))))),
        ({"py/object": "shop.Price", "value": 3, "$object": True}, Value(type="shop.Price", fields=(("value", scalar(3)),))),
        ({"py/object": "shop.Price", "items": [], "entries": [], "$object": True},
         Value(type="shop.Price", fields=(("items", Value(type="list", items=())), ("entries", Value(type="list", items=()))))),
        ({"py/object": "shop.Price", "value": 3, "unit": "kg"},
         Value(type="shop.Price", fields=(("value", scalar(3)), ("unit", scalar("kg"))))),
        ({"py/object": "shop.Cart", "$cut": "depth"}, Value(type="shop.Cart", cut=Cut.DEPTH)),
        ({"py/object": "str", "$cut": "redacted"}, Value(type="str", cut=Cut.REDACTED)),
        ({"py/object": "list", "$cut": "depth", "$size": 7}, Value(type="list", cut=Cut.DEPTH, size=7)),
        ({"py/object": "shop.Cart", "a": 1, "$cut": "fields", "$size": 40},
         Value(type="shop.Cart", fields=(("a", scalar(1)),), cut=Cut.FIELDS, size=40)),
        ({"py/object": "x", "$cut": "a newer reason"}, Value(type="x", cut="a newer reason")),
    ],
)  # fmt: skip
def test_each_form_of_the_table_is_read(data: object, value: Value) -> None:
    assert value == read(data)


@pytest.mark.parametrize(
    "data",
    [
        {"py/object": 3, "a": 1},
        {"py/object": None},
        {"py/object": "x", "value": []},
        {"py/object": "x", "items": {}},
        {"py/object": "x", "entries": [1, [1], [1, 2, 3], [1, 2]]},
        {"py/object": "x", "$cut": [], "$size": "many"},
        {"py/object": "x", "$size": True},
        {"py/tuple": [1, 2]},
        {"py/id": 1},
        object(),
    ],
)
def test_what_no_agent_of_ours_writes_is_read_somehow(data: object) -> None:
    assert isinstance(read(data), Value)


def test_reading_ends_at_a_depth() -> None:
    data: Any = 1
    for _ in range(10_000):
        data = [data]

    value = read(data)
    depth = 0
    while value.items is not None:
        value = value.items[0]
        depth += 1

    assert (64, Cut.DEPTH) == (depth, value.cut)


@given(st.text(max_size=6) | st.sampled_from(["$", "$$", "py/", "py/object", "$py/object", "$cut", "$$cut", "value"]))
def test_an_escaped_key_is_no_mark_and_reads_back(key: str) -> None:
    assert key == unescape_key(escape_key(key))
    assert escape_key(key) not in {captured.TYPE, captured.CUT, captured.SIZE, captured.OBJECT}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["py/object", "value", "items", "entries", "$cut", "$size", "$object", "a"]), inner, max_size=4
        )
        | st.dictionaries(st.just("py/object"), st.text(max_size=3), min_size=1).flatmap(
            lambda start: st.dictionaries(st.sampled_from(["value", "items", "entries", "$cut", "$size"]), inner, max_size=3).map(
                lambda rest: start | rest
            )
        )
    ),
)


@settings(max_examples=3 * settings().max_examples)
@given(anything)
def test_any_json_is_read_as_one_kind_of_value(data: Any) -> None:
    def check(value: Value) -> None:
        assert sum(part is not None for part in (value.items, value.entries, value.fields)) <= 1
        assert value.cut is None or isinstance(value.cut, str)
        for item in value.items or ():
            check(item)
        for key, item in value.entries or ():
            check(key)
            check(item)
        for name, item in value.fields or ():
            assert isinstance(name, str)
            check(item)

    check(read(json.loads(json.dumps(data))))
