"""Making projects and keys, for the commands that run on the backend's own machine. Each closes the store at its end."""

from __future__ import annotations

from typing import TypedDict

from livebreak.backend.clock import system_clock
from livebreak.backend.identity import (
    PERSONAL_KEY_PREFIX,
    PROJECT_TOKEN_PREFIX,
    SECRET_KEY_PREFIX,
    key_digest,
    key_hint,
    new_key,
)
from livebreak.backend.store.interface import KeyDraft, Store


class NewProject(TypedDict):
    """What is told once: of the secret key only a digest is kept."""

    id: int
    name: str
    project_token: str
    secret_key: str


async def create_project(store: Store, name: str) -> NewProject:
    secret = new_key(SECRET_KEY_PREFIX)
    try:
        draft = KeyDraft(kind="secret", digest=key_digest(secret), hint=key_hint(secret))
        project = await store.create_project(name, new_key(PROJECT_TOKEN_PREFIX), draft, system_clock())
    finally:
        await store.close()
    return NewProject(id=project.id, name=project.name, project_token=project.token, secret_key=secret)


async def create_key(store: Store, project_id: int, scopes: tuple[str, ...], owner: str | None) -> str | None:
    """A new personal key, or None if there is no such project."""
    key = new_key(PERSONAL_KEY_PREFIX)
    draft = KeyDraft(kind="personal", digest=key_digest(key), hint=key_hint(key), scopes=scopes, owner=owner)
    try:
        created = await store.create_key(project_id, draft, system_clock())
    finally:
        await store.close()
    return key if created else None
