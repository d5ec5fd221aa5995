"""What all commands that talk to a backend share: the connection, and failures that are one sentence and a status.

A command works everything out first and prints then, so that a failure leaves nothing on standard output.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import io
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer

from livebreak.cli import exit_codes
from livebreak.cli.remotes import remote_of
from livebreak.cli.tables import say
from livebreak.cli.target import resolve
from livebreak.settings import SettingsError
from livebreak.sync.lookup import LookupFailed
from livebreak.sync.remotes import Missing, Refused, Remote, RemoteError, Unreachable
from livebreak.sync.repositories import Repositories
from livebreak.sync.source_files import SourceError
from livebreak_agent.vocabulary.where import WhereError, compile_where
from livebreak_agent.vocabulary.wire import Capabilities

P = ParamSpec("P")
T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Where = Annotated[
    str | None,
    typer.Option("--where", metavar="EXPR", help="Only hits for which this is true: user_id == 42 and service == 'web'."),
]


class CommandError(Exception):
    """The text is one sentence."""

    def __init__(self, message: str, code: int = exit_codes.FAILED) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """An open connection."""

    remote: Remote
    capabilities: Capabilities
    repositories: Repositories

    @property
    def is_live(self) -> bool:
        """False for a plain PostHog API."""
        return "stream" in self.capabilities.features

    @property
    def owner(self) -> str | None:
        return self.capabilities.owner


def command(function: Callable[P, None]) -> Callable[P, None]:
    """Makes every failure of a command one sentence on standard error and a status of `exit_codes`."""

    @functools.wraps(function)
    def run(*arguments: P.args, **options: P.kwargs) -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # A terminal that knows no ● must not be the end of a command.
                stream.reconfigure(errors="backslashreplace")
        try:
            function(*arguments, **options)
            sys.stdout.flush()
        except (typer.Exit, typer.Abort):
            raise
        except BrokenPipeError:
            let_go_of_stdout()
            raise typer.Exit(exit_codes.PIPE_CLOSED) from None
        except KeyboardInterrupt:
            raise typer.Exit(exit_codes.INTERRUPTED) from None
        except OSError as error:
            # Such as a full disk, which may be where standard output goes: then there is more to write at the end.
            let_go_of_stdout()
            name = f"{error.filename}: " if error.filename else ""
            say(f"The operating system does not let it be done ({name}{error.strerror or type(error).__name__}).")
            raise typer.Exit(exit_codes.FAILED) from None
        except Exception as error:  # noqa: BLE001 -- a traceback helps nobody at a terminal, and may quote captured data
            message, candidates = _sentence(error)
            for line in (message, *(f"  {candidate}" for candidate in candidates)):
                say(line)
            raise typer.Exit(_code(error)) from None

    return run


def talk(connection: str | None, ask: Callable[[Talk], Awaitable[T]]) -> T:
    """Connect, ask, and take leave. Raises what `command` makes sentences of."""
    settings = resolve(connection)
    if settings.host is None or settings.api_key is None:
        raise CommandError(settings.lack or "No backend is known.", exit_codes.NOT_CONNECTED)
    remote = remote_of(settings)

    async def run() -> T:
        try:
            capabilities = await remote.capabilities()
            return await ask(Talk(remote=remote, capabilities=capabilities, repositories=Repositories()))
        finally:
            await remote.close()

    return asyncio.run(run())


def check_where(where: str | None) -> str | None:
    """The filter, if it is one. Raises `CommandError`."""
    if where is not None:
        try:
            compile_where(where)
        except WhereError as error:
            raise CommandError(f"--where is no filter: {error}", exit_codes.USAGE) from None
    return where


def _sentence(error: Exception) -> tuple[str, Sequence[str]]:
    if isinstance(error, LookupFailed):
        return str(error), error.candidates
    if isinstance(error, CommandError | RemoteError | SettingsError | SourceError):
        return str(error), ()
    # The error's own text is left out: it may quote captured values.
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"Something unforeseen happened ({type(error).__name__} in {Path(place.filename).name}:{place.lineno}).", ()


def _code(error: Exception) -> int:
    match error:
        case CommandError():
            return error.code
        case LookupFailed() | SourceError() | Missing():
            return exit_codes.NOT_FOUND
        case SettingsError() | Unreachable():
            return exit_codes.NOT_CONNECTED
        case Refused():
            return exit_codes.REFUSED
        case _:
            return exit_codes.FAILED


def let_go_of_stdout() -> None:
    """Python flushes standard output once more at its end, and would complain of the closed pipe."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
