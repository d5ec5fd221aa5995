"""Where to connect: what the environment says, completed from what is stored, and nothing sent to another origin than its own.

The order: a connection named on the command line; the environment; the default connection; this user's backend on this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from livebreak.connections import keys, local, named
from livebreak.connections.files import Folders
from livebreak.connections.origins import HostError, origin_of
from livebreak.settings import OWN_PROJECT, Settings, SettingsError, from_environment

KeySource = Literal["environment", "keyring", "file", "local backend"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The settings, and where they come from."""

    settings: Settings
    source: str | None = None
    """Who named the host, for a person; None if nobody did."""
    name: str | None = None
    """The connection's, where it is one that is stored."""
    key_source: KeySource | None = None
    lack: str | None = None
    """What is missing for a connection, and what to do; None if nothing is."""


def choose(environment: Mapping[str, str], folders: Folders, name: str | None = None) -> Choice:
    """What a command, or an editor's session, connects to.

    Raises `SettingsError` for a variable that is wrong or a name that is not known, `StoredError` for a file that is.
    """
    choice = _choose(environment, folders, name)
    if choice.lack is None:
        choice = replace(choice, lack=choice.settings.lack)
    return choice


def key_for(folders: Folders, host: str) -> tuple[str, KeySource] | None:
    """The key that is stored for the origin of this host. `StoredError`."""
    try:
        origin = origin_of(host)
    except HostError:
        return None
    stored = keys.get(folders, origin)
    if stored is not None:
        return stored
    backend = local.at(folders, origin)
    return None if backend is None else (backend.api_key, "local backend")


def is_disabled(environment: Mapping[str, str]) -> bool:
    """Whether `LIVEBREAK_DISABLED` says that nothing is to be looked for."""
    return environment.get("LIVEBREAK_DISABLED", "").strip().lower() in {"1", "true", "yes", "on"}


def _choose(environment: Mapping[str, str], folders: Folders, name: str | None) -> Choice:
    given = from_environment(environment)
    if name is not None:
        connection = named.find(folders, name)
        if connection is None:
            raise SettingsError(f"There is no connection named {name!r}; `livebreak connect HOST --name {name}` makes it.")
        return _of_connection(folders, replace(given, project=OWN_PROJECT), connection)
    if given.host is not None:
        return _of_environment(folders, given)
    if given.api_key is not None:
        return Choice(settings=given)
    if is_disabled(environment):
        return Choice(settings=given, lack="LIVEBREAK_DISABLED is set, so no backend is looked for.")
    connection = named.find(folders, None)
    if connection is not None:
        return _of_connection(folders, given, connection)
    backend = local.find(folders)
    if backend is None:
        return Choice(settings=given)
    settings = replace(given, host=backend.origin, api_key=backend.api_key, project=_project(given, str(backend.project)))
    return Choice(settings=settings, source="the backend on this machine", key_source="local backend")


def _of_environment(folders: Folders, given: Settings) -> Choice:
    if given.api_key is not None or given.host is None:
        return Choice(settings=given, source="LIVEBREAK_HOST", key_source="environment")
    found = key_for(folders, given.host)
    if found is None:
        return Choice(settings=given, source="LIVEBREAK_HOST")
    return Choice(settings=replace(given, api_key=found[0]), source="LIVEBREAK_HOST", key_source=found[1])


def _of_connection(folders: Folders, given: Settings, connection: named.Connection) -> Choice:
    found = key_for(folders, connection.host)
    settings = replace(
        given,
        host=connection.host,
        api_key=None if found is None else found[0],
        project=_project(given, connection.project),
    )
    source = f"the connection {connection.name!r}"
    return Choice(settings=settings, source=source, name=connection.name, key_source=None if found is None else found[1])


def _project(given: Settings, stored: str) -> str:
    return given.project if given.project != OWN_PROJECT else stored
