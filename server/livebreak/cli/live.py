"""The session that an editor's process holds: with the backend that is stored or said, or off, with the reason."""

from __future__ import annotations

import os

from livebreak.settings import Settings, SettingsError
from livebreak.sync.listener import Listener
from livebreak.sync.live import Live
from livebreak_agent.vocabulary.environments import is_production


def make_live(listener: Listener, *, again: str, connection: str | None = None, yes_production: bool = False) -> Live:
    """A session, not started. `again` says what to do once a setting is mended."""
    # Imported when the editor has had its first answer: a keyring may take long.
    from livebreak.connections.choose import choose
    from livebreak.connections.files import StoredError, user_folders

    # A wrong setting must not keep the editor from its server, for then nobody could say what is wrong.
    try:
        choice = choose(os.environ, user_folders(), connection)
    except (SettingsError, StoredError) as error:
        return off_live(listener, f"Live mode is off: {error} {again}")
    if choice.lack is not None:
        return off_live(listener, f"Live mode is off: {choice.lack} {again}")
    return live_of(listener, choice.settings, name=choice.name, yes_production=yes_production)


def live_of(listener: Listener, settings: Settings, *, name: str | None = None, yes_production: bool = False) -> Live:
    """A session with the backend of settings that lack nothing, not started. `name` is the connection's."""
    # Imported as late as that because it looks into what is stored.
    from livebreak.cli.remotes import remote_of

    return Live(
        listener,
        remote=remote_of(settings),
        outbox_folder=settings.outbox_folder,
        is_production=is_production(name) or is_production(settings.host),
        yes_production=yes_production,
    )


def off_live(listener: Listener, reason: str) -> Live:
    """A session that goes nowhere, and says why."""
    return Live(listener, remote=None, outbox_folder=None, off_reason=reason)
