"""The functions that an expression can call, over exact built-in types and within bounds."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

from livebreak_agent.vocabulary.expressions import data, limits, operators, spending, stdlib_types, text
from livebreak_agent.vocabulary.expressions.errors import EvaluationError
from livebreak_agent.vocabulary.expressions.spending import Budget

Function = Callable[..., Any]


def any_of(budget: Budget, values: Any) -> bool:
    return any(data.truth(value) for value in data.elements(values, budget))


def all_of(budget: Budget, values: Any) -> bool:
    return all(data.truth(value) for value in data.elements(values, budget))


def total(budget: Budget, values: Any, start: Any = 0) -> Any:
    numbers = data.elements(values, budget)
    if any(stdlib_types.is_plain(number) for number in (start, *numbers)):
        return functools.reduce(lambda one, other: operators.add(one, other, budget), numbers, start)
    for number in (start, *numbers):
        if id(type(number)) not in data.NUMBERS:
            raise EvaluationError(f"`sum` adds numbers, not {data.article(number)}.")
        _check_integer(number)
    return sum(numbers, start)


def smallest(budget: Budget, *values: Any, **default: Any) -> Any:
    return _extreme(budget, "min", operators.less, values, default)


def largest(budget: Budget, *values: Any, **default: Any) -> Any:
    return _extreme(budget, "max", operators.greater, values, default)


def _extreme(budget: Budget, name: str, better: Function, values: tuple[Any, ...], default: dict[str, Any]) -> Any:
    candidates = data.elements(values[0], budget) if len(values) == 1 else list(values)
    if not candidates:
        if default:
            return default["default"]
        raise EvaluationError(f"`{name}` was given nothing to choose from; add a `default=`.")
    if _is_quick(candidates):
        return (min if name == "min" else max)(candidates)
    best = candidates[0]
    for candidate in candidates[1:]:
        if better(candidate, best, budget):
            best = candidate
    return best


def in_order(budget: Budget, values: Any, reverse: Any = False) -> list[Any]:
    items = data.elements(values, budget)
    # Sorting compares each item some log2(n) times.
    spending.charge(budget, len(items) * len(items).bit_length())
    if _is_quick(items):
        return sorted(items, reverse=data.truth(reverse))

    def compare(one: Any, other: Any) -> int:
        if operators.less(one, other, budget):
            return -1
        return 1 if operators.less(other, one, budget) else 0

    return sorted(items, key=functools.cmp_to_key(compare), reverse=data.truth(reverse))


_REAL_NUMBERS = frozenset(map(id, (int, bool, float)))


def _is_quick(values: list[Any]) -> bool:
    """Whether all are real numbers, which are compared in no time."""
    return data.all_exact(values, _REAL_NUMBERS)


def string(budget: Budget, value: Any = "") -> str:
    return text.string(value, budget)


def integer(_budget: Budget, value: Any = 0, base: Any = 10) -> int:
    is_decimal = type(base) is int and base == 10
    if id(type(value)) in data.NUMBERS and is_decimal and type(value) is not complex:
        return int(value)
    if is_decimal and (decimal := stdlib_types.number(value)) is not stdlib_types.MISSING:
        return int(decimal)
    _check_digits("int", value)
    if id(type(base)) not in data.INTEGERS:
        raise EvaluationError("The base of `int` must be an integer.")
    try:
        return int(value, base)
    except ValueError:
        raise EvaluationError("The text is not an integer.") from None


def floating(_budget: Budget, value: Any = 0.0) -> float:
    if id(type(value)) in data.NUMBERS and type(value) is not complex:
        return float(value)
    if (decimal := stdlib_types.number(value)) is not stdlib_types.MISSING:
        return float(decimal)
    _check_digits("float", value)
    try:
        return float(value)
    except ValueError:
        raise EvaluationError("The text is not a number.") from None


def _check_digits(name: str, value: Any) -> None:
    if type(value) is not str and type(value) is not bytes:
        if id(type(value)) not in data.SCALARS and id(type(value)) not in data.SIZED:
            data.refuse(value, f"The {name} of")
        raise EvaluationError(f"`{name}` does not take {data.article(value)}.")
    if len(value) > limits.NUMBER_LENGTH:
        raise EvaluationError(f"`{name}` takes at most {limits.NUMBER_LENGTH:,} characters.")


def truth(_budget: Budget, value: Any = False) -> bool:
    return data.truth(value)


def representation(budget: Budget, value: Any) -> str:
    return text.representation(value, budget)


def absolute(_budget: Budget, value: Any) -> Any:
    if stdlib_types.number(value) is not stdlib_types.MISSING:
        return value.copy_abs()
    return abs(_number("abs", value))


def rounded(_budget: Budget, value: Any, digits: Any = None) -> Any:
    _number("round", value)
    if type(value) is complex:
        raise EvaluationError("`round` does not take a complex.")
    if digits is None and type(value) is float and not math.isfinite(value):
        raise EvaluationError("`round` does not take infinity or NaN.")
    # Rounding an integer calculates 10 to this power.
    if digits is not None and (id(type(digits)) not in data.INTEGERS or abs(digits) > limits.FORMAT_WIDTH):
        raise EvaluationError(f"The digits of `round` must be an integer of at most {limits.FORMAT_WIDTH}.")
    return round(value, digits)


def _number(name: str, value: Any) -> Any:
    if id(type(value)) in data.NUMBERS:
        _check_integer(value)
        return value
    if id(type(value)) not in data.SCALARS and id(type(value)) not in data.SIZED:
        data.refuse(value, f"The {name} of")
    raise EvaluationError(f"`{name}` does not take {data.article(value)}.")


def _check_integer(value: Any) -> None:
    if type(value) is int and value.bit_length() > limits.INTEGER_BITS:
        raise EvaluationError(f"The number has more than {limits.INTEGER_BITS:,} bits, too many to calculate with.")


FUNCTIONS: Mapping[str, tuple[Function, int, int, frozenset[str]]] = {
    "any": (any_of, 1, 1, frozenset()),
    "all": (all_of, 1, 1, frozenset()),
    "sum": (total, 1, 2, frozenset({"start"})),
    "min": (smallest, 1, 50, frozenset({"default"})),
    "max": (largest, 1, 50, frozenset({"default"})),
    "sorted": (in_order, 1, 1, frozenset({"reverse"})),
    "str": (string, 0, 1, frozenset()),
    "int": (integer, 0, 2, frozenset({"base"})),
    "float": (floating, 0, 1, frozenset()),
    "bool": (truth, 0, 1, frozenset()),
    "repr": (representation, 1, 1, frozenset()),
    "abs": (absolute, 1, 1, frozenset()),
    "round": (rounded, 1, 2, frozenset()),
}
"""Each one's implementation, which takes the budget first; its fewest and most positional arguments; its keywords."""

FUNCTION_NAMES = tuple(sorted((*FUNCTIONS, "len", "isinstance")))
"""Everything that can be called."""

TYPES: Mapping[str, type] = {
    kind.__name__: kind for kind in (int, float, complex, bool, str, bytes, list, tuple, dict, set, frozenset)
}
"""What `isinstance` can ask for."""
