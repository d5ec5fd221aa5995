"""The life of a session: who the client is, what it wants to see, and the end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from livebreak.dap import types
from livebreak.dap.breakpoints import Armed, breakpoints_changed, take_away
from livebreak.dap.failures import ErrorId, RequestError
from livebreak.dap.methods import Method
from livebreak.dap.session import Client, DebugSession
from livebreak.dap.threads import begin_at, take_hits
from livebreak.debugger.hit_choice import HitChoice
from livebreak.debugger.selection import read_reference
from livebreak.debugger.time_axis import Lane, lane_of
from livebreak.debugger.wording import read_time
from livebreak.sync.lookup import LookupFailed
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.where import WhereError, compile_where


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachArguments:
    """What a launch configuration says; docs/debugging.md has the table."""

    breakpoint: str | tuple[str, ...] | None = None
    """Ids, beginnings of ids, or FILE:LINE; of all breakpoints if it is left out."""
    hit: str | None = None
    """An id or `livebreak://hit/ID`: the hit to begin at. Where neither `breakpoint` nor `file` is said, only hits of its
    breakpoint are shown."""
    file: str | None = None
    """Of all breakpoints of a file."""
    process: str | None = None
    """A process id or its beginning, a service, a host, a pid, or HOST:PID."""
    since: str | None = None
    until: str | None = None
    """Times of ISO 8601."""
    where: str | None = None
    """A filter over hits."""
    follow: bool = False
    """Move to each new hit, also away from one that is looked at."""
    arm: Literal["none", "all"] = "none"
    """`all`: the client's breakpoints are live ones. Where a language server runs, it is the one that writes."""
    on_disconnect: Literal["keep", "remove"] = "keep"
    """What becomes of breakpoints that this session made."""
    folder: str | None = None
    """Any folder of the working tree; by default the one that the adapter was started in."""


async def initialize(session: DebugSession, arguments: types.InitializeRequestArguments) -> types.Capabilities:
    if session.is_initialized:
        raise RequestError(ErrorId.OUT_OF_ORDER, "This session is initialized already.")
    session.is_initialized = True
    session.client = Client(
        lines_start_at=0 if arguments.lines_start_at1 is False else 1,
        columns_start_at=0 if arguments.columns_start_at1 is False else 1,
        has_uris=arguments.path_format == "uri",
        has_paging=bool(arguments.supports_variable_paging),
        has_types=bool(arguments.supports_variable_type),
    )
    return session.capabilities


async def attach(session: DebugSession, arguments: AttachArguments) -> None:
    if session.attachment is not None:
        raise RequestError(ErrorId.OUT_OF_ORDER, "This session is attached already.")
    if (problem := _problem(arguments)) is not None:
        raise RequestError(ErrorId.CANNOT_ATTACH, problem, show=True)
    if (trouble := await session.target.trouble()) is not None:
        raise RequestError(ErrorId.NOT_CONNECTED, trouble, show=True)
    folder = _folder(arguments.folder)
    names = (arguments.breakpoint,) if isinstance(arguments.breakpoint, str) else arguments.breakpoint or ()
    try:
        chosen = await session.target.breakpoints(names, arguments.file, folder)
    except LookupFailed as error:
        candidates = f" ({'; '.join(error.candidates)})" if error.candidates else ""
        raise RequestError(ErrorId.CANNOT_ATTACH, f"{error}{candidates}", show=True) from None
    first = await _first(session, arguments.hit) if arguments.hit else None
    if first is not None and chosen is None:
        chosen = frozenset((first.breakpoint_id,))
    choice = HitChoice(
        breakpoint_ids=chosen,
        process=arguments.process or None,
        since=arguments.since,
        until=arguments.until,
        where=arguments.where or None,
    )
    session.attachment = await session.target.attach(choice, _Told(session))
    session.on_end.append(partial(_release, session))
    session.first = first
    session.follows = arguments.follow
    if arguments.arm == "all" and session.attachment.may_arm:
        session.armed = Armed(removes=arguments.on_disconnect == "remove")
        session.on_end.append(partial(take_away, session))
    elif arguments.arm == "all":
        why = "these hits are of a file" if session.attachment.session is None else "the language server sets them"
        session.say(f"Breakpoints of the debugger are not armed here, since {why}.")
    # Breakpoints may be stated from now on: only now it is known what to do with them.
    session.send_event("initialized", None)


async def launch(session: DebugSession, _: None) -> None:
    del session
    sentence = 'LiveBreak starts no program: say "request": "attach", and `livebreak run` to start one with the agent.'
    raise RequestError(ErrorId.CANNOT_ATTACH, sentence, show=True)


async def configuration_done(session: DebugSession, _: None) -> None:
    attached = session.attached
    if session.is_configured:
        return
    session.is_configured = True
    await attached.feed.begin()
    moment = attached.feed.take(session.first) if session.first is not None else None
    lanes = list(attached.feed.axes)
    if session.first is not None and moment is not None:
        begin_at(session, lane_of(session.first), moment, lanes)
    elif lanes:
        take_hits(session, lanes)
    elif attached.session is None:
        session.say("No hit of the file is of those that were asked for.", important=True)
    else:
        session.say("Waiting for hits: the first one stops here.")


async def disconnect(session: DebugSession, _: types.DisconnectArguments) -> None:
    session.is_over = True


async def terminate(session: DebugSession, _: types.TerminateArguments) -> None:
    """No process is ended: the session is."""
    session.is_over = True
    session.send_event("terminated", types.TerminatedEventBody())


METHODS = (
    Method(command="initialize", arguments=types.InitializeRequestArguments, answer=initialize, before_attach=True),
    Method(command="attach", arguments=AttachArguments, answer=attach, before_attach=True),
    Method(command="launch", arguments=None, answer=launch, before_attach=True),
    Method(
        command="configurationDone",
        arguments=None,
        answer=configuration_done,
        capabilities=("supports_configuration_done_request",),
    ),
    Method(command="disconnect", arguments=types.DisconnectArguments, answer=disconnect, before_attach=True),
    Method(command="terminate", arguments=types.TerminateArguments, answer=terminate, before_attach=True),
)


class _Told:
    """What comes while the session runs, brought to the client."""

    def __init__(self, session: DebugSession) -> None:
        self._session = session

    def hits_came(self, lanes: Collection[Lane]) -> None:
        self._session.guard(lambda: take_hits(self._session, lanes))

    def breakpoints_changed(self, breakpoint_ids: frozenset[str]) -> None:
        self._session.guard(lambda: breakpoints_changed(self._session, breakpoint_ids))

    def status_changed(self, sentence: str, *, is_trouble: bool) -> None:
        self._session.guard(lambda: self._session.say(sentence, important=is_trouble))

    def notice(self, message: str) -> None:
        self._session.guard(lambda: self._session.say(message))


async def _release(session: DebugSession) -> None:
    if session.attachment is not None:
        session.attachment.release()
        await session.attachment.feed.stop()


async def _first(session: DebugSession, text: str) -> Hit:
    hit = await session.target.hit(read_reference(text))
    if hit is None:
        sentence = "This hit is not there (any more): hits are kept for a set time only."
        raise RequestError(ErrorId.HIT_GONE, sentence, show=True)
    return hit


def _folder(text: str | None) -> Path:
    return Path(text or ".").absolute()


def _problem(arguments: AttachArguments) -> str | None:
    for name in ("since", "until"):
        time = getattr(arguments, name)
        if time is not None and read_time(time) is None:
            return f'"{name}" is {time!r}, which is no time such as 2026-11-23T12:03:04.'
    if arguments.where:
        try:
            compile_where(arguments.where)
        except WhereError as error:
            return f'"where" is no filter: {error}'
    return None
