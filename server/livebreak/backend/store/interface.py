"""What the backend asks of a store. Another engine is another module that answers these."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from livebreak.backend.store.hit_shapes import (
    HitFilter,
    HitRow,
    HitSize,
    Position,
    Purge,
    PurgeProgress,
    Retention,
    ScanLimit,
    ScanResult,
)
from livebreak_agent.vocabulary.model import Breakpoint
from livebreak_agent.vocabulary.wire import Breakpoints, Pause, PauseRequest, ProcessReport, ProcessState


class StoreError(Exception):
    """The root of what a store raises on purpose."""


class StoreUnavailableError(StoreError):
    """The database does not answer, or cannot write: try again later."""


class StoreClosedError(StoreUnavailableError):
    """The store was closed, while somebody still asked."""

    def __init__(self) -> None:
        super().__init__("it is closed")


class OccupiedError(StoreError):
    """Another breakpoint stands on that line of that text of that file and repository."""

    def __init__(self, occupant: Breakpoint) -> None:
        super().__init__("the line is occupied")
        self.occupant = occupant


class TooManyPinnedError(StoreError):
    """The project has as many pinned hits as one may have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectRow:
    id: int
    name: str
    token: str
    """`phc_`: public, so it is stored as it is."""
    retention_us: int | None = None
    """How long its hits are kept; None is the backend's own setting."""
    retained_hits: int | None = None
    """How many of them at most; the same."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRow:
    """A key, as it is stored."""

    id: int
    kind: Literal["personal", "secret"]
    digest: str
    hint: str
    """Its first characters, by which people tell it from others."""
    project_id: int
    owner: str | None
    scopes: tuple[str, ...]
    created_at: int
    last_used_at: int | None = None
    """To the minute or so."""
    revoked_at: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who does something that the audit log tells."""

    name: str
    """The key's owner, the user of this machine who runs a command, or `backend`."""
    key_id: int | None = None
    key_hint: str | None = None


BACKEND_ITSELF = Actor(name="backend")
"""What happens by itself: a breakpoint that expires, or reaches its limit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditRow:
    """Something that was done; of reads, everything that one key read of a project in one hour."""

    id: int
    at: int
    last_at: int
    times: int
    project_id: int
    action: str
    """Such as `breakpoint.create`; all are listed in `audit`."""
    actor: Actor
    subject: str | None
    """What it was done to: the id of a breakpoint, the first characters of a key, the name of a service."""
    detail: Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditQuery:
    """Narrows the audit log; None is no filter."""

    since: int | None = None
    actor: str | None = None
    project_id: int | None = None
    limit: int = 1000
    """Of the newest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that streams tell; numbered in the order in which it was committed."""

    id: int
    project_id: int
    name: str
    """A key of `wire.STREAM_EVENTS`."""
    data: str
    """JSON."""
    created_at: int


@dataclass(frozen=True, slots=True)
class EventName:
    """An event as clients name it. A database that was restored gives the same numbers again, but not at the same microsecond."""

    number: int
    created_at: int


NO_EVENT = EventName(0, 0)
"""What comes before the first event."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Narrows a list of breakpoints; None is no filter."""

    repository: str | None = None
    filename: str | None = None
    enabled_only: bool = False


class Store(Protocol):
    """Each method is one transaction; what a writing method did is durable when it returns.

    All raise `StoreUnavailableError`. Times are microseconds since 1970.
    """

    def subscribe(self, listener: Callable[[Sequence[Event]], None]) -> None:
        """Call `listener` on the event loop with each commit's events, in their order, before the writer goes on."""

    async def close(self) -> None:
        """Finish what was asked for. Whatever is asked later raises `StoreClosedError` at once."""

    # Projects and keys

    async def create_project(
        self, name: str, token: str, secret: KeyDraft, now: int, *, by: Actor = BACKEND_ITSELF
    ) -> ProjectRow: ...

    async def create_key(self, project_id: int, key: KeyDraft, now: int, *, by: Actor = BACKEND_ITSELF) -> bool:
        """False if there is no such project."""

    async def rotate_secret(
        self, project_id: int, secret: KeyDraft, now: int, *, keep_old: bool, by: Actor
    ) -> tuple[KeyRow, ...] | None:
        """Give the project a further secret key and, unless told to keep them, revoke the others, which are returned.

        None if there is no such project.
        """

    async def revoke_key(self, key_id: int, now: int, *, by: Actor) -> bool:
        """False if there is no such key, or it was revoked before."""

    async def projects(self) -> tuple[ProjectRow, ...]: ...

    async def project(self, project_id: int) -> ProjectRow | None: ...

    async def set_retention(
        self, project_id: int, retention_us: int | None, retained_hits: int | None, now: int, *, by: Actor = BACKEND_ITSELF
    ) -> bool:
        """What the project keeps of its hits; None is the backend's own setting. False if there is no such project."""

    async def project_of_token(self, token: str) -> ProjectRow | None: ...

    async def key(self, digest: str) -> KeyRow | None:
        """The key, unless it was revoked."""

    async def keys(self, project_id: int | None) -> tuple[KeyRow, ...]:
        """All keys, revoked ones too, of one project or of all."""

    async def revoked(self, key_ids: Collection[int]) -> frozenset[int]:
        """Those among the ids whose keys are valid no more."""

    async def note_key_use(self, last_used: Mapping[int, int]) -> None:
        """Remember when keys, by id, were used last."""

    # The audit log

    async def record_reads(self, project_id: int, by: Actor, times: int, now: int) -> None:
        """That hits were read: one row a project, key and hour, in which `times` is added up."""

    async def audit(self, query: AuditQuery) -> tuple[AuditRow, ...]:
        """Newest first."""

    async def prune_audit(self, before: int) -> None: ...

    # Breakpoints; `any_text` is the contract's idea of an occupied line: by its number alone, whatever text that refers to

    async def breakpoints(self, project_id: int, place: Place) -> tuple[Breakpoint, ...]:
        """Newest first."""

    async def breakpoints_with_hits(self, project_id: int, place: Place) -> Breakpoints:
        """The same, with what is stored of their hits."""

    async def page_of_breakpoints(
        self, project_id: int, place: Place, limit: int, offset: int
    ) -> tuple[int, tuple[Breakpoint, ...]]:
        """How many there are in all, and the page; newest first."""

    async def breakpoint(self, project_id: int, breakpoint_id: str) -> Breakpoint | None: ...

    async def create_breakpoint(
        self, project_id: int, breakpoint: Breakpoint, now: int, *, any_text: bool = False, by: Actor = BACKEND_ITSELF
    ) -> tuple[Breakpoint, bool]:
        """The row, and whether it is new: if the id is there already, that row is answered as it is. `OccupiedError`."""

    async def update_breakpoint(
        self,
        project_id: int,
        breakpoint_id: str,
        changes: Mapping[str, object],
        now: int,
        renewed_expiry: int,
        *,
        any_text: bool = False,
        by: Actor = BACKEND_ITSELF,
    ) -> Breakpoint | None:
        """Set fields of `model.Breakpoint`; None if it is not there. `OccupiedError`.

        Enabling starts the count towards the hit limit anew, and an expiry that is over becomes `renewed_expiry`.
        """

    async def delete_breakpoint(self, project_id: int, breakpoint_id: str, now: int, *, by: Actor = BACKEND_ITSELF) -> bool: ...

    async def disable_expired(self, now: int) -> None: ...

    async def expire_lasting(self, expires_at: int, now: int) -> None:
        """Give every enabled breakpoint that has no end this one."""

    # Hits

    async def add_hits(self, project_id: int, hits: Sequence[HitRow], announce: Collection[str], now: int) -> None:
        """Store those whose id is new, count them, and disable breakpoints that reached their limit.

        `announce` names breakpoints whose `hits` event is due at once; for others call `announce_hits` later.
        """

    async def announce_hits(self, project_id: int, breakpoint_id: str, now: int) -> None:
        """Tell streams of the hits they were not told of yet, if there are any."""

    async def announce_all_hits(self, now: int) -> None:
        """The same for every breakpoint: what a killed backend still owed."""

    async def page_of_hits(
        self, project_id: int, breakpoint_ids: Collection[str] | None, since: int, limit: int, offset: int
    ) -> tuple[HitSize, ...]:
        """Which ones, newest first. Ids of no breakpoint of the project are ignored; if none is left, the page is empty."""

    async def numbered_hits(self, numbers: Sequence[int]) -> tuple[HitRow, ...]:
        """In that order, without those that are gone."""

    async def scan_hits(
        self,
        project_id: int,
        breakpoint_id: str | None,
        narrowed: HitFilter,
        start: Position | None,
        limit: ScanLimit,
        render: Callable[[HitRow], bytes | None],
        *,
        is_short: bool,
    ) -> ScanResult:
        """Newest first, from after `start`: what `render` makes of each row, without its Nones, within bounds.

        `render` is called in the thread that reads. `is_short` says that it makes something of nearly every row.
        """

    async def hit(self, project_id: int, hit_id: str) -> HitRow | None: ...

    async def pin_hit(self, project_id: int, hit_id: str, now: int, by: Actor) -> HitRow | None:
        """Keep it longer than others; None if it is not there. `TooManyPinnedError`."""

    async def unpin_hit(self, project_id: int, hit_id: str, now: int, by: Actor) -> HitRow | None: ...

    async def purge_hits(
        self, project_id: int, purge: Purge, progress: PurgeProgress | None, limit: int, now: int, by: Actor
    ) -> PurgeProgress:
        """Remove at most `limit` hits, and note who purges how many; `progress` is that of the step before."""

    async def finish_purge(self, project_id: int, purge: Purge, now: int) -> None:
        """Remove from the events what they say of the purged hits, have streams begin anew, and `erase_purged`."""

    async def erase_purged(self) -> None:
        """Leave nothing of purged hits in any file, if that is possible just now. To be called again and again."""

    async def prune_hits(self, project_id: int, retention: Retention, limit: int) -> int:
        """Remove at most `limit` that are old or too much, and return how many."""

    # Processes and pauses

    async def put_process(self, project_id: int, report: ProcessReport, now: int) -> None: ...

    async def remove_process(self, project_id: int, state: ProcessState, now: int) -> None: ...

    async def processes(self) -> tuple[tuple[int, ProcessReport, int], ...]:
        """Project id, last stored report and when it was seen, of every process that has not left."""

    async def pauses(self, project_id: int) -> tuple[Pause, ...]: ...

    async def pause(self, project_id: int, request: PauseRequest, by: Actor, now: int) -> tuple[Pause, ...]: ...

    async def resume(self, project_id: int, request: PauseRequest, by: Actor, now: int) -> tuple[Pause, ...]: ...

    # Events and age

    async def latest_event(self) -> EventName:
        """The newest event of all, `NO_EVENT` if there was none yet."""

    async def has_event(self, name: EventName) -> bool:
        """Whether this very event is kept, of whatever project. `NO_EVENT` always is."""

    async def events_after(self, project_id: int, event_id: int, limit: int) -> tuple[Event, ...] | None:
        """Oldest first; None if events after that number were pruned."""

    async def prune_events(self, retained: int, since: int) -> None:
        """Remove those beyond that number and those from before that time, but never the newest of all."""

    async def check(self) -> None:
        """Write something, and take it back: whether the database can be written."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyDraft:
    """What is stored of a new key."""

    kind: Literal["personal", "secret"]
    digest: str
    hint: str
    scopes: tuple[str, ...] = ()
    owner: str | None = None
