"""Everything that commands print: tables that fit a terminal, lines for other programs, and JSON.

On a terminal a table is cut to its width, has a head, short ids, the clock's time and colours (unless NO_COLOR is set). In
a pipe each row is one line without a head, its cells separated by tabs, whole, with whole ids and UTC times. Whatever
comes from outside is made printable first: no captured text reaches a terminal as an escape sequence.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from livebreak.debugger.values import visible
from livebreak.debugger.wording import local_time

SHORT_ID = 8
"""Characters of an id on a terminal: one of 4 billion, and any beginning that is unique will do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """A text of any origin."""

    text: str
    """On a terminal."""
    whole: str | None = None
    """In a pipe, where that says more."""
    style: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    name: str
    gives_way: bool = False
    """The column is cut where the terminal is too narrow, the last of them first; the others stay whole."""
    keeps_end: bool = False
    """It is cut at its beginning: the end of a path says more."""
    right: bool = False


def print_json(document: object) -> None:
    """One document. Pure ASCII, so that it is as harmless on a terminal as it is whole in a pipe."""
    print(json.dumps(document, indent=2))


def print_json_line(document: object) -> None:
    print(json.dumps(document, separators=(",", ":")), flush=True)


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    if not sys.stdout.isatty():
        for row in rows:
            print(row_line(row))
        return
    grid = [[Text(visible(cell.text), style=cell.style, end="") for cell in row] for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for index, width in enumerate(_widths(columns, grid, console().width)):
        column = columns[index]
        justify: Literal["left", "right"] = "right" if column.right else "left"
        table.add_column(column.name, justify=justify, no_wrap=True, overflow="ellipsis", max_width=width)
        if column.keeps_end:
            for texts in grid:
                texts[index] = _end_of(texts[index], width)
    for texts in grid:
        table.add_row(*texts)
    console().print(table)


def row_line(row: Sequence[Cell]) -> str:
    """The row for another program. A tab or line end in a cell is escaped, as all that is not printable."""
    return "\t".join(visible(cell.text if cell.whole is None else cell.whole) for cell in row)


def console() -> Console:
    """Standard output. Rich knows NO_COLOR, TERM=dumb, and how wide the terminal is."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=False)


def say(sentence: str) -> None:
    """Something for the person at the terminal, beside what was asked for: on standard error."""
    if sys.stderr.isatty():
        # Wrapped between words.
        Console(stderr=True, highlight=False).print(Text(visible(sentence)))
    else:
        print(visible(sentence), file=sys.stderr, flush=True)


def print_sentence(sentence: str) -> None:
    """The answer, where it is a sentence."""
    if sys.stdout.isatty():
        console().print(Text(visible(sentence)))
    else:
        print(visible(sentence))


def id_cell(id: str) -> Cell:
    return Cell(text=id[:SHORT_ID], whole=id, style="cyan")


def time_cell(timestamp: str | None) -> Cell:
    if timestamp is None:
        return Cell(text="")
    return Cell(text=local_time(timestamp, now().astimezone()), whole=timestamp, style="dim")


def now() -> datetime:
    return datetime.now(UTC)


def _widths(columns: Sequence[Column], grid: Sequence[Sequence[Text]], room: int) -> list[int]:
    """How wide each column is: those that give way share what the others leave, and the last of them is cut first."""
    widths = [max([cell_len(column.name), *(row[index].cell_len for row in grid)]) for index, column in enumerate(columns)]
    yielding = [index for index, column in enumerate(columns) if column.gives_way]
    if not yielding:
        return widths
    left = room - BETWEEN * len(columns) - sum(width for index, width in enumerate(widths) if index not in yielding)
    *first, last = yielding
    for_first = left - min(widths[last], SHORTEST_LAST)
    # The narrow ones before the wide ones: what they do not need goes to those.
    for done, index in enumerate(sorted(first, key=lambda index: widths[index])):
        widths[index] = min(widths[index], max(for_first // (len(first) - done), SHORTEST))
        for_first -= widths[index]
        left -= widths[index]
    widths[last] = min(widths[last], max(left, SHORTEST))
    return widths


def _end_of(text: Text, width: int) -> Text:
    plain = text.plain
    if cell_len(plain) <= width:
        return text
    while plain and cell_len(plain) >= width:
        plain = plain[1:]
    return Text(f"…{plain}", style=text.style, end="")


BETWEEN = 2
"""Blanks between two columns."""
SHORTEST, SHORTEST_LAST = 4, 16
"""Characters that still tell something: of a name, and of values or conditions."""
