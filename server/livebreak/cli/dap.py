"""`livebreak dap`: wires the debug adapter to a session, or to a file of hits. It loads nothing of the other commands."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from livebreak.cli.live import make_live
from livebreak.dap import FileTarget, LiveTarget, Target, serve
from livebreak.sync.hit_file import HitFile, HitFileError, read_hit_file
from livebreak.sync.live import Live

DESCRIPTION = "Run the debug adapter on standard input and output; an editor's debugger starts it."


def main(arguments: Sequence[str]) -> int:
    """Serve until the debugger disconnects. Returns the exit status: 0, or 1 if the file holds no hits."""
    parser = argparse.ArgumentParser(prog="livebreak dap", description=DESCRIPTION)
    parser.add_argument("--file", type=Path, help="hits of `livebreak hits export`, opened without a backend")
    parser.add_argument("--connection", metavar="NAME", help="which stored connection; by default the default one")
    parser.add_argument("--yes-production", action="store_true", help='let `"arm": "all"` arm breakpoints in production')
    given = parser.parse_args(arguments)
    if given.file is None:
        return _serve_live(given.connection, yes_production=given.yes_production)
    try:
        return _serve_file(read_hit_file(given.file))
    except HitFileError as error:
        print(error, file=sys.stderr)
        return 1


def _serve_file(file: HitFile) -> int:
    target = FileTarget(file)
    # Nothing of a file is ever garbage: to look through a million of its values again and again takes longer than any request.
    gc.freeze()

    async def open_target() -> Target:
        return target

    async def close() -> None:
        """Nothing runs behind a file."""

    return serve(open_target, close)


def _serve_live(connection: str | None, *, yes_production: bool) -> int:
    lives: list[Live] = []

    async def open_target() -> Target:
        live = make_live(_Silent(), again="Then attach again.", connection=connection, yes_production=yes_production)
        lives.append(live)
        await live.start()
        return LiveTarget(live, alone=True)

    async def close() -> None:
        for live in lives:
            await live.stop()

    return serve(open_target, close)


class _Silent:
    """The adapter follows the session; nobody else is there."""

    def breakpoints_changed(self, paths: frozenset[Path]) -> None:
        """Followers hear of it."""

    def hits_changed(self, paths: frozenset[Path]) -> None:
        """Followers hear of it."""

    def status_changed(self) -> None:
        """Followers hear of it."""

    def notice(self, message: str) -> None:
        """Followers hear of it."""

    async def confirm(self, question: str) -> bool:  # noqa: ARG002 - the protocol of a listener
        """The protocol has no questions, so it is the command line that says yes."""
        return False
