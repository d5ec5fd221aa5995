"""What the statements about hits have in common."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, select, tuple_

from livebreak.backend.store.hit_shapes import FACT_COLUMNS, HitRow, Position
from livebreak.backend.store.packing import read
from livebreak.backend.store.prepared import Prepared
from livebreak.backend.store.tables import hits
from livebreak_agent.vocabulary.model import Hit

CHUNK = 500
"""Rows or ids of one statement."""

_FEW = 10
"""Rows with their payloads that are held at once."""

INSERTED = ("project_id", "id", "breakpoint_id", "timestamp", "received_at", "verified", *FACT_COLUMNS, "hides_facts", "payload")

READ = (hits.c.id, hits.c.breakpoint_id, hits.c.timestamp, hits.c.seq, hits.c.verified, hits.c.pinned_by, hits.c.payload)
"""What reading a hit needs; its facts are in the payload, too."""


def values_of(project_id: int, row: HitRow, now: int) -> tuple[Any, ...]:
    """In the order of `INSERTED`."""
    head = (project_id, row.id, row.breakpoint_id, row.timestamp, now, row.verified)
    return (*head, *row.facts, row.hides_facts, row.payload)


def row_of(row: Row[Any]) -> HitRow:
    return HitRow(
        id=row.id,
        breakpoint_id=row.breakpoint_id,
        timestamp=row.timestamp,
        verified=bool(row.verified),
        payload=row.payload,
        pinned_by=row.pinned_by,
    )


def newest_first(where: ColumnElement[bool]) -> Select[Any]:
    return select(*READ).where(where).order_by(hits.c.timestamp.desc(), hits.c.seq.desc())


def is_hit(project_id: int, hit_id: str) -> ColumnElement[bool]:
    return and_(hits.c.project_id == project_id, hits.c.id == hit_id)


def after(position: Position) -> ColumnElement[bool]:
    """Older than the hit at that position."""
    return tuple_(hits.c.timestamp, hits.c.seq) < tuple_(position.timestamp, position.seq)


@contextlib.contextmanager
def few_at_a_time(connection: Connection, statement: Select[Any]) -> Iterator[Iterable[Row[Any]]]:
    """The statement's rows, of which only a few are in memory: a hit may be as large as a request."""
    with connection.execute(statement) as result:
        yield result.yield_per(_FEW)


def newest_readable(connection: Connection, project_id: int, breakpoint_id: str) -> Hit | None:
    first = _NEWEST.run(connection, of_project=project_id, of_id=breakpoint_id).first()
    if first is None:
        return None
    if (hit := read(row_of(first))) is not None:
        return hit
    # The others are looked at only if an odd client sent it.
    where = and_(hits.c.project_id == project_id, hits.c.breakpoint_id == breakpoint_id)
    with few_at_a_time(connection, newest_first(where).limit(CHUNK)) as rows:
        readable = (hit for row in rows if (hit := read(row_of(row))) is not None)
        return next(readable, None)


_NEWEST = Prepared(
    newest_first(and_(hits.c.project_id == bindparam("of_project"), hits.c.breakpoint_id == bindparam("of_id"))).limit(1)
)
