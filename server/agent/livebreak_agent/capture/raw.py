"""Reading objects as the interpreter itself does, so that no code of the application runs.

A class may answer `obj.field`, `type.__name__`, `hash(cls)` and even `obj.__dict__` and `obj.__class__` with code of its
own. So everything here goes through the descriptors of exact built-in types, and classes are compared by identity.
"""

from __future__ import annotations

import types
from itertools import islice
from typing import Any

mro: Any = type.__dict__["__mro__"].__get__
"""The classes of a class, itself first."""

members: Any = type.__dict__["__dict__"].__get__
"""The namespace of a class."""

_qualname: Any = type.__dict__["__qualname__"].__get__
_module: Any = type.__dict__["__module__"].__get__

_NAMESPACES_IN_SLOTS = frozenset({"__pydantic_extra__", "__pydantic_private__"})
"""Slots that hold a dict of further fields: what a pydantic model takes beside its declared ones, and its private ones."""

_LONGEST_NAME = 300
"""Characters of a type's or function's name that are kept: generated classes may have names of any length."""


def filename_of(code: types.CodeType) -> str:
    """The file's name as exactly a text: the application may have put one of a class of its own there."""
    name: str = code.co_filename
    return name if type(name) is str else str.__str__(name)


def text(value: object) -> str | None:
    """An exact `str`, cut where it is very long, or None where there is no text. A subclass of `str` may behave as it likes."""
    kind = type(value)
    if kind is str:
        return value[:_LONGEST_NAME]  # type: ignore[index,no-any-return]  # its exact type is known
    if is_kind(kind, str):
        return str.__getitem__(value, slice(_LONGEST_NAME))  # type: ignore[index]  # it is a subclass of str
    return None


def is_kind(kind: type, base: type) -> bool:
    """`issubclass`, without a metaclass being asked."""
    return any(one is base for one in mro(kind))


def type_name(kind: type) -> str:
    """`int`, `shop.cart.Cart`."""
    name = text(_qualname(kind)) or "?"
    try:
        module = text(_module(kind))
    except AttributeError:
        return name
    return name if module is None or module == "builtins" else f"{module}.{name}"


def qualified_name(function: Any) -> str:
    """`shop.cart.total`, of an exact function, generator, coroutine or built-in function."""
    name = text(getattr(function, "__qualname__", None)) or text(getattr(function, "__name__", None)) or "?"
    module = text(getattr(function, "__module__", None))
    return name if module is None else f"{module}.{name}"


def namespaces(kind: type) -> tuple[Any, ...]:
    """What gives the `__dict__` of an instance: usually one descriptor, none for classes with slots alone."""
    found = []
    for base in mro(kind):
        descriptor = members(base).get("__dict__")
        if type(descriptor) is types.GetSetDescriptorType or type(descriptor) is types.MemberDescriptorType:
            found.append(descriptor.__get__)
    return tuple(found[:1])


def slots(kind: type) -> tuple[tuple[str, Any], ...]:
    """Names and readers of the fields that have a place of their own: `__slots__`, and the public ones of types written in C.

    Those of a base come first, and each class's own in the order of its `__slots__`, in which its fields were defined.
    """
    found: dict[str, Any] = {}
    for base in reversed(mro(kind)):
        own = {
            name: member.__get__
            for name, member in list(members(base).items())
            if type(name) is str
            and type(member) is types.MemberDescriptorType
            and (not name.startswith("__") or name in _NAMESPACES_IN_SLOTS)
        }
        declared = members(base).get("__slots__")
        # The interpreter keeps them sorted by name.
        in_order = [name for name in declared if type(name) is str and name in own] if type(declared) is tuple else []
        found |= {name: own[name] for name in in_order} | own
    return tuple(found.items())


def entries(namespace: Any, limit: int) -> list[tuple[Any, Any]]:
    """The first entries of a dict or of a subclass, in one step, so that no other thread changes it meanwhile."""
    return list(islice(dict.items(namespace), limit))


def fields(value: object, limit: int) -> tuple[list[tuple[str, Any]], int]:
    """The first fields that can be read without the object's code, of its `__dict__`, then its slots; and how many there are."""
    kind = type(value)
    found: list[tuple[str, Any]] = []
    size = 0
    for namespace_of in namespaces(kind):
        namespace = namespace_of(value)
        if is_kind(type(namespace), dict):
            size += dict.__len__(namespace)
            found += [(name, item) for name, item in entries(namespace, limit) if type(name) is str]
    for name, read in slots(kind):
        try:
            item = read(value)
        except AttributeError:
            continue
        if name in _NAMESPACES_IN_SLOTS:
            if is_kind(type(item), dict):
                size += dict.__len__(item)
                found += [(inner, further) for inner, further in entries(item, limit - len(found)) if type(inner) is str]
            continue
        size += 1
        if len(found) < limit:
            found.append((name, item))
    return found, size
