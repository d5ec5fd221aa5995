"""The instrument of Python 3.12 and newer: `sys.monitoring` events on just the code objects that hold a breakpoint.

What the interpreter is told is kept small, since everything is paid for on the application's threads: a line without a
breakpoint and a line that is to be left alone are switched off in place (DISABLE), and come back by switching the
events of that one code object off and on. `restart_events` would do the same to what *other* tools switched off.

Where a function's first line is also its `def` line, as in a lambda, the interpreter (3.13 to 3.15) forgets the line event
once the function is warm; there the start of the call is the pass, by PY_START. The same event, for all code, tells of code
that begins to run for the first time; it is switched off in place at once, and so costs nothing after that.

A thread may lose the processor between what it decides on a line and its answer, and meanwhile the events are switched on
anew. An answer of DISABLE that came after that would leave the line off for good. So each time the interpreter is given
callbacks of their own, and those from before answer nothing that lasts.
"""

from __future__ import annotations

import functools
import sys
import types
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from livebreak_agent.capture import raw
from livebreak_agent.instrument import guard
from livebreak_agent.instrument.checks import compile_check
from livebreak_agent.instrument.sites import OnCode, OnError, OnPass, Plan, Site, Watched, all_of

TOOL_IDS = (4, 3)
"""Places for tools that are neither debugger, coverage, profiler nor optimizer, so that the agent lives beside those."""

TOOL_NAME = "livebreak"

_PRUNED_FROM = 1_000
"""Code objects of one file at which those that are gone are looked for: code that is made again and again."""

_FRESH = 1_000
"""Code objects that wait to be kept in mind: more than begin between two ticks, but where code is made in a loop."""

_seen: dict[str, dict[int, weakref.ref[types.CodeType]]] = {}
"""Code that was noticed, by file. It is the process's, not an instrument's: the interpreter tells of each code object once only,
also to the next instrument with the same tool id."""


class Monitoring:
    """See `sites.Instrument`."""

    needs_functions = False

    def __init__(self, on_code: OnCode, is_awaited: Callable[[str], bool], is_library: Callable[[str], bool]) -> None:
        self._on_code = on_code
        self._is_awaited = is_awaited
        self._is_library = is_library
        self._fresh: deque[types.CodeType] = deque()
        """Code that began to run and is not in `_seen` yet: an import is not to wait for more than that."""
        self._tool: int | None = None
        self._is_watching = False
        self._watched: dict[int, Watched] = {}
        self._calls: dict[int, tuple[tuple[types.CodeType, int, _MakeCall | None], ...]] = {}
        """By the `id` of the code object: what makes the call for each of its lines."""
        self._entries: dict[int, _Call] = {}
        """By the line: what is called there, mostly in one code object; finding that is paid for on every pass."""
        self._starts: dict[int, OnPass] = {}
        self._current: _Current = [True]
        """Of the callbacks that the interpreter has now."""
        self._make_callback: Callable[[_Current], _Call] = self._make_on_line

    def open(self) -> str | None:
        if self._tool is not None:
            return None
        for tool in TOOL_IDS:
            try:
                _monitoring.use_tool_id(tool, TOOL_NAME)
            except ValueError:
                continue
            self._tool = tool
            self._choose_callback()
            self._renew_callbacks()
            return None
        others = " and ".join(str(_monitoring.get_tool(tool)) for tool in TOOL_IDS)
        return f"Other tools ({others}) hold both places of sys.monitoring that the agent can use; stop one of them."

    def is_lost(self) -> bool:
        return self._tool is not None and _monitoring.get_tool(self._tool) != TOOL_NAME

    def original(self, code: types.CodeType) -> types.CodeType:
        return code

    def seen(self, filename: str) -> Iterable[types.CodeType]:
        self.keep_in_mind()
        return [code for reference in list(_seen.get(filename, {}).values()) if (code := reference()) is not None]

    def keep_in_mind(self) -> None:
        while self._fresh:
            try:
                code = self._fresh.popleft()
            except IndexError:  # Another thread was faster.
                return
            filename = raw.filename_of(code)
            if filename.startswith("<") or self._is_library(filename):
                continue
            of_file = _seen.setdefault(filename, {})
            if len(of_file) >= _PRUNED_FROM:
                for identity, reference in list(of_file.items()):
                    if reference() is None:
                        of_file.pop(identity, None)
            of_file[id(code)] = weakref.ref(code)

    def apply(self, plan: Plan, replaced: Plan, functions: Iterable[types.FunctionType]) -> None:  # noqa: ARG002 -- code is enough
        fresh = {
            identity: watched
            for identity, watched in plan.items()
            if watched is not (before_it := self._watched.get(identity)) and watched != before_it
        }
        gone = {identity: watched for identity, watched in replaced.items() if identity not in plan}
        for watched in gone.values():
            _monitoring.set_local_events(self._tool, watched.code, _events.NO_EVENTS)
        before = [self._watched[identity] for identity in (*gone, *fresh) if identity in self._watched]
        for identity in gone:
            self._watched.pop(identity, None)
            self._calls.pop(identity, None)
            self._starts.pop(identity, None)
        for identity, watched in fresh.items():
            kept = (
                dict(zip(self._watched[identity].sites, self._calls[identity], strict=True)) if identity in self._watched else {}
            )
            self._calls[identity] = tuple(
                kept.get(site) or (watched.code, site.line, self._make_call(watched.code, site)) for site in watched.sites
            )
        self._watched |= fresh
        for line in {site.line for watched in (*before, *fresh.values()) for site in watched.sites}:
            self._set_entry(line)
        self._choose_callback()
        for identity, watched in fresh.items():
            starts = [site.on_pass for site in watched.sites if site.passes.at_start]
            self._starts.pop(identity, None)
            if starts:
                self._starts[identity] = starts[0] if len(starts) == 1 else all_of(starts)
        self._renew_callbacks()
        for watched in fresh.values():
            self._switch_on(watched.code)

    def unreached(
        self,
        code: types.CodeType,  # noqa: ARG002 -- as the other instrument needs it
        around: Sequence[types.CodeType],  # noqa: ARG002
        live: Iterable[types.FunctionType],  # noqa: ARG002
        running: Iterable[types.CodeType],  # noqa: ARG002
    ) -> str | None:
        # Events belong to the code object, so they reach whatever runs it, frames in flight included.
        return None

    def wake(self, code: types.CodeType, numbers: AbstractSet[int]) -> None:  # noqa: ARG002 -- events are of all lines of the code
        self._renew_callbacks()
        self._switch_on(code)

    def rest(self, functions_of: Callable[[str], Iterable[types.FunctionType]]) -> None:
        """A line that is switched off costs nothing."""

    def _switch_on(self, code: types.CodeType) -> None:
        identity = id(code)
        watched = self._watched.get(identity)
        if watched is None:
            return
        events = _events.LINE if any(site.passes.elsewhere for site in watched.sites) else _events.NO_EVENTS
        if identity not in self._starts:
            _monitoring.set_local_events(self._tool, code, _events.NO_EVENTS)
            _monitoring.set_local_events(self._tool, code, events)
            return
        # While starts are watched for everywhere, switching them off and on for one code object would change nothing.
        watching = self._is_watching
        self.watch_for_code(False)
        _monitoring.set_local_events(self._tool, code, _events.NO_EVENTS)
        _monitoring.set_local_events(self._tool, code, events | _events.PY_START)
        self.watch_for_code(watching)

    def watch_for_code(self, wanted: bool) -> None:
        if self._tool is not None and wanted != self._is_watching:
            self._is_watching = wanted
            _monitoring.set_events(self._tool, _events.PY_START if wanted else _events.NO_EVENTS)
            if not wanted:
                self.keep_in_mind()

    def close(self) -> None:
        if self.is_lost():
            # With the place its events are gone, and what is there now is another's.
            self._tool, self._is_watching = None, False
            self._watched.clear()
            self._calls.clear()
            self._entries.clear()
            self._starts.clear()
        if self._tool is None:
            return
        self.watch_for_code(False)
        self.apply({}, dict(self._watched), ())
        for event in (_events.LINE, _events.PY_START):
            _monitoring.register_callback(self._tool, event, None)
        _monitoring.free_tool_id(self._tool)
        self._tool = None

    def _set_entry(self, line: int) -> None:
        found = [
            (code, make) for calls in self._calls.values() for code, number, make in calls if number == line and make is not None
        ]
        if not found:
            self._entries.pop(line, None)
        else:
            # What is called first of all looks whether its answer is too late.
            in_time: _Current = [True]
            self._entries[line] = (
                found[0][1](2, in_time) if len(found) == 1 else _chosen([(code, make(3, in_time)) for code, make in found])
            )

    def _choose_callback(self) -> None:
        """What the interpreter calls for each line. Mostly a single one is watched, and then it calls what belongs to that."""
        watched = [make for calls in self._calls.values() for _, _, make in calls if make is not None]
        self._make_callback = functools.partial(watched[0], 1) if len(watched) == 1 else self._make_on_line

    def _renew_callbacks(self) -> None:
        """Before events are switched on: threads that are inside of the callbacks from before are too late to switch them off."""
        if self._tool is None:
            return
        self._current[0] = False
        self._current = [True]
        _monitoring.register_callback(self._tool, _events.LINE, self._make_callback(self._current))
        _monitoring.register_callback(self._tool, _events.PY_START, self._make_on_start(self._current))

    def _make_on_line(self, current: _Current) -> _Call:
        # All that it reads is bound here, because each attribute costs on every pass.
        entries, disable = self._entries, _monitoring.DISABLE

        def on_line(code: types.CodeType, line: int) -> Any:
            try:
                call = entries[line]
            except KeyError:
                return disable if current[0] else None
            answer = call(code, line)
            # Between this look and the interpreter's own no other thread comes in.
            return answer if answer is None or current[0] else None

        return on_line

    def _make_call(self, code: types.CodeType, site: Site) -> _MakeCall | None:
        """Makes what is called for a line, with the number of calls that are between it and the line."""
        if not site.passes.elsewhere:
            return None
        names: dict[str, Any] = {
            "target": code,
            "number": site.line,
            "back": site.passes.returns,
            "getframe": _getframe,
            "disable": _monitoring.DISABLE,
        }
        if site.written is None:
            return functools.partial(_plain_call, names, site.on_pass)
        written, make = site.written, compile_check(site.written, code, _HEAD, returns=bool(site.passes.returns))

        def make_call(depth: int, current: _Current) -> _Call:
            answers = {"on_true": _answer(written.on_true, current), "on_error": _answer_to_error(written.on_error, current)}
            return make({**names, **answers, "depth": depth, "current": current})

        return make_call

    def _make_on_start(self, current: _Current) -> Callable[[types.CodeType, int], Any]:
        starts, getframe, disable = self._starts, _getframe, _monitoring.DISABLE
        fresh, is_awaited, on_code = self._fresh, self._is_awaited, self._on_code

        def on_start(code: types.CodeType, _offset: int) -> Any:
            try:
                on_pass = starts.get(id(code))
                if on_pass is None:
                    fresh.append(code)
                    if len(fresh) >= _FRESH:
                        self.keep_in_mind()
                    if not is_awaited(raw.filename_of(code)):
                        return disable if current[0] else None
                    on_code(code)
                    # It may have turned out to hold a breakpoint, and this is the first pass over it.
                    on_pass = starts.get(id(code))
                    if on_pass is None:
                        return disable if current[0] else None
                return disable if on_pass(getframe(1)) and current[0] else None
            except Exception as error:  # as above
                if guard.is_for_the_application(error):
                    raise
                return None

        return on_start


_getframe = sys._getframe  # noqa: SLF001 -- a frame is what a hook needs

_Call = Callable[[types.CodeType, int], Any]
_Current = list[bool]
"""Whether callbacks are those that the interpreter has now: a list of one, since reading it lets no other thread come in."""

_MakeCall = Callable[[int, _Current], _Call]

_HEAD = """\
def call(code, line):
    if line != number or code is not target:
        return disable if current[0] else None
    frame = getframe(depth)
"""


def _chosen(calls: Sequence[tuple[types.CodeType, _Call]]) -> _Call:
    """Calls what belongs to the code, where lines of the same number are watched in several."""
    disable = _monitoring.DISABLE

    def call(code: types.CodeType, line: int) -> Any:
        for owner, its_call in calls:
            if owner is code:
                return its_call(code, line)
        return disable

    return call


def _answer(on_pass: OnPass, current: _Current) -> Callable[[types.FrameType], Any]:
    """The same with an answer to the interpreter, and without a hook's mistakes, which must not reach the application."""
    disable = _monitoring.DISABLE

    def answer(frame: types.FrameType) -> Any:
        try:
            return disable if on_pass(frame) and current[0] else None
        except Exception as error:
            if guard.is_for_the_application(error):
                raise
            return None

    return answer


def _answer_to_error(on_error: OnError, current: _Current) -> Callable[[types.FrameType, Exception], Any]:
    disable = _monitoring.DISABLE

    def answer(frame: types.FrameType, error: Exception) -> Any:
        if guard.is_for_the_application(error):
            raise error
        try:
            return disable if on_error(frame, error) and current[0] else None
        except Exception as mistake:
            if guard.is_for_the_application(mistake):
                raise
            return None

    return answer


def _plain_call(names: Mapping[str, Any], on_pass: OnPass, depth: int, current: _Current) -> _Call:
    """What is called for a line without a condition, or with several."""
    target, number, returns = names["target"], names["number"], names["back"]
    getframe, disable, answer = names["getframe"], names["disable"], _answer(on_pass, current)

    def call(code: types.CodeType, line: int) -> Any:
        if line != number or code is not target:
            return disable if current[0] else None
        try:
            frame = getframe(depth)
            return disable if returns and frame.f_lasti in returns else answer(frame)
        except RecursionError:
            # The stack is all but full, which is no exception of the application's.
            return None

    return call


_monitoring: Any = getattr(sys, "monitoring", None)
_events: Any = getattr(_monitoring, "events", None)
