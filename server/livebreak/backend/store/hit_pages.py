"""Pages of hits in two steps: which ones, and then a few at a time what they hold, since each may be a mebibyte."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, and_, func, select

from livebreak.backend.store.hit_rows import newest_first, row_of
from livebreak.backend.store.interface import HitRow, HitSize
from livebreak.backend.store.tables import breakpoints, hits

_LARGEST_NUMBER = 2**63 - 1
"""What an SQL integer holds; a page beyond it is as empty as a page there."""


def page(
    connection: Connection, project_id: int, breakpoint_ids: Collection[str] | None, since: int, limit: int, offset: int
) -> tuple[HitSize, ...]:
    where = [hits.c.project_id == project_id, hits.c.timestamp >= since]
    if breakpoint_ids is not None:
        known = select(breakpoints.c.id).where(breakpoints.c.project_id == project_id, breakpoints.c.id.in_(breakpoint_ids))
        where.append(hits.c.breakpoint_id.in_(known))
    statement = (
        select(hits.c.seq, func.length(hits.c.payload).label("size"))
        .where(and_(*where))
        .order_by(hits.c.timestamp.desc(), hits.c.seq.desc())
        .limit(limit)
        .offset(min(offset, _LARGEST_NUMBER))
    )
    return tuple(HitSize(seq=row.seq, size=row.size) for row in connection.execute(statement))


def numbered(connection: Connection, numbers: Sequence[int]) -> tuple[HitRow, ...]:
    """In the order of `numbers`; those that are gone are left out."""
    rows = {row.seq: row for row in connection.execute(newest_first(hits.c.seq.in_(numbers)))}
    return tuple(row_of(rows[number]) for number in numbers if number in rows)
