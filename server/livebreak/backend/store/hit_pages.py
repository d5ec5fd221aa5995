"""Pages of hits in two steps: which ones, and then a few at a time what they hold, since each may be a mebibyte."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, exists, func, select, union_all

from livebreak.backend.store.hit_rows import READ, row_of
from livebreak.backend.store.hit_shapes import HitRow, HitSize
from livebreak.backend.store.prepared import Prepared
from livebreak.backend.store.tables import breakpoints, hits

_FEW = 50
"""Breakpoints that are looked up one by one: what an editor shows, and few enough for one statement."""

_LARGEST_NUMBER = 2**63 - 1
"""What an SQL integer holds; a page beyond it is as empty as a page there."""


def page(
    connection: Connection, project_id: int, breakpoint_ids: Collection[str] | None, since: int, limit: int, offset: int
) -> tuple[HitSize, ...]:
    skipped = min(offset, _LARGEST_NUMBER - limit)
    if breakpoint_ids is not None and len(breakpoint_ids) == 1:
        (only,) = breakpoint_ids
        values = {"of_project": project_id, "of_id": only, "of_since": since, "of_limit": limit, "of_offset": skipped}
        return tuple(HitSize(seq=row.seq, size=row.size) for row in _OF_ONE.run(connection, **values))
    recent = and_(hits.c.project_id == project_id, hits.c.timestamp >= since)
    if breakpoint_ids is None:
        statement = _newest(recent).limit(limit).offset(skipped)
    else:
        known = select(breakpoints.c.id).where(breakpoints.c.project_id == project_id, breakpoints.c.id.in_(breakpoint_ids))
        ids = connection.execute(known).scalars().all()
        if not ids:
            return ()
        # Of each one the newest by its own index, since a search for several passes over everybody's hits.
        parts = (_newest(and_(recent, hits.c.breakpoint_id == id_)).limit(limit + skipped).subquery() for id_ in ids[:_FEW])
        found = union_all(*(select(part) for part in parts)).subquery()
        statement = select(found).order_by(found.c.timestamp.desc(), found.c.seq.desc()).limit(limit).offset(skipped)
        if len(ids) > _FEW:
            statement = _newest(and_(recent, hits.c.breakpoint_id.in_(ids))).limit(limit).offset(skipped)
    return tuple(HitSize(seq=row.seq, size=row.size) for row in connection.execute(statement))


def _newest(where: ColumnElement[bool]) -> Select[Any]:
    columns = (hits.c.seq, hits.c.timestamp, func.length(hits.c.payload).label("size"))
    return select(*columns).where(where).order_by(hits.c.timestamp.desc(), hits.c.seq.desc())


_OF_ONE = Prepared(
    _newest(
        and_(
            hits.c.project_id == bindparam("of_project"),
            hits.c.timestamp >= bindparam("of_since"),
            hits.c.breakpoint_id == bindparam("of_id"),
            exists().where(breakpoints.c.project_id == bindparam("of_project"), breakpoints.c.id == bindparam("of_id")),
        )
    )
    .limit(bindparam("of_limit"))
    .offset(bindparam("of_offset"))
)
"""What an editor asks for again and again: to build the statement takes ten times as long as SQLite needs for it."""


def numbered(connection: Connection, numbers: Sequence[int]) -> tuple[HitRow, ...]:
    """In the order of `numbers`; those that are gone are left out."""
    statement: Select[Any] = select(*READ).where(hits.c.seq.in_(numbers))
    rows = {row.seq: row for row in connection.execute(statement)}
    return tuple(row_of(rows[number]) for number in numbers if number in rows)
