"""The asyncio task that a thread is in, and the tasks that wait for it.

Who waits for a task is known by what the task calls when it is done. That is read from the C structures of asyncio's own
tasks and futures, and from what its `gather`, `wait`, `shield` and `TaskGroup` leave there; a task of another class could
answer with the application's code, and ends the chain.
"""

from __future__ import annotations

import sys
import types
from functools import partial
from typing import Any

from livebreak_agent.capture import raw
from livebreak_agent.capture.frames import FrameMark

Waiting = tuple[str | None, list[FrameMark]]
"""A task that waits: its name, and the frames that it waits in, innermost first."""

_CALLBACKS = 20
"""Callbacks of one future that are looked at; it rarely has more than one."""

_WAYS = 10
"""Futures between a task and the one that waits for it, such as that of a `shield` in a `gather`."""

_FIELDS = 30
"""Fields of asyncio's own objects that are looked at."""

_LOOK_UP = frozenset({"__hash__", "__eq__"})

_NAMES = frozenset({"outer", "waiter", "_parent_task"})
"""What asyncio calls the future that it completes, or the task that waits, where a callback stands between them."""


def running() -> Any:
    """The task that this thread is in, None outside of one and in one of another class than asyncio's own."""
    loaded = sys.modules.get("asyncio")
    if type(loaded) is not types.ModuleType:
        return None
    loop = loaded.__dict__["_get_running_loop"]()
    if loop is None or not _is_found_by_identity(type(loop)):
        return None
    task = loaded.__dict__["current_task"](loop)
    return task if type(task) is loaded.__dict__["Task"] else None


def _is_found_by_identity(kind: type) -> bool:
    """Whether looking an object of the class up in a dictionary, as `current_task` does before Python 3.14, calls none of its."""
    return all(base is object or raw.members(base).keys().isdisjoint(_LOOK_UP) for base in raw.mro(kind))


def name_of(task: Any) -> str | None:
    """The name of what `running` gave."""
    return None if task is None else raw.text(task.get_name())


def waiting_for(task: Any, limit: int, frames: int) -> list[Waiting]:
    """The tasks that wait: the first one for what `running` gave, each further one for that before it.

    Parameters
    ----------
    limit
        Tasks at most.
    frames
        Frames of each one at most, the outermost left out.
    """
    found: list[Waiting] = []
    seen: set[int] = set()
    while task is not None and len(found) < limit:
        seen.add(id(task))
        task = _awaiter(task, type(task), seen)
        if task is not None:
            found.append((name_of(task), _where(task, frames)))
    return found


def _awaiter(future: Any, task_type: type, seen: set[int]) -> Any:
    """The first task that goes on when the future is done."""
    futures = [future]
    for _ in range(_WAYS):
        if not futures:
            break
        for lead in _leads(futures.pop(0)):
            if id(lead) in seen:
                continue
            seen.add(id(lead))
            if type(lead) is task_type:
                return lead
            if _callbacks_of(type(lead)) is not None:
                futures.append(lead)
    return None


def _leads(future: Any) -> list[Any]:
    """What the callbacks of a future stand for."""
    read = _callbacks_of(type(future))
    callbacks = None if read is None else read(future)
    found: list[Any] = []
    for pair in callbacks[:_CALLBACKS] if type(callbacks) is list else ():
        callback = pair[0] if type(pair) is tuple and pair else None
        if type(callback) is types.BuiltinFunctionType:
            found.append(callback.__self__)
        elif type(callback) is partial:
            found += callback.args[:_FIELDS]
        elif type(callback) is types.FunctionType:
            cells = zip(callback.__code__.co_freevars, callback.__closure__ or (), strict=False)
            found += [_content(cell) for name, cell in cells if name in _NAMES]
        elif type(callback) is types.MethodType:
            fields, _ = raw.fields(callback.__self__, _FIELDS)
            found += [value for name, value in fields if name in _NAMES]
    return found


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # It is not filled yet.
        return None


def _callbacks_of(kind: type) -> Any:
    """What reads the callbacks of asyncio's futures, and of classes made of them, from their C structure."""
    for base in raw.mro(kind):
        read = raw.members(base).get("_callbacks")
        if read is not None:
            return read.__get__ if type(read) is types.GetSetDescriptorType else None
    return None


def _where(task: Any, limit: int) -> list[FrameMark]:
    """The frames of a task that waits, innermost first: of its coroutine, of what that awaits, ..."""
    marks: list[FrameMark] = []
    current = task.get_coro()
    while len(marks) < limit:
        if type(current) is types.CoroutineType:
            frame, current = current.cr_frame, current.cr_await
        elif type(current) is types.GeneratorType:
            frame, current = current.gi_frame, current.gi_yieldfrom
        else:
            break
        if frame is None:
            break
        marks.append((frame.f_code, frame.f_lasti))
    marks.reverse()
    return marks
