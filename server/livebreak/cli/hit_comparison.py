"""What differs between two hits, printed."""

from __future__ import annotations

import sys
from typing import Any

from livebreak.cli.tables import Cell, Column, now, print_table, say
from livebreak.debugger.comparison import Comparison, ValueDifference
from livebreak.debugger.values import note, value_line, visible
from livebreak.debugger.wording import local_time
from livebreak_agent.vocabulary.captured import Value
from livebreak_agent.vocabulary.model import Hit

VALUE_WIDTH = 400
"""Characters of one side."""

_COLUMNS = (Column(name="VARIABLE", gives_way=True), Column(name="FIRST", gives_way=True), Column(name="SECOND", gives_way=True))


def comparison_document(first: Hit, second: Hit, comparison: Comparison) -> dict[str, Any]:
    differences = [
        {"path": it.path, "kind": it.kind, "first": _text(it.first), "second": _text(it.second)} for it in comparison.differences
    ]
    return {
        "first": first.id,
        "second": second.id,
        "differences": differences,
        "same": list(comparison.same),
        "uncertain": list(comparison.uncertain),
        "complete": not comparison.is_cut,
    }


def print_comparison(first: Hit, second: Hit, comparison: Comparison) -> None:
    is_terminal = sys.stdout.isatty()
    if is_terminal:
        for name, hit in (("First ", first), ("Second", second)):
            time = local_time(hit.timestamp, now().astimezone())
            print(visible(f"{name}  {hit.id}  {hit.filename}:{hit.line_number}  {time}"))
        print()
    if comparison.differences:
        print_table(_COLUMNS, [_row(it) for it in comparison.differences])
    else:
        say("No local differs, as far as they were captured.")
    if comparison.is_cut:
        say("There are more differences than are shown.")
    if is_terminal and comparison.same:
        print(f"\nThe same: {', '.join(comparison.same)}.")
    if comparison.uncertain:
        say(f"Not captured as a whole, so what is missing may differ: {', '.join(comparison.uncertain)}.")


def _row(difference: ValueDifference) -> list[Cell]:
    return [
        Cell(text=difference.path, style="bold"),
        Cell(text=_text(difference.first) or "-", style="red"),
        Cell(text=_text(difference.second) or "-", style="green"),
    ]


def _text(value: Value | None) -> str | None:
    if value is None:
        return None
    text = value_line(value, VALUE_WIDTH)
    remark = note(value)
    return f"{text} ({remark})" if remark is not None and remark not in text else text
