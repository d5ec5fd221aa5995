"""`livebreak hits`: what the lines answered."""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

from livebreak.cli import exit_codes
from livebreak.cli.hit_choice import BreakpointName, File, HitName, check_choice, chosen
from livebreak.cli.hit_comparison import comparison_document, print_comparison
from livebreak.cli.hit_export import export
from livebreak.cli.hit_page import print_hit
from livebreak.cli.hit_replay import replay
from livebreak.cli.hit_tail import tail
from livebreak.cli.hit_view import print_hits
from livebreak.cli.hits_keep import pin, purge, unpin
from livebreak.cli.tables import print_json, say
from livebreak.cli.talking import AsJson, CommandError, Talk, Where, check_where, command, talk
from livebreak.cli.target import Name
from livebreak.debugger.comparison import compare
from livebreak.debugger.wording import frames_of
from livebreak.sync.hit_pages import HitPage, cursor_at, newest_hits
from livebreak.sync.lookup import find_hit
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import Hit

MOST_LISTED = 10_000
"""Hits of one `list`: some 35 MiB; more are read page by page."""

app = typer.Typer(no_args_is_help=True, help="Hits: locals and stacks of the moments in which a breakpoint's line ran.")

_CURSOR = re.compile(r"[0-9]{1,18}-[0-9]{1,18}\Z")

app.command("tail")(tail)
app.command("pin")(pin)
app.command("unpin")(unpin)
app.command("purge")(purge)
app.command("export")(export)
app.command("replay")(replay)


@app.command("list")
@command
def list_hits(
    name: BreakpointName = None,
    file: File = None,
    where: Where = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=MOST_LISTED, help="How many.")] = 20,
    before: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Only those before a time, or before the cursor of an earlier list.", show_default=False
        ),
    ] = None,
    connection: Name = None,
    as_json: AsJson = False,
) -> None:
    """List stored hits, newest first."""
    check_choice(name, file)
    check_where(where)
    cursor = _read_before(before)

    async def ask(talk: Talk) -> HitPage:
        ids = await chosen(name, file, (await talk.remote.breakpoints()).results, talk) if name or file else None
        return await newest_hits(talk.remote, ids, where=where, limit=limit, before=cursor)

    page = talk(connection, ask)
    if as_json:
        print_json({"hits": to_json(page.hits), "complete": page.complete, "cursor": page.cursor})
        return
    if page.hits:
        print_hits(page.hits)
    more = f" Go on with --before {page.cursor}." if page.cursor else ""
    if not page.complete:
        say(f"The search stopped at its bound, so older hits may match, too.{more}")
    elif not page.hits:
        say("There are no such hits; they are kept for a set time only.")
    elif more and sys.stderr.isatty():
        say(f"There are older ones.{more}")


@app.command()
@command
def show(
    name: HitName,
    where: Where = None,
    frame: Annotated[
        int, typer.Option(metavar="N", min=0, help="The locals of this frame of the stack; 0 is the line's own.")
    ] = 0,
    full: Annotated[bool, typer.Option("--full", help="All parts of all values, and the whole stack.")] = False,
    connection: Name = None,
    as_json: AsJson = False,
) -> None:
    """Show one hit: its locals, its stack, and what is missing of them and why."""
    check_where(where)

    async def ask(talk: Talk) -> Hit:
        items = (await talk.remote.breakpoints()).results
        return await find_hit(name, talk.remote, items, talk.repositories, where=where)

    hit = talk(connection, ask)
    frames = frames_of(hit)
    if frame >= len(frames):
        raise CommandError(f"The hit has {len(frames)} frames, 0 to {len(frames) - 1}.", exit_codes.NOT_FOUND)
    if as_json:
        print_json(to_json(hit))
    else:
        print_hit(hit, frame=frame, full=full)


@app.command()
@command
def diff(first: HitName, second: HitName, where: Where = None, connection: Name = None, as_json: AsJson = False) -> None:
    """Show which locals differ between two hits, and where inside of them."""
    check_where(where)

    async def ask(talk: Talk) -> tuple[Hit, Hit]:
        items = (await talk.remote.breakpoints()).results
        one, other = [await find_hit(name, talk.remote, items, talk.repositories, where=where) for name in (first, second)]
        return one, other

    one, other = talk(connection, ask)
    comparison = compare(one, other)
    if as_json:
        print_json(comparison_document(one, other, comparison))
    else:
        print_comparison(one, other, comparison)


def _read_before(before: str | None) -> str | None:
    cursor = before if before is None or _CURSOR.match(before) else cursor_at(before)
    if before is not None and cursor is None:
        raise CommandError(
            f"--before {before!r} is no time such as 2026-11-23T12:03:04, nor the cursor of a list.", exit_codes.USAGE
        )
    return cursor
