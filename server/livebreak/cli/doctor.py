"""`livebreak doctor`: what is wrong on the way from an editor to the backend, and what to do about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livebreak.cli import exit_codes
from livebreak.cli.output import shown
from livebreak.cli.serving import AsJson
from livebreak.cli.talking import command
from livebreak.cli.target import Name

if TYPE_CHECKING:
    from livebreak.cli.checks import Check

_MARKS = {True: "ok   ", False: "WRONG", None: "     "}


@command
def doctor(
    path: Annotated[
        Path | None, typer.Argument(help="A file or folder of your code; by default this folder.", show_default=False)
    ] = None,
    name: Name = None,
    as_json: AsJson = False,
) -> None:
    """Look at versions, paths, the connection, and which repository your code belongs to. Ends with 1 if something is wrong."""
    # It loads the keyring and httpx, which no other command is to wait for.
    from livebreak.cli.checks import check_all

    checks = check_all(path, name)
    if as_json:
        print(json.dumps({"ok": not _wrong(checks), "checks": [_as_json(check) for check in checks]}))
    else:
        width = max(len(check.name) for check in checks) + 2
        for check in checks:
            print(f"{_MARKS[check.is_ok]} {check.name:{width}}{shown(check.found)}")
            if check.advice:
                print(f"{' ' * (width + 6)}{shown(check.advice)}")
    if _wrong(checks):
        raise typer.Exit(exit_codes.FAILED)


def _wrong(checks: list[Check]) -> bool:
    return any(check.is_ok is False for check in checks)


def _as_json(check: Check) -> dict[str, object]:
    return {"name": check.name, "ok": check.is_ok, "found": check.found, "advice": check.advice or None}
