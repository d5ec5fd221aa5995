"""Instances of subclasses of built-in types are read as what they are derived from, unless their class has its own say."""

from __future__ import annotations

import enum
from collections import OrderedDict, defaultdict, namedtuple
from typing import Any, NamedTuple

import pytest

from livebreak_agent.vocabulary.expressions import EvaluationError, compile_expression, truth


class Status(enum.StrEnum):
    PAID = "paid"


class Mixed(str, enum.Enum):  # noqa: UP042 -- this kind is meant
    OPEN = "open"


class Level(enum.IntEnum):
    HIGH = 3


class Point(NamedTuple):
    x: int
    y: int


class Names(list):  # type: ignore[type-arg]
    pass


class Config(dict):  # type: ignore[type-arg]
    pass


class Text(str):
    __slots__ = ()


ran: list[str] = []


def _made() -> int:
    ran.append("factory")
    return 1


class Loud(dict):  # type: ignore[type-arg]
    def __getitem__(self, key: object) -> Any:
        ran.append("__getitem__")
        return super().__getitem__(key)

    def __missing__(self, key: object) -> Any:
        ran.append("__missing__")
        return 1


class LoudText(str):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        ran.append("__eq__")
        return True

    __hash__ = str.__hash__


NAMES = {
    "status": Status.PAID, "mixed": Mixed.OPEN, "level": Level.HIGH, "point": Point(1, 2),
    "old": namedtuple("old", "a b")(3, 4),  # noqa: PYI024 -- this kind is meant
    "names": Names(["ada", "bob"]), "config": Config(a=1), "text": Text("hello"), "ordered": OrderedDict(a=1, b=2),
    "counts": defaultdict(_made, a=1), "loud": Loud(a=1), "loudtext": LoudText("x"),
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "status == 'paid'", "'paid' == status", "status != 'open'", "status in ('paid', 'open')", "status in {'paid': 1}",
        "mixed == 'open'", "mixed.value == 'open'", "level == 3", "level > 2", "2 < level < 4", "status < 'q'",
        "point.x == 1", "point[1] == 2", "point == (1, 2)", "len(point) == 2", "old.b == 4", "1 in point", "old[:1] == (3,)",
        "names[0] == 'ada'", "'bob' in names", "len(names) == 2", "[n for n in names] == ['ada', 'bob']",
        "names == ['ada', 'bob']",
        "config['a'] == 1", "'a' in config", "len(config) == 1", "config == {'a': 1}", "text == 'hello'", "text[0] == 'h'",
        "'ell' in text", "ordered['b'] == 2", "ordered == {'a': 1, 'b': 2}", "[k for k in ordered] == ['a', 'b']",
        "counts['a'] == 1", "'b' not in counts", "len(counts) == 1", "config and point and text and level",
        "[x for x, y in [point]] == [1]", "max(names) == 'bob'", "sorted(point) == [1, 2]",
    ],
)  # fmt: skip
def test_they_are_read_as_what_they_are_derived_from(text: str) -> None:
    assert truth(compile_expression(text).evaluate(NAMES)) is True
    assert [] == ran


@pytest.mark.parametrize(
    "text", ["counts['b']", "loud['a']", "loud['b']", "loudtext == 'x'", "'x' == loudtext", "loudtext in ['x']"]
)
def test_where_a_class_has_its_own_say_it_is_not_asked(text: str) -> None:
    with pytest.raises(EvaluationError, match=r"no such key|application's code"):
        compile_expression(text).evaluate(NAMES)
    assert [] == ran


def test_large_ones_are_not_copied_for_ever() -> None:
    with pytest.raises(EvaluationError, match="too long"):
        compile_expression("[x for x in big]").evaluate({"big": Names(range(1_000_000))})
    assert compile_expression("len(big)").evaluate({"big": Names(range(1_000_000))}) == 1_000_000


class Hidden(Exception):
    @property
    def args(self) -> Any:  # type: ignore[override]
        ran.append("args")
        return ()


def test_what_an_exception_was_made_of_is_read() -> None:
    names = {"error": KeyError("total", 3), "hidden": Hidden("total")}
    assert compile_expression("error.args[0] == 'total' and len(error.args) == 2").evaluate(names) is True
    with pytest.raises(EvaluationError, match="'args' is not a field of this"):
        compile_expression("hidden.args").evaluate(names)
    assert "args" not in ran
