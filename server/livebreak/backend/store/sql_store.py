"""The `Store` over any database that SQLAlchemy Core knows: each method is one transaction of the functions beside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from livebreak.backend.store import access, audit, breakpoints, hit_keeping, hit_pages, hit_scan, hits, presence
from livebreak.backend.store.database import Database
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
from livebreak.backend.store.interface import (
    BACKEND_ITSELF,
    Actor,
    AuditQuery,
    AuditRow,
    Event,
    EventName,
    KeyDraft,
    KeyRow,
    Place,
    ProjectRow,
)
from livebreak.backend.store.memory import Memory
from livebreak_agent.vocabulary.model import Breakpoint
from livebreak_agent.vocabulary.wire import Breakpoints, Pause, PauseRequest, ProcessReport, ProcessState


class SqlStore:
    """See `interface.Store`, which says what each method does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._memory = Memory(database.version)
        self._owes_erasure = False

    def subscribe(self, listener: Callable[[Sequence[Event]], None]) -> None:
        self._database.subscribe(listener)

    async def close(self) -> None:
        await self._database.close()

    async def create_project(
        self, name: str, token: str, secret: KeyDraft, now: int, *, by: Actor = BACKEND_ITSELF
    ) -> ProjectRow:
        return await self._database.write(lambda t: access.create_project(t, name, token, secret, now, by))

    async def create_key(self, project_id: int, key: KeyDraft, now: int, *, by: Actor = BACKEND_ITSELF) -> bool:
        return await self._database.write(lambda t: access.create_key(t, project_id, key, now, by))

    async def rotate_secret(
        self, project_id: int, secret: KeyDraft, now: int, *, keep_old: bool, by: Actor
    ) -> tuple[KeyRow, ...] | None:
        return await self._database.write(lambda t: access.rotate_secret(t, project_id, secret, now, keep_old=keep_old, by=by))

    async def revoke_key(self, key_id: int, now: int, *, by: Actor) -> bool:
        return await self._database.write(lambda t: access.revoke(t, key_id, now, by))

    async def projects(self) -> tuple[ProjectRow, ...]:
        return await self._database.read(access.all_projects)

    async def project(self, project_id: int) -> ProjectRow | None:
        return await self._memory.ask(
            ("project", project_id), lambda: self._database.read(lambda c: access.project(c, project_id))
        )

    async def project_of_token(self, token: str) -> ProjectRow | None:
        return await self._memory.ask(("token", token), lambda: self._database.read(lambda c: access.project_of_token(c, token)))

    async def set_retention(
        self, project_id: int, retention_us: int | None, retained_hits: int | None, now: int, *, by: Actor = BACKEND_ITSELF
    ) -> bool:
        return await self._database.write(lambda t: access.set_retention(t, project_id, retention_us, retained_hits, now, by))

    async def key(self, digest: str) -> KeyRow | None:
        return await self._memory.ask(("key", digest), lambda: self._database.read(lambda c: access.key(c, digest)))

    async def keys(self, project_id: int | None) -> tuple[KeyRow, ...]:
        return await self._database.read(lambda c: access.all_keys(c, project_id))

    async def revoked(self, key_ids: Collection[int]) -> frozenset[int]:
        return await self._database.read(lambda c: access.revoked(c, key_ids))

    async def note_key_use(self, last_used: Mapping[int, int]) -> None:
        await self._database.write(lambda t: access.note_use(t, last_used))

    async def record_reads(self, project_id: int, by: Actor, times: int, now: int) -> None:
        await self._database.write(lambda t: audit.record_reads(t, project_id, by, times, now))

    async def audit(self, query: AuditQuery) -> tuple[AuditRow, ...]:
        return await self._database.read(lambda c: audit.newest(c, query))

    async def prune_audit(self, before: int) -> None:
        await self._database.write(lambda t: audit.prune(t, before))

    async def breakpoints(self, project_id: int, place: Place) -> tuple[Breakpoint, ...]:
        return await self._database.read(lambda c: breakpoints.all_breakpoints(c, project_id, place))

    async def breakpoints_with_hits(self, project_id: int, place: Place) -> Breakpoints:
        return await self._database.read(
            lambda c: Breakpoints(
                results=breakpoints.all_breakpoints(c, project_id, place), hits=hits.summaries(c, project_id, place)
            )
        )

    async def page_of_breakpoints(
        self, project_id: int, place: Place, limit: int, offset: int
    ) -> tuple[int, tuple[Breakpoint, ...]]:
        return await self._database.read(lambda c: breakpoints.page(c, project_id, place, limit, offset))

    async def breakpoint(self, project_id: int, breakpoint_id: str) -> Breakpoint | None:
        return await self._database.read(lambda c: breakpoints.one(c, project_id, breakpoint_id))

    async def create_breakpoint(
        self, project_id: int, breakpoint: Breakpoint, now: int, *, any_text: bool = False, by: Actor = BACKEND_ITSELF
    ) -> tuple[Breakpoint, bool]:
        return await self._database.write(lambda t: breakpoints.create(t, project_id, breakpoint, now, any_text=any_text, by=by))

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
        return await self._database.write(
            lambda t: breakpoints.update(t, project_id, breakpoint_id, changes, now, renewed_expiry, any_text=any_text, by=by)
        )

    async def delete_breakpoint(self, project_id: int, breakpoint_id: str, now: int, *, by: Actor = BACKEND_ITSELF) -> bool:
        return await self._database.write(lambda t: breakpoints.delete(t, project_id, breakpoint_id, now, by))

    async def disable_expired(self, now: int) -> None:
        # Looked up by reading first: this is asked every second, and mostly there is nothing to write.
        if await self._database.read(lambda c: breakpoints.expired(c, now)):
            await self._database.write(lambda t: breakpoints.disable_expired(t, now))

    async def expire_lasting(self, expires_at: int, now: int) -> None:
        await self._database.write(lambda t: breakpoints.expire_lasting(t, expires_at, now))

    async def add_hits(self, project_id: int, rows: Sequence[HitRow], announce: Collection[str], now: int) -> None:
        await self._database.write(lambda t: hits.add(t, project_id, rows, announce, now))

    async def announce_hits(self, project_id: int, breakpoint_id: str, now: int) -> None:
        await self._database.write(lambda t: hits.announce_one(t, project_id, breakpoint_id, now))

    async def announce_all_hits(self, now: int) -> None:
        await self._database.write(lambda t: hits.announce_all(t, now))

    async def page_of_hits(
        self, project_id: int, breakpoint_ids: Collection[str] | None, since: int, limit: int, offset: int
    ) -> tuple[HitSize, ...]:
        return await self._database.read(lambda c: hit_pages.page(c, project_id, breakpoint_ids, since, limit, offset))

    async def numbered_hits(self, numbers: Sequence[int]) -> tuple[HitRow, ...]:
        return await self._database.read(lambda c: hit_pages.numbered(c, numbers))

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
        run = self._database.page if is_short else self._database.scan
        return await run(lambda c: hit_scan.scan(c, project_id, breakpoint_id, narrowed, start, limit, render))

    async def hit(self, project_id: int, hit_id: str) -> HitRow | None:
        return await self._database.read(lambda c: hits.one(c, project_id, hit_id))

    async def pin_hit(self, project_id: int, hit_id: str, now: int, by: Actor) -> HitRow | None:
        return await self._database.write(lambda t: hit_keeping.pin(t, project_id, hit_id, now, by))

    async def unpin_hit(self, project_id: int, hit_id: str, now: int, by: Actor) -> HitRow | None:
        return await self._database.write(lambda t: hit_keeping.unpin(t, project_id, hit_id, now, by))

    async def purge_hits(
        self, project_id: int, purge: Purge, progress: PurgeProgress | None, limit: int, now: int, by: Actor
    ) -> PurgeProgress:
        self._owes_erasure = True
        return await self._database.write(lambda t: hit_keeping.purge(t, project_id, purge, progress, limit, now, by))

    async def finish_purge(self, project_id: int, purge: Purge, now: int) -> None:
        await self._database.write(lambda t: hit_keeping.forget_purged(t, project_id, purge, now))
        await self.erase_purged()

    async def erase_purged(self) -> None:
        if self._owes_erasure:
            self._owes_erasure = not await self._database.empty_log()

    async def prune_hits(self, project_id: int, retention: Retention, limit: int) -> int:
        # Counted by reading, which is in nobody's way; what comes meanwhile is for the next time.
        superfluous = await self._database.scan(lambda c: hit_keeping.newest_superfluous(c, project_id, retention.count))
        return await self._database.write(lambda t: hit_keeping.prune(t, project_id, retention, superfluous, limit))

    async def put_process(self, project_id: int, report: ProcessReport, now: int) -> None:
        await self._database.write(lambda t: presence.put_process(t, project_id, report, now))

    async def remove_process(self, project_id: int, state: ProcessState, now: int) -> None:
        await self._database.write(lambda t: presence.remove_process(t, project_id, state, now))

    async def processes(self) -> tuple[tuple[int, ProcessReport, int], ...]:
        return await self._database.read(presence.all_processes)

    async def pauses(self, project_id: int) -> tuple[Pause, ...]:
        return await self._database.read(lambda c: presence.all_pauses(c, project_id))

    async def pause(self, project_id: int, request: PauseRequest, by: Actor, now: int) -> tuple[Pause, ...]:
        return await self._database.write(lambda t: presence.pause(t, project_id, request, by, now))

    async def resume(self, project_id: int, request: PauseRequest, by: Actor, now: int) -> tuple[Pause, ...]:
        return await self._database.write(lambda t: presence.resume(t, project_id, request, by, now))

    async def latest_event(self) -> EventName:
        return await self._database.read(presence.latest_event)

    async def has_event(self, name: EventName) -> bool:
        return await self._database.read(lambda c: presence.has_event(c, name))

    async def events_after(self, project_id: int, event_id: int, limit: int) -> tuple[Event, ...] | None:
        return await self._database.read(lambda c: presence.events_after(c, project_id, event_id, limit))

    async def prune_events(self, retained: int, since: int) -> None:
        await self._database.write(lambda t: presence.prune_events(t, retained, since))

    async def check(self) -> None:
        await self._database.write(presence.check)
