"""Declared shapes to JSON and back."""

from __future__ import annotations

import dataclasses
import inspect
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livebreak_agent.vocabulary import lsp_messages, model, wire
from livebreak_agent.vocabulary.codec import ShapeError, camel_case, from_json, snake_case, to_json


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True, slots=True)
class Inner:
    line_number: int
    colour: Colour = Colour.RED


@dataclass(frozen=True, kw_only=True, slots=True)
class Outer:
    name: str
    inner: Inner
    many: tuple[Inner, ...] = ()
    by_name: Mapping[str, int] | None = None
    share: float = 0.5
    flag: bool = False
    kind: Literal["a", "b"] = "a"
    anything: object = None
    optional: Inner | None = None
    either: int | str | None = None


WHOLE = Outer(
    name="n",
    inner=Inner(line_number=3, colour=Colour.BLUE),
    many=(Inner(line_number=1), Inner(line_number=2)),
    by_name={"snake_key": 1},
    share=1.5,
    flag=True,
    kind="b",
    anything={"a_b": [1, None]},
    optional=Inner(line_number=9),
    either="x",
)


@pytest.mark.parametrize("case", [snake_case, camel_case])
def test_what_was_written_is_read_back(case: Any) -> None:
    assert WHOLE == from_json(Outer, json.loads(json.dumps(to_json(WHOLE, case))), case)


def test_keys_follow_the_case_and_those_of_plain_mappings_stay() -> None:
    written = to_json(WHOLE, camel_case)

    assert {"lineNumber": 3, "colour": "blue"} == written["inner"]
    assert {"snake_key": 1} == written["byName"]
    assert {"a_b": [1, None]} == written["anything"]


def test_a_none_is_left_out() -> None:
    assert {"line_number", "colour"} == to_json(Inner(line_number=1)).keys()
    assert "optional" not in to_json(Outer(name="n", inner=Inner(line_number=1)))


def test_unknown_keys_are_ignored_and_absent_ones_have_their_default() -> None:
    data = {"name": "n", "inner": {"line_number": 1, "new": 2}, "newer": [1]}

    assert Outer(name="n", inner=Inner(line_number=1)) == from_json(Outer, data)


def test_a_null_means_absent() -> None:
    data = {"name": "n", "inner": {"line_number": 1, "colour": None}, "many": None, "by_name": None, "anything": None}

    assert Outer(name="n", inner=Inner(line_number=1)) == from_json(Outer, data)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": None}, "name: is required"),
        ({"name": 3}, "name: expected a string, got an integer"),
        ({"inner": []}, "inner: expected an object, got a list"),
        ({"inner": {}}, "inner.line_number: is required"),
        ({"inner": {"line_number": True}}, "inner.line_number: expected an integer, got true or false"),
        ({"inner": {"line_number": 1.0}}, "inner.line_number: expected an integer, got a number"),
        ({"inner": {"line_number": 1, "colour": "green"}}, "inner.colour: expected one of 'red', 'blue'"),
        ({"inner": {"line_number": 1, "colour": []}}, "inner.colour: expected one of 'red', 'blue'"),
        ({"many": {}}, "many: expected a list, got an object"),
        ({"many": [{"line_number": 1}, {"line_number": "1"}]}, "many[1].line_number: expected an integer, got a string"),
        ({"by_name": {"a": "b"}}, "by_name.a: expected an integer, got a string"),
        ({"by_name": [1]}, "by_name: expected an object, got a list"),
        ({"share": "1"}, "share: expected a number, got a string"),
        ({"flag": 1}, "flag: expected true or false, got an integer"),
        ({"kind": "c"}, "kind: expected one of 'a', 'b'"),
        ({"kind": []}, "kind: expected one of 'a', 'b'"),
        ({"optional": {"line_number": "x"}}, "optional.line_number: expected an integer, got a string"),
        ({"either": 1.5}, "either: expected a string, got a number"),
    ],
)
def test_the_first_wrong_place_is_named(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ShapeError) as caught:
        from_json(Outer, {"name": "n", "inner": {"line_number": 1}, **change})

    assert problem == str(caught.value)


@pytest.mark.parametrize("data", [None, 3, "x", [], True])
def test_what_is_no_object_is_not_a_message(data: object) -> None:
    with pytest.raises(ShapeError, match=r"^the message: expected an object, got "):
        from_json(Outer, data)


def test_an_integer_is_a_number() -> None:
    data = from_json(Outer, {"name": "n", "inner": {"line_number": 1}, "share": 2})

    assert (float, 2.0) == (type(data.share), data.share)


MESSAGES = [
    kind
    for module in (lsp_messages, model, wire)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__
]
data_of_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@pytest.mark.hypothesis
@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_every_declared_message_survives_the_way_there_and_back(kind: type[Any]) -> None:
    @settings(max_examples=settings().max_examples // 4, database=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        message = _draw(data, kind)
        for case in (snake_case, camel_case):
            assert message == from_json(kind, json.loads(json.dumps(to_json(message, case))), case)

    check()


@pytest.mark.hypothesis
@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_nothing_but_a_shape_error_comes_of_hostile_data(kind: type[Any]) -> None:
    names = [field.name for field in dataclasses.fields(kind)]

    @settings(max_examples=settings().max_examples // 4, database=None)
    @given(st.dictionaries(st.sampled_from(names), data_of_anything) if names else st.just({}))
    def check(data: dict[str, Any]) -> None:
        try:
            message = from_json(kind, data)
        except ShapeError:
            return
        assert isinstance(message, kind)

    check()


def _draw(data: st.DataObject, kind: type[Any]) -> Any:
    """A message with a value in each field, built from the JSON that its type hints allow."""
    return data.draw(st.builds(kind, **{name: _strategy(hint) for name, hint in _hints(kind).items()}))


def _hints(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _strategy(hint: Any) -> st.SearchStrategy[Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Union or origin is types.UnionType:
        return st.one_of([_strategy(argument) for argument in arguments])
    if hint is type(None):
        return st.none()
    if origin is tuple:
        return st.lists(_strategy(arguments[0]), max_size=2).map(tuple)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(st.text(max_size=3), _strategy(arguments[1]), max_size=2)
    if hint is object or hint is Any:
        return st.one_of(st.integers(), st.text(max_size=3), st.just([1, {"a": None}]))
    if dataclasses.is_dataclass(hint):
        if hint is lsp_messages.ShownVariable:
            return st.just(lsp_messages.ShownVariable(name="n", type="t", text="x"))
        return st.deferred(lambda: st.builds(hint, **{name: _strategy(item) for name, item in _hints(hint).items()}))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    return {str: st.text(max_size=5), int: st.integers(), float: st.floats(allow_nan=False), bool: st.booleans()}[hint]
