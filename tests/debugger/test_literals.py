"""Conditions made from captured values: literals of plain, whole values and nothing else."""

from __future__ import annotations

import pytest

from livebreak.debugger.literals import LONGEST_TEXT, condition_for

VARIABLES = {
    "user": 42,
    "name": 'it\'s "quoted"',
    "none": None,
    "flag": True,
    "ratio": 0.5,
    "cart": {"py/object": "shop.Cart", "total": 41},
    "plain": {"total": 41},
    "when": {"py/object": "datetime.date", "value": "2026-11-23"},
    "secret": {"py/object": "str", "$cut": "redacted"},
    "long": "x" * (LONGEST_TEXT + 1),
    "evil": "a\u202eb\n",
    "infinite": {"py/object": "float", "value": "inf"},
    "large": 2**60,
}


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        (("user",), "user == 42"),
        (("name",), "name == 'it\\'s \"quoted\"'"),
        (("none",), "none is None"),
        (("flag",), "flag is True"),
        (("ratio",), "ratio == 0.5"),
        (("cart", "total"), "cart.total == 41"),
        (("cart",), None),
        (("cart", "missing"), None),
        (("plain", "total"), None),
        (("when",), None),
        (("secret",), None),
        (("long",), None),
        (("evil",), None),
        (("infinite",), None),
        (("large",), None),
        (("unknown",), None),
        ((), None),
    ],
)
def test_a_condition_quotes_the_value_or_there_is_none(name: tuple[str, ...], condition: str | None) -> None:
    assert condition == condition_for(name, VARIABLES)
