"""Captured values as plain text and as trees."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livebreak.debugger.values import note, one_line, shown, summary, visible
from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.lsp_messages import ShownVariable

CART = {
    "py/object": "shop.cart.Cart",
    "total": 120,
    "items": [1, 2, 3],
    "user": {"py/object": "shop.User", "name": "ada", "tags": {"a": 1}},
}
CUT_LIST = {"py/object": "list", "items": [1, 2, 3], "$cut": "items", "$size": 5_000}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (12, "12"),
        (1.5, "1.5"),
        ("it's", '"it\'s"'),
        ([], "[]"),
        ([1, "a"], "[1, 'a']"),
        ({}, "{}"),
        ({"a": [1]}, "{'a': [1]}"),
        ({"py/object": "tuple", "items": [1]}, "(1,)"),
        ({"py/object": "tuple", "items": [1, 2]}, "(1, 2)"),
        ({"py/object": "set", "items": [1, 2]}, "{1, 2}"),
        ({"py/object": "set", "items": []}, "set()"),
        ({"py/object": "frozenset", "items": [1]}, "frozenset([1])"),
        ({"py/object": "collections.deque", "items": [1]}, "deque([1])"),
        ({"py/object": "collections.OrderedDict", "entries": [["a", 1]]}, "OrderedDict({'a': 1})"),
        ({"py/object": "dict", "entries": [[1, "a"], [{"py/object": "tuple", "items": [1]}, 2]]}, "{1: 'a', (1,): 2}"),
        ({"py/object": "decimal.Decimal", "value": "1.50"}, "1.50"),
        ({"py/object": "bytes", "value": "b'ab'"}, "b'ab'"),
        ({"py/object": "shop.Empty"}, "Empty()"),
        (CART, "Cart(total=120, items=[1, 2, 3], user=User(name='ada', tags={'a': 1}))"),
        (CUT_LIST, "[1, 2, 3, … 5,000 items]"),
        ({"py/object": "list", "items": [], "$cut": "bytes", "$size": 9}, "[… 9 items]"),
        ({"py/object": "dict", "entries": [["a", 1]], "$cut": "items", "$size": 900}, "{'a': 1, … 900 items}"),
        ({"py/object": "shop.Cart", "a": 1, "$cut": "fields", "$size": 40}, "Cart(a=1, … 40 fields)"),
        ({"py/object": "str", "value": "ab", "$cut": "length", "$size": 9_000}, "'ab'… 9,000 characters"),
        ({"py/object": "bytes", "value": "b'ab'", "$cut": "length", "$size": 9_000}, "b'ab'… 9,000 bytes"),
        ({"py/object": "str", "$cut": "redacted"}, "<redacted>"),
        ({"py/object": "shop.Cart", "$cut": "depth"}, "<Cart: not captured: it is nested too deeply>"),
        ({"py/object": "list", "$cut": "depth", "$size": 9}, "<list: not captured: it is nested too deeply, 9 items>"),
        ({"py/object": "shop.Cart", "$cut": "some newer reason"}, "<Cart: not captured: some newer reason>"),
    ],
)
def test_a_value_reads_like_its_repr(value: object, text: str) -> None:
    assert text == one_line(value, 100)


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (100, "Cart(total=120, items=[1, 2, 3], user=User(name='ada', tags={'a': 1}))"),
        (69, "Cart(total=120, items=[1, 2, 3], user=User(name='ada', tags={…1}))"),
        (60, "Cart(total=120, items=[…3], user=User(…))"),
        (40, "Cart(total=120, items=[…3], …)"),
        (20, "Cart(total=120, …)"),
        (10, "Cart(…)"),
        (5, "Cart…"),
        (1, "…"),
        (0, ""),
    ],
)
def test_what_does_not_fit_is_left_out_and_marked(width: int, text: str) -> None:
    assert text == one_line(CART, width)


def test_a_long_text_is_cut() -> None:
    assert "'xxxxxxxx…" == one_line("x" * 1_000_000, 10)
    assert "{'key': 'xxxxxxxx…}" == one_line({"key": "x" * 100}, 20)


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (100, "total=42, user='ada', cart=Cart(total=120, items=[…3], …), z=None"),
        (40, "total=42, user='ada', cart=Cart(…), …"),
        (30, "total=42, user='ada', …"),
        (14, "total=42, …"),
        (1, "…"),
    ],
)
def test_a_summary_has_the_variables_that_fit(width: int, text: str) -> None:
    assert text == summary({"total": 42, "user": "ada", "cart": CART, "z": None}, width)


def test_a_summary_of_nothing_is_empty() -> None:
    assert summary({}, 40) == ""


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain ä 漢", "plain ä 漢"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\u202eevil\u2066\u200f", r"\u202eevil\u2066\u200f"),
        ("\ufeff\u200b\x85\u2028\udc80\U000e0041", r"\ufeff\u200b\x85\u2028\udc80\U000e0041"),
    ],
)
def test_what_is_not_printable_is_escaped(text: str, escaped: str) -> None:
    assert escaped == visible(text)


@pytest.mark.parametrize(
    ("value", "remark"),
    [
        (3, None),
        (CUT_LIST, "cut: 3 of 5,000 items"),
        ({"py/object": "str", "value": "ab", "$cut": "length", "$size": 9_000}, "cut: 2 of 9,000 characters"),
        ({"py/object": "bytes", "value": "b'ab'", "$cut": "length", "$size": 9_000}, "cut: it has 9,000 bytes"),
        ({"py/object": "shop.Cart", "a": 1, "$cut": "fields", "$size": 40}, "cut: 1 of 40 fields"),
        ({"py/object": "shop.Cart", "a": 1, "$cut": "time"}, "cut: 1 fields, the time for the hit was used up"),
        ({"py/object": "str", "$cut": "redacted"}, "redacted"),
        ({"py/object": "list", "$cut": "cycle"}, "not captured: it contains itself"),
        ({"py/object": "list", "$cut": "\x1b[0m"}, r"not captured: \x1b[0m"),
    ],
)
def test_a_note_says_what_is_missing(value: object, remark: str | None) -> None:
    assert remark == note(captured.read(value))


def test_a_value_unfolds_into_its_parts() -> None:
    tree = shown("cart", CART)

    assert ("cart", "shop.cart.Cart") == (tree.name, tree.type)
    assert ["total", "items", "user"] == [child.name for child in tree.children]
    assert [("0", "1"), ("1", "2"), ("2", "3")] == [(child.name, child.text) for child in tree.children[1].children]
    assert ["'a'"] == [child.name for child in tree.children[2].children[1].children]


def test_a_tree_is_bounded_and_says_so() -> None:
    tree = shown("x", [[1] * 100] * 100, nodes=150)

    assert 150 >= _count(tree) > 100
    assert tree.note is None
    assert "only 0 of 100 items are shown" == tree.children[-1].note


def test_a_tree_of_a_huge_text_is_bounded() -> None:
    assert len(shown("x", "y" * 1_000_000).text) <= 10_000


def _count(tree: ShownVariable) -> int:
    return 1 + sum(_count(child) for child in tree.children)


hostile = st.text(st.sampled_from("ab\x1b\n\u202e\u2066'\"\\ ä\x00$") | st.characters(), max_size=8)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["py/object", "value", "items", "entries", "$cut", "$size"]) | hostile, inner)
    ),
    max_leaves=15,
)


@settings(max_examples=5 * settings().max_examples)
@given(anything, st.integers(0, 80))
def test_all_that_comes_out_is_printable_and_fits(value: Any, width: int) -> None:
    def check(tree: ShownVariable) -> None:
        assert all(text.isprintable() for text in (tree.name, tree.type, tree.text, tree.note or ""))
        for child in tree.children:
            check(child)

    value = json.loads(json.dumps(value))
    for text in (one_line(value, width), summary({"a\x1bb": value, "c": value}, width)):
        assert text.isprintable()
        assert len(text) <= width
    check(shown("na\nme", value))
