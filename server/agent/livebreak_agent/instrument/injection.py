"""The instrument of Python 3.11: a call of the agent in the bytecode of the functions that hold a breakpoint.

There are no events to switch on, so a function is given another code object, and its own again when the breakpoint goes.
A function nested in another gets it through the constants of the outer one, each time it is made; one that was made before
must be found. A call that has already begun goes on with the code it began with. Where that leaves passes unnoticed, the
binding says so.
"""

from __future__ import annotations

import dis
import itertools
import sys
import types
import weakref
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from threading import get_ident
from typing import Any

from livebreak_agent.capture import raw
from livebreak_agent.instrument import guard, lines
from livebreak_agent.instrument.checks import compile_check
from livebreak_agent.instrument.imports import ImportWatcher
from livebreak_agent.instrument.sites import OnCode, OnPass, Plan, Site, Watched

Hook = Callable[[], None]


class Injection:
    """See `sites.Instrument`."""

    needs_functions = True

    def __init__(self, on_code: OnCode, is_wanted: Callable[[str], bool]) -> None:
        self._on_code = on_code
        self._imports = ImportWatcher(is_wanted, self._on_import)
        self._watched: dict[int, Watched] = {}
        self._hooks: dict[int, _Hooks] = {}
        self._originals: dict[int, tuple[weakref.ref[types.CodeType], types.CodeType]] = {}
        """By the `id` of code that was made here: what it was made of."""
        self._settled: dict[int, types.CodeType] = {}
        """By its `id`, code with calls in it as they are wanted, and with nothing nested in it."""
        self._importing: types.CodeType | None = None
        """The module whose code is being changed before it runs: all that it will make has the calls in it."""
        self._changed: dict[int, types.FunctionType] = {}
        """Functions that have other code than their own."""

    def open(self) -> str | None:
        try:
            import bytecode  # noqa: F401 -- only this version of Python needs it, and says so when it is missing
        except Exception:  # noqa: BLE001 -- an import can fail in any way in an application that changes how imports work
            return "Python 3.11 needs the package `bytecode` to set breakpoints; install it in this environment."
        return None

    def is_lost(self) -> bool:
        return False

    def seen(self, filename: str) -> Iterable[types.CodeType]:  # noqa: ARG002 -- nothing is told of code that begins to run
        return ()

    def keep_in_mind(self) -> None:
        """Nothing is told, so nothing waits."""

    def apply(self, plan: Plan, replaced: Plan, functions: Iterable[types.FunctionType]) -> None:
        for identity in replaced.keys() - plan.keys():
            self._watched.pop(identity, None)
            self._forget(identity)
        for identity, watched in plan.items():
            known = self._watched.get(identity)
            if known is not watched and known != watched:
                self._forget(identity)
                self._watched[identity] = watched
                self._hooks[identity] = _Hooks(watched)
        self._originals = {key: entry for key, entry in self._originals.items() if entry[0]() is not None}
        for hooks in self._hooks.values():
            hooks.resting = ()  # They are given the code with the calls below.
        made: dict[int, types.CodeType] = {}
        last = max((watched.code.co_firstlineno for some in (plan, replaced) for watched in some.values()), default=0)
        concerned = [function for function in functions if self._is_concerned(function, last)]
        for function in [*concerned, *self._changed.values()]:
            if id(function.__code__) in self._settled:
                continue
            original = self.original(function.__code__)
            code = self._transform(original, made)
            if function.__code__ is not code:
                function.__code__ = code
            if code is original:
                self._changed.pop(id(function), None)
            else:
                self._changed[id(function)] = function

    def _is_concerned(self, function: types.FunctionType, last: int) -> bool:
        """Whether its code may have to be another one; most of a file's do not, and looking into each takes most of the time.

        `last` is the last line that code begins on that is or was watched.
        """
        code = function.__code__
        if id(code) in self._hooks or id(code) in self._originals:
            return True
        return code.co_firstlineno <= last and types.CodeType in map(type, code.co_consts)

    def original(self, code: types.CodeType) -> types.CodeType:
        """The code as the application's own compiler made it."""
        entry = self._originals.get(id(code))
        return entry[1] if entry is not None and entry[0]() is code else code

    def unreached(
        self,
        code: types.CodeType,
        around: Sequence[types.CodeType],
        live: Iterable[types.FunctionType],
        running: Iterable[types.CodeType],
    ) -> str | None:
        outer = [code, *around]
        while len(outer) > 1 and lines.is_comprehension(outer[0]):
            # It is made and run within one pass of the code that it is nested in.
            del outer[0]
        code = outer[0]
        name = code.co_qualname
        if any(self.original(one) is code for one in running):
            hope = (
                "It runs once in a process; start that anew to reach it, or run it with Python 3.12 or newer."
                if lines.is_once(code)
                else "It is bound from the next call on, and Python 3.12 or newer would reach this one."
            )
            return f"{name} is running now, and Python 3.11 cannot stop in a call that has already begun. {hope}"
        if lines.is_once(code) or any(one is self._importing for one in (code, *around)):
            return None
        if any(self.original(function.__code__) is code for function in live):
            return None
        return (
            f"No {name} was found that exists already, and Python 3.11 reaches only those made from now on. "
            "This becomes bound at the first pass."
        )

    def wake(self, code: types.CodeType, numbers: AbstractSet[int]) -> None:
        hooks = self._hooks.get(id(code))
        if hooks is None:
            return
        hooks.wake(numbers)
        if hooks.resting and hooks.injected is not None:
            for function in hooks.resting:
                # What the application has changed meanwhile is its own.
                if function.__code__ is code:
                    function.__code__ = hooks.injected
            hooks.resting = ()

    def rest(self, functions_of: Callable[[str], Iterable[types.FunctionType]]) -> None:
        """Even to see that a line is asleep takes some nanoseconds on each pass; the function's own code takes none."""
        asleep = {
            id(hooks.injected): (self._watched[identity].code, hooks)
            for identity, hooks in self._hooks.items()
            if hooks.injected is not None and not hooks.resting and hooks.are_asleep()
        }
        if not asleep:
            return
        known = {id(function.__code__) for function in self._changed.values()}
        for identity, (code, hooks) in asleep.items():
            if identity not in known and not hooks.is_searched:
                # It came with an import, and its function is not known yet.
                hooks.is_searched = True
                found = [function for function in functions_of(raw.filename_of(code)) if function.__code__ is hooks.injected]
                self._changed |= {id(function): function for function in found}
        for function in self._changed.values():
            if id(function.__code__) in asleep:
                code, hooks = asleep[id(function.__code__)]
                function.__code__ = code
                hooks.resting += (function,)

    def watch_for_code(self, wanted: bool) -> None:
        self._imports.watch(wanted)

    def close(self) -> None:
        self.watch_for_code(False)
        self.apply({}, dict(self._watched), ())

    def _on_import(self, code: types.CodeType) -> types.CodeType:
        """The code of a module that is about to run for the first time."""
        self._importing = code
        try:
            self._on_code(code)
        finally:
            self._importing = None
        return self._transform(code, {})

    def _forget(self, identity: int) -> None:
        hooks = self._hooks.pop(identity, None)
        if hooks is not None:
            self._settled.pop(id(hooks.injected), None)
            # Functions that were made of it and are not found again keep calling; they are told to leave at once.
            hooks.sleep()

    def _transform(self, original: types.CodeType, made: dict[int, types.CodeType]) -> types.CodeType:
        """The code with calls of the agent in it and in what is nested in it; itself if there are none."""
        known = made.get(id(original))
        if known is not None:
            return known
        constants = tuple(
            self._transform(constant, made) if type(constant) is types.CodeType else constant for constant in original.co_consts
        )
        code = original
        if any(one is not other for one, other in zip(constants, original.co_consts, strict=True)):
            code = original.replace(co_consts=constants)
        hooks = self._hooks.get(id(original))
        if hooks is not None and code is original:
            # Changing code takes a millisecond, and what is next to it is set and removed far oftener than it itself.
            if hooks.injected is None:
                hooks.injected = _inject(code, self._watched[id(original)], hooks)
                if types.CodeType not in map(type, original.co_consts):
                    self._settled[id(hooks.injected)] = hooks.injected
            code = hooks.injected
        elif hooks is not None:
            code = _inject(code, self._watched[id(original)], hooks)
        if code is not original:
            self._originals[id(code)] = (weakref.ref(code), original)
        made[id(original)] = code
        return code


class _Hooks:
    """What is called from one code object: a function for each line."""

    def __init__(self, watched: Watched) -> None:
        self.awake: dict[int, _Awake] = {site.line: {site.line: object()} for site in watched.sites}
        """For each line what is empty while it is to be left alone, and otherwise has something of its own since it was woken."""
        self.injected: types.CodeType | None = None
        """The code with calls of these in it, if nothing that is nested in it has others."""
        self.resting: tuple[types.FunctionType, ...] = ()
        """Functions that were given their own code again while all lines are asleep."""
        self.is_searched = False
        """Whether functions with that code were looked for."""
        self.by_line = {site.line: _make_hook(watched.code, site, self.awake[site.line]) for site in watched.sites}

    def wake(self, numbers: AbstractSet[int]) -> None:
        for line in numbers & self.awake.keys():
            self.awake[line][line] = object()

    def are_asleep(self) -> bool:
        return not any(self.awake.values())

    def sleep(self) -> None:
        for awake in self.awake.values():
            awake.clear()


_Awake = dict[int, object]
"""A view of it is a constant of the code: it is as quickly seen to be empty as anything is, and unlike a list it has a hash,
which a code object asks of its constants."""


_busy: set[int] = set()
"""Threads that are inside a hook: what runs there, such as a finalizer that is due, does not start another."""


def _make_hook(code: types.CodeType, site: Site, awake: _Awake) -> Hook:
    on_pass, written = site.on_pass, site.written
    getframe = sys._getframe  # noqa: SLF001 -- a frame is what it needs
    if written is not None:
        on_true, on_error = written.on_true, written.on_error

        def after_error(frame: types.FrameType, error: Exception) -> None:
            if guard.is_for_the_application(error):
                raise error
            _go_on(lambda frame: on_error(frame, error), frame, awake)

        def after_true(frame: types.FrameType) -> None:
            _go_on(on_true, frame, awake)

        names = {"getframe": getframe, "on_true": after_true, "on_error": after_error}
        return compile_check(written, code, _HEAD, returns=False)(names)

    def plain_hook() -> None:
        try:
            _go_on(on_pass, getframe(1), awake)
        except RecursionError:
            # The stack is all but full, which is no exception of the application's.
            return

    return plain_hook


_HEAD = """\
def call():
    frame = getframe(1)
"""


def _go_on(on_pass: OnPass, frame: types.FrameType, awake: _Awake) -> None:
    """Calls it unless this thread is inside a hook already; a mistake in it does not reach the application."""
    thread = get_ident()
    if thread in _busy and _is_inside(frame):
        return
    _busy.add(thread)
    try:
        before = awake.copy()
        # A thread that lost the processor meanwhile is not to have a line left alone that was woken since then.
        if on_pass(frame) and awake == before:
            awake.clear()
    except Exception as error:
        if guard.is_for_the_application(error):
            raise
    finally:
        _busy.discard(thread)


def _is_inside(frame: types.FrameType) -> bool:
    """Whether a hook is on the stack; a signal handler that raised between two of its lines may have left the mark alone."""
    current: types.FrameType | None = frame
    while current is not None:
        if current.f_code is _go_on.__code__:
            return True
        current = current.f_back
    return False


def _inject(code: types.CodeType, watched: Watched, hooks: _Hooks) -> types.CodeType:
    """The code with a call before each instruction that a pass begins with, which is left out while the line is asleep."""
    from bytecode import Bytecode, Instr, Label

    program = Bytecode.from_code(code)
    content = watched.code.co_code
    offsets = [offset for offset in range(0, len(content), 2) if content[offset] not in _NO_INSTRUCTIONS]
    positions = [index for index, one in enumerate(program) if isinstance(one, Instr)]
    index_of = dict(zip(offsets, positions, strict=True))
    insertions: list[tuple[int, list[Any]]] = []

    def call(line: int) -> list[Any]:
        past = Label()
        return [
            # Calling the hook to be told that the line is to be left alone would take ten times as long.
            Instr("LOAD_CONST", hooks.awake[line].values(), lineno=line),
            Instr("POP_JUMP_FORWARD_IF_FALSE", past, lineno=line),
            Instr("PUSH_NULL", lineno=line),
            Instr("LOAD_CONST", hooks.by_line[line], lineno=line),
            Instr("PRECALL", 0, lineno=line),
            Instr("CALL", 0, lineno=line),
            Instr("POP_TOP", lineno=line),
            past,
        ]

    arrivals = lines.arrivals_in(watched.code, {site.line for site in watched.sites if site.passes.elsewhere})
    before = {index: earlier for earlier, index in itertools.pairwise(positions)}
    for site in watched.sites:
        if site.passes.at_start:
            insertions.append((index_of[lines.start_of(watched.code)] + 1, call(site.line)))
        if not site.passes.elsewhere:
            continue
        places = arrivals[site.line]
        for offset in sorted(places.beginnings | places.within):
            if offset in site.passes.returns:
                continue
            index = index_of[_behind_prefix(watched.code, offset)]
            if offset in places.beginnings:
                insertions.append((index, call(site.line)))
            else:
                # Jumps come to it from other lines, and the line itself goes on to it: that must go past the call.
                past = Label()
                insertions.append((index, [*call(site.line), past]))
                insertions.append((before[index] + 1, [Instr("JUMP_FORWARD", past, lineno=site.line)]))
    for index, added in sorted(insertions, key=lambda insertion: -insertion[0]):
        program[index:index] = added
    return program.to_code()


_NO_INSTRUCTIONS = frozenset({dis.EXTENDED_ARG, dis.opmap.get("CACHE", dis.EXTENDED_ARG)})
"""What stands in the code for the sake of the instruction before or after it."""


def _behind_prefix(code: types.CodeType, offset: int) -> int:
    """The offset of the instruction whose prefixes for a long argument may begin here."""
    while code.co_code[offset] == dis.EXTENDED_ARG:
        offset += 2
    return offset
