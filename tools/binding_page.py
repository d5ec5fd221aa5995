"""Writes docs/binding.md: what a breakpoint comes to in each construct, on every CPython found: `python tools/binding_page.py`.

The column of a Python that is not on this machine stays as it is. Standard library only.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Mapping

from agent_tests import WANTED, prepare
from pythons import ROOT, find_pythons

CASES = ROOT / "tests" / "agent" / "engine" / "binding_cases.py"
PAGE = ROOT / "docs" / "binding.md"

CASES_TIMEOUT = 120
"""Seconds for all cases on one Python, which take about one."""

Column = Mapping[str, tuple[str, str | None]]
"""Result and reason, by construct."""

_HEAD = """\
# What a breakpoint can be set on

Made by `make binding`, which sets each of them; do not edit. The agent watches lines by `sys.monitoring` from Python 3.12 on, and
on 3.11 by bytecode in the functions, so what has already begun there is reached by the next call only.

- **binds**: the next time that the line runs is a hit, also where it is in a loop or a call that has begun.
- **next call**: calls that begin from now on are hits. The binding says *pending*, with the reason, until one has been; where no
  number stands here, the agent cannot know that there is such a call, and the binding says *bound*.
- **cannot**: the binding says *failed*, with the reason.
- **-**: this Python has no such syntax.

FILE, FUNCTION and N stand for the breakpoint's own. Not in the table, since there is no line to set a breakpoint on: code without
a file (`exec` of a text, a REPL), C extensions, and the methods that `dataclasses` and the like write.
"""


def main() -> int:
    columns = dict(read(PAGE.read_text("utf-8"))) if PAGE.exists() else {}
    pythons = {python.minor: python for python in find_pythons() if python.released and not python.free_threaded}
    for minor in sorted(pythons.keys() & {*WANTED}):
        interpreter = prepare(pythons[minor]) / "bin" / "python"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment |= {"PYTHONPATH": str(ROOT / "server" / "agent"), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [interpreter, CASES], env=environment, capture_output=True, check=True, text=True, timeout=CASES_TIMEOUT
        )
        found = json.loads(done.stdout)
        columns[minor] = {name: (outcome["result"], outcome["reason"]) for name, outcome in found.items()}
        sys.stdout.write(f"{pythons[minor].version}: {len(found)} constructs\n")
    PAGE.write_text(write(columns), "utf-8")
    return 0


def write(columns: Mapping[str, Column]) -> str:
    """The page of these columns."""
    groups: Mapping[str, Mapping[str, str]] = runpy.run_path(str(CASES))["GROUPS"]
    reasons: dict[str, int] = {}
    parts = [_HEAD]
    for group, cases in groups.items():
        parts.append(f"## {group}\n\n| the line is in | {' | '.join(WANTED)} |\n| --- |{' --- |' * len(WANTED)}")
        for name in cases:
            cells = [_cell(columns.get(minor, {}).get(name), reasons) for minor in WANTED]
            parts[-1] += f"\n| {name} | {' | '.join(cells)} |"
        parts[-1] += "\n"
    parts.append("## What the binding says\n\n" + "\n".join(f"{number}. {reason}" for reason, number in reasons.items()) + "\n")
    return "\n".join(parts)


def read(page: str) -> Mapping[str, Column]:
    """The columns of a page."""
    reasons = dict(re.findall(r"^(\d+)\. (.+)$", page, re.MULTILINE))
    columns: dict[str, dict[str, tuple[str, str | None]]] = {minor: {} for minor in WANTED}
    for row in re.findall(r"^\| (.+) \|$", page, re.MULTILINE):
        name, *cells = row.split(" | ")
        if len(cells) != len(WANTED) or name in {"the line is in", "---"}:
            continue
        for minor, cell in zip(WANTED, cells, strict=True):
            result, _, number = cell.partition(" [")
            if result != "?":
                columns[minor][name] = ("no such syntax" if result == "-" else result, reasons.get(number.rstrip("]")))
    return columns


def _cell(outcome: tuple[str, str | None] | None, reasons: dict[str, int]) -> str:
    if outcome is None:
        return "?"
    result, reason = outcome
    if result == "no such syntax":
        return "-"
    return result if reason is None else f"{result} [{reasons.setdefault(reason, len(reasons) + 1)}]"


if __name__ == "__main__":
    sys.exit(main())
