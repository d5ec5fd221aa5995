"""The audit log: who did what, in the transaction that did it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, and_, select, true

from livebreak.backend.clock import HOUR
from livebreak.backend.store.database import Transaction
from livebreak.backend.store.interface import Actor, AuditQuery, AuditRow
from livebreak.backend.store.tables import audit
from livebreak_agent.vocabulary.model import Breakpoint

CREATE_BREAKPOINT = "breakpoint.create"
CHANGE_BREAKPOINT = "breakpoint.change"
DELETE_BREAKPOINT = "breakpoint.delete"
READ_HITS = "hits.read"
PAUSE = "pause"
RESUME = "resume"
CREATE_PROJECT = "project.create"
CREATE_KEY = "key.create"
REVOKE_KEY = "key.revoke"
PIN_HIT = "hits.pin"
UNPIN_HIT = "hits.unpin"
PURGE_HITS = "hits.purge"
SET_RETENTION = "project.retention"

WHAT_IT_CAPTURES = ("enabled", "condition", "log_message", "watches")
"""Fields of a new breakpoint that the log tells beside its place: they say what it looks at."""

LONGEST_TEXT = 500
"""Characters of one text in the log: the contract sets no limit to a condition, and the log is kept for long."""


def record(
    transaction: Transaction,
    project_id: int,
    action: str,
    by: Actor,
    subject: str | None,
    detail: Mapping[str, object],
    now: int,
) -> int:
    """The number of the new row, for `revise`."""
    values = _values(project_id, action, by, now) | {"times": 1, "subject": _cut(subject), "detail": _written(detail)}
    number: int = transaction.connection.execute(audit.insert().values(values).returning(audit.c.id)).scalar_one()
    return number


def revise(transaction: Transaction, number: int, detail: Mapping[str, object]) -> None:
    """What goes on over several transactions is told with the first, and its detail grows."""
    transaction.connection.execute(audit.update().where(audit.c.id == number).values(detail=_written(detail)))


def record_breakpoint(
    transaction: Transaction,
    project_id: int,
    action: str,
    by: Actor,
    breakpoint: Breakpoint,
    fields: Iterable[str],
    now: int,
) -> None:
    """Tells where the breakpoint is, and of the named fields what they are now."""
    place = {name: getattr(breakpoint, name) for name in ("repository", "filename", "line_number", "owner")}
    told = {name: _plain(getattr(breakpoint, name)) for name in fields}
    record(transaction, project_id, action, by, breakpoint.id, {**place, **told}, now)


def record_reads(transaction: Transaction, project_id: int, by: Actor, times: int, now: int) -> None:
    hour = now // HOUR
    row = and_(audit.c.project_id == project_id, audit.c.action == READ_HITS, audit.c.key_id == by.key_id, audit.c.hour == hour)
    more = {"times": audit.c.times + times, "last_at": now}
    if transaction.connection.execute(audit.update().where(row).values(more)).rowcount == 0:
        values = _values(project_id, READ_HITS, by, now) | {"times": times, "detail": "{}", "hour": hour}
        transaction.connection.execute(audit.insert().values(values))


def newest(connection: Connection, query: AuditQuery) -> tuple[AuditRow, ...]:
    where = and_(
        true() if query.since is None else audit.c.last_at >= query.since,
        true() if query.actor is None else audit.c.actor == query.actor,
        true() if query.project_id is None else audit.c.project_id == query.project_id,
    )
    statement = select(audit).where(where).order_by(audit.c.last_at.desc(), audit.c.id.desc()).limit(query.limit)
    return tuple(
        AuditRow(
            id=row.id,
            at=row.at,
            last_at=row.last_at,
            times=row.times,
            project_id=row.project_id,
            action=row.action,
            actor=Actor(name=row.actor, key_id=row.key_id, key_hint=row.key_hint),
            subject=row.subject,
            detail=json.loads(row.detail),
        )
        for row in connection.execute(statement)
    )


def prune(transaction: Transaction, before: int) -> None:
    transaction.connection.execute(audit.delete().where(audit.c.last_at < before))


def _written(detail: Mapping[str, object]) -> str:
    return json.dumps({name: _cut(value) for name, value in detail.items() if value is not None})


def _values(project_id: int, action: str, by: Actor, now: int) -> dict[str, object]:
    return {
        "at": now,
        "last_at": now,
        "project_id": project_id,
        "action": action,
        "actor": by.name,
        "key_id": by.key_id,
        "key_hint": by.key_hint,
    }


def _plain(value: object) -> object:
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else value


def _cut(value: object) -> object:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT] + "..."
    return [_cut(item) for item in value] if isinstance(value, list | tuple) else value
