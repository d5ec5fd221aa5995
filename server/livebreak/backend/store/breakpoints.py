"""Breakpoints: rows, uniqueness, changes, expiry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select
from sqlalchemy.exc import IntegrityError

from livebreak.backend.clock import format_time, parse_time
from livebreak.backend.store import audit
from livebreak.backend.store.database import Transaction
from livebreak.backend.store.interface import BACKEND_ITSELF, Actor, OccupiedError, Place
from livebreak.backend.store.tables import breakpoints, hits
from livebreak_agent.vocabulary.codec import from_json, to_json
from livebreak_agent.vocabulary.model import Anchor, Breakpoint, CaptureLimits
from livebreak_agent.vocabulary.wire import BreakpointChanged, DisabledReason

LARGEST_NUMBER = 2**63 - 1
"""What an SQL integer holds; a page beyond it is as empty as a page there."""

_PLACE = frozenset({"repository", "filename", "line_number"})


def all_breakpoints(connection: Connection, project_id: int, place: Place) -> tuple[Breakpoint, ...]:
    statement = select(breakpoints).where(_matching(project_id, place)).order_by(*_NEWEST_FIRST)
    return tuple(read_row(row) for row in connection.execute(statement))


def with_hits(connection: Connection, project_id: int, place: Place) -> list[tuple[str, int]]:
    """Id and number of stored hits of the listed breakpoints that have any."""
    where = and_(_matching(project_id, place), breakpoints.c.hits_stored > 0)
    statement = select(breakpoints.c.id, breakpoints.c.hits_stored).where(where).order_by(*_NEWEST_FIRST)
    return [(row.id, row.hits_stored) for row in connection.execute(statement)]


def page(connection: Connection, project_id: int, place: Place, limit: int, offset: int) -> tuple[int, tuple[Breakpoint, ...]]:
    where = _matching(project_id, place)
    count = connection.execute(select(func.count()).select_from(breakpoints).where(where)).scalar_one()
    statement = select(breakpoints).where(where).order_by(*_NEWEST_FIRST)
    statement = statement.limit(min(limit, LARGEST_NUMBER)).offset(min(offset, LARGEST_NUMBER))
    return count, tuple(read_row(row) for row in connection.execute(statement))


def one(connection: Connection, project_id: int, breakpoint_id: str) -> Breakpoint | None:
    row = find(connection, project_id, breakpoint_id)
    return None if row is None else read_row(row)


def find(connection: Connection, project_id: int, breakpoint_id: str) -> Row[Any] | None:
    return connection.execute(select(breakpoints).where(_is(project_id, breakpoint_id))).first()


def create(
    transaction: Transaction, project_id: int, breakpoint: Breakpoint, now: int, *, any_text: bool, by: Actor = BACKEND_ITSELF
) -> tuple[Breakpoint, bool]:
    existing = one(transaction.connection, project_id, breakpoint.id)
    if existing is not None:
        return existing, False
    values = _to_values({name: getattr(breakpoint, name) for name in _FIELDS})
    values |= {"project_id": project_id, "id": breakpoint.id, "created_at": now, "updated_at": now}
    if any_text:
        _refuse_occupied(transaction, project_id, values)
    # A breakpoint that was deleted and comes back under its id still has its hits.
    known = and_(hits.c.project_id == project_id, hits.c.breakpoint_id == breakpoint.id)
    values["hits_stored"] = select(func.count()).select_from(hits).where(known).scalar_subquery()
    try:
        with transaction.connection.begin_nested():
            transaction.connection.execute(breakpoints.insert().values(values))
    except IntegrityError:
        raise _occupied(transaction, project_id, values) from None
    created = one(transaction.connection, project_id, breakpoint.id) or breakpoint
    transaction.emit(project_id, BreakpointChanged(change="created", breakpoint=created), now)
    audit.record_breakpoint(transaction, project_id, audit.CREATE_BREAKPOINT, by, created, audit.WHAT_IT_CAPTURES, now)
    return created, True


def update(
    transaction: Transaction,
    project_id: int,
    breakpoint_id: str,
    changes: Mapping[str, object],
    now: int,
    renewed_expiry: int,
    *,
    any_text: bool = False,
    by: Actor = BACKEND_ITSELF,
    reason: DisabledReason | None = None,
) -> Breakpoint | None:
    row = find(transaction.connection, project_id, breakpoint_id)
    if row is None:
        return None
    values = _to_values(changes)
    # A time that never stands still tells two changes within one microsecond apart.
    values["updated_at"] = max(now, row.updated_at + 1)
    before = row._mapping  # noqa: SLF001 -- SQLAlchemy's documented name
    if any(name in values and values[name] != before[name] for name in _PLACE):
        if "anchor" not in values:
            values |= {"anchor": None, "anchor_digest": ""}  # it pins the place that the breakpoint left
        if any_text:
            _refuse_occupied(transaction, project_id, {**before, **values})
    if values.get("enabled") and not row.enabled:
        values["hits_limited"] = 0
        expires_at = values.get("expires_at", row.expires_at)
        if expires_at is not None and expires_at <= now:
            values["expires_at"] = renewed_expiry
    try:
        with transaction.connection.begin_nested():
            transaction.connection.execute(breakpoints.update().where(_is(project_id, breakpoint_id)).values(values))
    except IntegrityError:
        raise _occupied(transaction, project_id, {**before, **values}) from None
    changed = one(transaction.connection, project_id, breakpoint_id)
    if changed is not None:
        transaction.emit(project_id, BreakpointChanged(change="updated", breakpoint=changed, reason=reason), now)
        audit.record_breakpoint(transaction, project_id, audit.CHANGE_BREAKPOINT, by, changed, changes, now)
    return changed


def delete(transaction: Transaction, project_id: int, breakpoint_id: str, now: int, by: Actor = BACKEND_ITSELF) -> bool:
    last = one(transaction.connection, project_id, breakpoint_id)
    if last is None:
        return False
    transaction.connection.execute(breakpoints.delete().where(_is(project_id, breakpoint_id)))
    transaction.emit(project_id, BreakpointChanged(change="deleted", breakpoint=last), now)
    audit.record_breakpoint(transaction, project_id, audit.DELETE_BREAKPOINT, by, last, (), now)
    return True


def expired(connection: Connection, now: int) -> list[tuple[int, str]]:
    """Project id and id of the breakpoints that are enabled past their time."""
    statement = select(breakpoints.c.project_id, breakpoints.c.id).where(
        breakpoints.c.enabled.is_(True), breakpoints.c.expires_at <= now
    )
    return [(row.project_id, row.id) for row in connection.execute(statement)]


def disable_expired(transaction: Transaction, now: int) -> None:
    for project_id, breakpoint_id in expired(transaction.connection, now):
        disable(transaction, project_id, breakpoint_id, now, "expired")


def disable(transaction: Transaction, project_id: int, breakpoint_id: str, now: int, reason: DisabledReason) -> None:
    update(transaction, project_id, breakpoint_id, {"enabled": False}, now, now, reason=reason)


def expire_lasting(transaction: Transaction, expires_at: int, now: int) -> None:
    lasting = select(breakpoints.c.project_id, breakpoints.c.id).where(
        breakpoints.c.enabled.is_(True), breakpoints.c.expires_at.is_(None)
    )
    for row in transaction.connection.execute(lasting).all():
        update(transaction, row.project_id, row.id, {"expires_at": format_time(expires_at)}, now, expires_at)


def read_row(row: Row[Any]) -> Breakpoint:
    return Breakpoint(
        id=row.id,
        filename=row.filename,
        line_number=row.line_number,
        repository=row.repository,
        enabled=row.enabled,
        condition=row.condition,
        anchor=None if row.anchor is None else from_json(Anchor, json.loads(row.anchor)),
        log_message=row.log_message,
        watches=tuple(json.loads(row.watches)),
        hit_limit=row.hit_limit,
        expires_at=None if row.expires_at is None else format_time(row.expires_at),
        limits=None if row.limits is None else from_json(CaptureLimits, json.loads(row.limits)),
        service=row.service,
        environment=row.environment,
        owner=row.owner,
        created_at=format_time(row.created_at),
        updated_at=format_time(row.updated_at),
    )


_NEWEST_FIRST = (breakpoints.c.created_at.desc(), breakpoints.c.id.desc())

_FIELDS = (
    "filename",
    "line_number",
    "repository",
    "enabled",
    "condition",
    "anchor",
    "log_message",
    "watches",
    "hit_limit",
    "expires_at",
    "limits",
    "service",
    "environment",
    "owner",
)
"""Columns that are fields of `Breakpoint`, except for its id and times."""


def _to_values(fields: Mapping[str, object]) -> dict[str, Any]:
    """Fields of `Breakpoint` as column values."""
    values: dict[str, Any] = dict(fields)
    if "anchor" in values:
        anchor = values["anchor"]
        values["anchor_digest"] = anchor.digests[0] if anchor is not None and anchor.digests else ""
    for name in ("anchor", "limits"):
        if values.get(name) is not None:
            values[name] = json.dumps(to_json(values[name]))
    if "watches" in values:
        values["watches"] = json.dumps(values["watches"])
    if values.get("expires_at") is not None:
        values["expires_at"] = parse_time(values["expires_at"])
    return values


def _refuse_occupied(transaction: Transaction, project_id: int, values: Mapping[str, Any]) -> None:
    """`OccupiedError` if another breakpoint has the same place, of whichever text."""
    if values["repository"] is None:
        return  # nulls are distinct, as in the constraint
    where = and_(_at(project_id, values), breakpoints.c.id != values["id"])
    row = transaction.connection.execute(select(breakpoints).where(where).limit(1)).first()
    if row is not None:
        raise OccupiedError(read_row(row))


def _occupied(transaction: Transaction, project_id: int, values: Mapping[str, Any]) -> OccupiedError:
    where = and_(_at(project_id, values), breakpoints.c.anchor_digest == values["anchor_digest"])
    return OccupiedError(read_row(transaction.connection.execute(select(breakpoints).where(where)).one()))


def _at(project_id: int, values: Mapping[str, Any]) -> ColumnElement[bool]:
    place = (breakpoints.c[name] == values[name] for name in sorted(_PLACE))
    return and_(breakpoints.c.project_id == project_id, *place)


def _is(project_id: int, breakpoint_id: str) -> ColumnElement[bool]:
    return and_(breakpoints.c.project_id == project_id, breakpoints.c.id == breakpoint_id)


def _matching(project_id: int, place: Place) -> ColumnElement[bool]:
    where = [breakpoints.c.project_id == project_id]
    if place.repository is not None:
        where.append(breakpoints.c.repository == place.repository)
    if place.filename is not None:
        where.append(breakpoints.c.filename == place.filename)
    if place.enabled_only:
        where.append(breakpoints.c.enabled.is_(True))
    return and_(*where)
