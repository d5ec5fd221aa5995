"""Hits: stored once, counted, announced, read newest first."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, select, tuple_

from livebreak.backend.clock import format_time
from livebreak.backend.store import breakpoints as breakpoint_rows
from livebreak.backend.store.database import Transaction
from livebreak.backend.store.interface import HitRow, Place, Position, ScanLimit, ScanResult
from livebreak.backend.store.packing import unpack
from livebreak.backend.store.tables import breakpoints, hits
from livebreak_agent.vocabulary import hit_event
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.summary import summarise
from livebreak_agent.vocabulary.wire import BreakpointHits, HitsArrived

SCANNED_ROWS = 20_000
"""Rows that one scan unpacks at most: some seconds of one core."""

SCAN_SECONDS = 2.0
"""And the time after which it stops anyway, so that the next scan gets its turn."""

_FEW = 10
"""Rows with their payloads that are held at once."""

_CHUNK = 500
"""Rows or ids of one statement."""


def add(transaction: Transaction, project_id: int, rows: Sequence[HitRow], announce: Collection[str], now: int) -> None:
    fresh = _without_known(transaction.connection, project_id, rows)
    if not fresh:
        return
    transaction.connection.execute(hits.insert(), [_values(project_id, row, now) for row in fresh])
    counts = Counter(row.breakpoint_id for row in fresh if row.breakpoint_id is not None)
    # Anybody may send hits with the public token alone; only verified ones may use up somebody's limit.
    verified = Counter(row.breakpoint_id for row in fresh if row.breakpoint_id is not None and row.verified)
    for breakpoint_id, count in counts.items():
        known = transaction.connection.execute(
            breakpoints.update()
            .where(breakpoints.c.project_id == project_id, breakpoints.c.id == breakpoint_id)
            .values(
                hits_stored=breakpoints.c.hits_stored + count,
                hits_owed=breakpoints.c.hits_owed + count,
                hits_limited=breakpoints.c.hits_limited + verified[breakpoint_id],
            )
            .returning(breakpoints.c.enabled, breakpoints.c.hit_limit, breakpoints.c.hits_limited)
        ).first()
        if known is None:
            continue  # deleted, or never registered: such a hit is kept as a plain event
        if breakpoint_id in announce:
            announce_one(transaction, project_id, breakpoint_id, now)
        if known.enabled and known.hit_limit is not None and known.hits_limited >= known.hit_limit:
            breakpoint_rows.disable(transaction, project_id, breakpoint_id, now)


def announce_one(transaction: Transaction, project_id: int, breakpoint_id: str, now: int) -> None:
    row = breakpoint_rows.find(transaction.connection, project_id, breakpoint_id)
    if row is None or row.hits_owed == 0:
        return
    newest = _newest_readable(transaction.connection, project_id, breakpoint_id)
    if newest is not None:
        message = HitsArrived(breakpoint_id=breakpoint_id, count=row.hits_owed, total=row.hits_stored, newest=summarise(newest))
        transaction.emit(project_id, message, now)
    transaction.connection.execute(
        breakpoints.update().where(breakpoints.c.project_id == project_id, breakpoints.c.id == breakpoint_id).values(hits_owed=0)
    )


def announce_all(transaction: Transaction, now: int) -> None:
    statement = select(breakpoints.c.project_id, breakpoints.c.id).where(breakpoints.c.hits_owed > 0)
    for project_id, breakpoint_id in transaction.connection.execute(statement).all():
        announce_one(transaction, project_id, breakpoint_id, now)


def summaries(connection: Connection, project_id: int, place: Place) -> tuple[BreakpointHits, ...]:
    """Of the listed breakpoints, those that have hits."""
    found: list[BreakpointHits] = []
    for breakpoint_id, stored in breakpoint_rows.with_hits(connection, project_id, place):
        newest = _newest_readable(connection, project_id, breakpoint_id)
        if newest is not None:
            found.append(BreakpointHits(breakpoint_id=breakpoint_id, total=stored, newest=summarise(newest)))
    return tuple(found)


def scan(
    connection: Connection,
    project_id: int,
    breakpoint_id: str | None,
    start: Position | None,
    limit: ScanLimit,
    render: Callable[[HitRow], bytes | None],
) -> ScanResult:
    where = hits.c.project_id == project_id
    if breakpoint_id is not None:
        where = and_(where, hits.c.breakpoint_id == breakpoint_id)
    found: list[bytes] = []
    size = 0
    deadline = time.monotonic() + SCAN_SECONDS
    with _few_at_a_time(connection, _newest_first(_after(where, start))) as rows:
        for scanned, row in enumerate(rows, start=1):
            position = Position(timestamp=row.timestamp, seq=row.seq)
            rendered = render(_row(row))
            if rendered is not None:
                found.append(rendered)
                size += len(rendered)
                if len(found) == limit.hits:
                    return ScanResult(found=tuple(found), position=position, exhausted=False)
            if size >= limit.size or scanned >= SCANNED_ROWS or time.monotonic() > deadline:
                return ScanResult(found=tuple(found), position=position, exhausted=True)
    return ScanResult(found=tuple(found), position=None, exhausted=False)


def one(connection: Connection, project_id: int, hit_id: str) -> HitRow | None:
    row = connection.execute(select(hits).where(hits.c.project_id == project_id, hits.c.id == hit_id)).first()
    return None if row is None else _row(row)


def prune(transaction: Transaction, before: int) -> None:
    old = hits.c.received_at < before
    counted = select(hits.c.project_id, hits.c.breakpoint_id, func.count().label("count"))
    of_breakpoints = counted.where(old, hits.c.breakpoint_id.is_not(None)).group_by(hits.c.project_id, hits.c.breakpoint_id)
    for row in transaction.connection.execute(of_breakpoints).all():
        stored = breakpoints.c.hits_stored - row.count
        transaction.connection.execute(
            breakpoints.update()
            .where(breakpoints.c.project_id == row.project_id, breakpoints.c.id == row.breakpoint_id)
            # What was owed for so long that it is gone is owed no more.
            .values(hits_stored=stored, hits_owed=case((breakpoints.c.hits_owed > stored, stored), else_=breakpoints.c.hits_owed))
        )
    transaction.connection.execute(hits.delete().where(old))


def read(row: HitRow) -> Hit | None:
    """The hit in the words of the vocabulary; None if it lacks what a hit needs there."""
    return hit_event.read(row.id, format_time(row.timestamp), unpack(row.payload), verified=row.verified)


def _newest_readable(connection: Connection, project_id: int, breakpoint_id: str) -> Hit | None:
    where = and_(hits.c.project_id == project_id, hits.c.breakpoint_id == breakpoint_id)
    with _few_at_a_time(connection, _newest_first(where).limit(_CHUNK)) as rows:
        readable = (hit for row in rows if (hit := read(_row(row))) is not None)
        return next(readable, None)


@contextlib.contextmanager
def _few_at_a_time(connection: Connection, statement: Select[Any]) -> Iterator[Iterable[Row[Any]]]:
    """The statement's rows, of which only a few are in memory: a hit may be as large as a request."""
    with connection.execute(statement) as result:
        yield result.yield_per(_FEW)


def _without_known(connection: Connection, project_id: int, rows: Sequence[HitRow]) -> list[HitRow]:
    """Senders repeat a batch whose answer they did not get, so an id that is there already is not a new hit."""
    by_id = {row.id: row for row in rows}
    ids = list(by_id)
    for start in range(0, len(ids), _CHUNK):
        statement = select(hits.c.id).where(hits.c.project_id == project_id, hits.c.id.in_(ids[start : start + _CHUNK]))
        for known in connection.execute(statement).scalars():
            del by_id[known]
    return list(by_id.values())


def _values(project_id: int, row: HitRow, now: int) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "id": row.id,
        "breakpoint_id": row.breakpoint_id,
        "timestamp": row.timestamp,
        "received_at": now,
        "verified": row.verified,
        "payload": row.payload,
    }


def _row(row: Row[Any]) -> HitRow:
    return HitRow(id=row.id, breakpoint_id=row.breakpoint_id, timestamp=row.timestamp, verified=row.verified, payload=row.payload)


def _newest_first(where: ColumnElement[bool]) -> Select[Any]:
    return select(hits).where(where).order_by(hits.c.timestamp.desc(), hits.c.seq.desc())


def _after(where: ColumnElement[bool], position: Position | None) -> ColumnElement[bool]:
    if position is None:
        return where
    return and_(where, tuple_(hits.c.timestamp, hits.c.seq) < tuple_(position.timestamp, position.seq))
