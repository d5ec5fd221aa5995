"""Rows as a table on the terminal, as JSON, and beside those of an earlier run."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from tests.bench.rows import Row

FORMAT = 1
"""Of the JSON file; raised when what is there means something else."""


def print_rows(console: Console, rows: Sequence[Row]) -> None:
    table = Table(box=None, pad_edge=False, show_edge=False)
    for title in ("what", "figures", "goal", "met", "noise", "how"):
        table.add_column(
            title, overflow="fold", no_wrap=title in {"goal", "met", "noise"}, justify="right" if title == "noise" else "left"
        )
    notes = list(dict.fromkeys(row.how for row in rows))
    for row in rows:
        met = "" if row.goal is None else "yes" if row.goal.is_met(row.figures) else "no"
        noise = "" if row.noise is None else f"± {row.noise:.0%}"
        style = {"yes": "green", "no": "red"}.get(met, "")
        note = f"[{notes.index(row.how) + 1}]"
        table.add_row(
            *map(Text, (row.name, figures_text(row.figures, row.unit), goal_text(row))), Text(met, style), noise, Text(note)
        )
    console.print(table)
    for position, note in enumerate(notes, start=1):
        console.print(f"  [{position}] {note}", style="dim", markup=False)


def write_rows(
    path: Path, machine: Mapping[str, object], benches: Mapping[str, Sequence[Row]], skipped: Sequence[str], *, quick: bool
) -> None:
    written = [
        {"bench": bench} | dataclasses.asdict(row) | {"met": None if row.goal is None else row.goal.is_met(row.figures)}
        for bench, rows in benches.items()
        for row in rows
    ]
    data = {"format": FORMAT, "quick": quick, "machine": machine, "rows": written, "skipped": list(skipped)}
    path.write_text(json.dumps(data, indent=2) + "\n")


def read_result(path: Path) -> dict[str, Any]:
    """What an earlier run wrote, the rows by name. Raises OSError, or ValueError with a sentence."""
    try:
        data = json.loads(path.read_text("utf-8"))
        if data["format"] != FORMAT:
            raise ValueError(f"{path} is of another version of the bench and cannot be compared with.")
        rows = {row["name"]: row for row in data["rows"]}
        return {"quick": data["quick"], "machine": dict(data["machine"]), "rows": rows}
    except (KeyError, TypeError, json.JSONDecodeError):
        raise ValueError(f"{path} was not written by `make bench`.") from None


def print_comparison(
    console: Console, before: Mapping[str, Any], machine: Mapping[str, object], rows: Sequence[Row], *, quick: bool
) -> None:
    """One line for each row that both runs have. What lies within the noise of both is called the same."""
    if quick or before["quick"]:
        console.print("A quick run is no measurement, and neither is its comparison.", style="yellow")
    if any(before["machine"].get(fact) != machine[fact] for fact in ("cpu", "cores", "kernel")):
        console.print("The earlier run was on another machine, so differences may be the machine's.", style="yellow")
    table = Table(box=None, pad_edge=False, show_edge=False, title="Compared", title_justify="left")
    for title in ("what", "figure", "before", "after", "change", ""):
        table.add_column(title, overflow="fold", justify="right" if title in {"before", "after", "change"} else "left")
    for row in rows:
        old = before["rows"].get(row.name)
        name = row.goal.figure if row.goal is not None else next(iter(row.figures))
        if old is None or name not in old["figures"] or old["unit"] != row.unit:
            continue
        was, now = old["figures"][name], row.figures[name]
        change = (now - was) / was if was else 0.0
        noise = None if old["noise"] is None or row.noise is None else old["noise"] + row.noise
        verdict = "better" if (change > 0) == row.more_is_better else "worse"
        if noise is None or abs(change) <= noise:
            verdict = "too few rounds to tell" if noise is None else "same, within the noise"
        style = {"better": "green", "worse": "red"}.get(verdict, "dim")
        table.add_row(
            row.name, name, f"{number(was)} {row.unit}", f"{number(now)} {row.unit}", f"{change:+.0%}", Text(verdict, style=style)
        )
    console.print(table)


def figures_text(figures: Mapping[str, float], unit: str) -> str:
    """Such as `p50 12.3  p95 20.1 ms  peak MB 60`. A figure whose name ends with its unit says it by itself."""
    own = [f"{name} {number(value)}" for name, value in figures.items() if not name.endswith(_OWN_UNITS)]
    others = []
    for name, value in figures.items():
        if name.endswith(_OWN_UNITS):
            said, _, of = name.rpartition(" ")
            others.append(f"{said} {number(value)} {of}")
    return "  ".join(own) + f" {unit}" + "".join(f"  {text}" for text in others)


_OWN_UNITS = (" MB", " us/hit")


def goal_text(row: Row) -> str:
    if row.goal is None:
        return ""
    limit, sign = (row.goal.at_most, "<=") if row.goal.at_most is not None else (row.goal.at_least, ">=")
    return f"{row.goal.figure} {sign} {limit:,g} {row.unit}"


def number(value: float) -> str:
    """With the digits that mean something."""
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 1 else f"{value:.3f}"
