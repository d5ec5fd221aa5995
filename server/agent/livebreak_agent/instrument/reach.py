"""The code and the functions of a module that is already loaded, found from its names on, without looking at the whole heap.

Searching the heap for functions stops every thread for 28 to 190 ms. So this goes where code usually is kept: the module's
names, classes, what decorators wrapped, closures, and the registries of applications, and stops at a bound.
"""

from __future__ import annotations

import functools
import sys
import types
from collections import deque
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from livebreak_agent.capture import raw

OBJECTS = 20_000
"""Objects that are looked at in one module: some 20 ms on the agent's thread, which the others interrupt."""

ITEMS = 2_000
"""Items of one container, such as an application's routes."""

DEPTH = 6
"""Steps from the module's names to a function: application, router, list, route, wrapper, function."""

STACK = 2_000
"""Frames of one thread that are looked at."""


def file_of(module: object) -> str | None:
    """The module's file, without asking the module, which may be of a class that loads things when it is asked."""
    if not raw.is_kind(type(module), types.ModuleType):
        return None
    name = dict.get(_namespace(module), "__file__")
    return name if type(name) is str else None


class Modules:
    """The loaded modules by their files, kept in step with `sys.modules`: large applications have thousands."""

    def __init__(self) -> None:
        self._identities: list[int] = []
        """The `id` of each module at the last look."""
        self._seen: dict[str, int] = {}
        """The `id` of what was in `sys.modules`, by its key there."""
        self._files: dict[str, str] = {}
        """The file of a module, by the same key."""
        self._keys: dict[str, dict[str, None]] = {}
        """The keys of the modules whose files have the same last name."""

    def in_files(self, names: AbstractSet[str]) -> dict[str, list[object]]:
        """The modules of files with these last names, by file."""
        identities = list(map(id, list(sys.modules.values())))
        if identities != self._identities:
            # One by one only if some are others: large applications have thousands.
            self._identities = identities
            for key, module in list(sys.modules.items()):
                # Another key's own code would be run to look it up.
                if type(key) is str and self._seen.get(key) != id(module):
                    self._look_at(key, module)
        found: dict[str, list[object]] = {}
        for name in names:
            for key in list(self._keys.get(name, ())):
                if key in sys.modules:
                    found.setdefault(self._files[key], []).append(sys.modules[key])
                else:
                    self._forget(key)
        return found

    def _look_at(self, key: str, module: object) -> None:
        self._forget(key)
        filename = file_of(module)
        # The main module is there from the beginning, and is told its file when it begins to run.
        if filename is not None or key not in ("__main__", "__mp_main__"):
            self._seen[key] = id(module)
        if filename is not None:
            self._files[key] = filename
            self._keys.setdefault(last_name(filename), {})[key] = None

    def _forget(self, key: str) -> None:
        self._seen.pop(key, None)
        filename = self._files.pop(key, None)
        if filename is not None:
            self._keys[last_name(filename)].pop(key, None)


def last_name(filename: str) -> str:
    """Of a path, in the way of any system."""
    return filename.replace("\\", "/").rpartition("/")[2]


def functions(module: object, filename: str) -> list[types.FunctionType]:
    """The functions that can be found from a module and whose code is of the file."""
    found = []
    seen: dict[int, object] = {}
    named = [value for name, value in list(dict.items(_namespace(module))) if type(name) is not str or not name.startswith("__")]
    waiting: deque[tuple[object, int]] = deque((value, DEPTH) for value in named)
    while waiting and len(seen) < OBJECTS:
        value, depth = waiting.popleft()
        if id(value) in seen or id(type(value)) in _LEAVES:
            continue
        seen[id(value)] = value
        if type(value) is types.FunctionType:
            if raw.filename_of(value.__code__) == filename:
                found.append(value)
            if not (value.__closure__ or value.__defaults__ or value.__kwdefaults__ or value.__dict__):
                # It leads nowhere, as most functions do.
                continue
        if depth:
            waiting.extend((inner, depth - 1) for inner in _within(value, filename))
    return found


def running(filename: str) -> list[types.CodeType]:
    """The code of the file that threads are in at this moment, the body of a module or of a main program included."""
    found: dict[int, types.CodeType] = {}
    for frame in sys._current_frames().values():  # noqa: SLF001 -- there is no other way to other threads' frames
        current: types.FrameType | None = frame
        for _ in range(STACK):
            if current is None:
                break
            if raw.filename_of(current.f_code) == filename:
                found[id(current.f_code)] = current.f_code
            current = current.f_back
    return list(found.values())


_namespace: Any = vars(types.ModuleType)["__dict__"].__get__

_LEAVES = frozenset(
    map(
        id,
        (
            str, int, float, bool, bytes, complex, types.NoneType, types.ModuleType, types.CodeType, types.BuiltinFunctionType,
            types.GetSetDescriptorType, types.MemberDescriptorType, types.WrapperDescriptorType, types.MethodDescriptorType,
        ),
    )
)  # fmt: skip
"""Types that lead to no function; another module is looked at for its own sake."""

_WRAPPERS: dict[int, tuple[str, ...]] = {
    id(staticmethod): ("__func__",),
    id(classmethod): ("__func__",),
    id(property): ("fget", "fset", "fdel"),
    id(types.MethodType): ("__func__",),
    id(functools.partial): ("func",),
}
"""Attributes of exact built-in types that are read from C structures."""


def _within(value: Any, filename: str) -> Iterator[object]:
    """What an object holds that could lead to a function."""
    kind = type(value)
    names = _WRAPPERS.get(id(kind))
    if names is not None:
        yield from (getattr(value, name) for name in names)
    elif kind is types.FunctionType:
        yield from _of_function(value)
    elif raw.is_kind(kind, type):
        yield from _of_class(value, filename)
    elif raw.is_kind(kind, dict):
        yield from (item for _, item in raw.entries(value, ITEMS))
    elif kind is list or kind is tuple or kind is set or kind is frozenset or kind is deque:
        yield from list(value)[:ITEMS]
    else:
        yield from (item for _, item in raw.fields(value, ITEMS)[0])


def _of_function(function: types.FunctionType) -> Iterator[object]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # It is not filled yet.
            continue
    yield from (item for _, item in raw.entries(function.__dict__, ITEMS))
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()


def _of_class(kind: type, filename: str) -> Iterator[object]:
    """The members of a class; not of one that was imported from another module, unless its methods are from here."""
    module = sys.modules.get(str(raw.members(kind).get("__module__")))
    if module is not None and file_of(module) not in (None, filename):
        return
    yield from list(raw.members(kind).values())


def size_of(module: object) -> int:
    """How many names a module has."""
    return dict.__len__(_namespace(module))
