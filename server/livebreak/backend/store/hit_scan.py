"""The bounded search through hits: facts are compared by the database, the rest by what renders a hit."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true

from livebreak.backend.store.hit_rows import after, few_at_a_time, newest_first, row_of
from livebreak.backend.store.hit_shapes import HitFilter, HitRow, Position, ScanLimit, ScanResult
from livebreak.backend.store.tables import hits

SCANNED_ROWS = 20_000
"""Rows that one scan unpacks at most: about a second of one core."""

SCAN_SECONDS = 2.0
"""And the time after which it stops anyway, so that the next scan gets its turn."""

SLICE = 20_000
"""Rows whose facts the database compares before the clock is looked at: some tens of milliseconds."""


def scan(
    connection: Connection,
    project_id: int,
    breakpoint_id: str | None,
    narrowed: HitFilter,
    start: Position | None,
    limit: ScanLimit,
    render: Callable[[HitRow], bytes | None],
) -> ScanResult:
    deadline = time.monotonic() + SCAN_SECONDS
    base, facts = _of(project_id, breakpoint_id), _narrow(narrowed)
    found: list[bytes] = []
    size = scanned = 0
    while True:
        end = None if facts is None else _slice_end(connection, base, start)
        here = and_(base, true() if facts is None else facts, _between(start, end))
        with few_at_a_time(connection, newest_first(here)) as rows:
            for row in rows:
                position = Position(timestamp=row.timestamp, seq=row.seq)
                scanned += 1
                rendered = render(row_of(row))
                if rendered is not None:
                    found.append(rendered)
                    size += len(rendered)
                    if len(found) == limit.hits:
                        return ScanResult(found=tuple(found), position=position, exhausted=False)
                if size >= limit.size or scanned >= SCANNED_ROWS or time.monotonic() > deadline:
                    return ScanResult(found=tuple(found), position=position, exhausted=True)
        if end is None:
            return ScanResult(found=tuple(found), position=None, exhausted=False)
        if time.monotonic() > deadline:
            return ScanResult(found=tuple(found), position=end, exhausted=True)
        start = end


def _slice_end(connection: Connection, base: ColumnElement[bool], start: Position | None) -> Position | None:
    """The last of the next `SLICE` rows, found in an index alone; None if there are fewer."""
    order = (hits.c.timestamp.desc(), hits.c.seq.desc())
    statement = select(hits.c.timestamp, hits.c.seq).where(base, _between(start, None)).order_by(*order)
    row = connection.execute(statement.limit(1).offset(SLICE - 1)).first()
    return None if row is None else Position(timestamp=row.timestamp, seq=row.seq)


def _of(project_id: int, breakpoint_id: str | None) -> ColumnElement[bool]:
    where = hits.c.project_id == project_id
    return where if breakpoint_id is None else and_(where, hits.c.breakpoint_id == breakpoint_id)


def _narrow(narrowed: HitFilter) -> ColumnElement[bool] | None:
    where = [_among(name, values) for name, values in sorted(narrowed.facts.items())]
    if narrowed.since is not None:
        where.append(hits.c.timestamp >= narrowed.since)
    if narrowed.until is not None:
        where.append(hits.c.timestamp <= narrowed.until)
    # A variable of the same name stands before the fact, so such a hit is left to the filter itself.
    return or_(hits.c.hides_facts.is_(True), and_(*where)) if where else None


def _among(name: str, values: frozenset[str | None]) -> ColumnElement[bool]:
    column = hits.c["breakpoint_id" if name == "breakpoint" else name]
    texts = sorted(value for value in values if value is not None)
    return or_(column.in_(texts), column.is_(None)) if None in values else column.in_(texts)


def _between(start: Position | None, end: Position | None) -> ColumnElement[bool]:
    """After `start`, up to and with `end`."""
    where = true() if start is None else after(start)
    return where if end is None else and_(where, ~after(end))
