"""What an editor can connect to while its server runs: what is stored, what listens on this machine, and any host with a key.

A key that is given here is held by the session's remote alone: it is not stored, and goes to the host that it was given with.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from livebreak.cli.key_scopes import may_read, may_write
from livebreak.cli.live import live_of, off_live
from livebreak.lsp import CannotConnect, Connect
from livebreak.settings import OWN_PROJECT, Settings, SettingsError, from_environment, is_sendable
from livebreak.sync.listener import Listener
from livebreak.sync.live import Live
from livebreak.sync.remotes import RemoteError
from livebreak_agent.vocabulary.environments import is_production
from livebreak_agent.vocabulary.lsp_messages import (
    ConnectParams,
    KeyProject,
    ProjectsParams,
    ProjectsResult,
    Target,
    TargetsResult,
)

if TYPE_CHECKING:
    from livebreak.connections.files import Folders

T = TypeVar("T")

LOOK_AGAIN = 2.0
"""Seconds between two looks at when two files were changed: who has just started a backend turns to the editor then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UserBackends:
    """Of the user whose process this is; see `lsp.Backends`."""

    yes_production: bool = False
    connection: str | None = None
    """The one that the editor was started with, by its name."""

    def off(self, listener: Listener) -> Live:
        return off_live(listener, "Live mode is off: this editor is not connected.")

    async def choose(self, params: ConnectParams) -> Connect:
        settings, name = await _stored(lambda: _chosen(params))
        return lambda listener: live_of(listener, settings, name=name, yes_production=self.yes_production)

    async def appear(self) -> Connect:
        from livebreak.connections import local, named
        from livebreak.connections.files import user_folders

        folders = user_folders()
        paths = (local.path_of(folders), named.path_of(folders))
        # What came while the editor started is looked at, too.
        seen: list[int] = []
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            if (now := [_changed(path) for path in paths]) == seen:
                continue
            seen = now
            with contextlib.suppress(CannotConnect):
                return await self.choose(ConnectParams(name=self.connection))

    async def targets(self) -> TargetsResult:
        return await _stored(_targets)

    async def projects(self, params: ProjectsParams) -> ProjectsResult:
        settings = await _stored(lambda: _of_host(params.host, OWN_PROJECT, params.key))
        from livebreak.cli.remotes import remote_of

        remote = remote_of(settings)
        try:
            answer = await remote.capabilities()
        except RemoteError as error:
            raise CannotConnect(str(error)) from None
        finally:
            await remote.close()
        if not may_read(answer):
            raise CannotConnect(f"{settings.host} knows this key, but it may not read breakpoints; make one that may.")
        name = answer.project.name
        return ProjectsResult(
            host=settings.host or "",
            projects=(KeyProject(id=answer.project.id, name=name if name != OWN_PROJECT else None),),
            owner=answer.owner,
            can_write=may_write(answer),
            version=answer.version or None,
        )


def _changed(path: Path) -> int:
    """When a file was changed, in nanoseconds; 0 if it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


async def _stored(look: Callable[[], T]) -> T:
    """What `look` finds in files, a keyring and this machine's name service, none of which may hold up the editor."""
    from livebreak.connections.files import StoredError

    try:
        return await asyncio.to_thread(look)
    except (SettingsError, StoredError) as error:
        raise CannotConnect(str(error)) from None


def _chosen(params: ConnectParams) -> tuple[Settings, str | None]:
    """And the connection's name, if it is one that is stored."""
    from livebreak.connections.choose import choose
    from livebreak.connections.files import user_folders

    if params.host is not None:
        settings = _of_host(params.host, OWN_PROJECT if params.project is None else str(params.project), params.key)
        return settings, _production_name(user_folders(), settings.host or "")
    if params.key is not None:
        raise CannotConnect("A key is given, but no host, so it is not known where the key belongs.")
    choice = choose(os.environ, user_folders(), params.name)
    if choice.lack is not None:
        raise CannotConnect(choice.lack)
    project = choice.settings.project if params.project is None else str(params.project)
    return replace(choice.settings, project=project), choice.name


def _production_name(folders: Folders, host: str) -> str | None:
    """The connection that calls this host production, so that it is called that however one gets there."""
    from livebreak.connections import named
    from livebreak.connections.origins import origin_of

    origin = origin_of(host)
    return next((one.name for one in named.read_all(folders) if one.origin == origin and is_production(one.name)), None)


def _of_host(host: str, project: str, key: str | None) -> Settings:
    from livebreak.connections.choose import key_for
    from livebreak.connections.files import user_folders
    from livebreak.connections.origins import HostError, is_public, origin_of, with_scheme

    host = with_scheme(host)
    try:
        origin = origin_of(host)
    except HostError as error:
        raise CannotConnect(str(error)) from None
    if origin.startswith("http://") and is_public(origin):
        raise CannotConnect(f"{origin} is a public address, where plain http would show your key to others; use https.")
    key = key.strip() if key is not None else None
    if key is not None and key.startswith("phs_"):
        raise CannotConnect("That is a secret key (phs_), which is for applications; a person needs an API key (phx_).")
    if key is not None and not is_sendable(key):
        raise CannotConnect("That is no key; copy it again.")
    if key is None:
        kept = key_for(user_folders(), host)
        if kept is None:
            raise CannotConnect(f"No API key is kept for {host}; give one.")
        key = kept[0]
    return replace(from_environment(_state()), host=host, project=project, api_key=key)


def _state() -> dict[str, str]:
    """Of the environment only where the state is kept: another host's variables have no say here."""
    return {name: value for name, value in os.environ.items() if name == "LIVEBREAK_STATE_DIR"}


def _targets() -> TargetsResult:
    from livebreak.connections import keys, local, named
    from livebreak.connections.choose import is_disabled
    from livebreak.connections.files import user_folders
    from livebreak.connections.origins import listens, origin_of

    folders = user_folders()
    with_key = {*keys.origins(folders), *(backend.origin for backend in local.read_all(folders))}
    connections = tuple(
        Target(
            host=one.host,
            name=one.name,
            project=_number(one.project),
            is_default=one.is_default,
            is_production=is_production(one.name) or is_production(one.host),
            has_key=one.origin in with_key,
        )
        for one in named.read_all(folders)
    )
    found = local.find(folders) if not is_disabled(os.environ) else None
    if found is not None and not (found.is_running and listens(found.origin)):
        found = None
    given = from_environment(os.environ)
    return TargetsResult(
        connections=connections,
        local=Target(host=found.origin, project=found.project, has_key=True) if found is not None else None,
        environment=Target(
            host=given.host,
            project=_number(given.project),
            is_production=is_production(given.host),
            has_key=given.api_key is not None or origin_of(given.host) in with_key,
        )
        if given.host is not None
        else None,
    )


def _number(project: str) -> int | None:
    return None if project == OWN_PROJECT else int(project)
