"""The one place where a command, or an editor's session, gets what talks to a backend with the user's key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livebreak.connections import local
from livebreak.connections.files import StoredError, user_folders
from livebreak.connections.origins import HostError, origin_of
from livebreak.settings import Settings

if TYPE_CHECKING:
    from livebreak.remote.connect import AnyRemote


def remote_of(settings: Settings) -> AnyRemote:
    """The backend of settings that lack nothing."""
    # Commands that ask no backend, `livebreak run` above all, need not wait for httpx.
    from livebreak.remote.connect import AnyRemote

    host, key = settings.host or "", settings.api_key or ""
    return AnyRemote(host, settings.project, key, withheld=lambda: _withheld(host, key))


def _withheld(host: str, key: str) -> str | None:
    """Why the key is not sent just now: once `livebreak serve` has ended, any user of this machine may listen on its port."""
    try:
        is_gone = local.is_gone(user_folders(), origin_of(host), key)
    except (HostError, StoredError) as error:
        return str(error)
    return f"The backend at {host} has ended; start it again with `livebreak serve`." if is_gone else None
