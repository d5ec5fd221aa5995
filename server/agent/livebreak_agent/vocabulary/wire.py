"""The live routes of the REST API: what is ours beside PostHog's.

PostHog's own routes are not here: their shapes are the contract's, and live in the backend.

Live routes, below `/api/projects/:id/livebreak/`; keys in snake_case, absent keys mean null:

==========================================  ==========  =======================  =======================
route                                       key         takes                    answers
==========================================  ==========  =======================  =======================
``GET /``                                   any         -                        `Capabilities`
``GET breakpoints``                         phx_        ``?repository=``         `Breakpoints`
``POST breakpoints``                        phx_ write  `model.NewBreakpoint`    `model.Breakpoint`, 201 (200 if it was there)
``GET breakpoints/:id``                     phx_        -                        `model.Breakpoint`
``PATCH breakpoints/:id``                   phx_ write  any fields of            `model.Breakpoint`
                                                        `NewBreakpoint` but id;
                                                        null clears
``DELETE breakpoints/:id``                  phx_ write  -                        204
``GET armed``                               phs_        `ArmedQuery`             `ArmedSet`, or 304
``PUT processes/:id``                       phs_        `ProcessReport`          204
``DELETE processes/:id``                    phs_        -                        204
``GET processes``                           phx_        -                        `Processes`
``GET hits``                                phx_        `HitsQuery`              `Hits`
``GET hits/:id``                            phx_        -                        `model.Hit`
``PUT``, ``DELETE hits/:id/pin``            phx_ write  -                        `model.Hit`
``POST hits/purge``                         phx_ write  `PurgeRequest`           `Purged`
``GET stream``                              phx_        ``Last-Event-ID``        server-sent events, see `STREAM_EVENTS`
``POST pause``, ``POST resume``             phx_ write  `PauseRequest`           `Pauses`
==========================================  ==========  =======================  =======================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from livebreak_agent.vocabulary.model import Binding, Breakpoint, Hit, Process

API_VERSION = 1
"""Raised when a live route changes so that an older peer would misread it; both sides say who is outdated."""


# --- Live routes: who is there --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    id: int
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Capabilities:
    """`GET livebreak/`: that this is more than a plain PostHog API (which answers 404), and what it can."""

    version: str
    """The backend's own version."""
    api: int
    """`API_VERSION` of the backend."""
    features: tuple[str, ...]
    """Names of the routes below that it serves."""
    project: Project
    ingestion_token: str | None = None
    """The project's `phc_` token, for an agent that holds only the secret key."""
    owner: str | None = None
    """The person whose key asked."""
    scopes: tuple[str, ...] = ()
    """What the key may do."""


# --- Live routes: breakpoints ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakpointHits:
    """What is stored of one breakpoint's hits."""

    breakpoint_id: str
    total: int
    newest: HitSummary


@dataclass(frozen=True, kw_only=True, slots=True)
class Breakpoints:
    """All breakpoints of the project, newest first."""

    results: tuple[Breakpoint, ...]
    hits: tuple[BreakpointHits, ...] = ()
    """For each of them that has any."""


# --- Live routes: the agent's ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmedQuery:
    """Query parameters of `GET livebreak/armed`; `If-None-Match` carries the `ETag` of the set the agent holds."""

    process: str
    """The process id; asking renews its lease."""
    wait: int = 0
    """Seconds to hold the answer back while nothing changed, at most `MAX_WAIT`."""
    repository: str | None = None
    service: str | None = None
    environment: str | None = None


MAX_WAIT = 25
"""Seconds of one long poll: below the 30 s at which common proxies give up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """The kill switch, pulled."""

    by: str
    at: str
    service: str | None = None
    """None is the whole project."""
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmedSet:
    """What a process is to have armed: the whole list, replacing the last."""

    breakpoints: tuple[Breakpoint, ...]
    lease_seconds: float
    """Without a further answer within this time the agent disarms everything."""
    paused: Pause | None = None
    """Where it is there, the list is empty because of it."""
    unknown_process: bool = False
    """True if the backend has no report of this process: the agent sends one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessReport:
    """`PUT livebreak/processes/:id`: the whole state of one process, replacing the last."""

    process: Process
    bindings: tuple[Binding, ...] = ()
    queue_dropped: int = 0
    """Hits lost in this process because its queue was full."""


# --- Live routes: the IDE's -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessState:
    """One row of the matrix of processes and breakpoints."""

    process: Process
    bindings: tuple[Binding, ...] = ()
    seen_at: str | None = None
    """UTC time of the last sign of life."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Processes:
    """The processes whose lease is running, and what keeps them from capturing."""

    results: tuple[ProcessState, ...]
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HitsQuery:
    """Query parameters of `GET livebreak/hits`; newest first."""

    breakpoint_id: str | None = None
    where: str | None = None
    """A filter in the expression language, over the hit's variables and facts."""
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Hits:
    """A page of full hits."""

    results: tuple[Hit, ...]
    complete: bool = True
    """False if the scan for `where` stopped at its bound; `cursor` goes on from there."""
    cursor: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PurgeRequest:
    """`POST livebreak/hits/purge`: remove hits for good. Without any field: all of the project but the pinned ones."""

    breakpoint_id: str | None = None
    older_than: int | None = None
    """Seconds."""
    pinned: bool = False
    """Pinned ones, too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Purged:
    purged: int
    """Hits that this request removed."""
    complete: bool = True
    """False if there are more: ask again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HitSummary:
    """What one line of text can show of a hit; the whole is fetched when somebody looks."""

    id: str
    breakpoint_id: str
    timestamp: str
    filename: str
    line_number: int
    function: str = ""
    variables: Mapping[str, object] | None = None
    """A few of the variables whose values are short, see `summary`."""
    message: str | None = None
    condition: str | None = None
    """The condition that was in force; with a `process_id`, None is that there was none."""
    process_id: str | None = None
    service: str | None = None
    environment: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PauseRequest:
    """`POST livebreak/pause` and `resume`."""

    service: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Pauses:
    results: tuple[Pause, ...]


# --- Live routes: the stream ----------------------------------------------------------------------------------------


DisabledReason = Literal["expired", "hit_limit"]
"""Its time is over, or it has as many hits as it may have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakpointChanged:
    """Event `breakpoint`."""

    change: Literal["created", "updated", "deleted"]
    breakpoint: Breakpoint
    """As it is now; as it last was, if deleted."""
    reason: DisabledReason | None = None
    """Why the backend disabled it, where nobody did."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessChanged:
    """Event `process`: it reported, or it left."""

    change: Literal["updated", "left"]
    state: ProcessState


@dataclass(frozen=True, kw_only=True, slots=True)
class HitsArrived:
    """Event `hits`: at most two a second for each breakpoint, so that a hot line does not drown the editor."""

    breakpoint_id: str
    count: int
    """Hits that came since the last such event for this breakpoint."""
    total: int
    """Hits that are stored for this breakpoint."""
    newest: HitSummary


@dataclass(frozen=True, kw_only=True, slots=True)
class PauseChanged:
    """Event `pause`."""

    pauses: tuple[Pause, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reset:
    """Event `reset`: `Last-Event-ID` is too old or unknown, so fetch everything anew. Also the first event of a fresh stream."""

    reason: str


STREAM_EVENTS: Mapping[str, type] = {
    "breakpoint": BreakpointChanged,
    "process": ProcessChanged,
    "hits": HitsArrived,
    "pause": PauseChanged,
    "reset": Reset,
}
"""Event names of `GET livebreak/stream` and the shape of their data. The id of an event is its number in the store."""
