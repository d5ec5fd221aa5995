"""`livebreak hits pin`, `unpin` and `purge`: what is kept longer than other hits, and what is removed at once."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from livebreak.cli import exit_codes
from livebreak.cli.durations import length_of
from livebreak.cli.hit_choice import BreakpointName, chosen
from livebreak.cli.tables import print_json, print_sentence
from livebreak.cli.talking import AsJson, CommandError, Talk, command, talk
from livebreak.cli.target import Name
from livebreak.sync.lookup import find_hit
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.wire import Purged, PurgeRequest

HitName = Annotated[
    str,
    typer.Argument(
        metavar="HIT", help="A hit's id or its beginning; of a breakpoint or FILE:LINE the newest hit.", show_default=False
    ),
]
OlderThan = Annotated[
    str | None, typer.Option("--older-than", metavar="TIME", help="Only those older than 30m, 2h, 1d.", show_default=False)
]
Pinned = Annotated[bool, typer.Option("--pinned", help="Pinned ones, too.")]
Everything = Annotated[bool, typer.Option("--all", help="Of every breakpoint of the project.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@command
def pin(name: HitName, connection: Name = None, as_json: AsJson = False) -> None:
    """Have the backend keep a hit for 90 days, whatever happens to the others."""

    async def ask(talk: Talk) -> Hit:
        return await talk.remote.pin((await _found(name, talk)).id)

    _tell(talk(connection, ask), as_json=as_json)


@command
def unpin(name: HitName, connection: Name = None, as_json: AsJson = False) -> None:
    """Keep a hit no longer than any other."""

    async def ask(talk: Talk) -> Hit:
        return await talk.remote.unpin((await _found(name, talk)).id)

    _tell(talk(connection, ask), as_json=as_json)


@command
def purge(
    name: BreakpointName = None,
    everything: Everything = False,
    older_than: OlderThan = None,
    pinned: Pinned = False,
    yes: Yes = False,
    connection: Name = None,
    as_json: AsJson = False,
) -> None:
    """Remove hits from the backend for good: of one breakpoint, or of all with --all."""
    if (name is None) != everything:
        raise CommandError("Say whose hits: a breakpoint, or --all.", exit_codes.USAGE)
    seconds = _seconds(older_than)
    if not yes:
        _confirm(name, older_than, pinned=pinned)

    async def ask(talk: Talk) -> int:
        ids = await chosen(name, None, (await talk.remote.breakpoints()).results, talk)
        request = PurgeRequest(breakpoint_id=None if ids is None else ids[0], older_than=seconds, pinned=pinned)
        purged, answer = 0, Purged(purged=0, complete=False)
        while not answer.complete:
            answer = await talk.remote.purge(request)
            purged += answer.purged
        return purged

    count = talk(connection, ask)
    if as_json:
        print_json({"purged": count})
    else:
        print_sentence("1 hit was removed." if count == 1 else f"{count:,} hits were removed.")


async def _found(name: str, talk: Talk) -> Hit:
    return await find_hit(name, talk.remote, (await talk.remote.breakpoints()).results, talk.repositories)


def _tell(hit: Hit, *, as_json: bool) -> None:
    if as_json:
        print_json({"id": hit.id, "pinned_by": hit.pinned_by})
    elif hit.pinned_by is None:
        print_sentence(f"Hit {hit.id} is not pinned.")
    else:
        print_sentence(f"Hit {hit.id} is pinned by {hit.pinned_by}.")


def _seconds(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(length_of(text).total_seconds())
    except ValueError as error:
        raise CommandError(str(error), exit_codes.USAGE) from None


def _confirm(name: str | None, older_than: str | None, *, pinned: bool) -> None:
    which = f"hits of {name}" if name is not None else "hits of every breakpoint of the project"
    age = f" older than {older_than}" if older_than is not None else ""
    extent = ", pinned ones too" if pinned else ""
    if not sys.stdin.isatty():
        raise CommandError("Nobody can be asked here; repeat it with --yes to remove the hits.", exit_codes.USAGE)
    typer.confirm(f"Remove the {which}{age}{extent} for everybody?", abort=True)
