"""Arming and disarming one breakpoint in a process where others are armed."""

from __future__ import annotations

from tests.bench.agents.pythons import application, measured, with_peers
from tests.bench.rows import Goal, Row, distribution
from tests.bench.run import Run

TIMES = 300, 10
FUNCTIONS = 200
"""Of the file."""
OTHERS = 20


def measure(run: Run) -> list[Row]:
    rows = []
    text = "".join(f"def function_{n}(a, b):\n    total = a + b\n    return total\n\n\n" for n in range(FUNCTIONS))
    for python in measured(run):
        folder = application(run, f"arm-{python.minor}", {"wide": text})
        for worker in with_peers(run, python, folder):
            worker.ask("load", modules=["wide"])
            others = [{"id": f"other-{n}", "file": "wide.py", "line": 2 + 5 * n} for n in range(OTHERS)]
            one = {"id": "one", "file": "wide.py", "line": 2 + 5 * (FUNCTIONS // 2)}
            worker.arm([*others, one])
            worker.ask("toggle", breakpoints=others, one=one, times=run.count(*TIMES) // 10)
            times = worker.ask("toggle", breakpoints=others, one=one, times=run.count(*TIMES))
            worker.end()
            whose = "" if worker.kind == "ours" else "ddtrace, "
            how = f"{len(times[0])} times, {OTHERS} others armed in the same file of {FUNCTIONS} functions; time of the thread"
            goal = Goal(figure="p50", at_most=150) if worker.kind == "ours" else None
            for what, seconds in zip(("arm", "disarm"), times, strict=True):
                name = f"agent: {whose}{what} one breakpoint, {python.minor}"
                rows.append(distribution(name, seconds, scale=1e6, unit="us", how=how, goal=goal))
    return rows
