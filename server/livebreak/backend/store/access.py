"""Projects and keys."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row, and_, select, true

from livebreak.backend.store import audit
from livebreak.backend.store.database import Transaction
from livebreak.backend.store.interface import Actor, KeyDraft, KeyRow, ProjectRow
from livebreak.backend.store.tables import keys, projects


def create_project(transaction: Transaction, name: str, token: str, secret: KeyDraft, now: int, by: Actor) -> ProjectRow:
    row = {"name": name, "token": token, "created_at": now}
    number = transaction.connection.execute(projects.insert().values(row).returning(projects.c.id)).scalar_one()
    audit.record(transaction, number, audit.CREATE_PROJECT, by, name, {}, now)
    _insert_key(transaction, number, secret, now, by)
    return ProjectRow(id=number, name=name, token=token)


def create_key(transaction: Transaction, project_id: int, key: KeyDraft, now: int, by: Actor) -> bool:
    if project(transaction.connection, project_id) is None:
        return False
    _insert_key(transaction, project_id, key, now, by)
    return True


def rotate_secret(
    transaction: Transaction, project_id: int, secret: KeyDraft, now: int, *, keep_old: bool, by: Actor
) -> tuple[KeyRow, ...] | None:
    if project(transaction.connection, project_id) is None:
        return None
    is_old = and_(keys.c.project_id == project_id, keys.c.kind == "secret", keys.c.revoked_at.is_(None))
    old = () if keep_old else tuple(_key(row) for row in transaction.connection.execute(select(keys).where(is_old)).all())
    _insert_key(transaction, project_id, secret, now, by)
    for row in old:
        revoke(transaction, row.id, now, by)
    return old


def revoke(transaction: Transaction, key_id: int, now: int, by: Actor) -> bool:
    is_valid = and_(keys.c.id == key_id, keys.c.revoked_at.is_(None))
    row = transaction.connection.execute(keys.update().where(is_valid).values(revoked_at=now).returning(keys)).first()
    if row is None:
        return False
    audit.record(transaction, row.project_id, audit.REVOKE_KEY, by, row.hint, {"kind": row.kind, "owner": row.owner}, now)
    return True


def set_retention(
    transaction: Transaction, project_id: int, retention_us: int | None, retained_hits: int | None, now: int, by: Actor
) -> bool:
    values = {"retention_us": retention_us, "retained_hits": retained_hits}
    is_there = transaction.connection.execute(projects.update().where(projects.c.id == project_id).values(values)).rowcount > 0
    if is_there:
        audit.record(transaction, project_id, audit.SET_RETENTION, by, None, values, now)
    return is_there


def all_projects(connection: Connection) -> tuple[ProjectRow, ...]:
    return tuple(_project(row) for row in connection.execute(select(projects).order_by(projects.c.id)))


def project(connection: Connection, project_id: int) -> ProjectRow | None:
    row = connection.execute(select(projects).where(projects.c.id == project_id)).first()
    return None if row is None else _project(row)


def project_of_token(connection: Connection, token: str) -> ProjectRow | None:
    row = connection.execute(select(projects).where(projects.c.token == token)).first()
    return None if row is None else _project(row)


def key(connection: Connection, digest: str) -> KeyRow | None:
    row = connection.execute(select(keys).where(keys.c.digest == digest, keys.c.revoked_at.is_(None))).first()
    return None if row is None else _key(row)


def all_keys(connection: Connection, project_id: int | None) -> tuple[KeyRow, ...]:
    where = true() if project_id is None else keys.c.project_id == project_id
    return tuple(_key(row) for row in connection.execute(select(keys).where(where).order_by(keys.c.id)))


def revoked(connection: Connection, key_ids: Collection[int]) -> frozenset[int]:
    valid = select(keys.c.id).where(keys.c.id.in_(key_ids), keys.c.revoked_at.is_(None))
    return frozenset(key_ids) - set(connection.execute(valid).scalars())


def note_use(transaction: Transaction, last_used: Mapping[int, int]) -> None:
    for key_id, moment in last_used.items():
        transaction.connection.execute(keys.update().where(keys.c.id == key_id).values(last_used_at=moment))


def _insert_key(transaction: Transaction, project_id: int, key: KeyDraft, now: int, by: Actor) -> None:
    row = {
        "project_id": project_id,
        "kind": key.kind,
        "digest": key.digest,
        "hint": key.hint,
        "scopes": json.dumps(key.scopes),
        "owner": key.owner,
        "created_at": now,
    }
    transaction.connection.execute(keys.insert().values(row))
    detail = {"kind": key.kind, "scopes": key.scopes, "owner": key.owner}
    audit.record(transaction, project_id, audit.CREATE_KEY, by, key.hint, detail, now)


def _key(row: Row[Any]) -> KeyRow:
    return KeyRow(
        id=row.id,
        kind=row.kind,
        digest=row.digest,
        hint=row.hint,
        project_id=row.project_id,
        owner=row.owner,
        scopes=tuple(json.loads(row.scopes)),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


def _project(row: Row[Any]) -> ProjectRow:
    return ProjectRow(id=row.id, name=row.name, token=row.token, retention_us=row.retention_us, retained_hits=row.retained_hits)
