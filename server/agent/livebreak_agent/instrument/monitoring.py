"""The instrument of Python 3.12 and newer: `sys.monitoring` events on just the code objects that hold a breakpoint.

What the interpreter is told is kept small, since everything is paid for on the application's threads: a line without a
breakpoint and a line that is to be left alone are switched off in place (DISABLE), and come back by switching the
events of that one code object off and on. `restart_events` would do the same to what *other* tools switched off.

Where a function's first line is also its `def` line, as in a lambda, the interpreter (3.13 to 3.15) forgets the line event
once the function is warm; there the start of the call is the pass, by PY_START. The same event, for all code, tells of code
that begins to run for the first time; it is switched off in place at once, and so costs nothing after that.
"""

from __future__ import annotations

import functools
import sys
import types
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from livebreak_agent.instrument import guard
from livebreak_agent.instrument.sites import OnCode, OnPass, Plan, Watched, all_of
from livebreak_agent.vocabulary.expressions import EvaluationError

TOOL_IDS = (4, 3)
"""Places for tools that are neither debugger, coverage, profiler nor optimizer, so that the agent lives beside those."""

TOOL_NAME = "livebreak"

_PRUNED_FROM = 1_000
"""Code objects of one file at which those that are gone are looked for: code that is made again and again."""

_FILES = 4_096
"""Files of which it is remembered whether they are a library's, whose code is not kept in mind."""

_seen: dict[str, dict[int, weakref.ref[types.CodeType]]] = {}
"""Code that was noticed, by file. It is the process's, not an instrument's: the interpreter tells of each code object once only,
also to the next instrument with the same tool id."""


class Monitoring:
    """See `sites.Instrument`."""

    needs_functions = False

    def __init__(self, on_code: OnCode, is_library: Callable[[str], bool]) -> None:
        self._on_code = on_code
        self._is_library = functools.lru_cache(_FILES)(is_library)
        self._tool: int | None = None
        self._is_watching = False
        self._watched: dict[int, Watched] = {}
        self._entries: dict[int, _Entry] = {}
        """By the line: what is watched there, mostly in one code object; finding that is paid for on every pass."""
        self._starts: dict[int, OnPass] = {}

    def open(self) -> str | None:
        if self._tool is not None:
            return None
        for tool in TOOL_IDS:
            try:
                _monitoring.use_tool_id(tool, TOOL_NAME)
            except ValueError:
                continue
            self._tool = tool
            _monitoring.register_callback(tool, _events.LINE, self._make_on_line())
            _monitoring.register_callback(tool, _events.PY_START, self._make_on_start())
            return None
        others = " and ".join(str(_monitoring.get_tool(tool)) for tool in TOOL_IDS)
        return f"Other tools ({others}) hold both places of sys.monitoring that the agent can use; stop one of them."

    def original(self, code: types.CodeType) -> types.CodeType:
        return code

    def seen(self, filename: str) -> Iterable[types.CodeType]:
        return [code for reference in list(_seen.get(filename, {}).values()) if (code := reference()) is not None]

    def apply(self, plan: Plan, replaced: Plan, functions: Iterable[types.FunctionType]) -> None:  # noqa: ARG002 -- code is enough
        fresh = {identity: watched for identity, watched in plan.items() if watched != self._watched.get(identity)}
        gone = {identity: watched for identity, watched in replaced.items() if identity not in plan}
        for watched in gone.values():
            _monitoring.set_local_events(self._tool, watched.code, _events.NO_EVENTS)
        before = [self._watched[identity] for identity in (*gone, *fresh) if identity in self._watched]
        for identity in gone:
            self._watched.pop(identity, None)
        self._watched |= fresh
        for line in {site.line for watched in (*before, *fresh.values()) for site in watched.sites}:
            self._set_entry(line)
        for identity in gone:
            self._starts.pop(identity, None)
        for identity, watched in fresh.items():
            starts = [site.on_pass for site in watched.sites if site.passes.at_start]
            self._starts.pop(identity, None)
            if starts:
                self._starts[identity] = starts[0] if len(starts) == 1 else all_of(starts)
            self.wake(watched.code)

    def unreached(
        self,
        code: types.CodeType,  # noqa: ARG002 -- as the other instrument needs it
        around: Sequence[types.CodeType],  # noqa: ARG002
        live: Iterable[types.FunctionType],  # noqa: ARG002
        running: Iterable[types.CodeType],  # noqa: ARG002
    ) -> str | None:
        # Events belong to the code object, so they reach whatever runs it, frames in flight included.
        return None

    def wake(self, code: types.CodeType) -> None:
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

    def close(self) -> None:
        if self._tool is None:
            return
        self.watch_for_code(False)
        self.apply({}, dict(self._watched), ())
        for event in (_events.LINE, _events.PY_START):
            _monitoring.register_callback(self._tool, event, None)
        _monitoring.free_tool_id(self._tool)
        self._tool = None

    def _set_entry(self, line: int) -> None:
        entry: _Entry | None = None
        for watched in self._watched.values():
            for site in watched.sites:
                if site.line == line and site.passes.elsewhere:
                    entry = (watched.code, site.quick, site.counts, site.passes.returns, site.on_pass, entry)
        if entry is None:
            self._entries.pop(line, None)
        else:
            self._entries[line] = entry

    def _make_on_line(self) -> Callable[[types.CodeType, int], Any]:
        # All that it reads is bound here, because each attribute costs on every pass.
        entries, getframe, disable = self._entries, sys._getframe, _monitoring.DISABLE  # noqa: SLF001 -- a frame is what it needs

        def on_line(code: types.CodeType, line: int) -> Any:
            try:
                owner, quick, counts, returns, on_pass, other = entries[line]
                while owner is not code:
                    owner, quick, counts, returns, on_pass, other = other
            except (KeyError, TypeError):  # A TypeError at the end of the chain, which is None.
                return disable
            try:
                frame = getframe(1)
                if returns and frame.f_lasti in returns:
                    return disable
                if quick is not None:
                    try:
                        if quick(frame.f_locals) is False:
                            counts.passes += 1
                            return None
                    except EvaluationError:
                        pass  # It is evaluated again there, and the error is reported.
                return disable if on_pass(frame) else None
            except Exception as error:  # a hook's mistake must not reach the application
                if guard.is_for_the_application(error):
                    raise
                return None

        return on_line

    def _make_on_start(self) -> Callable[[types.CodeType, int], Any]:
        starts, getframe, disable = self._starts, sys._getframe, _monitoring.DISABLE  # noqa: SLF001 -- as above

        def on_start(code: types.CodeType, _offset: int) -> Any:
            try:
                on_pass = starts.get(id(code))
                if on_pass is None:
                    self._notice(code)
                    # It may have turned out to hold a breakpoint, and this is the first pass over it.
                    on_pass = starts.get(id(code))
                    if on_pass is None:
                        return disable
                return disable if on_pass(getframe(1)) else None
            except Exception as error:  # as above
                if guard.is_for_the_application(error):
                    raise
                return None

        return on_start

    def _notice(self, code: types.CodeType) -> None:
        filename = code.co_filename
        if filename.startswith("<"):
            return
        if not self._is_library(filename):
            of_file = _seen.setdefault(filename, {})
            if len(of_file) >= _PRUNED_FROM:
                for identity, reference in list(of_file.items()):
                    if reference() is None:
                        of_file.pop(identity, None)
            of_file[id(code)] = weakref.ref(code)
        self._on_code(code)


_Entry = tuple[types.CodeType, Any, Any, frozenset[int], OnPass, Any]
"""The code object, the quick question and its counts, what is no new pass, the call, and the entry for other code or None."""

_monitoring: Any = getattr(sys, "monitoring", None)
_events: Any = getattr(_monitoring, "events", None)
