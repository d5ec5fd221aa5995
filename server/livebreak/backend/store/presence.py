"""What is told of the running applications: processes, pauses, and the events that streams are fed from."""

from __future__ import annotations

import json

from sqlalchemy import ColumnElement, Connection, and_, func, select

from livebreak.backend.clock import format_time
from livebreak.backend.store import audit
from livebreak.backend.store.database import Transaction
from livebreak.backend.store.interface import NO_EVENT, Actor, Event, EventName
from livebreak.backend.store.tables import events, pauses, processes
from livebreak_agent.vocabulary.codec import from_json, to_json
from livebreak_agent.vocabulary.wire import Pause, PauseChanged, PauseRequest, ProcessChanged, ProcessReport, ProcessState

_ROOM = 64 * 2**10
"""Bytes of a batch of hits: a disk that has less is full."""

_NOBODY = 0
"""The number of no project."""


def put_process(transaction: Transaction, project_id: int, report: ProcessReport, now: int) -> None:
    values = {"report": json.dumps(to_json(report)), "seen_at": now}
    where = _is_process(project_id, report.process.id)
    if transaction.connection.execute(processes.update().where(where).values(values)).rowcount == 0:
        row = {"project_id": project_id, "id": report.process.id, **values}
        transaction.connection.execute(processes.insert().values(row))
    state = ProcessState(process=report.process, bindings=report.bindings, seen_at=format_time(now))
    transaction.emit(project_id, ProcessChanged(change="updated", state=state), now)


def remove_process(transaction: Transaction, project_id: int, state: ProcessState, now: int) -> None:
    transaction.connection.execute(processes.delete().where(_is_process(project_id, state.process.id)))
    transaction.emit(project_id, ProcessChanged(change="left", state=state), now)


def all_processes(connection: Connection) -> tuple[tuple[int, ProcessReport, int], ...]:
    rows = connection.execute(select(processes))
    return tuple((row.project_id, from_json(ProcessReport, json.loads(row.report)), row.seen_at) for row in rows)


def all_pauses(connection: Connection, project_id: int) -> tuple[Pause, ...]:
    statement = select(pauses).where(pauses.c.project_id == project_id).order_by(pauses.c.service)
    return tuple(
        Pause(by=row.by, at=format_time(row.at), service=row.service or None, reason=row.reason)
        for row in connection.execute(statement)
    )


def pause(transaction: Transaction, project_id: int, request: PauseRequest, by: Actor, now: int) -> tuple[Pause, ...]:
    transaction.connection.execute(pauses.delete().where(_is_pause(project_id, request)))
    row = {"project_id": project_id, "service": request.service or "", "by": by.name, "at": now, "reason": request.reason}
    transaction.connection.execute(pauses.insert().values(row))
    audit.record(transaction, project_id, audit.PAUSE, by, request.service, {"reason": request.reason}, now)
    return _pauses_changed(transaction, project_id, now)


def resume(transaction: Transaction, project_id: int, request: PauseRequest, by: Actor, now: int) -> tuple[Pause, ...]:
    transaction.connection.execute(pauses.delete().where(_is_pause(project_id, request)))
    audit.record(transaction, project_id, audit.RESUME, by, request.service, {"reason": request.reason}, now)
    return _pauses_changed(transaction, project_id, now)


def latest_event(connection: Connection) -> EventName:
    row = connection.execute(select(events.c.id, events.c.created_at).order_by(events.c.id.desc()).limit(1)).one_or_none()
    return NO_EVENT if row is None else EventName(row.id, row.created_at)


def has_event(connection: Connection, name: EventName) -> bool:
    where = and_(events.c.id == name.number, events.c.created_at == name.created_at)
    return name == NO_EVENT or connection.execute(select(events.c.id).where(where)).one_or_none() is not None


def events_after(connection: Connection, project_id: int, event_id: int, limit: int) -> tuple[Event, ...] | None:
    oldest = connection.execute(select(func.min(events.c.id))).scalar_one() or 1
    if event_id < oldest - 1:
        return None
    where = and_(events.c.project_id == project_id, events.c.id > event_id)
    rows = connection.execute(select(events).where(where).order_by(events.c.id).limit(limit))
    return tuple(
        Event(id=row.id, project_id=row.project_id, name=row.name, data=row.data, created_at=row.created_at) for row in rows
    )


def prune_events(transaction: Transaction, retained: int, since: int) -> None:
    newest = latest_event(transaction.connection).number
    # Where the clock jumped, younger ones are among them: what goes is a beginning, since a gap within would not be seen.
    oldest = select(func.max(events.c.id)).where(events.c.created_at < since)
    last = max(newest - retained, transaction.connection.execute(oldest).scalar_one() or 0)
    # The newest stays: by it the others are seen to be gone.
    transaction.connection.execute(events.delete().where(events.c.id <= last, events.c.id < newest))


def check(transaction: Transaction) -> None:
    """Writes a row and removes it again: nothing changes, but a disk that is full or a lock that is held shows."""
    row = {"project_id": _NOBODY, "service": "", "by": "-" * _ROOM, "at": 0}
    transaction.connection.execute(pauses.delete().where(pauses.c.project_id == _NOBODY))
    transaction.connection.execute(pauses.insert().values(row))
    transaction.connection.execute(pauses.delete().where(pauses.c.project_id == _NOBODY))


def _pauses_changed(transaction: Transaction, project_id: int, now: int) -> tuple[Pause, ...]:
    current = all_pauses(transaction.connection, project_id)
    transaction.emit(project_id, PauseChanged(pauses=current), now)
    return current


def _is_process(project_id: int, process_id: str) -> ColumnElement[bool]:
    return and_(processes.c.project_id == project_id, processes.c.id == process_id)


def _is_pause(project_id: int, request: PauseRequest) -> ColumnElement[bool]:
    return and_(pauses.c.project_id == project_id, pauses.c.service == (request.service or ""))
