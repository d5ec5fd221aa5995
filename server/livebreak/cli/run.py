"""`livebreak run`: an application with the agent in it, without a change to its code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

import livebreak_agent
from livebreak.cli.talking import command
from livebreak.connections import local
from livebreak.connections.choose import is_disabled
from livebreak.connections.files import Folders, StoredError, user_folders
from livebreak.connections.local import LocalBackend
from livebreak.connections.origins import HostError, origin_of


@command
def run(
    application: Annotated[list[str], typer.Argument(metavar="SCRIPT | -m MODULE | COMMAND [ARGUMENTS]...", help="What to run.")],
    service: Annotated[str | None, typer.Option(help="What the processes call themselves.")] = None,
    environment: Annotated[str | None, typer.Option(help="Where they run: staging, production, ...")] = None,
) -> None:
    """Run a Python application with the agent in it, its Python children included.

    COMMAND is a program such as gunicorn. The agent reads LIVEBREAK_HOST and LIVEBREAK_SECRET_KEY; where they are not set, it
    takes the backend that `livebreak serve` runs on this machine. LIVEBREAK_DISABLED=1 runs the application as it would run
    without LiveBreak.
    """
    for name, value in (("LIVEBREAK_SERVICE", service), ("LIVEBREAK_ENVIRONMENT", environment)):
        if value is not None:
            os.environ[name] = value
    try:
        os.environ.update(found(os.environ, user_folders()))
    except (Unknown, StoredError) as error:
        # The application is what the user wants, with or without us.
        typer.echo(f"LiveBreak: {error}", err=True)
    # On this path Python finds a `sitecustomize` that starts the agent in children, too.
    bootstrap = str(Path(livebreak_agent.__file__).with_name("bootstrap"))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [bootstrap, os.environ.get("PYTHONPATH")]))
    sys.stdout.flush()
    program = None if Path(application[0]).exists() else shutil.which(application[0])
    command = [sys.executable, "-m", "livebreak_agent", *application] if program is None else application
    if os.name != "posix":
        # There a process cannot be replaced: it would end, and whoever started it would take the application to be over.
        raise typer.Exit(subprocess.run(command, check=False).returncode)
    if program is not None:
        os.environ["LIVEBREAK_RUN_PID"] = str(os.getpid())
    # Replaces this process: signals, exit status and terminal are the application's own.
    os.execv(program or sys.executable, command)  # noqa: S606 -- no shell is the point


class Unknown(Exception):
    """Why no backend is known, and what to do about it where an application is run."""

    def __init__(self, cause: str, remedy: str = "") -> None:
        super().__init__(f"{cause}, so the application runs without the agent.{f' {remedy}' if remedy else ''}")
        self.cause = cause


def found(environment: Mapping[str, str], folders: Folders) -> Mapping[str, str]:
    """The variables that complete the environment; what it says itself goes before. `Unknown`, `StoredError`."""
    host = environment.get("LIVEBREAK_HOST", "").strip()
    key = environment.get("LIVEBREAK_SECRET_KEY", "").strip()
    if is_disabled(environment) or (host and key):
        return {}
    if key:
        raise Unknown("LIVEBREAK_SECRET_KEY is set, but LIVEBREAK_HOST is not")
    if host:
        return _for_host(host, folders)
    backend = local.find(folders)
    if backend is None:
        raise Unknown(
            "No backend is known",
            "Start one here with `livebreak serve`, or set LIVEBREAK_HOST and LIVEBREAK_SECRET_KEY.",
        )
    _require_running(backend)
    return {"LIVEBREAK_HOST": backend.origin, "LIVEBREAK_SECRET_KEY": backend.secret_key}


def _for_host(host: str, folders: Folders) -> Mapping[str, str]:
    """The key for this very origin; without one the agent itself says what is missing."""
    try:
        backend = local.at(folders, origin_of(host))
    except HostError:
        return {}
    if backend is None:
        return {}
    _require_running(backend)
    return {"LIVEBREAK_SECRET_KEY": backend.secret_key}


def _require_running(backend: LocalBackend) -> None:
    """The key would go to whoever listens there now."""
    if not backend.is_running:
        raise Unknown(
            f"The backend at {backend.origin} has ended",
            "Start it again with `livebreak serve`, and then the application.",
        )
