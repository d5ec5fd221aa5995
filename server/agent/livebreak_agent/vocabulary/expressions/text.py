"""Text of plain data: `str`, `repr` and format specifications, in bounded time and length."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import Any

from livebreak_agent.vocabulary.expressions import data, limits, spending, stdlib_types
from livebreak_agent.vocabulary.expressions.data import NotCaptured, Record
from livebreak_agent.vocabulary.expressions.errors import EvaluationError, ExpressionError
from livebreak_agent.vocabulary.expressions.spending import Budget

_SPEC = re.compile(
    r"(?:.?[<>=^])?[-+ ]?z?#?0?(?P<width>\d*)[,_]?(?:\.(?P<precision>\d+))?[bcdeEfFgGosxX%]?",
    re.DOTALL,
)


def check_spec(spec: str, column: int | None = None) -> None:
    """`ExpressionError` unless the format specification is one of Python's own and of a bounded width."""
    found = _SPEC.fullmatch(spec)
    if found is None:
        raise ExpressionError(f"{spec!r} is not a format specification for numbers and texts, such as `.2f` or `>10`.", column)
    for size in (found["width"], found["precision"]):
        if size and (len(size) > 6 or int(size) > limits.FORMAT_WIDTH):
            raise ExpressionError(f"The width and precision of a format are {limits.FORMAT_WIDTH} at most.", column)


def shown(value: Any, conversion: str, spec: str, budget: Budget) -> str:
    """What an f-string makes of `{value!conversion:spec}`; conversion is `r`, `s`, `a` or empty."""
    if conversion == "r":
        value = representation(value, budget)
    elif conversion == "s":
        value = string(value, budget)
    elif conversion == "a":
        value = representation(value, budget).encode("ascii", "backslashreplace").decode("ascii")
    if not spec:
        return value if conversion else string(value, budget)
    if id(type(value)) not in data.SCALARS or value is None or type(value) is bytes:
        raise EvaluationError(f"A format specification goes with numbers and texts, not with {data.article(value)}; add !s.")
    _check_size(value, budget)
    try:
        return format(value, spec)
    except (ValueError, OverflowError):
        raise EvaluationError(f"The format {spec!r} does not go with {data.article(value)}.") from None


def joined(parts: tuple[str, ...], budget: Budget) -> str:
    spending.charge_text(budget, sum(map(len, parts)))
    return "".join(parts)


def string(value: Any, budget: Budget) -> str:
    """`str(value)` of plain data."""
    if type(value) is str:
        data.check_text(value, budget)
        return value
    if type(value) is Record and value.text is not None:
        return value.text
    if (plain := stdlib_types.string(value)) is not None:
        spending.charge_text(budget, len(plain))
        return plain
    return representation(value, budget)


def representation(value: Any, budget: Budget) -> str:
    """`repr(value)` of plain data; `EvaluationError` where there is an object in it."""
    return _write(value, budget, limits.NESTING, (), _refuse_object)


def described(value: Any, budget: Budget) -> str:
    """`str(value)` for a person: objects by the name of their type, what was cut by the reason."""
    if type(value) is str:
        data.check_text(value, budget)
        return value
    return _write(value, budget, limits.NESTING, (), _name_object)


_Objects = Callable[[Any], str]


def _refuse_object(value: Any) -> str:
    data.refuse(value, "The text of")


def _name_object(value: Any) -> str:
    if type(value) is NotCaptured:
        return f"<not captured: {value.reason}>"
    if type(value) is Record and value.text is not None:
        return value.text
    if (plain := stdlib_types.string(value)) is not None:
        return plain
    return f"<{data.type_name(value)}>"


def _check_size(value: Any, budget: Budget) -> None:
    """Pays for the text of a scalar. The text of an integer takes quadratic time."""
    kind = type(value)
    if kind is str or kind is bytes:
        spending.charge_text(budget, len(value))
    elif kind is int and value.bit_length() > limits.INTEGER_BITS:
        raise EvaluationError(f"The number has more than {limits.INTEGER_BITS:,} bits, too many to write as text.")


def _write(value: Any, budget: Budget, depth: int, around: tuple[int, ...], write_object: _Objects) -> str:
    kind = type(value)
    if value is data.REDACTED:
        return _REDACTED
    if id(kind) in data.SCALARS:
        data.check_text(value, budget)
        _check_size(value, budget)
        return repr(value)
    if id(kind) not in data.SIZED:
        plain = stdlib_types.representation(value)
        if plain is None:
            return write_object(value)
        spending.charge_text(budget, len(plain))
        return plain
    if kind is range:
        for number in (value.start, value.stop, value.step):
            _check_size(number, budget)
        return repr(value)
    opened, closed = _brackets(kind, value)
    if id(value) in around:
        return _CYCLES[kind]
    if depth == 0:
        raise EvaluationError(f"The value is nested more than {limits.NESTING} levels deep, too deep to write as text.")
    around = (*around, id(value))
    if kind is dict:
        spending.charge(budget, len(value))
        secrets = budget[1]
        parts = []
        for key, item in list(value.items()):
            shown = data.REDACTED if secrets is not None and data.is_secret_key(key, secrets) else item
            name = _write(key, budget, depth - 1, around, write_object)
            parts.append(f"{name}: {_write(shown, budget, depth - 1, around, write_object)}")
    else:
        parts = [_write(item, budget, depth - 1, around, write_object) for item in data.elements(value, budget)]
    spending.charge_text(budget, sum(map(len, parts)) + 2 * len(parts))
    return opened + ", ".join(parts) + closed


_REDACTED = "<redacted>"
"""In the place of what is secret within a container; by itself that is an error in `str` and `repr`."""

_CYCLES: dict[type, str] = {
    list: "[...]",
    tuple: "(...)",
    dict: "{...}",
    deque: "[...]",
    set: "set(...)",
    frozenset: "frozenset(...)",
}


def _brackets(kind: type, value: Any) -> tuple[str, str]:
    count = len(value)
    if kind is list:
        return "[", "]"
    if kind is tuple:
        return "(", ",)" if count == 1 else ")"
    if kind is dict:
        return "{", "}"
    if kind is deque:
        return "deque([", "])" if value.maxlen is None else f"], maxlen={value.maxlen})"
    if kind is set:
        return ("{", "}") if count else ("set(", ")")
    return ("frozenset({", "})") if count else ("frozenset(", ")")
