"""Decimals, dates and enums: plain data of the standard library, which conditions are full of.

Their own operators are safe as long as every part is exactly of these types. A datetime is one only if its time zone
is the standard library's, since comparing asks the zone for its offset; decimals are calculated with in a context of our
own, so that neither traps nor flags of the application's context are touched.
"""

from __future__ import annotations

import enum
import operator
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Context, Decimal
from typing import Any

from livebreak_agent.vocabulary.expressions import limits
from livebreak_agent.vocabulary.expressions.errors import EvaluationError

MISSING = object()
"""What the functions here answer where a value is none of theirs."""

_CONTEXT = Context(prec=28, traps=[])
"""As many digits as Python's own, so that a third of something is the same number here and in the application."""

# By id, since a class may have a metaclass whose `__hash__` belongs to the application.
_FIELDS: dict[int, frozenset[str]] = {
    id(datetime): frozenset({"year", "month", "day", "hour", "minute", "second", "microsecond", "fold"}),
    id(date): frozenset({"year", "month", "day"}),
    id(time): frozenset({"hour", "minute", "second", "microsecond", "fold"}),
    id(timedelta): frozenset({"days", "seconds", "microseconds"}),
}
_ENUM_FIELDS = {"name": ("_name_", enum.Enum.__dict__["name"]), "value": ("_value_", enum.Enum.__dict__["value"])}
_dict_of: Any = type.__dict__["__dict__"].__get__
_mro_of: Any = type.__dict__["__mro__"].__get__


def is_plain(value: object) -> bool:
    """Whether the value is a decimal, date, time or duration whose operators run no code of the application."""
    kind = type(value)
    if kind is Decimal or kind is date or kind is timedelta:
        return True
    return (kind is datetime or kind is time) and _is_standard_zone(value.tzinfo)  # type: ignore[attr-defined]


def compare(name: str, one: Any, other: Any) -> Any:
    """`one <name> other` for ``==``, ``<``, ``<=``, ``>``, ``>=``; `MISSING` if that is not for this module to say."""
    decimals = _decimals(one, other)
    if decimals is not None:
        left, right = decimals
        if left.is_nan() or right.is_nan():
            return False
        return _ORDERS[name](int(_CONTEXT.compare(left, right)), 0)
    if not (is_plain(one) and is_plain(other)):
        return MISSING
    try:
        return _ORDERS[name](one, other)
    except TypeError as error:
        # Such as a naive datetime and one with a time zone.
        raise EvaluationError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None


def calculate(name: str, one: Any, other: Any) -> Any:
    """`one <name> other` for the arithmetic operators; `MISSING` if that is not for this module to say."""
    decimals = _decimals(one, other)
    if decimals is not None:
        if name in ("/", "//", "%") and not decimals[1]:
            raise EvaluationError("The expression divides by zero.")
        return getattr(_CONTEXT, _DECIMAL_OPERATIONS[name])(*decimals) if name in _DECIMAL_OPERATIONS else MISSING
    if not (_is_time_or_number(one) and _is_time_or_number(other)) or name not in _TIME_OPERATIONS:
        return MISSING
    try:
        return _TIME_OPERATIONS[name](one, other)
    except (TypeError, ArithmeticError):
        raise EvaluationError(f"'{name}' does not go with a {type(one).__name__} and a {type(other).__name__}.") from None


def attribute(value: Any, name: str) -> Any:
    """A field of a date, or a member of an enum; `MISSING` if that is not for this module to say."""
    kind = type(value)
    if kind is enum.EnumMeta:
        members = _dict_of(value).get("_member_map_")
        return members.get(name, MISSING) if type(members) is dict else MISSING
    return getattr(value, name) if name in _FIELDS.get(id(kind), ()) and is_plain(value) else MISSING


def field_name(kind: Any, name: str) -> str:
    """Where the field is kept: an enum keeps a member's `name` and `value` as `_name_` and `_value_`."""
    if type(kind) is enum.EnumMeta and name in _ENUM_FIELDS:
        key, descriptor = _ENUM_FIELDS[name]
        # An enum may define a `name` or `value` of its own, which would be the application's code.
        if next((_dict_of(base)[name] for base in _mro_of(kind) if name in _dict_of(base)), None) is descriptor:
            return key
    return name


def string(value: Any) -> str | None:
    """`str(value)`, or None if it is none of these types."""
    if not is_plain(value):
        return None
    return str(value)


def representation(value: Any) -> str | None:
    """`repr(value)`, or None if it is none of these types, or names its time zone, whose name may be the application's object."""
    if not is_plain(value) or getattr(value, "tzinfo", None) is not None:
        return None
    return repr(value)


def truth(value: Any) -> bool | None:
    """Whether it counts as true, or None if it is none of these types."""
    return bool(value) if is_plain(value) else None


def number(value: Any) -> Any:
    """A decimal as an integer or float is made of it: itself if that is quick; `MISSING` if it is none."""
    if type(value) is not Decimal:
        return MISSING
    if value.is_finite() and value.adjusted() > limits.NUMBER_LENGTH:
        raise EvaluationError("The decimal is too large to calculate with.")
    if not value.is_finite():
        raise EvaluationError("The decimal is not a finite number.")
    return value


def _is_standard_zone(zone: object) -> bool:
    # Looked up rather than imported: an application without it has no such zones, and importing it costs 3 ms.
    zone_info = getattr(sys.modules.get("zoneinfo"), "ZoneInfo", timezone)
    return zone is None or type(zone) is timezone or type(zone) is zone_info


def _decimals(one: Any, other: Any) -> tuple[Decimal, Decimal] | None:
    """Both as decimals, where at least one is a decimal and the other a real number; exactly, without touching a context."""
    if type(one) is not Decimal and type(other) is not Decimal:
        return None
    left, right = _decimal(one), _decimal(other)
    return None if left is None or right is None else (left, right)


def _decimal(value: Any) -> Decimal | None:
    kind = type(value)
    if kind is Decimal:
        return value  # type: ignore[no-any-return]
    if kind is float:
        return Decimal.from_float(value)  # noqa: FURB164 -- the constructor flags the application's context
    if kind is int or kind is bool:
        if value.bit_length() > limits.INTEGER_BITS:
            raise EvaluationError(f"The number has more than {limits.INTEGER_BITS:,} bits, too many to calculate with.")
        return Decimal(value)
    return None


def _is_time_or_number(value: Any) -> bool:
    return is_plain(value) or type(value) is int or type(value) is float


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_DECIMAL_OPERATIONS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "//": "divide_int", "%": "remainder",
}  # fmt: skip
_TIME_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
}  # fmt: skip
