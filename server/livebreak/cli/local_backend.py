"""What `livebreak serve` leaves for its own user: a project, and a key of each kind, kept for the origin that it listens on.

A key that is kept and still opens its project stays as it is; only what is missing is made.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import time
from dataclasses import replace
from typing import Literal

from livebreak.backend.administration import operator
from livebreak.backend.auth import EVERYTHING, find_key
from livebreak.backend.clock import system_clock
from livebreak.backend.identity import (
    PERSONAL_KEY_PREFIX,
    PROJECT_TOKEN_PREFIX,
    SECRET_KEY_PREFIX,
    key_digest,
    key_hint,
    new_key,
)
from livebreak.backend.server import base_url
from livebreak.backend.store.interface import KeyDraft, Store
from livebreak.connections import files, local
from livebreak.connections.files import Folders, StoredError
from livebreak.connections.local import LocalBackend

DEFAULT_PROJECT = "default"

Kind = Literal["personal", "secret"]


async def ensure_local(store: Store, folders: Folders, origin: str, *, is_passing: bool) -> LocalBackend:
    """The keys for this origin of the backend over this store, made as far as they are missing. `StoredError`.

    `is_passing` says that the port is one of the moment, so that the keys end with this process.
    """
    with files.locked(local.path_of(folders), ".making"):
        # Of two that start at the same moment the second is to find what the first made.
        return await _ensure(store, folders, origin, is_passing=is_passing)


def local_origin(listener: socket.socket) -> str | None:
    """The origin by which this machine's own programs reach a listener; None if they do so from outside only."""
    address = ipaddress.ip_address(str(listener.getsockname()[0]).partition("%")[0])
    if address.is_unspecified:
        host = "127.0.0.1" if address.version == 4 else "[::1]"
        return f"http://{host}:{listener.getsockname()[1]}"
    return base_url(listener) if address.is_loopback else None


def forget_local(folders: Folders, origin: str) -> None:
    """Nobody is sent there any more; what cannot be written stays as it is."""
    with contextlib.suppress(StoredError):
        local.remove(folders, origin)


async def _ensure(store: Store, folders: Folders, origin: str, *, is_passing: bool) -> LocalBackend:
    kept = local.at(folders, origin)
    project, secret_key = await _project(store, kept)
    if secret_key is None:
        secret_key = await _kept_or_new(store, "secret", kept.secret_key if kept is not None else "", project)
    api_key = await _kept_or_new(store, "personal", kept.api_key if kept is not None else "", project)
    is_old = kept is not None and kept.api_key == api_key
    backend = LocalBackend(
        origin=origin,
        project=project,
        owner=kept.owner if kept is not None and is_old else operator().name,
        api_key=api_key,
        secret_key=secret_key,
        started=time.time(),
        pid=os.getpid(),
        process_started=local.started_at(os.getpid()),
        is_passing=is_passing,
    )
    local.put(folders, backend)
    return backend


async def _project(store: Store, kept: LocalBackend | None) -> tuple[int, str | None]:
    """The project that is meant where none is named, and its secret key if it was made just now."""
    projects = await store.projects()
    for project in projects:
        if kept is not None and project.id == kept.project and await _opens(store, kept.api_key, "personal", project.id):
            return project.id, None
    named = [project for project in projects if project.name == DEFAULT_PROJECT]
    if named or len(projects) == 1:
        return (named or projects)[0].id, None
    secret_key, draft = _draft("secret")
    made = await store.create_project(DEFAULT_PROJECT, new_key(PROJECT_TOKEN_PREFIX), draft, system_clock(), by=operator())
    return made.id, secret_key


async def _kept_or_new(store: Store, kind: Kind, kept: str, project: int) -> str:
    if await _opens(store, kept, kind, project):
        return kept
    key, draft = _draft(kind)
    await store.create_key(project, draft, system_clock(), by=operator())
    return key


async def _opens(store: Store, key: str, kind: Kind, project: int) -> bool:
    row = await find_key(store, key)
    return row is not None and (row.kind, row.project_id) == (kind, project)


def _draft(kind: Kind) -> tuple[str, KeyDraft]:
    key = new_key(SECRET_KEY_PREFIX if kind == "secret" else PERSONAL_KEY_PREFIX)
    draft = KeyDraft(kind=kind, digest=key_digest(key), hint=key_hint(key))
    return key, draft if kind == "secret" else replace(draft, scopes=(EVERYTHING,), owner=operator().name)
