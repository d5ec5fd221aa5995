"""Instances of subclasses of built-in types: string enums, named tuples, ordered dicts, an application's own kind of list.

They are read as what they are derived from, by the built-in type's own functions. That is right only while the class has
no method of its own for what is asked; where it has one, only the application's code could answer.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from itertools import islice
from typing import Any

_mro_of: Any = type.__dict__["__mro__"].__get__
_dict_of: Any = type.__dict__["__dict__"].__get__

_BASES: tuple[tuple[type, Any, Any], ...] = (
    (str, str.__len__, lambda value, _: str.__getitem__(value, slice(None))),
    (int, None, lambda value, _: int.__add__(value, 0)),
    (float, None, lambda value, _: float.__add__(value, 0.0)),
    (bytes, bytes.__len__, lambda value, _: bytes.__getitem__(value, slice(None))),
    (tuple, tuple.__len__, lambda value, limit: tuple(islice(tuple.__iter__(value), limit))),
    (list, list.__len__, lambda value, limit: list.__getitem__(value, slice(limit))),
    (dict, dict.__len__, lambda value, limit: dict_of(islice(dict.items(value), limit))),
    (set, set.__len__, None),
    (frozenset, frozenset.__len__, None),
    (deque, deque.__len__, lambda value, limit: list(islice(deque.__iter__(value), limit))),
)
"""Each with its length and with what makes an exact copy of the first items. Copying a set would hash its items."""

_TRUSTED = (OrderedDict, defaultdict)
"""Subclasses whose own methods are written in C, and do what those of `dict` do."""


def dict_of(pairs: Any) -> dict[Any, Any] | None:
    """A dict of pairs whose keys are all plain texts or numbers, so that hashing them runs only built-in code."""
    copied = {}
    for key, value in pairs:
        if type(key) is not str and type(key) is not int and key is not None and type(key) is not bytes:
            return None
        copied[key] = value
    return copied


def exact(value: Any, limit: int, *methods: str) -> Any:
    """The value as an exact built-in: a copy, at most `limit` items long and one more where it has more.

    None if it is not derived from a built-in type, or if one of its classes has one of these methods.
    """
    base = _base_of(type(value), methods)
    if base is None or base[2] is None:
        return None
    return base[2](value, max(limit, 0) + 1)


def cost(value: Any) -> int:
    """The steps that a copy is worth."""
    kind = type(value)
    if kind is str or kind is bytes:
        return len(value) // 100
    return len(value) if kind is tuple or kind is list or kind is dict else 1


def length(value: Any) -> int | None:
    """`len(value)`, or None if that is not for this module to say."""
    base = _base_of(type(value), ("__len__",))
    return None if base is None or base[1] is None else int(base[1](value))


def truth(value: Any) -> bool | None:
    """`bool(value)`, or None if that is not for this module to say."""
    base = _base_of(type(value), ("__len__", "__bool__"))
    if base is None:
        return None
    return bool(base[1](value)) if base[1] is not None else bool(base[2](value, 0))


def _base_of(kind: type, methods: tuple[str, ...]) -> tuple[type, Any, Any] | None:
    """The built-in type that a class is derived from, without being it."""
    for base in _mro_of(kind):
        for entry in _BASES:
            if entry[0] is base:
                return None if base is kind else entry
        if any(base is trusted for trusted in _TRUSTED):
            continue
        members = _dict_of(base)
        if any(method in members for method in methods):
            return None
    return None
