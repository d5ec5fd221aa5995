"""What the things are. Frozen, keyword-only, free of any protocol; a line number is 1-based everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchor:
    """What pins a breakpoint to code, so that the code may move under it."""

    text: str
    """The line's text without surrounding blanks."""
    before: tuple[str, ...] = ()
    """The nearest `anchor.CONTEXT_LINES` lines above it that are not blank, nearest last, without surrounding blanks."""
    after: tuple[str, ...] = ()
    """The same below it, nearest first."""
    digests: tuple[str, ...] = ()
    """Git blob ids (40 hex digits) of the text that the line number refers to: as it was, and with LF line ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptureLimits:
    """How much of a value is taken. Absent means the agent's own default; an agent may take less, never more."""

    depth: int | None = None
    """Levels of containers and objects below a variable."""
    items: int | None = None
    """Items of one list, tuple, set or dict."""
    fields: int | None = None
    """Fields of one object."""
    string_length: int | None = None
    """Characters of one string, bytes of one bytes object."""
    frames_with_locals: int | None = None
    """Frames of the application's own code whose locals are captured, innermost first; 1 is the line's own frame."""
    context_variables: int | None = None
    """Variables of the running context (`contextvars`) that are captured; absent is none."""
    globals: int | None = None
    """Variables of the module that the line's function reads and that are captured; absent is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewBreakpoint:
    """A place in a repository's file where running processes are to answer, as whoever makes it says it."""

    id: str
    """A UUID, chosen by whoever made the breakpoint."""
    filename: str
    """POSIX path relative to the repository's root."""
    line_number: int
    """The line in the text that `anchor.digests` name; without an anchor, in the text that the process loaded."""
    repository: str | None = None
    """`owner/name`; None matches any repository."""
    enabled: bool = True
    condition: str | None = None
    """An expression (see `expressions`) that must be true for a hit."""
    anchor: Anchor | None = None
    log_message: str | None = None
    """Makes it a logpoint: text with `{expression}` parts that is captured in place of locals."""
    watches: tuple[str, ...] = ()
    """Expressions that are captured beside the locals."""
    hit_limit: int | None = None
    """Hits over all processes after which it is disabled."""
    expires_at: str | None = None
    """UTC time (ISO 8601) after which it is disabled. In a new one absent means the backend's default from now."""
    limits: CaptureLimits | None = None
    service: str | None = None
    """Only processes of this service; None is all."""
    environment: str | None = None
    """Only processes of this environment; None is all, `environments.NOT_PRODUCTION` all but those in production."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Breakpoint(NewBreakpoint):
    """A breakpoint as the backend has it."""

    owner: str | None = None
    """The person whose key made it; set by the backend."""
    created_at: str | None = None
    updated_at: str | None = None


class BindingState(StrEnum):
    """What one process made of one breakpoint."""

    BOUND = "bound"
    """The line is instrumented; the next pass is noticed."""
    PENDING = "pending"
    """Not now, but it can become bound without anybody's doing: the file is not imported yet, or the deployed code differs."""
    FAILED = "failed"
    """It cannot be bound as it stands, and `reason` says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """What one process made of one breakpoint, with counters since the process bound it."""

    breakpoint_id: str
    state: BindingState
    reason: str | None = None
    """A sentence for a person. Always there unless the state is `bound`."""
    line_number: int | None = None
    """The line in the text the process loaded."""
    nearest_lines: tuple[int, ...] = ()
    """Where the line has no code: the nearest lines before and after that have."""
    digest: str | None = None
    """Git blob id of the text the process loaded."""
    source_changed: bool = False
    """True if the file on disk is no longer what the process compiled."""
    passes: int = 0
    """Times the line ran while it was watched; at least, once `rate_limited` is not 0."""
    hits: int = 0
    """Hits that were captured."""
    rate_limited: int = 0
    """Times that the rate limit switched the line off for a while."""
    rate_limited_now: bool = False
    """Whether it does so at this time."""
    dropped: int = 0
    """Hits that were captured and lost because the queue was full or the backend refused them."""
    condition_errors: int = 0
    """Times that the condition could not be evaluated."""
    condition_error: str | None = None
    """The newest of these errors."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """One running instance of an application with an agent in it."""

    id: str
    """A random UUID, new after a fork."""
    pid: int
    host: str
    service: str | None = None
    environment: str | None = None
    repository: str | None = None
    revision: str | None = None
    """The commit that is deployed, 40 hex digits."""
    runtime: str | None = None
    """Such as `CPython 3.13.0`."""
    agent_version: str | None = None
    started_at: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One frame of a hit's stack."""

    function: str
    """The qualified name."""
    filename: str
    """Relative to the repository where the file belongs to it, else as Python names it."""
    line_number: int
    text: str | None = None
    """The line's text in the process."""
    in_repository: bool = False
    """True if `filename` is relative to the repository's root."""
    variables: Mapping[str, object] | None = None
    """Captured values (see `captured`) by name, where this frame's locals were asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Awaiter:
    """An asyncio task that waits for another one."""

    task: str | None = None
    """Its name."""
    stack: tuple[Frame, ...] = ()
    """Where it waits, innermost first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One pass over a breakpoint's line: what the process held at that moment."""

    id: str
    breakpoint_id: str
    timestamp: str
    """UTC, ISO 8601 with microseconds."""
    filename: str
    line_number: int
    """The line in the text that the process had loaded; 0 where a sender other than our agent left it out."""
    function: str = ""
    variables: Mapping[str, object] = field(default_factory=dict)
    """Captured values (see `captured`) by name, arguments first."""
    watches: Mapping[str, object] = field(default_factory=dict)
    """Captured values of watch expressions, by expression."""
    context_variables: Mapping[str, object] = field(default_factory=dict)
    """Captured values of context variables by name, where they were asked for."""
    globals: Mapping[str, object] = field(default_factory=dict)
    """Captured values of the module's variables that the line's function reads, by name, where they were asked for."""
    exception: object = None
    """The captured value of the exception that was being handled, by this frame or one that called it; None if none was."""
    message: str | None = None
    """A logpoint's text."""
    stack: tuple[Frame, ...] = ()
    """Innermost first."""
    awaiters: tuple[Awaiter, ...] = ()
    """The asyncio tasks that wait for the hit's: the first one for its task, each further one for that before it."""
    truncated: str | None = None
    """Why some of the variables are missing, where some are."""
    digest: str | None = None
    """Git blob id of the text the process had loaded."""
    condition: str | None = None
    """The condition that was in force."""
    process_id: str | None = None
    service: str | None = None
    environment: str | None = None
    host: str | None = None
    pid: int | None = None
    revision: str | None = None
    thread: str | None = None
    task: str | None = None
    """The asyncio task's name."""
    request: str | None = None
    """What was being served: method and path of a request, without the query, or the name of a task of a task queue."""
    request_id: str | None = None
    """The id that the request came with, or that of the task."""
    trace_id: str | None = None
    """32 hex digits, as OpenTelemetry has it."""
    span_id: str | None = None
    """16 hex digits."""
    verified: bool = True
    """False if it came with the public project token alone, so that anybody may have sent it."""
    pinned_by: str | None = None
    """Who has the backend keep it longer; None if nobody does."""
