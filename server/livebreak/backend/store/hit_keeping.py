"""How long hits are kept: pins, age, number, and removal on demand. Large removals are many small transactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, tuple_

from livebreak.backend.clock import format_time
from livebreak.backend.store import audit
from livebreak.backend.store.database import Transaction
from livebreak.backend.store.hit_rows import CHUNK, is_hit
from livebreak.backend.store.hit_shapes import HitRow, Purge, PurgeProgress, Retention
from livebreak.backend.store.hits import one
from livebreak.backend.store.interface import Actor, TooManyPinnedError
from livebreak.backend.store.tables import breakpoints, events, hits
from livebreak_agent.vocabulary.wire import Reset

MOST_PINNED = 10_000
"""Of a project: more than people keep on purpose, and too few to fill a disk by mistake."""


def pin(transaction: Transaction, project_id: int, hit_id: str, now: int, by: Actor) -> HitRow | None:
    known = one(transaction.connection, project_id, hit_id)
    if known is None or known.pinned_by is not None:
        return known  # the first who pinned it stays the one who did
    pinned = and_(hits.c.project_id == project_id, hits.c.pinned_at.is_not(None))
    if transaction.connection.execute(select(func.count()).select_from(hits).where(pinned)).scalar_one() >= MOST_PINNED:
        raise TooManyPinnedError
    transaction.connection.execute(hits.update().where(is_hit(project_id, hit_id)).values(pinned_at=now, pinned_by=by.name))
    audit.record(transaction, project_id, audit.PIN_HIT, by, hit_id, {}, now)
    return one(transaction.connection, project_id, hit_id)


def unpin(transaction: Transaction, project_id: int, hit_id: str, now: int, by: Actor) -> HitRow | None:
    known = one(transaction.connection, project_id, hit_id)
    if known is None or known.pinned_by is None:
        return known
    transaction.connection.execute(hits.update().where(is_hit(project_id, hit_id)).values(pinned_at=None, pinned_by=None))
    audit.record(transaction, project_id, audit.UNPIN_HIT, by, hit_id, {"pinned_by": known.pinned_by}, now)
    return one(transaction.connection, project_id, hit_id)


def newest_superfluous(connection: Connection, project_id: int, count: int) -> tuple[int, int] | None:
    """`received_at` and `seq` of the newest hit beyond that number. Passes over as many rows of an index."""
    statement = select(hits.c.received_at, hits.c.seq).where(hits.c.project_id == project_id)
    row = connection.execute(statement.order_by(hits.c.received_at.desc(), hits.c.seq.desc()).limit(1).offset(count)).first()
    return None if row is None else (row.received_at, row.seq)


def prune(
    transaction: Transaction, project_id: int, retention: Retention, superfluous: tuple[int, int] | None, limit: int
) -> int:
    too_old = hits.c.received_at < retention.since
    if superfluous is not None and superfluous[0] >= retention.since:
        # One bound instead of two, for the index; it is the later one.
        too_old = tuple_(hits.c.received_at, hits.c.seq) <= tuple_(*superfluous)
    pinned_too_long = and_(hits.c.pinned_at.is_not(None), hits.c.pinned_at < retention.pinned_since)
    removed = _remove(transaction, project_id, and_(too_old, hits.c.pinned_at.is_(None)), limit)
    return removed + _remove(transaction, project_id, pinned_too_long, limit)


def purge(
    transaction: Transaction, project_id: int, what: Purge, progress: PurgeProgress | None, limit: int, now: int, by: Actor
) -> PurgeProgress:
    where = [hits.c.received_at <= what.until]
    if what.breakpoint_id is not None:
        where.append(hits.c.breakpoint_id == what.breakpoint_id)
    if not what.pinned:
        where.append(hits.c.pinned_at.is_(None))
    removed = _remove(transaction, project_id, and_(*where), limit)
    purged = removed if progress is None else progress.purged + removed
    detail = {"hits": purged, "until": format_time(what.until), "pinned": what.pinned}
    if progress is None:
        entry = audit.record(transaction, project_id, audit.PURGE_HITS, by, what.breakpoint_id, detail, now)
        forget_purged(transaction, project_id, what, now)
    else:
        entry = progress.entry
        audit.revise(transaction, entry, detail)
    return PurgeProgress(purged=purged, is_over=removed < limit, entry=entry)


def forget_purged(transaction: Transaction, project_id: int, what: Purge, now: int) -> None:
    # A stream's events hold the newest hit's variables, and so they go with it.
    where = and_(events.c.project_id == project_id, events.c.name == "hits")
    if what.breakpoint_id is not None:
        where = and_(where, events.c.data.contains(what.breakpoint_id, autoescape=True))
    transaction.connection.execute(events.delete().where(where))
    # The gap that this leaves is not to be seen by a stream that resumes, nor what it told by one that goes on.
    transaction.emit(project_id, Reset(reason="Hits were purged."), now)


def _remove(transaction: Transaction, project_id: int, where: ColumnElement[bool], limit: int) -> int:
    statement = select(hits.c.seq, hits.c.breakpoint_id).where(hits.c.project_id == project_id, where).limit(limit)
    rows = transaction.connection.execute(statement).all()
    _uncount(transaction, project_id, Counter(row.breakpoint_id for row in rows if row.breakpoint_id is not None))
    for numbers in _chunks([row.seq for row in rows]):
        transaction.connection.execute(hits.delete().where(hits.c.seq.in_(numbers)))
    return len(rows)


def _uncount(transaction: Transaction, project_id: int, counts: Counter[str]) -> None:
    for breakpoint_id, count in counts.items():
        stored = breakpoints.c.hits_stored - count
        transaction.connection.execute(
            breakpoints.update()
            .where(breakpoints.c.project_id == project_id, breakpoints.c.id == breakpoint_id)
            # What was owed for so long that it is gone is owed no more.
            .values(hits_stored=stored, hits_owed=case((breakpoints.c.hits_owed > stored, stored), else_=breakpoints.c.hits_owed))
        )


def _chunks(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK))
