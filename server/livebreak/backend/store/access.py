"""Projects and keys."""

from __future__ import annotations

import json

from sqlalchemy import Connection, Row, select

from livebreak.backend.store.database import Transaction
from livebreak.backend.store.interface import KeyDraft, KeyRow, ProjectRow
from livebreak.backend.store.tables import keys, projects


def create_project(transaction: Transaction, name: str, token: str, secret: KeyDraft, now: int) -> ProjectRow:
    row = {"name": name, "token": token, "created_at": now}
    number = transaction.connection.execute(projects.insert().values(row).returning(projects.c.id)).scalar_one()
    _insert_key(transaction, number, secret, now)
    return ProjectRow(id=number, name=name, token=token)


def create_key(transaction: Transaction, project_id: int, key: KeyDraft, now: int) -> bool:
    if project(transaction.connection, project_id) is None:
        return False
    _insert_key(transaction, project_id, key, now)
    return True


def all_projects(connection: Connection) -> tuple[ProjectRow, ...]:
    return tuple(_project(row) for row in connection.execute(select(projects).order_by(projects.c.id)))


def project(connection: Connection, project_id: int) -> ProjectRow | None:
    row = connection.execute(select(projects).where(projects.c.id == project_id)).first()
    return None if row is None else _project(row)


def project_of_token(connection: Connection, token: str) -> ProjectRow | None:
    row = connection.execute(select(projects).where(projects.c.token == token)).first()
    return None if row is None else _project(row)


def key(connection: Connection, digest: str) -> KeyRow | None:
    row = connection.execute(select(keys).where(keys.c.digest == digest)).first()
    if row is None:
        return None
    scopes = tuple(json.loads(row.scopes))
    return KeyRow(kind=row.kind, digest=row.digest, project_id=row.project_id, owner=row.owner, scopes=scopes)


def _insert_key(transaction: Transaction, project_id: int, key: KeyDraft, now: int) -> None:
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


def _project(row: Row[tuple[object, ...]]) -> ProjectRow:
    return ProjectRow(id=row.id, name=row.name, token=row.token)
