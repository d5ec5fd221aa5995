"""Breakpoints through the debugger: which of the client's are live ones, and, where the session may, live ones made of them.

Editors send every red dot to every debug session. Beside a language server, and unless `"arm": "all"` was said, nothing of
what comes here is sent to a process: a dot on the line of a live breakpoint is confirmed, any other is refused with a reason.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from livebreak.dap import types
from livebreak.dap.methods import Method
from livebreak.dap.session import DebugSession
from livebreak.debugger.linemap import follow
from livebreak.debugger.values import visible
from livebreak.sync.session import Session
from livebreak.sync.shown import Shown
from livebreak.sync.source_files import read_source
from livebreak_agent.vocabulary.expressions import ExpressionError, compile_expression, compile_message
from livebreak_agent.vocabulary.lsp_messages import EditorBreakpoint, State

MOST_BREAKPOINTS = 1_000
"""Of one file; more come from no person."""

LOCAL_DOT = "A local breakpoint, which LiveBreak leaves alone; live ones are set with LiveBreak itself."
NO_FILE = "Live breakpoints are set in files on this machine; open the file itself."
OFFLINE = "These hits are of a file, so nothing can be armed."

_VERIFIED = (State.BOUND, State.RATE_LIMITED)
_FAILED = (State.FAILED, State.EXPIRED)
_HIT_CONDITION = re.compile(r"\s*(?P<operator><=?)?\s*(?P<number>[1-9][0-9]{0,8})\s*\Z")


@dataclass(kw_only=True, slots=True)
class Dot:
    """One of the client's breakpoints in a file."""

    id: int
    line: int
    """0-based, in the file's text."""
    editor_id: str
    told: types.Breakpoint
    """What the client knows of it."""
    problem: str | None = None
    """Why it is not armed at all."""


@dataclass(kw_only=True, slots=True)
class StatedFile:
    """A file as the client last stated its breakpoints."""

    source: types.Source
    text: str
    dots: list[Dot]


@dataclass(kw_only=True, slots=True)
class Armed:
    """What a session that may arm has done."""

    removes: bool
    """True if what it made is removed at its end."""
    made: set[str] = field(default_factory=set)
    """Ids of breakpoints that it made."""


async def set_breakpoints(session: DebugSession, arguments: types.SetBreakpointsArguments) -> types.SetBreakpointsResponseBody:
    wanted = arguments.breakpoints
    if wanted is None:
        wanted = tuple(types.SourceBreakpoint(line=line) for line in arguments.lines or ())
    wanted = wanted[:MOST_BREAKPOINTS]
    path = _path_of(session, arguments.source)
    attached = session.attached
    if attached.session is None or path is None:
        sentence = OFFLINE if attached.session is None else NO_FILE
        return types.SetBreakpointsResponseBody(breakpoints=tuple(_refused(item.line, sentence) for item in wanted))
    try:
        text = await asyncio.to_thread(read_source, path)
    except (OSError, SyntaxError, ValueError, LookupError):
        sentence = f"{path.name} cannot be read; save it in the encoding that it declares."
        return types.SetBreakpointsResponseBody(breakpoints=tuple(_refused(item.line, sentence) for item in wanted))
    stated = _state(session, path, arguments.source, text, wanted)
    if session.armed is not None:
        await _arm(attached.session, session.armed, path, stated, wanted)
    shown = await attached.session.look(path, text)
    for dot in stated.dots:
        dot.told = _described(session, stated, dot, shown)
    return types.SetBreakpointsResponseBody(breakpoints=tuple(dot.told for dot in stated.dots))


async def refuse_all(
    _: DebugSession, arguments: types.SetFunctionBreakpointsArguments
) -> types.SetFunctionBreakpointsResponseBody:
    """Breakpoints on functions; live ones stand on lines."""
    refused = types.Breakpoint(verified=False, reason="failed", message="Live breakpoints stand on lines.")
    return types.SetFunctionBreakpointsResponseBody(breakpoints=tuple(refused for _ in arguments.breakpoints))


async def ignore_filters(_: DebugSession, __: types.SetExceptionBreakpointsArguments) -> None:
    """No filters are announced; some clients send an empty list all the same."""


METHODS = (
    Method(
        command="setBreakpoints",
        arguments=types.SetBreakpointsArguments,
        answer=set_breakpoints,
        capabilities=(
            "supports_conditional_breakpoints",
            "supports_hit_conditional_breakpoints",
            "supports_log_points",
        ),
    ),
    Method(command="setFunctionBreakpoints", arguments=types.SetFunctionBreakpointsArguments, answer=refuse_all),
    Method(command="setExceptionBreakpoints", arguments=types.SetExceptionBreakpointsArguments, answer=ignore_filters),
)


def breakpoints_changed(session: DebugSession, _: frozenset[str]) -> None:
    """Tell the client of those of its breakpoints that read differently now; soon, and once for many changes."""
    if session.stated and not session.is_over and not session.is_retelling:
        session.is_retelling = True
        session.spawn(_retell(session))


async def take_away(session: DebugSession) -> None:
    """At the end: remove what this session made, if it was asked to, and close what it opened."""
    attachment, armed = session.attachment, session.armed
    if attachment is None or attachment.session is None or armed is None:
        return
    for path in session.stated:
        attachment.session.close(path)
    if armed.removes:
        for breakpoint_id in sorted(armed.made):
            if attachment.session.stored(breakpoint_id) is not None:
                attachment.session.remove(breakpoint_id)


async def _retell(session: DebugSession) -> None:
    # What changed comes in bursts: a process that reports answers for all of its breakpoints.
    await asyncio.sleep(BETWEEN_EVENTS)
    session.is_retelling = False
    live = session.attached.session
    if live is None or session.is_over:
        return
    # Of these as they are now: while one is looked at, the client may state the next.
    for path, stated in tuple(session.stated.items()):
        shown = await live.look(path, stated.text)
        for dot in stated.dots:
            now = _described(session, stated, dot, shown)
            if now != dot.told:
                dot.told = now
                session.send_event("breakpoint", types.BreakpointEventBody(reason="changed", breakpoint=now))


BETWEEN_EVENTS = 0.1
"""Seconds in which changes are gathered; a click waits for *bound*, so it is short."""


def _state(
    session: DebugSession, path: Path, source: types.Source, text: str, wanted: Sequence[types.SourceBreakpoint]
) -> StatedFile:
    """The client's list, in which a dot that the text has moved keeps its identity."""
    before = session.stated.get(path)
    known: dict[int, Dot] = {}
    if before is not None:
        moved = follow([dot.line for dot in before.dots], before.text, text)
        known = {moved[dot.line]: dot for dot in before.dots}
    dots = []
    for item in wanted:
        line = item.line - session.client.lines_start_at
        old = known.pop(line, None)
        number = old.id if old is not None else session.next_breakpoint_id()
        editor_id = old.editor_id if old is not None else str(uuid.uuid4())
        told = types.Breakpoint(verified=False, id=number, line=item.line)
        dots.append(Dot(id=number, line=line, editor_id=editor_id, told=told, problem=_problem(item, line)))
    session.stated[path] = StatedFile(source=source, text=text, dots=dots)
    return session.stated[path]


async def _arm(
    live: Session,
    armed: Armed,
    path: Path,
    stated: StatedFile,
    wanted: Sequence[types.SourceBreakpoint],
) -> None:
    if path not in live.open_paths:
        await live.open(path, stated.text)
    live.edit(path, stated.text)
    before = {item.breakpoint.id for item in live.view(path)}
    marks = [
        EditorBreakpoint(
            id=dot.editor_id,
            line=dot.line,
            condition=item.condition or None,
            log_message=item.log_message or None,
            hit_limit=_hit_limit(item.hit_condition),
        )
        for dot, item in zip(stated.dots, wanted, strict=True)
        if dot.problem is None
    ]
    live.set_breakpoints(path, marks)
    armed.made |= {item.breakpoint.id for item in live.view(path)} - before


def _described(session: DebugSession, stated: StatedFile, dot: Dot, shown: Sequence[Shown]) -> types.Breakpoint:
    line = dot.line + session.client.lines_start_at
    if dot.problem is not None:
        return _refused(line, dot.problem, id=dot.id, source=stated.source)
    here = [item for item in shown if item.state.editor_id == dot.editor_id] if session.armed is not None else []
    here = here or [item for item in shown if item.state.line == dot.line]
    if not here:
        sentence = "Not armed: there is no such line in a repository." if session.armed is not None else LOCAL_DOT
        return _refused(line, sentence, id=dot.id, source=stated.source)
    # Several people may have one on the line; what is best off says most.
    state = min((item.state for item in here), key=lambda state: (state.state not in _VERIFIED, state.id))
    is_verified = state.state in _VERIFIED
    return types.Breakpoint(
        id=dot.id,
        verified=is_verified,
        reason=None if is_verified else "failed" if state.state in _FAILED else "pending",
        message=visible(state.message),
        line=state.line + session.client.lines_start_at,
        source=stated.source,
    )


def _refused(line: int, sentence: str, *, id: int | None = None, source: types.Source | None = None) -> types.Breakpoint:
    return types.Breakpoint(id=id, verified=False, reason="failed", message=sentence, line=line, source=source)


def _problem(item: types.SourceBreakpoint, line: int) -> str | None:
    """Why nothing can be armed of what the client asks for."""
    if line < 0:
        return "There is no such line."
    try:
        if item.condition:
            compile_expression(item.condition)
        if item.log_message:
            compile_message(item.log_message)
    except ExpressionError as error:
        return error.message
    if item.hit_condition and _hit_limit(item.hit_condition) is None:
        return "LiveBreak can stop after a number of hits: write `<= 10`."
    return None


def _hit_limit(hit_condition: str | None) -> int | None:
    """`<= 10`, `< 11` and `10` are the first ten hits."""
    found = _HIT_CONDITION.match(hit_condition or "")
    if found is None:
        return None
    number = int(found["number"]) - (found["operator"] == "<")
    return number or None


def _path_of(session: DebugSession, source: types.Source) -> Path | None:
    """The local file; None of a text that only a process has, and of what is no file."""
    text = source.path
    if source.source_reference or not text or "\0" in text:
        return None
    if session.client.has_uris or text.startswith("file:"):
        parts = urlsplit(text)
        text = unquote(parts.path) if parts.scheme == "file" else ""
    path = Path(text)
    return path if path.is_absolute() else None
