"""Hits: stored once, counted, announced, read newest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, and_, bindparam, select

from livebreak.backend.store import breakpoints as breakpoint_rows
from livebreak.backend.store.bulk import insert_rows, known_ids
from livebreak.backend.store.database import Transaction
from livebreak.backend.store.hit_rows import (
    INSERTED,
    is_hit,
    newest_first,
    newest_readable,
    row_of,
    values_of,
)
from livebreak.backend.store.hit_shapes import HitRow
from livebreak.backend.store.interface import Place
from livebreak.backend.store.prepared import Prepared
from livebreak.backend.store.tables import breakpoints, hits
from livebreak_agent.vocabulary.summary import summarise
from livebreak_agent.vocabulary.wire import BreakpointHits, HitsArrived


def add(transaction: Transaction, project_id: int, rows: Sequence[HitRow], announce: Collection[str], now: int) -> None:
    fresh = _without_known(transaction.connection, project_id, rows)
    if not fresh:
        return
    insert_rows(transaction.connection, hits, INSERTED, [values_of(project_id, row, now) for row in fresh])
    counts = Counter(row.breakpoint_id for row in fresh if row.breakpoint_id is not None)
    # Anybody may send hits with the public token alone; only verified ones may use up somebody's limit.
    verified = Counter(row.breakpoint_id for row in fresh if row.breakpoint_id is not None and row.verified)
    for breakpoint_id, count in counts.items():
        numbers = {"more": count, "verified": verified[breakpoint_id]}
        known = _COUNT.run(transaction.connection, of_project=project_id, of_id=breakpoint_id, **numbers).first()
        if known is None:
            continue  # deleted, or never registered: such a hit is kept as a plain event
        if breakpoint_id in announce:
            announce_one(transaction, project_id, breakpoint_id, now)
        if known.enabled and known.hit_limit is not None and known.hits_limited >= known.hit_limit:
            breakpoint_rows.disable(transaction, project_id, breakpoint_id, now, "hit_limit")


def announce_one(transaction: Transaction, project_id: int, breakpoint_id: str, now: int) -> None:
    row = _COUNTED.run(transaction.connection, of_project=project_id, of_id=breakpoint_id).first()
    if row is None or row.hits_owed == 0:
        return
    newest = newest_readable(transaction.connection, project_id, breakpoint_id)
    if newest is not None:
        message = HitsArrived(breakpoint_id=breakpoint_id, count=row.hits_owed, total=row.hits_stored, newest=summarise(newest))
        transaction.emit(project_id, message, now)
    _ANNOUNCED.run(transaction.connection, of_project=project_id, of_id=breakpoint_id)


def announce_all(transaction: Transaction, now: int) -> None:
    statement = select(breakpoints.c.project_id, breakpoints.c.id).where(breakpoints.c.hits_owed > 0)
    for project_id, breakpoint_id in transaction.connection.execute(statement).all():
        announce_one(transaction, project_id, breakpoint_id, now)


def summaries(connection: Connection, project_id: int, place: Place) -> tuple[BreakpointHits, ...]:
    """Of the listed breakpoints, those that have hits."""
    found: list[BreakpointHits] = []
    for breakpoint_id, stored in breakpoint_rows.with_hits(connection, project_id, place):
        newest = newest_readable(connection, project_id, breakpoint_id)
        if newest is not None:
            found.append(BreakpointHits(breakpoint_id=breakpoint_id, total=stored, newest=summarise(newest)))
    return tuple(found)


def one(connection: Connection, project_id: int, hit_id: str) -> HitRow | None:
    row = connection.execute(newest_first(is_hit(project_id, hit_id))).first()
    return None if row is None else row_of(row)


_IS_IT = and_(breakpoints.c.project_id == bindparam("of_project"), breakpoints.c.id == bindparam("of_id"))

_COUNT = Prepared(
    breakpoints.update()
    .where(_IS_IT)
    .values(
        hits_stored=breakpoints.c.hits_stored + bindparam("more"),
        hits_owed=breakpoints.c.hits_owed + bindparam("more"),
        hits_limited=breakpoints.c.hits_limited + bindparam("verified"),
    )
    .returning(breakpoints.c.enabled, breakpoints.c.hit_limit, breakpoints.c.hits_limited)
)

_COUNTED = Prepared(select(breakpoints.c.hits_owed, breakpoints.c.hits_stored).where(_IS_IT))

_ANNOUNCED = Prepared(breakpoints.update().where(_IS_IT).values(hits_owed=0))


def _without_known(connection: Connection, project_id: int, rows: Sequence[HitRow]) -> list[HitRow]:
    """Senders repeat a batch whose answer they did not get, so an id that is there already is not a new hit."""
    by_id = {row.id: row for row in rows}
    for known in known_ids(connection, project_id, list(by_id)):
        del by_id[known]
    return list(by_id.values())
