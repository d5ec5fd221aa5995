"""Comparing and calculating over exact built-in types, within bounds; objects are compared by identity or not at all."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable
from typing import Any

from livebreak_agent.vocabulary.expressions import data, limits, spending, stdlib_types, subclasses
from livebreak_agent.vocabulary.expressions.data import NotCaptured
from livebreak_agent.vocabulary.expressions.errors import EvaluationError
from livebreak_agent.vocabulary.expressions.spending import Budget

_LISTS = frozenset(map(id, (list, tuple, deque)))
_TEXTS = frozenset(map(id, (str, bytes)))


def equal(one: Any, other: Any, budget: Budget, depth: int = limits.NESTING) -> bool:
    """`one == other`, by a walk of our own through built-in containers."""
    kind, other_kind = type(one), type(other)
    if id(kind) in data.SCALARS and id(other_kind) in data.SCALARS:
        if kind is other_kind:
            if id(kind) in _TEXTS and len(one) == len(other):
                spending.charge_reading(budget, len(one))
            return bool(one == other)
        return id(kind) in data.NUMBERS and id(other_kind) in data.NUMBERS and bool(one == other)
    if kind is NotCaptured or other_kind is NotCaptured:
        raise data.not_captured(one if kind is NotCaptured else other)
    if (result := stdlib_types.compare("==", one, other)) is not stdlib_types.MISSING:
        return bool(result)
    if all(_is_built_in(value) or stdlib_types.is_plain(value) for value in (one, other)):
        return _equal_containers(one, other, budget, depth)
    if (pair := _as_built_in(one, other, budget, "__eq__")) is not None and depth:
        return equal(*pair, budget, depth - 1)
    return _identical(one, other)


def _is_built_in(value: Any) -> bool:
    return id(type(value)) in data.SIZED or id(type(value)) in data.SCALARS


def _as_built_in(one: Any, other: Any, budget: Budget, *methods: str) -> tuple[Any, Any] | None:
    """The two with instances of subclasses as what they are derived from; None where that cannot be, or changes nothing."""
    values = []
    for value in (one, other):
        if not _is_built_in(value):
            value = subclasses.exact(value, budget[0], *methods)
            if value is None:
                return None
            spending.charge(budget, subclasses.cost(value))
        values.append(value)
    return None if values[0] is one and values[1] is other else (values[0], values[1])


def _identical(one: Any, other: Any) -> bool:
    """Whether two values are equal of which at least one is an object: only if neither has an `__eq__` of its own."""
    if one is other:
        return True
    for value in (one, other):
        if not _is_built_in(value) and data.has_own_equality(value):
            raise EvaluationError(
                f"Comparing {data.article(value)} could run the application's code; compare its fields, or use `is`."
            )
    return False


def _equal_containers(one: Any, other: Any, budget: Budget, depth: int) -> bool:
    if depth == 0:
        raise _too_deep()
    kind = type(one)
    if id(kind) in data.SETS and id(type(other)) in data.SETS:
        data.check_keys(one, budget)
        data.check_keys(other, budget)
        return bool(one == other)
    if kind is not type(other):
        return False
    if kind is range:
        return bool(one == other)
    if len(one) != len(other):
        return False
    spending.charge(budget, len(one))
    _refuse_secrets(one, budget)
    _refuse_secrets(other, budget)
    if kind is dict:
        data.check_keys(one, budget)
        data.check_keys(other, budget)
        return all(
            key in other and (value is other[key] or equal(value, other[key], budget, depth - 1))
            for key, value in list(one.items())
        )
    return all(
        left is right or equal(left, right, budget, depth - 1) for left, right in zip(list(one), list(other), strict=False)
    )


def _refuse_secrets(container: Any, budget: Budget) -> None:
    """`EvaluationError` if something in it is secret: comparing it, or adding it to others, would tell what it is."""
    secrets = budget[1]
    if secrets is None:
        return
    is_secret = (
        any(data.is_secret_key(key, secrets) for key in list(container))
        if type(container) is dict
        else data.is_secret_pair(container, budget)
    )
    if is_secret:
        raise data.not_captured(data.REDACTED)


def _too_deep() -> EvaluationError:
    return EvaluationError(f"The values are nested more than {limits.NESTING} levels deep, too deep to compare.")


def unequal(one: Any, other: Any, budget: Budget) -> bool:
    return not equal(one, other, budget)


def _ordering(name: str, native: Callable[[Any, Any], Any]) -> Callable[..., bool]:
    def compare(one: Any, other: Any, budget: Budget, depth: int = limits.NESTING) -> bool:
        kind, other_kind = type(one), type(other)
        if id(kind) in data.NUMBERS and id(other_kind) in data.NUMBERS:
            if kind is not complex and other_kind is not complex:
                return bool(native(one, other))
        elif kind is other_kind and id(kind) in _TEXTS:
            spending.charge_reading(budget, min(len(one), len(other)))
            return bool(native(one, other))
        elif id(kind) in data.SETS and id(other_kind) in data.SETS:
            data.check_keys(one, budget)
            data.check_keys(other, budget)
            return bool(native(one, other))
        elif kind is other_kind and id(kind) in _LISTS:
            if depth == 0:
                raise _too_deep()
            spending.charge(budget, min(len(one), len(other)))
            _refuse_secrets(one, budget)
            _refuse_secrets(other, budget)
            # The first items that differ decide, else the lengths.
            for left, right in zip(list(one), list(other), strict=False):
                if not (left is right or equal(left, right, budget, depth - 1)):
                    return compare(left, right, budget, depth - 1)
            return bool(native(len(one), len(other)))
        if (result := stdlib_types.compare(name, one, other)) is not stdlib_types.MISSING:
            return bool(result)
        if (pair := _as_built_in(one, other, budget, *_ORDERS)) is not None and depth:
            return compare(*pair, budget, depth - 1)
        raise _not_taken(name, one, other)

    return compare


_ORDERS = ("__lt__", "__le__", "__gt__", "__ge__", "__eq__")

less = _ordering("<", operator.lt)
less_or_equal = _ordering("<=", operator.le)
greater = _ordering(">", operator.gt)
greater_or_equal = _ordering(">=", operator.ge)


def contains(value: Any, container: Any, budget: Budget) -> bool:
    """`value in container`."""
    kind = type(container)
    if kind is str or kind is bytes:
        return _contains_text(value, container, budget)
    if kind is dict or id(kind) in data.SETS:
        if not _is_built_in(value):
            # Such as a member of a string enum.
            value = data.plain(value, "The hash of", budget, "__hash__", "__eq__")
        data.check_key(value, budget)
        data.check_keys(container, budget)
        return value in container
    if kind is range:
        # Python would compare anything but an integer with each number of the range.
        return id(type(value)) in data.NUMBERS and type(value) is not complex and value == value // 1 and int(value) in container
    if kind is NotCaptured and (type(container.part) is list or type(container.part) is dict):
        if contains(value, container.part, budget):
            return True
        raise data.not_captured(container)
    if id(kind) not in _LISTS:
        if id(kind) in data.SCALARS:
            raise EvaluationError(f"{data.opening(container)} has nothing in it to look for.")
        return contains(value, data.plain(container, "What is in", budget, "__contains__", "__iter__"), budget)
    values = data.elements(container, budget)
    if id(type(value)) in data.SCALARS and data.all_exact(values, frozenset((id(type(value)),))):
        if id(type(value)) in _TEXTS:
            spending.charge_reading(budget, len(value))
            spending.charge(budget, len(values) * (len(value) // limits.CHARACTERS_PER_STEP_READ))
        return value in values
    return any(value is element or equal(value, element, budget) for element in values)


def _contains_text(value: Any, text: Any, budget: Budget) -> bool:
    data.check_text(text, budget)
    if type(text) is bytes and id(type(value)) in data.INTEGERS:
        if not 0 <= value < 256:
            raise EvaluationError("A byte is between 0 and 255.")
        return value in text
    if type(value) is not type(text):
        raise EvaluationError(
            f"Only a {type(text).__name__} can be looked for in a {type(text).__name__}, not {data.article(value)}."
        )
    spending.charge_reading(budget, len(text))
    return value in text


def excludes(value: Any, container: Any, budget: Budget) -> bool:
    return not contains(value, container, budget)


def _small(value: Any) -> Any:
    """The same number, which is certain to be quick to calculate with."""
    if type(value) is int and value.bit_length() > limits.INTEGER_BITS:
        raise EvaluationError(f"The number has more than {limits.INTEGER_BITS:,} bits, too many to calculate with.")
    return value


def _not_taken(name: str, one: Any, other: Any) -> EvaluationError:
    for value in (one, other):
        if type(value) is NotCaptured:
            return data.not_captured(value)
        if not _is_built_in(value) and not stdlib_types.is_plain(value):
            return EvaluationError(f"'{name}' on {data.article(value)} could run the application's code; use its fields.")
    return EvaluationError(f"'{name}' does not go with {data.article(one)} and {data.article(other)}.")


def _are_numbers(one: Any, other: Any) -> bool:
    return id(type(one)) in data.NUMBERS and id(type(other)) in data.NUMBERS


def _calculation(name: str, native: Callable[[Any, Any], Any]) -> Callable[[Any, Any, Budget], Any]:
    def calculate(one: Any, other: Any, budget: Budget) -> Any:  # noqa: ARG001 - all operators are called alike
        if _are_numbers(one, other):
            return _small(native(_small(one), _small(other)))
        if (result := stdlib_types.calculate(name, one, other)) is not stdlib_types.MISSING:
            return result
        raise _not_taken(name, one, other)

    return calculate


divide = _calculation("/", operator.truediv)
floor_divide = _calculation("//", operator.floordiv)
remainder = _calculation("%", operator.mod)
_add_numbers = _calculation("+", operator.add)
_multiply_numbers = _calculation("*", operator.mul)
_subtract_numbers = _calculation("-", operator.sub)


def add(one: Any, other: Any, budget: Budget) -> Any:
    kind = type(one)
    if kind is type(other):
        if id(kind) in _TEXTS:
            spending.charge_text(budget, len(one) + len(other))
            return one + other
        if kind is list or kind is tuple:
            spending.charge(budget, len(one) + len(other))
            _refuse_secrets(one, budget)
            _refuse_secrets(other, budget)
            return one + other
    return _add_numbers(one, other, budget)


def multiply(one: Any, other: Any, budget: Budget) -> Any:
    if id(type(one)) in data.INTEGERS:
        one, other = other, one
    kind = type(one)
    if id(type(other)) in data.INTEGERS:
        if id(kind) in _TEXTS:
            spending.charge_text(budget, len(one) * max(other, 0))
            return one * other
        if kind is list or kind is tuple:
            spending.charge(budget, len(one) * max(other, 0))
            _refuse_secrets(one, budget)
            return one * other
    return _multiply_numbers(one, other, budget)


def power(one: Any, other: Any, budget: Budget) -> Any:  # noqa: ARG001 - all operators are called alike
    if not _are_numbers(one, other):
        raise _not_taken("**", one, other)
    if id(type(one)) in data.INTEGERS and id(type(other)) in data.INTEGERS and abs(one) > 1:
        _small(one)
        if abs(other) * int(one).bit_length() > 2 * limits.INTEGER_BITS:
            raise EvaluationError(f"The power has more than {limits.INTEGER_BITS:,} bits, too many to calculate with.")
    return _small(_small(one) ** _small(other))


def _bitwise(name: str, native: Callable[[Any, Any], Any]) -> Callable[[Any, Any, Budget], Any]:
    def calculate(one: Any, other: Any, budget: Budget) -> Any:
        if id(type(one)) in data.INTEGERS and id(type(other)) in data.INTEGERS:
            return native(_small(one), _small(other))
        if id(type(one)) in data.SETS and id(type(other)) in data.SETS:
            data.check_keys(one, budget)
            data.check_keys(other, budget)
            spending.charge(budget, len(one) + len(other))
            return native(one, other)
        if name == "|" and type(one) is type(other) is dict:
            data.check_keys(one, budget)
            data.check_keys(other, budget)
            spending.charge(budget, len(one) + len(other))
            return one | other
        raise _not_taken(name, one, other)

    return calculate


bit_or = _bitwise("|", operator.or_)
bit_and = _bitwise("&", operator.and_)
bit_xor = _bitwise("^", operator.xor)
_subtract_sets = _bitwise("-", operator.sub)


def subtract(one: Any, other: Any, budget: Budget) -> Any:
    are_sets = id(type(one)) in data.SETS and id(type(other)) in data.SETS
    return (_subtract_sets if are_sets else _subtract_numbers)(one, other, budget)


def _shift(name: str, native: Callable[[Any, Any], Any]) -> Callable[[Any, Any, Budget], Any]:
    def calculate(one: Any, other: Any, budget: Budget) -> Any:  # noqa: ARG001 - all operators are called alike
        if id(type(one)) not in data.INTEGERS or id(type(other)) not in data.INTEGERS:
            raise _not_taken(name, one, other)
        if not 0 <= other <= limits.INTEGER_BITS:
            raise EvaluationError(f"The number of bits to shift by must be between 0 and {limits.INTEGER_BITS:,}.")
        return _small(native(_small(one), other))

    return calculate


shift_left = _shift("<<", operator.lshift)
shift_right = _shift(">>", operator.rshift)


def _unary(name: str, kinds: frozenset[int], native: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def calculate(value: Any) -> Any:
        if id(type(value)) in kinds:
            return native(_small(value))
        if name == "-" and (result := stdlib_types.calculate("*", value, -1)) is not stdlib_types.MISSING:
            return result
        if type(value) is NotCaptured:
            raise data.not_captured(value)
        raise EvaluationError(f"'{name}' does not go with {data.article(value)}.")

    return calculate


plus = _unary("+", data.NUMBERS, operator.pos)
minus = _unary("-", data.NUMBERS, operator.neg)
# Python warns about `~True`, and a warning would be the application's to show.
invert = _unary("~", data.INTEGERS, lambda value: ~int(value))
