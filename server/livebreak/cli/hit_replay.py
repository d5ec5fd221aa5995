"""`livebreak hits replay`: a hit as a script that an ordinary debugger runs on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from livebreak.cli import exit_codes
from livebreak.cli.hit_choice import HitName
from livebreak.cli.private_file import write_private
from livebreak.cli.tables import say
from livebreak.cli.talking import CommandError, Talk, Where, check_where, command, talk
from livebreak.cli.target import Name
from livebreak.debugger.replay import NotReplayable, Replay, replay_of
from livebreak.debugger.workspace import Location
from livebreak.sync.lookup import find_hit
from livebreak.sync.source_files import read_source
from livebreak_agent.vocabulary.model import Hit


@command
def replay(
    name: HitName,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there, readable for you alone.", show_default=False),
    ] = None,
    where: Where = None,
    connection: Name = None,
) -> None:
    """Write a script that calls the hit's function again with the captured arguments, here and under a debugger."""
    check_where(where)

    async def ask(talk: Talk) -> tuple[Hit, Path | None, Path | None]:
        items = (await talk.remote.breakpoints()).results
        hit = await find_hit(name, talk.remote, items, talk.repositories, where=where)
        repository = next((item.repository for item in items if item.id == hit.breakpoint_id), None)
        await talk.repositories.meet(Path.cwd())
        place = Location(repository=repository, filename=hit.filename)
        return hit, talk.repositories.path(place), talk.repositories.root(repository)

    hit, path, root = talk(connection, ask)
    if path is None or root is None:
        sentence = f"{hit.filename} is not in the working tree of this folder; go to that of its repository."
        raise CommandError(sentence, exit_codes.NOT_FOUND)
    made = _made(hit, path, root)
    for sentence in made.missing:
        say(sentence)
    if output is None:
        print(made.script, end="")
        return
    write_private(output, made.script)
    say(f"The script is {output}; start it in your editor's debugger, or run it.")


def _made(hit: Hit, path: Path, root: Path) -> Replay:
    try:
        return replay_of(hit, read_source(path), path=str(path), root=str(root))
    except (OSError, SyntaxError, ValueError, LookupError):
        raise CommandError(f"{path} cannot be read; save it in the encoding that it declares.") from None
    except NotReplayable as error:
        raise CommandError(str(error), exit_codes.NOT_FOUND) from None
