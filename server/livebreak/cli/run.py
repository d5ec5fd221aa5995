"""`livebreak run`: an application with the agent in it, without a change to its code."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

import livebreak_agent


def run(
    application: Annotated[list[str], typer.Argument(metavar="SCRIPT | -m MODULE | COMMAND [ARGUMENTS]...", help="What to run.")],
    service: Annotated[str | None, typer.Option(help="What the processes call themselves.")] = None,
    environment: Annotated[str | None, typer.Option(help="Where they run: staging, production, ...")] = None,
) -> None:
    """Run a Python application with the agent in it, its Python children included.

    COMMAND is a program such as gunicorn. The agent reads LIVEBREAK_HOST and LIVEBREAK_SECRET_KEY; without them the application
    runs as it would without LiveBreak.
    """
    for name, value in (("LIVEBREAK_SERVICE", service), ("LIVEBREAK_ENVIRONMENT", environment)):
        if value is not None:
            os.environ[name] = value
    # On this path Python finds a `sitecustomize` that starts the agent in children, too.
    bootstrap = str(Path(livebreak_agent.__file__).with_name("bootstrap"))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [bootstrap, os.environ.get("PYTHONPATH")]))
    sys.stdout.flush()
    # Replaces this process: signals, exit status and terminal are the application's own.
    command = None if Path(application[0]).exists() else shutil.which(application[0])
    if command is None:
        os.execv(sys.executable, [sys.executable, "-m", "livebreak_agent", *application])  # noqa: S606 -- no shell is the point
    os.environ["LIVEBREAK_RUN_PID"] = str(os.getpid())
    os.execv(command, application)  # noqa: S606 -- no shell is the point
