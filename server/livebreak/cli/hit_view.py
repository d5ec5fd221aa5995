"""Hits as rows: for `list`, and line by line for `tail`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.text import Text

from livebreak.cli.tables import Cell, Column, console, id_cell, print_table, row_line, time_cell
from livebreak.debugger.values import summary, visible
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.summary import by_interest

VALUES_WIDTH = 200
"""Characters of values in a row: what the widest terminals have room for."""
WHOLE_WIDTH = 2_000
"""The same in a pipe; the whole hit is in `--json` and `hits show`."""

_COLUMNS = (
    Column(name="TIME"),
    Column(name="HIT"),
    Column(name="PLACE", gives_way=True, keeps_end=True),
    Column(name="PROCESS", gives_way=True),
    Column(name="VALUES", gives_way=True),
)


def print_hits(hits: Sequence[Hit]) -> None:
    print_table(_COLUMNS, [hit_row(hit) for hit in hits])


def print_hit_line(hit: Hit) -> None:
    """One line, at once."""
    row = hit_row(hit)
    if not sys.stdout.isatty():
        print(row_line(row), flush=True)
        return
    line = Text("  ").join(Text(visible(cell.text), style=cell.style) for cell in row if cell.text)
    # A line that wraps would hide where the next begins.
    console().print(line, no_wrap=True, overflow="ellipsis")


def hit_row(hit: Hit) -> list[Cell]:
    process = f"{hit.service or hit.host or ''}{f':{hit.pid}' if hit.pid is not None else ''}"
    return [
        time_cell(hit.timestamp),
        id_cell(hit.id),
        Cell(text=f"{hit.filename}:{hit.line_number}"),
        Cell(text=process, style="dim"),
        Cell(text=_values(hit, VALUES_WIDTH), whole=_values(hit, WHOLE_WIDTH)),
    ]


def _values(hit: Hit, width: int) -> str:
    if hit.message is not None:
        return hit.message[:width]
    return summary({name: hit.variables[name] for name in by_interest(hit)}, width)
