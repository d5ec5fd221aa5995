"""`make bench`: measures LiveBreak against its goals, and beside its peers.

It judges nothing by time: its status is 1 only if something could not be measured because it did not work. A bench is a
module in `benches/` with a function `measure(run)`, plain or async, that returns rows; putting one there is all it takes.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import inspect
import sys
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from tests.bench import machine, report
from tests.bench.rows import Broken, Row, Skipped
from tests.bench.run import STATE, Run, begin

BENCHES = sorted(path.stem for path in (Path(__file__).parent / "benches").glob("*.py"))


def main(arguments: Sequence[str]) -> int:
    options = _parse(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    try:
        before = report.read_result(options.compare) if options.compare else None
    except (OSError, ValueError) as error:
        console.print(f"make bench: {error}", style="red")
        return 2
    facts = machine.facts()
    console.print(
        f"{facts['cpu']}, {facts['cores']} cores, {facts['kernel']}, load {facts['load']}; commit {str(facts['commit'])[:12]}"
    )
    started = time.monotonic()
    benches: dict[str, list[Row]] = {}
    skipped: list[str] = []
    broken = 0
    for name in options.only:
        console.print(f"{name} ...", style="bold")
        try:
            with begin(quick=options.quick, may_install=not options.no_install, say=console.print) as run:
                found = _measure(name, run)
        except Skipped as reason:
            skipped.append(f"{name}: {reason}")
            continue
        except Exception as error:  # noqa: BLE001 - one bench that breaks is said so, and the others still run
            broken += 1
            console.print(
                f"  broken: {error}" if isinstance(error, Broken) else traceback.format_exc(), style="red", markup=False
            )
            continue
        benches[name] = found
        skipped += run.skipped
        report.print_rows(console, found)
    path = options.output or STATE / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}{'-quick' if options.quick else ''}.json"
    report.write_rows(path, facts, benches, skipped, quick=options.quick)
    for text in skipped:
        console.print(f"skipped: {text}", style="yellow")
    rows = [row for found in benches.values() for row in found]
    if before is not None:
        report.print_comparison(console, before, facts, rows, quick=options.quick)
    goals = [row.goal.is_met(row.figures) for row in rows if row.goal is not None]
    seconds = time.monotonic() - started
    console.print(
        f"{sum(goals)} of {len(goals)} goals met, {len(skipped)} skipped, {broken} broken, in {seconds:.0f} s; see {path}"
    )
    if options.quick:
        console.print("A quick run shows that everything can be measured; its figures are not to be relied on.", style="yellow")
    return 1 if broken else 0


def _measure(name: str, run: Run) -> list[Row]:
    measure = importlib.import_module(f"tests.bench.benches.{name}").measure
    result = measure(run)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "--only", metavar="NAMES", type=_names, default=BENCHES, help=f"some benches, or their first word: {', '.join(BENCHES)}"
    )
    parser.add_argument("--quick", action="store_true", help="only see that everything can be measured")
    parser.add_argument("--compare", metavar="FILE", type=Path, help="an earlier result, to show before and after")
    parser.add_argument("--output", metavar="FILE", type=Path, help="where the result goes (default: .bench/)")
    parser.add_argument("--no-install", action="store_true", help="measure only peers that are installed already")
    return parser.parse_args(arguments)


def _names(text: str) -> list[str]:
    wanted = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in wanted if not any(_is_named(name, word) for name in BENCHES)]
    if unknown or not wanted:
        raise argparse.ArgumentTypeError(f"there is no bench {', '.join(unknown)!r}; there are {', '.join(BENCHES)}")
    return [name for name in BENCHES if any(_is_named(name, word) for word in wanted)]


def _is_named(name: str, word: str) -> bool:
    return name == word or name.startswith(word + "_")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
