"""Which backend a command talks to, and how it ends when that does not work: one sentence and a status of `exit_codes`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from livebreak.cli import exit_codes
from livebreak.cli.remotes import remote_of
from livebreak.connections.choose import Choice, choose
from livebreak.connections.files import StoredError, user_folders
from livebreak.settings import Settings, SettingsError
from livebreak.sync.remotes import Missing, Refused, RemoteError, Unreachable

if TYPE_CHECKING:
    from livebreak.remote.connect import AnyRemote

T = TypeVar("T")

Name = Annotated[
    str | None,
    typer.Option("--connection", metavar="NAME", help="Which stored connection; by default the default one.", show_default=False),
]


def resolve(name: str | None) -> Settings:
    """The settings of the connection of this name, with host and key; by default those of the environment, the default
    connection, or the backend on this machine. Ends the command with one sentence where there are none."""
    return resolve_choice(name).settings


def resolve_choice(name: str | None) -> Choice:
    """The same, and where the settings come from."""
    try:
        choice = choose(os.environ, user_folders(), name)
    except SettingsError as error:
        end(str(error), exit_codes.NOT_CONNECTED)
    except StoredError as error:
        end(str(error), exit_codes.FAILED)
    if choice.lack is not None:
        end(choice.lack, exit_codes.NOT_CONNECTED)
    return choice


def ask(settings: Settings, work: Callable[[AnyRemote], Awaitable[T]]) -> T:
    """What `work` returns of the backend that `resolve` gave; ends the command with one sentence if that does not work."""

    async def run() -> T:
        remote = remote_of(settings)
        try:
            return await work(remote)
        finally:
            await remote.close()

    try:
        return asyncio.run(run())
    except RemoteError as error:
        end(str(error), status_of(error))


def status_of(error: RemoteError) -> int:
    """The exit status for what a backend did not do."""
    match error:
        case Refused():
            return exit_codes.REFUSED
        case Unreachable():
            return exit_codes.NOT_CONNECTED
        case Missing() | _:
            return exit_codes.FAILED


def end(sentence: str, status: int) -> NoReturn:
    """End with this status and the sentence on standard error."""
    typer.echo(sentence, err=True)
    raise typer.Exit(status)
