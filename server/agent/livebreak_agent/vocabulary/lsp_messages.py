"""The `livebreak/` messages of the language server.

Keys in camelCase, nulls omitted; a position's line is 0-based as everywhere in LSP:

================================  ======================  ==============================  ======================
method                            direction               params                          result
================================  ======================  ==============================  ======================
``livebreak/setBreakpoints``      client to server        `SetBreakpointsParams`          `BreakpointsParams`
``livebreak/breakpoints``         server to client        `BreakpointsParams`             (notification)
``livebreak/hits``                server to client        `HitsParams`                    (notification)
``livebreak/hit``                 client to server        `HitParams`                     `HitResult`
``livebreak/checkCondition``      client to server        `CheckConditionParams`          `CheckConditionResult`
``livebreak/status``              both                    - (as a request), `Status`      `Status`
``livebreak/connect``             client to server        `ConnectParams`                 `Status`
``livebreak/disconnect``          client to server        -                               `Status`
``livebreak/targets``             client to server        -                               `TargetsResult`
``livebreak/projects``            client to server        `ProjectsParams`                `ProjectsResult`
``livebreak/debugAdapter``        client to server        -                               `DebugAdapterResult`
``livebreak/overview``            client to server        -                               `OverviewResult`
``livebreak/changed``             server to client        -                               (notification)
``livebreak/hitList``             client to server        `HitListParams`                 `HitListResult`
``livebreak/variables``           client to server        `VariablesParams`               `VariablesResult`
``livebreak/compareHits``         client to server        `CompareHitsParams`             `CompareHitsResult`
================================  ======================  ==============================  ======================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from livebreak_agent.vocabulary.wire import HitSummary, Pause

# --- Breakpoints ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class EditorBreakpoint:
    """One mark in the gutter."""

    id: str
    """The editor's own id, stable while the mark lives: the same id on another line moves the mark, never the anchor."""
    line: int
    enabled: bool = True
    condition: str | None = None
    log_message: str | None = None
    watches: tuple[str, ...] = ()
    hit_limit: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SetBreakpointsParams:
    """`livebreak/setBreakpoints`: all marks of one file, replacing the last list; repeating it changes nothing."""

    uri: str
    breakpoints: tuple[EditorBreakpoint, ...]
    version: int | None = None
    """The document version that the lines refer to."""


class State(StrEnum):
    """What a person is told of a breakpoint."""

    SENDING = "sending"
    """On its way to the backend."""
    OFFLINE = "offline"
    """The backend is away; queued here."""
    STORED = "stored"
    """The backend has it; no process has answered for it yet."""
    PENDING = "pending"
    """Processes know of it and cannot bind it yet; the message says why."""
    BOUND = "bound"
    """At least one process watches the line."""
    FAILED = "failed"
    """No process can bind it, or the backend refused it; the message says why."""
    RATE_LIMITED = "rate-limited"
    """The line runs more often than hits are taken."""
    EXPIRED = "expired"
    """Its time or its number of hits is over."""
    DISABLED = "disabled"
    PAUSED = "paused"
    """The kill switch is pulled for the project or the service."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakpointState:
    """One breakpoint as an editor shows it."""

    id: str
    """The backend's id of the breakpoint."""
    line: int
    """0-based, in the buffer as it is now."""
    state: State
    message: str
    """A sentence: the reason, or `bound in 2 of 3 processes`."""
    trouble: str | None = None
    """What is wrong although it is bound, such as a condition that cannot be evaluated; part of the message, too."""
    brief: str | None = None
    """The state in a few words, where its name alone says too little: `paused by ada: too much load`."""
    editor_id: str | None = None
    """The id that this editor gave the mark, if it is this editor's."""
    mine: bool = True
    followed: bool = False
    """True if it is a teammate's and this user wants to see it in full."""
    owner: str | None = None
    condition: str | None = None
    log_message: str | None = None
    enabled: bool = True
    bound: int = 0
    processes: int = 0
    hits: int = 0
    """Hits known to be stored."""
    nearest_lines: tuple[int, ...] = ()
    """0-based."""
    runs: str | None = None
    """What the line is in the processes that it is bound in, where the buffer has something else there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakpointsParams:
    """`livebreak/breakpoints`, and the result of `livebreak/setBreakpoints`: all breakpoints of one file, everybody's."""

    uri: str
    breakpoints: tuple[BreakpointState, ...]
    version: int | None = None


# --- Hits -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class HitsParams:
    """`livebreak/hits`: what a line's mark says about its hits."""

    uri: str
    line: int
    breakpoint_id: str
    count: int
    summary: str
    """One line of plain text: the newest hit's values and time."""
    newest: HitSummary


@dataclass(frozen=True, kw_only=True, slots=True)
class HitParams:
    """`livebreak/hit`."""

    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownVariable:
    """A captured value, rendered: plain text only."""

    name: str
    type: str
    text: str
    note: str | None = None
    """Why it is cut, and its true size."""
    children: tuple[ShownVariable, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownFrame:
    """A frame, mapped into the workspace where its file is there."""

    function: str
    filename: str
    line: int
    """0-based."""
    text: str | None = None
    uri: str | None = None
    variables: tuple[ShownVariable, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownAwaiter:
    """An asyncio task that waits for the one before it; of the first, for the hit's."""

    frames: tuple[ShownFrame, ...]
    """Where it waits, innermost first."""
    task: str | None = None
    """Its name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HitResult:
    id: str
    breakpoint_id: str
    timestamp: str
    frames: tuple[ShownFrame, ...]
    watches: tuple[ShownVariable, ...] = ()
    globals: tuple[ShownVariable, ...] = ()
    """The module's variables that the function reads, where they were asked for."""
    exception: ShownVariable | None = None
    """The exception that was being handled."""
    awaiters: tuple[ShownAwaiter, ...] = ()
    message: str | None = None
    process: str | None = None
    """One line that names service, environment, host and pid."""


# --- What lists and trees ask ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class OverviewEntry:
    """One breakpoint of the project, in a file that is open here or not."""

    filename: str
    """In its repository."""
    breakpoint: BreakpointState
    """Of a file that is not in this workspace the line is the one that it was set on."""
    uri: str | None = None
    """Only where the file is in this workspace."""
    repository: str | None = None
    newest: HitSummary | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OverviewResult:
    """`livebreak/overview`: every breakpoint of the project, by file and line."""

    breakpoints: tuple[OverviewEntry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HitListParams:
    """`livebreak/hitList`: a page of hits. Without `older_than`, `newer_than` and `cursor` it is the newest."""

    breakpoint_id: str | None = None
    """Absent: of all breakpoints."""
    where: str | None = None
    """A filter in the expression language."""
    older_than: str | None = None
    """Id of a hit: those next before it."""
    newer_than: str | None = None
    """Id of a hit: those next after it."""
    cursor: str | None = None
    """Of an earlier page: what is behind it, also where its search stopped without a hit."""
    limit: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedHit:
    id: str
    breakpoint_id: str
    timestamp: str
    summary: str
    """One line of plain text: its message, or the first of its variables."""
    process: str | None = None
    """One line that names service, environment, host and pid."""
    message: str | None = None
    """A logpoint's text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HitListResult:
    hits: tuple[ListedHit, ...]
    """Newest first."""
    has_older: bool = False
    has_newer: bool = False
    complete: bool = True
    """False if the search for `where` stopped at its bound; `cursor` goes on from there."""
    note: str | None = None
    """A sentence about what is not here, and what to do."""
    cursor: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class VariablesParams:
    """`livebreak/variables`: what is directly in a frame, or in a value of it."""

    hit_id: str
    frame: int = 0
    """0 is the innermost."""
    path: tuple[str, ...] = ()
    """The `path` of a variable of an earlier answer; empty for the frame itself."""
    scope: Literal["locals", "watches", "globals", "context", "exception"] = "locals"
    """What an empty path means: the frame's locals or, of the hit, its watch expressions, the module's variables, those of the
    context, or the exception that was being handled."""
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedVariable:
    """A captured value, rendered as plain text, without what is in it."""

    name: str
    type: str
    text: str
    path: tuple[str, ...]
    """What unfolds it; the same in every hit that has it."""
    children: int = 0
    """How many values were captured in it."""
    note: str | None = None
    """Why it is cut, and its true size."""
    expression: str | None = None
    """What gives this value in conditions, log messages and watch expressions; absent where nothing does."""
    equals: str | None = None
    """A condition that is true where it has this value: `user.id == 42`; only of a plain and whole one in the hit's own frame."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VariablesResult:
    variables: tuple[ListedVariable, ...]
    total: int
    """Of all pages."""
    note: str | None = None
    """Why there is nothing, or not everything."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompareHitsParams:
    """`livebreak/compareHits`."""

    newer: str
    older: str | None = None
    """Absent: the hit of the same breakpoint before `newer`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparedRow:
    """One part of the variables that is not the same in both hits."""

    expression: str
    """The variable, then the fields, indexes and keys inside of it."""
    kind: Literal["added", "removed", "changed"]
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CompareHitsResult:
    newer: str
    older: str | None = None
    """Absent where there is no hit before `newer`."""
    rows: tuple[ComparedRow, ...] = ()
    unchanged: int = 0
    """Variables that are the same, as far as they were captured."""
    note: str | None = None
    """What the comparison cannot tell."""


# --- The rest -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckConditionParams:
    """`livebreak/checkCondition`: what an input box asks on each key press."""

    text: str
    kind: Literal["condition", "log"] = "condition"
    uri: str | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckConditionResult:
    ok: bool
    message: str | None = None
    """What is wrong, and what to do."""
    column: int | None = None
    """0-based, in characters of the text."""
    doubt: str | None = None
    """Why it may find nothing although it can be used: a name that the line's frame will not hold. Needs `uri` and `line`."""
    names: tuple[str, ...] = ()
    """The names that it can use there, nearest first; for completion."""


class Connection(StrEnum):
    OFF = "off"
    """Live mode is off: nothing is sent."""
    CONNECTING = "connecting"
    CONNECTED = "connected"
    OFFLINE = "offline"
    """The backend does not answer; edits are queued and it is tried again."""
    REFUSED = "refused"
    """The backend answers and does not let us in; the message says what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """`livebreak/status`: where this editor is connected to."""

    connection: Connection
    message: str
    host: str | None = None
    project: str | None = None
    owner: str | None = None
    mode: Literal["stream", "poll"] | None = None
    queued: int = 0
    """Edits that wait for the backend."""
    processes: int = 0
    pauses: tuple[Pause, ...] = ()
    breakpoints: int = 0
    """This user's, switched on."""
    is_production: bool = False
    """True if the connection, its host, the project, or a process that is there is called production."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectParams:
    """`livebreak/connect`: where this session goes from now on. Without a name and a host: where a new session would."""

    name: str | None = None
    """A connection's, as `livebreak connect --name` made it."""
    host: str | None = None
    project: int | None = None
    """By default the key's own."""
    key: str | None = field(default=None, repr=False)
    """A `phx_` key, for the origin of `host` only and kept in memory only; by default the one that is stored for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Somewhere to connect to; never with a key."""

    host: str
    name: str | None = None
    """The connection's; None for what is no stored connection."""
    project: int | None = None
    """None is the key's own."""
    is_default: bool = False
    is_production: bool = False
    """True if the connection or its host is called production."""
    has_key: bool = False
    """True if a key is stored for its origin."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetsResult:
    """`livebreak/targets`: what can be connected to without typing anything."""

    connections: tuple[Target, ...]
    """By name."""
    local: Target | None = None
    """This user's backend on this machine, if it listens."""
    environment: Target | None = None
    """What the variables of the server's environment say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectsParams:
    """`livebreak/projects`: tests a host and a key before anything is kept."""

    host: str
    key: str | None = field(default=None, repr=False)
    """See `ConnectParams.key`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyProject:
    id: int
    """0 where a plain PostHog API does not tell."""
    name: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectsResult:
    host: str
    """The address in full, as `livebreak/connect` takes it."""
    projects: tuple[KeyProject, ...]
    """What the key opens."""
    owner: str | None = None
    """The person whose key it is."""
    can_write: bool = True
    """False for a key that may look, but set no breakpoint."""
    version: str | None = None
    """The backend's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DebugAdapterResult:
    """`livebreak/debugAdapter`: where this process listens for the Debug Adapter Protocol, absent if it does not."""

    pipe: str | None = None


LSP_MESSAGES: Mapping[str, tuple[type | None, type | None]] = {
    "livebreak/setBreakpoints": (SetBreakpointsParams, BreakpointsParams),
    "livebreak/breakpoints": (BreakpointsParams, None),
    "livebreak/hits": (HitsParams, None),
    "livebreak/hit": (HitParams, HitResult),
    "livebreak/checkCondition": (CheckConditionParams, CheckConditionResult),
    "livebreak/status": (None, Status),
    "livebreak/connect": (ConnectParams, Status),
    "livebreak/disconnect": (None, Status),
    "livebreak/targets": (None, TargetsResult),
    "livebreak/projects": (ProjectsParams, ProjectsResult),
    "livebreak/debugAdapter": (None, DebugAdapterResult),
    "livebreak/overview": (None, OverviewResult),
    "livebreak/changed": (None, None),
    "livebreak/hitList": (HitListParams, HitListResult),
    "livebreak/variables": (VariablesParams, VariablesResult),
    "livebreak/compareHits": (CompareHitsParams, CompareHitsResult),
}
"""Method to params and result; the second is None for a notification."""
