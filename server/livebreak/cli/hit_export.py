"""`livebreak hits export`: hits to keep, to attach, or to open in a debugger with `livebreak dap --file`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from livebreak.cli import exit_codes
from livebreak.cli.hit_choice import HitName
from livebreak.cli.private_file import write_private
from livebreak.cli.tables import print_json, say
from livebreak.cli.talking import CommandError, Talk, Where, check_where, command, talk
from livebreak.cli.target import Name
from livebreak.sync import hit_files
from livebreak.sync.hit_file import to_document
from livebreak.sync.hit_pages import HitPage, newest_hits
from livebreak.sync.lookup import find_breakpoint, find_hit
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import Breakpoint

MOST_EXPORTED = 10_000
"""Hits of one file: some 35 MB, which a debugger still opens in a few seconds."""


@command
def export(
    name: HitName,
    last: Annotated[
        int | None,
        typer.Option(
            "--last", "-n", metavar="N", min=1, max=MOST_EXPORTED, help="So many of a breakpoint's newest.", show_default=False
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there, readable for you alone.", show_default=False),
    ] = None,
    where: Where = None,
    connection: Name = None,
) -> None:
    """Write one hit, or several of a breakpoint, as JSON, whole: to keep, to attach, or for `livebreak dap --file`."""
    check_where(where)

    async def ask(talk: Talk) -> tuple[HitPage, Breakpoint | None]:
        items = (await talk.remote.breakpoints()).results
        if last is not None:
            item = await find_breakpoint(name, items, talk.repositories)
            return await newest_hits(talk.remote, [item.id], where=where, limit=last), item
        hit = await find_hit(name, talk.remote, items, talk.repositories, where=where)
        return HitPage(hits=(hit,)), next((item for item in items if item.id == hit.breakpoint_id), None)

    page, item = talk(connection, ask)
    hits = page.hits
    if not hits:
        raise CommandError("There are no such hits; they are kept for a set time only.", exit_codes.NOT_FOUND)
    document = hit_files.document(hits[0], item) if last is None else to_document(to_json(hits), [to_json(item)])
    if output is None:
        print_json(document)
        _tell_what_is_missing(page)
        return
    write_private(output, json.dumps(document, indent=2))
    what = "The hit" if len(hits) == 1 else f"{len(hits):,} hits"
    verb = "is" if len(hits) == 1 else "are"
    say(f"{what} of {hits[0].filename}:{hits[0].line_number} {verb} in {output}.")
    _tell_what_is_missing(page)


def _tell_what_is_missing(page: HitPage) -> None:
    """Whoever keeps a file of hits should not take it for all of them."""
    if not page.complete:
        say("The search stopped at its bound, so older hits may match, too.")
    elif page.cursor is not None:
        say(
            f"There are older ones: --last takes up to {MOST_EXPORTED:,}, and the rest is in "
            f"`livebreak hits list --before {page.cursor} --json`."
        )
