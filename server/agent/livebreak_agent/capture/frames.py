"""A moment of a thread: the variables of its frames and of their module, the stack, and the thread.

All of this runs on the application's thread; what can wait is left to the uplink's, such as the line numbers of the stack.
"""

from __future__ import annotations

import dis
import inspect
import threading
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import get_ident
from typing import Any

from livebreak_agent.capture import raw
from livebreak_agent.capture.values import Walk
from livebreak_agent.instrument import lines
from livebreak_agent.vocabulary.captured import CUT, TYPE, Cut

FrameMark = tuple[types.CodeType, int]
"""A frame of the stack: its code, and the offset of the instruction that it is at."""


def stack_of(frame: types.FrameType, limit: int) -> list[FrameMark]:
    """Innermost first."""
    marks: list[FrameMark] = []
    current: types.FrameType | None = frame
    while current is not None and len(marks) < limit:
        marks.append((current.f_code, current.f_lasti))
        current = current.f_back
    return marks


def variables_of(frame: types.FrameType, walk: Walk) -> tuple[dict[str, Any], str | None]:
    """Captured values by name, arguments first; and why some are missing, where some are."""
    captured: dict[str, Any] = {}
    namespace = namespace_of(frame)
    if namespace is None:
        return captured, "The names of this class body are kept in an object of the application's, which is not read."
    taken = 0
    depth = walk.extent.depth
    names = [name for name in _names(frame.f_code, namespace) if _is_variable(name)]
    for name in names[: walk.extent.variables]:
        if walk.stopped is not None:
            break
        try:
            value = namespace[name]
        except KeyError:
            continue
        try:
            captured[name] = walk.named(name, value, depth)
        except Exception:  # noqa: BLE001 -- one variable that cannot be read is not to cost the others
            captured[name] = {TYPE: raw.type_name(type(value)), CUT: Cut.OPAQUE}
        walk.left -= len(name)
        taken += 1
    return captured, _missing(walk, taken, len(names))


def variables_of_stack(
    frame: types.FrameType, walk: Walk, is_of_app: Callable[[str], bool]
) -> tuple[dict[int, dict[str, Any]], str | None]:
    """The variables of the frame, and of further ones of the application's own code, by their place in the stack.

    The second is why some are missing, where some are.
    """
    captured, truncated = variables_of(frame, walk)
    by_place = {0: captured}
    outer, place = frame.f_back, 1
    while outer is not None and len(by_place) < walk.extent.frames_with_locals and place < walk.extent.stack_frames:
        if is_of_app(raw.filename_of(outer.f_code)):
            if walk.stopped is not None:
                break
            by_place[place], reason = variables_of(outer, walk)
            truncated = truncated or reason
        outer, place = outer.f_back, place + 1
    return by_place, truncated


def namespace_of(frame: types.FrameType) -> Mapping[str, Any] | None:
    """The frame's variables, or None where they are kept in an object that could answer with the application's code."""
    namespace = frame.f_locals
    kind = type(namespace)
    if kind is dict or frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        return namespace
    # The body of a class whose metaclass has a `__prepare__`, such as an enum's.
    if not raw.is_kind(kind, dict):
        return None
    return {name: value for name, value in raw.entries(namespace, dict.__len__(namespace)) if type(name) is str}


def globals_of(frame: types.FrameType, names: Sequence[str], walk: Walk) -> dict[str, Any]:
    """Captured values of the first of these variables of the frame's module that are data, not code."""
    captured: dict[str, Any] = {}
    namespace = frame.f_globals
    for name in names:
        if len(captured) >= walk.extent.globals or walk.stopped is not None:
            break
        value = dict.get(namespace, name, _CODE)
        if id(type(value)) in _KINDS_OF_CODE or raw.is_kind(type(value), type):
            continue
        try:
            captured[name] = walk.named(name, value, walk.extent.depth)
        except Exception:  # noqa: BLE001 -- one variable that cannot be read is not to cost the others
            captured[name] = {TYPE: raw.type_name(type(value)), CUT: Cut.OPAQUE}
        walk.left -= len(name)
    return captured


_CODE = types
"""Stands for a name that the module does not have, and is left out as all modules are."""

_KINDS_OF_CODE = frozenset(map(id, (types.ModuleType, types.FunctionType, types.BuiltinFunctionType)))
"""What the names of a module mostly stand for; it tells nothing of the moment."""

_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})


def globals_read_in(code: types.CodeType) -> tuple[str, ...]:
    """Names of the module that a function or the body of a class reads, with what is nested in it, in their order.

    Not of a module's own body, whose variables they are.
    """
    if code.co_name == "<module>":
        return ()
    names: dict[str, None] = {}
    for inner, _ in lines.tree(code):
        instructions = [(one.opname, one.argval) for one in dis.get_instructions(inner)]
        own = {name for operation, name in instructions if operation == "STORE_NAME"}
        names |= {name: None for operation, name in instructions if operation in _LOADS and name not in own}
    return tuple(name for name in names if _is_variable(name))


def thread_name() -> str | None:
    """The name of this thread, if Python made it. Asking `threading` would make an object for every foreign thread."""
    thread = _THREADS.get(get_ident())
    if thread is None:
        return None
    fields, _ = raw.fields(thread, _THREAD_FIELDS)
    return raw.text(dict(fields).get("_name"))


_THREADS: dict[int, threading.Thread] = threading.__dict__["_active"]
"""Read without the lock that `threading.enumerate` takes, which the application could hold."""

_THREAD_FIELDS = 50


def _names(code: types.CodeType, namespace: Mapping[str, Any]) -> Iterator[str]:
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    arguments = code.co_varnames[:count] if code.co_flags & inspect.CO_OPTIMIZED else ()
    yield from arguments
    for name in list(namespace):
        if type(name) is str and name not in arguments:
            yield name


def _is_variable(name: str) -> bool:
    """Not `.0`, `@py_assert1` or `__builtins__`, which nobody wrote as a variable."""
    return name.isidentifier() and not (name.startswith("__") and name.endswith("__"))


def _missing(walk: Walk, taken: int, size: int) -> str | None:
    if taken == size:
        return None
    if walk.stopped is Cut.TIME:
        return f"{taken} of {size} variables: the time for one hit was used up."
    if walk.stopped is Cut.BYTES:
        return f"{taken} of {size} variables: the size of one hit was reached."
    return f"{taken} of {size} variables."
