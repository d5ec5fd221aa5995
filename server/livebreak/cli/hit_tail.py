"""`livebreak hits tail`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import aclosing
from typing import Annotated

import typer

from livebreak.cli.hit_choice import BreakpointName, File, check_choice, chosen
from livebreak.cli.hit_view import print_hit_line
from livebreak.cli.tables import print_json_line, say
from livebreak.cli.talking import Talk, Where, check_where, command, talk
from livebreak.cli.target import Name
from livebreak.sync.hit_pages import newest_hits
from livebreak.sync.tail import HitTail, Notice
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.where import compile_where

MOST_BEFORE = 1_000
"""Older hits that are shown first: beyond it `hits list` reads page by page."""


@command
def tail(
    name: BreakpointName = None,
    file: File = None,
    where: Where = None,
    last: Annotated[
        int, typer.Option("--last", "-n", metavar="N", min=0, max=MOST_BEFORE, help="Begin with the newest N that are there.")
    ] = 0,
    connection: Name = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")] = False,
) -> None:
    """Print hits as they come, until Ctrl-C. What is lost and found of the connection is said on standard error."""
    check_choice(name, file)
    matches = compile_where(where) if check_where(where) is not None and where is not None else lambda _: True

    async def ask(talk: Talk) -> None:
        ids = await chosen(name, file, (await talk.remote.breakpoints()).results, talk)
        before = (await newest_hits(talk.remote, ids, where=where, limit=last)).hits[:last] if last else ()
        following = HitTail(talk.remote, breakpoint_ids=ids, matches=matches, known_hits=before)
        await following.begin(is_live=talk.is_live)
        for hit in reversed(before):
            _print(hit, as_json)
        with _ending_with_the_reader():
            async with aclosing(following.follow()) as items:
                async for item in items:
                    if isinstance(item, Notice):
                        say(item.text)
                    else:
                        _print(item, as_json)

    talk(connection, ask)


def _print(hit: Hit, as_json: bool) -> None:
    if as_json:
        print_json_line(to_json(hit))
    else:
        print_hit_line(hit)


@contextlib.contextmanager
def _ending_with_the_reader() -> Iterator[None]:
    """Raises `BrokenPipeError` as soon as nobody reads the pipe any more, and not only with the next hit, which may never
    come: `livebreak hits tail | head -1` ends when `head` does."""
    task = asyncio.current_task()
    is_gone = False

    def on_gone() -> None:
        nonlocal is_gone
        is_gone = True
        asyncio.get_running_loop().remove_reader(number)
        if task is not None:
            task.cancel()

    number = -1
    # Standard output may be no real file, and Windows has no such watch over pipes.
    with contextlib.suppress(OSError, ValueError, NotImplementedError):
        if stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode):
            number = sys.stdout.fileno()
            asyncio.get_running_loop().add_reader(number, on_gone)
    try:
        yield
    except asyncio.CancelledError:
        if is_gone:
            raise BrokenPipeError from None
        raise
    finally:
        if number >= 0:
            asyncio.get_running_loop().remove_reader(number)
