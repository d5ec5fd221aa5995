"""`livebreak breakpoints`: what is set, and switching and removing it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from livebreak.cli import breakpoint_edits, exit_codes
from livebreak.cli.breakpoint_edits import NoWait, Owner, owned, settle
from livebreak.cli.breakpoint_view import Described, describe, document, place, print_each, print_list
from livebreak.cli.tables import Cell, id_cell, print_json, print_sentence, row_line, say
from livebreak.cli.talking import AsJson, CommandError, Talk, command, talk
from livebreak.cli.target import Name
from livebreak.sync.lookup import breakpoints_of_file
from livebreak.sync.remotes import Missing
from livebreak_agent.vocabulary.model import Breakpoint

app = typer.Typer(no_args_is_help=True, help="Breakpoints of the project: yours, and your teammates'.")

Names = Annotated[
    list[str], typer.Argument(metavar="BREAKPOINT...", help="Ids, beginnings of ids, or FILE:LINE.", show_default=False)
]

app.command("add")(breakpoint_edits.add)
app.command("edit")(breakpoint_edits.edit)


MOST_NAMED = 20
"""Breakpoints that are named before all are removed: as many as fit a screen."""


@app.command("list")
@command
def list_breakpoints(
    file: Annotated[str | None, typer.Option(metavar="FILE", help="Only those in this file.", show_default=False)] = None,
    owner: Annotated[str | None, typer.Option(metavar="NAME", help="Only this person's.", show_default=False)] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only yours.")] = False,
    connection: Name = None,
    as_json: AsJson = False,
) -> None:
    """List breakpoints with what the processes make of them."""

    async def ask(talk: Talk) -> list[Described]:
        listed = await talk.remote.breakpoints()
        present = await talk.remote.processes()
        items: Sequence[Breakpoint] = listed.results
        if file is not None:
            items = await breakpoints_of_file(file, items, talk.repositories)
        totals = {it.breakpoint_id: it.total for it in listed.hits}
        found = [describe(item, talk, present.results, present.pauses, totals.get(item.id, 0)) for item in items]
        found = [it for it in found if (owner is None or it.breakpoint.owner == owner) and (it.mine or not mine)]
        return sorted(found, key=lambda it: (it.breakpoint.filename, it.breakpoint.line_number, it.breakpoint.id))

    found = talk(connection, ask)
    if as_json:
        print_json({"breakpoints": [document(it) for it in found]})
    elif found:
        print_list(found)
    else:
        say("There are no such breakpoints." if file or owner or mine else "There are no breakpoints.")


@app.command()
@command
def enable(names: Names, owner: Owner = None, no_wait: NoWait = False, connection: Name = None, as_json: AsJson = False) -> None:
    """Arm breakpoints again: those that were disabled, have expired, or have reached their number of hits."""
    _switch(names, True, owner, 0.0 if no_wait else breakpoint_edits.PATIENCE, connection, as_json)


@app.command()
@command
def disable(names: Names, owner: Owner = None, connection: Name = None, as_json: AsJson = False) -> None:
    """Disarm breakpoints and keep them."""
    _switch(names, False, owner, 0.0, connection, as_json)


@app.command()
@command
def remove(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="BREAKPOINT...", help="Ids, beginnings of ids, or FILE:LINE.", show_default=False),
    ] = None,
    all_mine: Annotated[bool, typer.Option("--all-mine", help="All breakpoints of yours in the project.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before removing all.")] = False,
    owner: Owner = None,
    connection: Name = None,
    as_json: AsJson = False,
) -> None:
    """Remove breakpoints."""
    if bool(names) == all_mine:
        raise CommandError("Say which breakpoints to remove: their names, or --all-mine.", exit_codes.USAGE)

    async def ask(talk: Talk) -> list[Breakpoint]:
        items = await _mine(talk) if all_mine else await owned(names or [], talk, owner)
        if all_mine and items and not yes:
            _confirm(items)
        for item in items:
            try:
                await talk.remote.remove(item.id)
            except Missing:
                # Somebody else was quicker, and it is gone as was wished.
                continue
        return items

    removed = talk(connection, ask)
    if as_json:
        print_json({"removed": [item.id for item in removed]})
    elif not removed:
        say("You have no breakpoints here.")
    for item in removed if not as_json else ():
        if sys.stdout.isatty():
            print_sentence(f"Removed {item.id[:8]} at {place(item)}.")
        else:
            print(row_line([id_cell(item.id), Cell(text=place(item))]))


async def _mine(talk: Talk) -> list[Breakpoint]:
    if not talk.is_live or talk.owner is None:
        raise CommandError("This backend does not say which breakpoints are yours; name the ones to remove.", exit_codes.REFUSED)
    return [item for item in (await talk.remote.breakpoints()).results if item.owner == talk.owner]


def _confirm(items: Sequence[Breakpoint]) -> None:
    if not sys.stdin.isatty():
        raise CommandError(f"This would remove {len(items)} breakpoints; say --yes if they all may go.", exit_codes.USAGE)
    for item in items[:MOST_NAMED]:
        say(f"  {place(item)}")
    if len(items) > MOST_NAMED:
        say(f"  and {len(items) - MOST_NAMED} more")
    if not typer.confirm(f"Remove {len(items)} breakpoints of yours?", err=True):
        raise CommandError("Nothing was removed.")


def _switch(names: list[str], enabled: bool, owner: str | None, patience: float, connection: str | None, as_json: bool) -> None:
    async def ask(talk: Talk) -> list[Described]:
        items = await owned(names, talk, owner)
        changed = [await talk.remote.change(item.id, {"enabled": enabled}) for item in items]
        return await settle(changed, talk, patience)

    changed = talk(connection, ask)
    if as_json:
        print_json({"breakpoints": [document(it) for it in changed]})
    else:
        print_each(changed, "Enabled" if enabled else "Disabled")
