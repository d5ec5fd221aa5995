"""`livebreak pause` and `resume`: the kill switch."""

from __future__ import annotations

from typing import Annotated

import typer

from livebreak.cli.tables import now, print_json, print_sentence, say
from livebreak.cli.talking import AsJson, Talk, command, talk
from livebreak.cli.target import Name
from livebreak.debugger.wording import pause_sentence
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.wire import Pause, PauseRequest, Pauses

Service = Annotated[
    str | None, typer.Option("--service", metavar="S", help="This service alone, not the whole project.", show_default=False)
]


@command
def pause(
    service: Service = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="What others are told.", show_default=False)] = None,
    connection: Name = None,
    as_json: AsJson = False,
) -> None:
    """Disarm every breakpoint of the project or of one service within a second, until `livebreak resume`."""

    async def ask(talk: Talk) -> Pauses:
        return await talk.remote.pause(PauseRequest(service=service, reason=reason))

    paused = talk(connection, ask).results
    if as_json:
        print_json({"pauses": to_json(paused)})
    else:
        _print(paused)


@command
def resume(service: Service = None, connection: Name = None, as_json: AsJson = False) -> None:
    """Arm again what `livebreak pause` disarmed."""

    async def ask(talk: Talk) -> tuple[tuple[Pause, ...], tuple[Pause, ...]]:
        before = (await talk.remote.processes()).pauses
        return before, (await talk.remote.resume(PauseRequest(service=service))).results

    before, paused = talk(connection, ask)
    if all(it.service != service for it in before):
        say(f"{f'Service {service}' if service else 'The project'} was not paused.")
    if as_json:
        print_json({"pauses": to_json(paused)})
    elif paused:
        _print(paused)
    else:
        print("Nothing is paused; breakpoints are armed.")


def _print(pauses: tuple[Pause, ...]) -> None:
    for it in pauses:
        print_sentence(pause_sentence(it, now()))
