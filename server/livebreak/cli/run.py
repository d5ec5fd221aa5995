"""`livebreak run`: an application with the agent in it, without a change to its code."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

import livebreak_agent


def run(
    application: Annotated[list[str], typer.Argument(metavar="SCRIPT | -m MODULE [ARGUMENTS]...", help="What to run.")],
    service: Annotated[str | None, typer.Option(help="What the processes call themselves.")] = None,
    environment: Annotated[str | None, typer.Option(help="Where they run: staging, production, ...")] = None,
) -> None:
    """Run a Python application with the agent in it, its Python children included.

    The agent reads LIVEBREAK_HOST and LIVEBREAK_SECRET_KEY; without them the application runs as it would without LiveBreak.
    """
    for name, value in (("LIVEBREAK_SERVICE", service), ("LIVEBREAK_ENVIRONMENT", environment)):
        if value is not None:
            os.environ[name] = value
    # On this path Python finds a `sitecustomize` that starts the agent in children, too.
    bootstrap = str(Path(livebreak_agent.__file__).with_name("bootstrap"))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [bootstrap, os.environ.get("PYTHONPATH")]))
    sys.stdout.flush()
    # Replaces this process: signals, exit status and terminal are the application's own.
    os.execv(sys.executable, [sys.executable, "-m", "livebreak_agent", *application])  # noqa: S606 -- no shell is the point
