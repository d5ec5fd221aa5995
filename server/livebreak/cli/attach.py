"""`livebreak attach`: the agent into a process that runs without it."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from livebreak.attach import process
from livebreak.attach.errors import AttachError
from livebreak.attach.payload import Payload, told
from livebreak.cli.run import Unknown, found
from livebreak.cli.tables import print_sentence, say
from livebreak.cli.talking import command
from livebreak.connections.files import user_folders
from livebreak_agent.settings import SettingsError, read

_PASSED_ON = ("HOST", "SECRET_KEY", "PROJECT", "PROJECT_TOKEN", "REPOSITORY", "REVISION", "ROOT", "SERVICE", "ENVIRONMENT")
"""Variables that are arguments of `start()`. The policy is not among them: that is for the environment of the process to say."""


@command
def attach(
    target: Annotated[str, typer.Argument(metavar="PID | debugpy://HOST:PORT", help="The process.")],
    detach: Annotated[bool, typer.Option("--detach", help="Stop the agent there, and restore all code.")] = False,
    service: Annotated[str | None, typer.Option(help="What the process calls itself.")] = None,
    environment: Annotated[str | None, typer.Option(help="Where it runs: staging, production, ...")] = None,
) -> None:
    """Load the agent into a process that runs, without stopping it.

    By number that takes Python 3.14 or newer there; by debugpy://HOST:PORT any Python from 3.11 on in which debugpy listens.
    LIVEBREAK_HOST and LIVEBREAK_SECRET_KEY say which backend it connects to; where they are not set, it is the one that
    `livebreak serve` runs on this machine.
    """
    given = {"LIVEBREAK_SERVICE": service, "LIVEBREAK_ENVIRONMENT": environment}
    environ = dict(os.environ) | {name: value for name, value in given.items() if value is not None}
    try:
        text = Payload(action="stop", options={}) if detach else Payload(action="start", options=_options(environ))
        answer = _run(target, text)
    except (AttachError, SettingsError) as error:
        say(str(error))
        raise typer.Exit(1) from None
    is_well, sentence = told(answer, target if "://" in target else f"process {target}")
    # What the process, or whatever listens there, answered is in it.
    (print_sentence if is_well else say)(sentence)
    raise typer.Exit(0 if is_well else 1)


def _run(target: str, text: Payload) -> str:
    if target.startswith("debugpy://"):
        from livebreak.attach import debugpy  # pygls, which reads the messages, takes half a second to import.

        return debugpy.attach(target, text)
    if target.isascii() and target.isdigit():
        return process.attach(int(target), text)
    raise AttachError(f"{target!r} is neither the number of a process nor debugpy://HOST:PORT.")


def _options(environ: dict[str, str]) -> dict[str, Any]:
    """Arguments of `start()`; checked here, where somebody reads the sentence."""
    try:
        environ = environ | dict(found(environ, user_folders()))
    except Unknown as error:
        raise SettingsError(
            f"{error.cause}. Start one with `livebreak serve`, or set LIVEBREAK_HOST and LIVEBREAK_SECRET_KEY."
        ) from None
    if not environ.get("LIVEBREAK_HOST", "").strip():
        raise SettingsError("LIVEBREAK_HOST is not set; it says which backend the agent connects to.")
    read(environ)
    return {name.lower(): environ[f"LIVEBREAK_{name}"] for name in _PASSED_ON if environ.get(f"LIVEBREAK_{name}", "").strip()}
