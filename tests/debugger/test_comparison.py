"""Two hits side by side: what differs, where, and what cannot be told."""

from __future__ import annotations

from typing import Any

from livebreak.debugger.comparison import MOST_DIFFERENCES, compare
from livebreak_agent.vocabulary.model import Hit


def hit(**variables: Any) -> Hit:
    return Hit(
        id="a", breakpoint_id="b", timestamp="2026-11-23T12:00:00.000000Z", filename="a.py", line_number=1, variables=variables
    )


def found(one: dict[str, Any], other: dict[str, Any]) -> dict[str, str]:
    return {it.path: it.kind for it in compare(hit(**one), hit(**other)).differences}


def test_a_difference_is_named_by_its_innermost_place() -> None:
    one = {"cart": {"py/object": "shop.Cart", "lines": [{"price": 1}, {"price": 2}], "user": "ada"}}
    other = {"cart": {"py/object": "shop.Cart", "lines": [{"price": 1}, {"price": 3}, 4], "user": "ada"}}

    assert {"cart.lines[1]['price']": "changed", "cart.lines[2]": "only in the second"} == found(one, other)


def test_another_type_is_one_difference() -> None:
    assert {"x": "changed"} == found({"x": [1]}, {"x": {"py/object": "tuple", "items": [1]}})
    assert {"x": "only in the first", "y": "only in the second"} == found({"x": 1}, {"y": 1})
    assert {"x": "changed"} == found({"x": 1}, {"x": True})


def test_what_was_redacted_is_never_told_apart() -> None:
    redacted = {"py/object": "str", "$cut": "redacted"}
    comparison = compare(hit(password={**redacted, "$size": 3}), hit(password={**redacted, "$size": 9}))

    assert () == comparison.differences
    assert (("password",), ("password",)) == (comparison.same, comparison.uncertain)


def test_equal_parts_of_texts_of_other_lengths_differ() -> None:
    one = {"many": {"py/object": "list", "items": [1, 2], "$cut": "items", "$size": 10}}
    other = {"many": {"py/object": "list", "items": [1, 2], "$cut": "items", "$size": 11}}

    assert {"many": "changed"} == found(one, other)


def test_the_list_of_differences_is_bounded_and_says_so() -> None:
    comparison = compare(hit(x=list(range(MOST_DIFFERENCES + 5))), hit(x=list(range(1, MOST_DIFFERENCES + 6))))

    assert (MOST_DIFFERENCES, True) == (len(comparison.differences), comparison.is_cut)


def test_names_are_printable() -> None:
    assert {r"\x1b[0m": "changed"} == found({"\x1b[0m": 1}, {"\x1b[0m": 2})
