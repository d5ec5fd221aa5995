"""Arrays of NumPy and tables of pandas, by what they are: shape, type, columns, and the first numbers.

Their own text would be long, slow, and Python code of theirs. The attributes that are read here are C descriptors of the
libraries' own classes, which only exact instances of those are given to. As with the standard library's classes, a library
that is not loaded is not looked for further.
"""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any

from livebreak_agent.capture import raw
from livebreak_agent.vocabulary.captured import Cut
from livebreak_agent.vocabulary.expressions import NotCaptured

if TYPE_CHECKING:
    from livebreak_agent.capture.values import Walk

_HEAP_TYPE = 1 << 9
"""Set in the flags of each class that Python code made."""

_NAMES = {"b": "bool", "i": "int", "u": "uint", "f": "float", "c": "complex"}
"""The kinds of numbers, whose names are followed by their bits."""

_NUMBERS = frozenset(_NAMES)

_WIDEST = 16
"""Bytes of a number that Python has, too: a complex one of two floats. Wider ones are NumPy's own."""


def reader_of(kind: type) -> Any:
    """The reader (see `kinds.Reader`) for a class of these libraries, None for any other."""
    if kind is _class("numpy", "ndarray"):
        return _array
    generic = _class("numpy", "generic")
    if generic is not None and raw.is_kind(kind, generic) and not type.__dict__["__flags__"].__get__(kind) & _HEAP_TYPE:
        return _number
    if kind is _class("pandas", "DataFrame"):
        return _frame
    if kind is _class("pandas", "Series"):
        return _series
    if kind is _class("pandas", "Categorical"):
        return _categorical
    return None


def _class(module: str, name: str) -> type | None:
    loaded = sys.modules.get(module)
    found = loaded.__dict__.get(name) if type(loaded) is types.ModuleType else None
    return found if raw.is_kind(type(found), type) else None


def _array(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    shape, dtype = _read(kind, "shape", value), _read(kind, "dtype", value)
    facts: list[tuple[str, Any]] = [("shape", list(shape))]
    if _read(type(dtype), "kind", dtype) in _NUMBERS and _read(type(dtype), "itemsize", dtype) <= _WIDEST:
        facts.append(("first", _first(value, walk.extent.items)))
    return walk.facts(value, kind, facts, {"dtype": _dtype_name(dtype)})


def _number(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    plain = raw.members(_class("numpy", "generic") or kind)["item"](value)
    if type(plain) is int or type(plain) is float or type(plain) is bool or type(plain) is complex:
        return walk.shown(kind, repr(plain), is_number=True)
    if type(plain) is str:
        return walk.shown(kind, plain)
    # A date is one of the standard library's; wide numbers, records and the like stay what they are.
    return walk.facts(value, kind, [("item", plain)], {}) if type(plain) is not kind else walk.opaque(kind)


def _frame(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    axes = _member(_member(value, "_mgr"), "axes")
    if type(axes) is not list or len(axes) != 2:
        return walk.opaque(kind)
    names, count = _labels(axes[0], walk.extent.items)
    _, rows = _labels(axes[1], 0)
    facts: list[tuple[str, Any]] = [("shape", [rows, count]), ("columns", names)]
    types_of = _types_of_columns(value, len(names))
    return walk.facts(value, kind, facts, {"dtypes": types_of} if any(types_of) else {})


def _series(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    name = dict(raw.fields(value, _FIELDS)[0]).get("_name")
    blocks = _blocks(value)
    values = _member(blocks[0], "values") if blocks else None
    array = _array_of(values)
    facts: list[tuple[str, Any]] = [("name", name)]
    if array is None:
        return walk.facts(value, kind, facts, {} if values is None else {"dtype": raw.type_name(type(values))})
    is_secret = type(name) is str and walk.redaction.hides(name)
    if type(values) is _class("pandas", "Categorical"):
        return walk.facts(value, kind, facts + _of_categorical(walk, values, array, is_secret=is_secret), {"dtype": "category"})
    facts.append(("shape", list(_read(type(array), "shape", array))))
    dtype = _read(type(array), "dtype", array)
    if array is values and _read(type(dtype), "kind", dtype) in _NUMBERS and _read(type(dtype), "itemsize", dtype) <= _WIDEST:
        facts.append(("first", NotCaptured(reason=Cut.REDACTED) if is_secret else _first(array, walk.extent.items)))
    return walk.facts(value, kind, facts, {"dtype": _dtype_name(dtype) if array is values else raw.type_name(type(values))})


def _categorical(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    codes = _array_of(value)
    return walk.opaque(kind) if codes is None else walk.facts(value, kind, _of_categorical(walk, value, codes), {})


def _of_categorical(walk: Walk, value: Any, codes: Any, *, is_secret: bool = False) -> list[tuple[str, Any]]:
    """Its length, its first categories with how many there are, and its first values."""
    shape = ("shape", list(_read(type(codes), "shape", codes)))
    if is_secret:
        return [shape, ("first", NotCaptured(reason=Cut.REDACTED))]
    names, count = _labels(_categories(value), walk.extent.items)
    first = [] if count is None else _decoded(value, codes, walk.extent.items)
    # Categories in a form that is not read here, such as intervals, are numbers without a name.
    return [shape] if count is None else [shape, ("category_count", count), ("categories", names), ("first", first)]


def _categories(value: Any) -> Any:
    return _member(_read(type(value), "_dtype", value), "_categories")


def _decoded(value: Any, codes: Any, limit: int) -> list[Any]:
    """The first values of a categorical: each is the number of a category, less than 0 where there is none."""
    labels = _holder(_categories(value))
    return [None if labels is None or code < 0 else _at(labels, code) for code in _first(codes, limit)]


_FIELDS = 50
"""More than any class here has."""


def _read(kind: Any, name: str, value: Any) -> Any:
    """An attribute by its C descriptor."""
    for base in raw.mro(kind):
        descriptor = raw.members(base).get(name)
        if type(descriptor) is types.GetSetDescriptorType or type(descriptor) is types.MemberDescriptorType:
            return descriptor.__get__(value)
    return None


def _member(value: Any, name: str) -> Any:
    """A field in an object's own `__dict__`, or of a class that is written in C."""
    found = dict(raw.fields(value, _FIELDS)[0]).get(name)
    return _read(type(value), name, value) if found is None else found


def _dtype_name(dtype: Any) -> str:
    kind, size = _read(type(dtype), "kind", dtype), _read(type(dtype), "itemsize", dtype)
    if kind in _NAMES:
        return "bool" if kind == "b" else f"{_NAMES[kind]}{size * 8}"
    return "object" if kind == "O" else str(raw.text(_read(type(dtype), "str", dtype)))


def _blocks(value: Any) -> tuple[Any, ...]:
    blocks = _member(_member(value, "_mgr"), "blocks")
    return blocks if type(blocks) is tuple else ()


def _array_of(values: Any) -> Any:
    """The array that holds the values of one of pandas' own array types; None if they are kept otherwise."""
    array = values if type(values) is _class("numpy", "ndarray") else _read(type(values), "_ndarray", values)
    return array if array is not None and type(array) is _class("numpy", "ndarray") else None


def _first(array: Any, limit: int) -> list[Any]:
    item = type(array).__dict__["item"]
    return [item(array, position) for position in range(min(_read(type(array), "size", array), limit))]


def _labels(index: Any, limit: int) -> tuple[list[Any], int | None]:
    """The first labels of a pandas index, and how many it has."""
    labels = _holder(index)
    if labels is None:
        return [], None
    if type(labels) is range:
        return list(labels[:limit]), len(labels)
    data = dict(raw.fields(index, _FIELDS)[0]).get("_data")
    is_categorical = type(data) is _class("pandas", "Categorical")
    return _decoded(data, labels, limit) if is_categorical else _first(labels, limit), _read(type(labels), "size", labels)


def _holder(index: Any) -> Any:
    """What has the labels of a pandas index: a range, an array (of numbers, if it is categorical), or None if neither."""
    held = dict(raw.fields(index, _FIELDS)[0])
    return held["_range"] if type(held.get("_range")) is range else _array_of(held.get("_data"))


def _at(labels: Any, position: int) -> Any:
    return labels[position] if type(labels) is range else type(labels).__dict__["item"](labels, position)


def _types_of_columns(value: Any, count: int) -> list[Any]:
    """The type of each of the first columns."""
    types_of: list[Any] = [None] * count
    for block in _blocks(value):
        values, where = _member(block, "values"), _member(block, "_mgr_locs")
        columns = _read(type(where), "as_array", where)
        if columns is None or type(columns) is not _class("numpy", "ndarray"):
            continue
        is_array = type(values) is _class("numpy", "ndarray")
        name = _dtype_name(_read(type(values), "dtype", values)) if is_array else raw.type_name(type(values))
        for column in _first(columns, count):
            if type(column) is int and 0 <= column < count:
                types_of[column] = name
    return types_of
