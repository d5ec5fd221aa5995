"""Values as they are captured: every kind of them, within limits, and without a line of the application's code."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import functools
import json
import pathlib
import threading
import types
import typing
import uuid
import zoneinfo

import pytest

from livebreak_agent.vocabulary.captured import Value

HERE = __name__


class Color(enum.Enum):
    RED = 1


class Number(enum.IntEnum):
    ONE = 1


class Text(enum.StrEnum):
    A = "a"


class Permission(enum.Flag):
    R = 1
    W = 2


class Point(typing.NamedTuple):
    x: int
    y: int


class Subclasses:
    Int = type("Int", (int,), {})
    Float = type("Float", (float,), {})
    Str = type("Str", (str,), {})
    Bytes = type("Bytes", (bytes,), {})
    List = type("List", (list,), {})
    Dict = type("Dict", (dict,), {})
    Tuple = type("Tuple", (tuple,), {})
    Set = type("Set", (set,), {})
    DateTime = type("DateTime", (dt.datetime,), {})


@dataclasses.dataclass
class Order:
    number: int
    items: list


@dataclasses.dataclass(slots=True)
class Slotted:
    number: int
    unset: int = dataclasses.field(init=False, repr=False)


class WithBoth(Slotted):
    def __init__(self):
        self.number = 1
        self.more = 2


class Broken(ValueError):
    def __init__(self, code):
        super().__init__("broken", code)
        self.code = code


class Zone(dt.tzinfo):
    def utcoffset(self, _):
        raise AssertionError("The application's code ran.")

    dst = tzname = utcoffset


def function():
    pass


PLAIN = [None, True, False, 0, -1, 2**53, 1.5, "", "text", "ünï", [], [1, [2]], {}, {"a": {"b": 1}}]

FORMS = [
    (2**53 + 1, {"py/object": "int", "value": str(2**53 + 1)}),
    (-(2**64), {"py/object": "int", "value": str(-(2**64))}),
    (float("inf"), {"py/object": "float", "value": "inf"}),
    (float("nan"), {"py/object": "float", "value": "nan"}),
    (1 + 2j, {"py/object": "complex", "value": "(1+2j)"}),
    (b"a\0", {"py/object": "bytes", "value": "b'a\\x00'"}),
    (bytearray(b"a"), {"py/object": "bytearray", "value": "b'a'"}),
    ("\udc80!", "\\udc80!"),
    ((), {"py/object": "tuple", "items": []}),
    ((1, "a"), {"py/object": "tuple", "items": [1, "a"]}),
    ({1}, {"py/object": "set", "items": [1]}),
    (frozenset({1}), {"py/object": "frozenset", "items": [1]}),
    (collections.deque([1], maxlen=3), {"py/object": "collections.deque", "items": [1]}),
    ({1: "a"}, {"py/object": "dict", "entries": [[1, "a"]]}),
    ({"$cut": 1, "py/object": 2}, {"$$cut": 1, "$py/object": 2}),
    (collections.OrderedDict(a=1), {"py/object": "collections.OrderedDict", "entries": [["a", 1]]}),
    (collections.defaultdict(list, a=1), {"py/object": "collections.defaultdict", "entries": [["a", 1]]}),
    (collections.Counter("aa"), {"py/object": "collections.Counter", "entries": [["a", 2]]}),
    (Point(1, 2), {"py/object": f"{HERE}.Point", "x": 1, "y": 2}),
    (Subclasses.Int(5), {"py/object": f"{HERE}.Int", "value": "5"}),
    (Subclasses.Float(5), {"py/object": f"{HERE}.Float", "value": "5.0"}),
    (Subclasses.Str("s"), {"py/object": f"{HERE}.Str", "value": "s"}),
    (Subclasses.Bytes(b"s"), {"py/object": f"{HERE}.Bytes", "value": "b's'"}),
    (Subclasses.List([1]), {"py/object": f"{HERE}.List", "items": [1]}),
    (Subclasses.Tuple([1]), {"py/object": f"{HERE}.Tuple", "items": [1]}),
    (Subclasses.Set([1]), {"py/object": f"{HERE}.Set", "items": [1]}),
    (Subclasses.Dict(a=1), {"py/object": f"{HERE}.Dict", "entries": [["a", 1]]}),
    (Color.RED, {"py/object": f"{HERE}.Color", "value": "Color.RED"}),
    (Number.ONE, {"py/object": f"{HERE}.Number", "value": "Number.ONE"}),
    (Text.A, {"py/object": f"{HERE}.Text", "value": "Text.A"}),
    (Permission.R | Permission.W, {"py/object": f"{HERE}.Permission", "value": "Permission.R|W"}),
    (dt.date(2026, 11, 23), {"py/object": "datetime.date", "value": "2026-11-23"}),
    (
        dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC).replace(tzinfo=None),
        {"py/object": "datetime.datetime", "value": "2026-11-23T12:00:00"},
    ),
    (Subclasses.DateTime(2026, 11, 23, 12), {"py/object": f"{HERE}.DateTime", "value": "2026-11-23T12:00:00"}),
    (
        dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC),
        {"py/object": "datetime.datetime", "value": "2026-11-23T12:00:00+00:00"},
    ),
    (
        dt.datetime(2026, 11, 23, 12, tzinfo=zoneinfo.ZoneInfo("UTC")),
        {"py/object": "datetime.datetime", "value": "2026-11-23T12:00:00+00:00"},
    ),
    (
        dt.datetime(2026, 11, 23, 12, tzinfo=Zone()),
        {"py/object": "datetime.datetime", "value": f"2026-11-23T12:00:00 {HERE}.Zone"},
    ),
    (dt.time(12, 30), {"py/object": "datetime.time", "value": "12:30:00"}),
    (dt.timedelta(days=1, seconds=2), {"py/object": "datetime.timedelta", "value": "1 day, 0:00:02"}),
    (decimal.Decimal("1.50"), {"py/object": "decimal.Decimal", "value": "1.50"}),
    (fractions.Fraction(1, 3), {"py/object": "fractions.Fraction", "_numerator": 1, "_denominator": 3}),
    (uuid.UUID(int=1), {"py/object": "uuid.UUID", "value": "00000000-0000-0000-0000-000000000001"}),
    (range(3), {"py/object": "range", "value": "range(0, 3)"}),
    (..., {"py/object": "ellipsis", "value": "Ellipsis"}),
    (Order(1, [2]), {"py/object": f"{HERE}.Order", "number": 1, "items": [2], "$object": True}),
    (Slotted(1), {"py/object": f"{HERE}.Slotted", "number": 1}),
    (WithBoth(), {"py/object": f"{HERE}.WithBoth", "more": 2, "number": 1}),
    (
        Broken(3),
        {"py/object": f"{HERE}.Broken", "args": {"py/object": "tuple", "items": ["broken", 3]}, "code": 3},
    ),
    (types.SimpleNamespace(a=1), {"py/object": "types.SimpleNamespace", "a": 1}),
    (object(), {"py/object": "object"}),
    (json, {"py/object": "module", "value": "json"}),
    (Order, {"py/object": "type", "value": f"{HERE}.Order"}),
    (Color, {"py/object": "enum.EnumType", "value": f"{HERE}.Color"}),
    (function, {"py/object": "function", "value": f"{HERE}.function"}),
    (len, {"py/object": "builtin_function_or_method", "value": "len"}),
    ([].append, {"py/object": "builtin_function_or_method", "value": "append"}),
    (Broken(1).__init__, {"py/object": "method", "value": f"{HERE}.Broken.__init__"}),
    ((i for i in ()), {"py/object": "generator", "value": "<genexpr>"}),
    (iter([]), {"py/object": "list_iterator", "$cut": "opaque"}),
    (threading.Lock(), {"py/object": "_thread.lock", "$cut": "opaque"}),
]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_values_are_themselves(value, capture):
    assert value == capture(value)
    assert type(value) is type(capture(value))


@pytest.mark.parametrize(("value", "expected"), FORMS, ids=lambda value: type(value).__name__)
def test_each_kind_of_value_has_its_form(value, expected, capture):
    assert expected == capture(value)


@pytest.mark.parametrize(
    "path", ["", ".", "/", "/a/b", "a/b", "a//b/", "/a/../b", "a/./b", "/usr"], ids=lambda path: path or "empty"
)
def test_paths_are_their_text(path, read):
    value = pathlib.PurePosixPath(path)
    shown = read(value).scalar
    assert str(value) == str(pathlib.PurePosixPath(shown))
    str(value)
    assert str(value) == read(value).scalar
    joined = pathlib.Path("/base", "sub") / "x"
    assert "/base/sub/x" == read(joined).scalar


def test_a_partial_shows_what_it_calls(read):
    shown = dict(read(functools.partial(function, 1)).fields)
    assert Value(type="function", scalar=f"{HERE}.function") == shown["func"]
