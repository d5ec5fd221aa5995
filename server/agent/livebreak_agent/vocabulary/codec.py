"""Dataclasses to and from JSON: the shapes in `model` and `wire` are declared once, here they are obeyed.

Standard library only, because the agent has no dependencies. A None is left out when written, since an absent key and
a null mean the same to every reader (Neovim hands a null to Lua as a value that is true).
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")

Case = Callable[[str], str]


class ShapeError(ValueError):
    """A message that is not of its declared shape; the text names the place and what was expected there."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path or 'the message'}: {problem}")
        self.path = path
        self.problem = problem


def snake_case(name: str) -> str:
    """The keys of the REST routes: the field's own name."""
    return name


@functools.cache
def camel_case(name: str) -> str:
    """The keys of LSP messages, as that protocol spells its own."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def to_json(value: object, case: Case = snake_case) -> Any:
    """A dataclass, or anything made of dataclasses, as what `json.dumps` takes; keys of plain mappings stay as they are."""
    kind: type = type(value)
    if kind in _PLAIN:
        return value
    if (names := _field_names(kind)) is not None:
        return {case(name): to_json(item, case) for name in names if (item := getattr(value, name)) is not None}
    if isinstance(value, dict):  # before the abstract one, whose check takes longer than the rest
        return {key: item if type(item) in _PLAIN else to_json(item, case) for key, item in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: to_json(item, case) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item, case) for item in value]
    return value


_PLAIN = frozenset({str, int, float, bool, type(None)})


@functools.cache
def _field_names(kind: type) -> tuple[str, ...] | None:
    """None if it is no dataclass."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None


def from_json(kind: type[T], value: object, case: Case = snake_case) -> T:
    """What `to_json` wrote, checked: `ShapeError` names the first place that is not as declared; unknown keys are ignored."""
    return typing.cast("T", _convert(kind, value, case, ""))


def _convert(kind: Any, value: Any, case: Case, path: str) -> Any:
    if kind is Any or kind is object:
        return value
    origin = typing.get_origin(kind)
    if origin is typing.Union or origin is types.UnionType:
        return _convert_optional(typing.get_args(kind), value, case, path)
    if origin is typing.Literal:
        if value not in typing.get_args(kind):
            raise ShapeError(path, f"expected one of {', '.join(map(repr, typing.get_args(kind)))}")
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise ShapeError(path, f"expected a list, got {_name(value)}")
        (item_kind, _) = typing.get_args(kind)
        return tuple(_convert(item_kind, item, case, f"{path}[{index}]") for index, item in enumerate(value))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise ShapeError(path, f"expected an object, got {_name(value)}")
        (_, item_kind) = typing.get_args(kind)
        return {key: _convert(item_kind, item, case, f"{path}.{key}") for key, item in value.items()}
    if dataclasses.is_dataclass(kind):
        return _convert_dataclass(kind, value, case, path)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError:
            raise ShapeError(path, f"expected one of {', '.join(repr(item.value) for item in kind)}") from None
    return _convert_scalar(kind, value, path)


def _convert_optional(kinds: tuple[Any, ...], value: Any, case: Case, path: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    kinds = tuple(kind for kind in kinds if kind is not type(None))
    for kind in kinds[:-1]:
        try:
            return _convert(kind, value, case, path)
        except ShapeError:
            continue
    return _convert(kinds[-1], value, case, path)


def _convert_dataclass(kind: Any, value: Any, case: Case, path: str) -> Any:
    if not isinstance(value, Mapping):
        raise ShapeError(path, f"expected an object, got {_name(value)}")
    hints = _hints(kind)
    arguments = {}
    for field in dataclasses.fields(kind):
        key = case(field.name)
        place = f"{path}.{key}" if path else key
        if key in value and (value[key] is not None or _accepts_none(hints[field.name])):
            arguments[field.name] = _convert(hints[field.name], value[key], case, place)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ShapeError(place, "is required")
    return kind(**arguments)


def _convert_scalar(kind: Any, value: Any, path: str) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ShapeError(path, f"expected {_SCALARS.get(kind, kind.__name__)}, got {_name(value)}")
    return value


_SCALARS = {str: "a string", int: "an integer", float: "a number", bool: "true or false"}


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


@functools.cache
def _accepts_none(kind: Any) -> bool:
    return kind is Any or kind is object or type(None) in typing.get_args(kind)


def _name(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    return _SCALARS.get(type(value), type(value).__name__)
