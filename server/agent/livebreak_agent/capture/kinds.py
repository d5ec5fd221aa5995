"""What to make of a type: one reader for each kind of value.

The exact built-in types are found by the `id` of the type; every other class is looked at once, by the classes it is made of, and
remembered for as long as it lives. A reader only uses functions of those built-in types, never what a class says of itself.
"""

from __future__ import annotations

import types
import weakref
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any

from livebreak_agent.capture import arrays, raw, stdlib
from livebreak_agent.vocabulary.expressions import NotCaptured

if TYPE_CHECKING:
    from livebreak_agent.capture.values import Walk

Reader = Callable[["Walk", Any, type, int], Any]
"""Takes the walk, the value, its type and the levels that are left; gives JSON."""

_REMEMBERED_CLASSES = 2_048
"""Classes whose reader is kept; an application whose classes are more than this is looked at again now and then."""

_module_namespace: Any = vars(types.ModuleType)["__dict__"].__get__

_known: dict[int, tuple[weakref.ref[type], Reader]] = {}


def reader_of(kind: type) -> Reader:
    """The reader for a class that is not in `BUILT_IN`."""
    known = _known.get(id(kind))
    if known is not None and known[0]() is kind:
        return known[1]
    reader = _classify(kind)
    if len(_known) >= _REMEMBERED_CLASSES:
        _known.clear()
    _known[id(kind)] = (weakref.ref(kind), reader)
    return reader


def is_number(kind: type) -> bool:
    """Whether the text of such a value is a number's."""
    return (
        raw.is_kind(kind, int)
        or raw.is_kind(kind, float)
        or raw.is_kind(kind, complex)
        or stdlib.is_a(kind, "decimal", "Decimal")
    )


def _list(walk: Walk, value: Any, kind: type, depth: int) -> Any:
    return walk.sequence(value, kind, list.__getitem__(value, slice(walk.extent.items)), list.__len__(value), depth)


def _tuple(walk: Walk, value: Any, kind: type, depth: int) -> Any:
    return walk.sequence(value, kind, list(islice(tuple.__iter__(value), walk.extent.items)), tuple.__len__(value), depth)


def _named_tuple(walk: Walk, value: Any, kind: type, depth: int) -> Any:
    names = _field_names(kind) or ()
    pairs = list(islice(zip(names, tuple.__iter__(value), strict=False), walk.extent.fields))
    return walk.object(value, kind, pairs, tuple.__len__(value), depth)


def _dict(walk: Walk, value: Any, kind: type, depth: int) -> Any:
    return walk.mapping(value, kind, raw.entries(value, walk.extent.items), dict.__len__(value), depth)


def _set(walk: Walk, value: Any, kind: type, depth: int) -> Any:
    return walk.sequence(value, kind, list(islice(set.__iter__(value), walk.extent.items)), set.__len__(value), depth)


def _frozen_set(walk: Walk, value: Any, kind: type, depth: int) -> Any:
    return walk.sequence(value, kind, list(islice(frozenset.__iter__(value), walk.extent.items)), frozenset.__len__(value), depth)


def _deque(walk: Walk, value: Any, kind: type, depth: int) -> Any:
    return walk.sequence(value, kind, list(islice(deque.__iter__(value), walk.extent.items)), deque.__len__(value), depth)


def _string(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    """A subclass of `str`; one character more than the limit is enough to mark the cut."""
    size = str.__len__(value)
    shown = walk.shown(kind, str.__getitem__(value, slice(walk.extent.string_length + 1)))
    return shown | {"$size": size} if "$size" in shown else shown


def _bytes(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    return walk.bytes_like(kind, bytes.__getitem__(value, slice(walk.extent.string_length)), bytes.__len__(value))


def _byte_array(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    return walk.bytes_like(kind, bytes(bytearray.__getitem__(value, slice(walk.extent.string_length))), bytearray.__len__(value))


def _integer(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    return walk.integer(value, kind)


def _float(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    return walk.shown(kind, float.__repr__(value))


def _complex(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    return walk.shown(kind, complex.__repr__(value))


def _range(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    return walk.named_thing(kind, repr(value))


def _ellipsis(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    return walk.named_thing(kind, repr(value))


def _function(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    return walk.named_thing(kind, raw.qualified_name(value))


def _built_in_function(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    # Its qualified name asks the class of the object that it is bound to.
    return walk.named_thing(kind, value.__name__)


def _method(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    function = value.__func__
    is_plain = type(function) is types.FunctionType
    return walk.named_thing(kind, raw.qualified_name(function) if is_plain else raw.type_name(type(function)))


def _module(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    namespace = _module_namespace(value)
    return walk.named_thing(kind, raw.text(dict.get(namespace, "__name__")) or "?")


def _class(walk: Walk, value: Any, kind: type, _depth: int) -> Any:
    return walk.named_thing(kind, raw.type_name(value))


def _exception(walk: Walk, value: Any, kind: type, depth: int) -> Any:
    arguments = ("args", BaseException.__dict__["args"].__get__(value))
    pairs, size = raw.fields(value, walk.extent.fields)
    return walk.object(value, kind, [arguments, *pairs], size + 1, depth)


def _object(walk: Walk, value: Any, kind: type, depth: int) -> Any:
    pairs, size = raw.fields(value, walk.extent.fields)
    return walk.object(value, kind, pairs, size, depth)


def _not_captured(walk: Walk, value: Any, _kind: type, _depth: int) -> Any:
    return walk.not_captured(value.reason, value.size)


def _opaque(walk: Walk, _value: Any, kind: type, _depth: int) -> Any:
    return walk.opaque(kind)


def _field_names(kind: type) -> tuple[str, ...] | None:
    """The names of a named tuple's items."""
    for base in raw.mro(kind):
        names = raw.members(base).get("_fields")
        if type(names) is tuple:
            return names if all(type(name) is str for name in names) else None
    return None


def _text_reader(text_of: Callable[[Any], str | None]) -> Reader:
    def read(walk: Walk, value: Any, kind: type, depth: int) -> Any:
        text = text_of(value)
        return _plain_reader(kind)(walk, value, kind, depth) if text is None else walk.shown(kind, text)

    return read


BUILT_IN: dict[int, Reader] = {
    id(kind): reader
    for kind, reader in {
        list: _list,
        tuple: _tuple,
        dict: _dict,
        set: _set,
        frozenset: _frozen_set,
        deque: _deque,
        bytes: _bytes,
        bytearray: _byte_array,
        complex: _complex,
        range: _range,
        type(...): _ellipsis,
        type(NotImplemented): _ellipsis,
        type: _class,
        types.FunctionType: _function,
        types.GeneratorType: _function,
        types.CoroutineType: _function,
        types.AsyncGeneratorType: _function,
        types.BuiltinFunctionType: _built_in_function,
        types.MethodType: _method,
        types.ModuleType: _module,
        object: _object,
        NotCaptured: _not_captured,
    }.items()
}

_BASES: tuple[tuple[type, Reader], ...] = (
    (BaseException, _exception),
    (types.ModuleType, _module),
    (str, _string),
    (int, _integer),
    (float, _float),
    (complex, _complex),
    (bytes, _bytes),
    (bytearray, _byte_array),
    (list, _list),
    (dict, _dict),
    (set, _set),
    (frozenset, _frozen_set),
    (deque, _deque),
)
"""What a class may be derived from, and how such values are read. An enum is looked for before these."""


def _classify(kind: type) -> Reader:
    if raw.is_kind(kind, type):
        return _class
    reader = arrays.reader_of(kind)
    if reader is not None:
        return reader  # type: ignore[no-any-return]  # it has the same signature, without importing this module
    text_of = stdlib.text_of(kind)
    if text_of is not None:
        return _text_reader(text_of)
    if raw.is_kind(kind, tuple):
        return _tuple if _field_names(kind) is None else _named_tuple
    for base, reader in _BASES:
        if raw.is_kind(kind, base):
            return reader
    return _plain_reader(kind)


def _plain_reader(kind: type) -> Reader:
    """Of a class that is no kind of built-in value: its fields, if there can be any that are readable."""
    is_without_state = any("__slots__" in raw.members(base) for base in raw.mro(kind))
    return _object if raw.namespaces(kind) or raw.slots(kind) or is_without_state else _opaque
