"""Which breakpoints a command about hits is for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from livebreak.cli import exit_codes
from livebreak.cli.talking import CommandError, Talk
from livebreak.sync.lookup import LookupFailed, breakpoints_of_file, find_breakpoint
from livebreak_agent.vocabulary.model import Breakpoint

BreakpointName = Annotated[
    str | None,
    typer.Argument(metavar="BREAKPOINT", help="Id, beginning of an id, or FILE:LINE; all if left out.", show_default=False),
]
File = Annotated[str | None, typer.Option("--file", metavar="FILE", help="All breakpoints of this file.", show_default=False)]

HitName = Annotated[
    str,
    typer.Argument(
        metavar="HIT",
        help="A hit's id, its beginning or livebreak://hit/ID; of a breakpoint or FILE:LINE the newest hit.",
        show_default=False,
    ),
]


def check_choice(name: str | None, file: str | None) -> None:
    if name is not None and file is not None:
        raise CommandError("Say a breakpoint or --file, not both.", exit_codes.USAGE)


async def chosen(name: str | None, file: str | None, items: Sequence[Breakpoint], talk: Talk) -> list[str] | None:
    """Ids of the breakpoints that are meant; None is all there are and will be. Raises `LookupFailed`."""
    if name is not None:
        return [(await find_breakpoint(name, items, talk.repositories)).id]
    if file is None:
        return None
    found = await breakpoints_of_file(file, items, talk.repositories)
    if not found:
        raise LookupFailed(f"There is no breakpoint in {file}.")
    return [item.id for item in found]
