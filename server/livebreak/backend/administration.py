"""Projects, keys and the audit log, for the commands that run on the backend's own machine.

Each function closes the store at its end. What it returns can be written as JSON as it is; times are ISO 8601, UTC.
"""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import AsyncIterator, Mapping
from typing import TypedDict

from livebreak.backend.clock import HOUR, format_time, system_clock
from livebreak.backend.identity import (
    HINT_LENGTH,
    PERSONAL_KEY_PREFIX,
    PROJECT_TOKEN_PREFIX,
    SECRET_KEY_PREFIX,
    key_digest,
    key_hint,
    new_key,
)
from livebreak.backend.store.interface import Actor, AuditQuery, KeyDraft, KeyRow, Store


class NewProject(TypedDict):
    """What is told once: of the secret key only a digest is kept."""

    id: int
    name: str
    project_token: str
    secret_key: str


class ListedProject(TypedDict):
    id: int
    name: str
    project_token: str


class ListedKey(TypedDict):
    id: int
    kind: str
    """`personal` (`phx_`) or `secret` (`phs_`)."""
    prefix: str
    """The key's first characters; the rest is stored nowhere."""
    project: int
    owner: str | None
    scopes: list[str]
    created_at: str
    last_used_at: str | None
    """To the minute or so; null if it was never used."""
    revoked_at: str | None


class AuditEntry(TypedDict):
    id: int
    at: str
    last_at: str
    """Differs from `at` where reads of one hour are told in one entry."""
    times: int
    project: int
    actor: str
    key: str | None
    """First characters of the key; null where a command or the backend itself did it."""
    action: str
    subject: str | None
    detail: Mapping[str, object]


class AmbiguousKeyError(ValueError):
    """Several keys begin like that."""


async def create_project(store: Store, name: str) -> NewProject:
    secret, draft = _new_secret()
    async with _closing(store):
        project = await store.create_project(name, new_key(PROJECT_TOKEN_PREFIX), draft, system_clock(), by=operator())
    return NewProject(id=project.id, name=project.name, project_token=project.token, secret_key=secret)


async def list_projects(store: Store) -> list[ListedProject]:
    async with _closing(store):
        rows = await store.projects()
    return [ListedProject(id=row.id, name=row.name, project_token=row.token) for row in rows]


async def set_retention(store: Store, project_id: int, hours: float | None, hits: int | None) -> bool:
    """How long and how many hits are kept; None is the backend's own setting. False if there is no such project."""
    length = None if hours is None else int(hours * HOUR)
    async with _closing(store):
        return await store.set_retention(project_id, length, hits, system_clock(), by=operator())


async def rotate_secret(store: Store, project_id: int, *, keep_old: bool) -> tuple[str, list[str]] | None:
    """The new secret key, and the prefixes of those that it made invalid; None if there is no such project."""
    secret, draft = _new_secret()
    async with _closing(store):
        revoked = await store.rotate_secret(project_id, draft, system_clock(), keep_old=keep_old, by=operator())
    return None if revoked is None else (secret, [row.hint for row in revoked])


async def create_key(store: Store, project_id: int, scopes: tuple[str, ...], owner: str | None) -> str | None:
    """A new personal key, or None if there is no such project."""
    key = new_key(PERSONAL_KEY_PREFIX)
    draft = KeyDraft(kind="personal", digest=key_digest(key), hint=key_hint(key), scopes=scopes, owner=owner)
    async with _closing(store):
        created = await store.create_key(project_id, draft, system_clock(), by=operator())
    return key if created else None


async def list_keys(store: Store, project_id: int | None) -> list[ListedKey]:
    async with _closing(store):
        rows = await store.keys(project_id)
    return [_listed(row) for row in rows]


async def revoke_key(store: Store, named: str) -> ListedKey | None:
    """Make a key invalid, named by its number, its prefix or itself; None if no valid key is meant. `AmbiguousKeyError`."""
    async with _closing(store):
        found = [row for row in await store.keys(None) if row.revoked_at is None and _is_meant(row, named)]
        if len(found) > 1:
            raise AmbiguousKeyError(", ".join(str(row.id) for row in found))
        now = system_clock()
        if not found or not await store.revoke_key(found[0].id, now, by=operator()):
            return None
    return _listed(found[0]) | {"revoked_at": format_time(now)}


async def read_audit(store: Store, query: AuditQuery) -> list[AuditEntry]:
    async with _closing(store):
        rows = await store.audit(query)
    return [
        AuditEntry(
            id=row.id,
            at=format_time(row.at),
            last_at=format_time(row.last_at),
            times=row.times,
            project=row.project_id,
            actor=row.actor.name,
            key=row.actor.key_hint,
            action=row.action,
            subject=row.subject,
            detail=row.detail,
        )
        for row in rows
    ]


def _new_secret() -> tuple[str, KeyDraft]:
    secret = new_key(SECRET_KEY_PREFIX)
    return secret, KeyDraft(kind="secret", digest=key_digest(secret), hint=key_hint(secret))


def operator() -> Actor:
    """Whoever runs the command, by the name that this machine knows them by."""
    try:
        return Actor(name=getpass.getuser())
    except (KeyError, OSError):  # a container may run as a user without a name
        return Actor(name="operator")


def _is_meant(row: KeyRow, named: str) -> bool:
    if named.isascii() and named.isdigit():
        return row.id == int(named[:20])
    if len(named.removesuffix("...")) > HINT_LENGTH:
        return row.digest == key_digest(named)
    return row.hint.removesuffix("...") == named.removesuffix("...")


def _listed(row: KeyRow) -> ListedKey:
    return ListedKey(
        id=row.id,
        kind=row.kind,
        prefix=row.hint,
        project=row.project_id,
        owner=row.owner,
        scopes=list(row.scopes),
        created_at=format_time(row.created_at),
        last_used_at=None if row.last_used_at is None else format_time(row.last_used_at),
        revoked_at=None if row.revoked_at is None else format_time(row.revoked_at),
    )


@contextlib.asynccontextmanager
async def _closing(store: Store) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await store.close()
