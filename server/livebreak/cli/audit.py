"""`livebreak audit`: who did what."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from livebreak.cli import exit_codes
from livebreak.cli.serving import AsJson, DatabaseUrl, DataDir, fail, require_libraries, store_url
from livebreak.cli.tables import Cell, Column, print_json, print_table, time_cell
from livebreak.cli.talking import command

if TYPE_CHECKING:
    from livebreak.backend.administration import AuditEntry

DEFAULT_LIMIT = 1000
"""Entries, newest first: some screens of a day with many people in it."""

_COLUMNS = (
    Column(name="time"),
    Column(name="project", right=True),
    Column(name="who", gives_way=True),
    Column(name="key"),
    Column(name="what"),
    Column(name="to", gives_way=True),
)

_AGO = re.compile(r"([0-9]{1,6})([smhd])\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@command
def audit(
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="A time (2026-11-23T07:00Z), or how long ago (2h, 7d).", show_default=False)
    ] = None,
    actor: Annotated[str | None, typer.Option(metavar="NAME", help="Only what this person did.", show_default=False)] = None,
    project: Annotated[int | None, typer.Option(help="Only what concerns this project.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many entries, the newest.")] = DEFAULT_LIMIT,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Tell who made, changed and deleted breakpoints, paused, made and revoked keys, and read hits; newest first."""
    require_libraries()
    from livebreak.backend.administration import read_audit
    from livebreak.backend.store.interface import AuditQuery
    from livebreak.cli.storage import ask_or_fail, open_or_fail

    query = AuditQuery(since=None if since is None else _read_time(since), actor=actor, project_id=project, limit=limit)
    entries = ask_or_fail(read_audit(open_or_fail(store_url(data_dir, database_url)), query))
    if as_json:
        print_json(entries)
        return
    print_table(
        _COLUMNS,
        [
            (
                time_cell(entry["last_at"]),
                Cell(text=str(entry["project"])),
                Cell(text=entry["actor"]),
                Cell(text=entry["key"] or ""),
                Cell(text=entry["action"] + (f" ({entry['times']} times)" if entry["times"] > 1 else "")),
                Cell(text=_told(entry)),
            )
            for entry in entries
        ],
    )


def _read_time(text: str) -> int:
    """Microseconds since 1970."""
    from livebreak.backend.clock import SECOND, parse_time, system_clock

    ago = _AGO.match(text)
    if ago is not None:
        return system_clock() - int(ago[1]) * _SECONDS[ago[2]] * SECOND
    moment = parse_time(text)
    if moment is None:
        fail("--since takes a time such as 2026-11-23T07:00Z, or how long ago: 30m, 2h, 7d.", exit_codes.USAGE)
    return moment


def _told(entry: AuditEntry) -> str:
    """What it was done to, in one line."""
    detail: Mapping[str, object] = entry["detail"]
    place = f"{detail['filename']}:{detail['line_number']}" if "filename" in detail else entry["subject"] or ""
    known = ("repository", "filename", "line_number", "anchor")
    rest = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in detail.items() if name not in known)
    return " ".join(part for part in (place, rest) if part)
