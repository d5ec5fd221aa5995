"""Tables of what the backend keeps: fitted to a terminal, or for other programs a line a row with tabs between."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from livebreak.debugger.values import visible


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """In a pipe without the head. Texts of any origin, which reach no terminal as an escape sequence."""
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(visible(cell) for cell in row))
        return
    table = Table(*columns, box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    Console(highlight=False).print(table)


def to_the_minute(time: str) -> str:
    """An ISO 8601 time in UTC, without its seconds."""
    return f"{time[:10]} {time[11:16]}Z"
