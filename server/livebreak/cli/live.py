"""The session that an editor's process holds: with the backend that is stored or said, or off, with the reason."""

from __future__ import annotations

import os

from livebreak.settings import SettingsError, from_environment
from livebreak.sync.listener import Listener
from livebreak.sync.live import Live


def make_live(listener: Listener, *, again: str, connection: str | None = None, yes_production: bool = False) -> Live:
    """A session, not started. `again` says what to do once a setting is mended."""
    # Imported when the editor has had its first answer: httpx takes a tenth of a second, a keyring may take longer.
    from livebreak.connections.choose import choose
    from livebreak.connections.files import StoredError, user_folders
    from livebreak.remote.connect import AnyRemote

    # A wrong setting must not keep the editor from its server, for then nobody could say what is wrong.
    try:
        choice = choose(os.environ, user_folders(), connection)
        settings, lack = choice.settings, choice.lack
    except (SettingsError, StoredError) as error:
        settings, lack = from_environment({}), str(error)
    remote = None
    if lack is None and settings.host is not None and settings.api_key is not None:
        remote = AnyRemote(settings.host, settings.project, settings.api_key)
    outbox_folder = settings.outbox_folder if remote is not None else None
    return Live(
        listener,
        remote=remote,
        outbox_folder=outbox_folder,
        off_reason=f"Live mode is off: {lack} {again}",
        yes_production=yes_production,
    )
