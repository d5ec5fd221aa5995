"""What one full hit costs the thread that it happens on."""

from __future__ import annotations

from tests.bench.agents.pythons import Measured, application, line_of, measured, source, with_peers
from tests.bench.rows import Broken, Goal, Row, median_of
from tests.bench.run import Run

BLOCKS = 40, 2
HITS = 50, 5
"""Of one block; they fit into every queue."""
STACK = 15
FRAMES = {"": (1, 130), ", locals of 5 frames": (5, 650)}
"""Frames whose locals are captured, and the goal in microseconds."""


def measure(run: Run) -> list[Row]:
    return [row for python in measured(run) for row in _of_python(run, python)]


def _of_python(run: Run, python: Measured) -> list[Row]:
    text = source("depth")
    modules = {"plain": text, **{f"armed_{frames}": text for frames, _ in FRAMES.values()}}
    folder = application(run, f"depth-{python.minor}", modules)
    workers = with_peers(run, python, folder)
    costs: dict[tuple[str, str], list[float]] = {}
    count = run.count(*HITS)
    for worker in workers:
        worker.ask("load", modules=list(modules))
        # ddtrace captures the locals of one frame alone.
        wanted = [frames for frames, _ in FRAMES.values() if worker.kind == "ours" or frames == 1]
        worker.arm([{"id": f"of-{n}", "file": f"armed_{n}.py", "line": line_of(text, "hit"), "frames": n} for n in wanted])
    for block in range(-2, run.count(*BLOCKS)):
        for worker in workers:
            plain = worker.ask("time", module="plain", function="orders", arguments=[count, STACK])
            for what, (frames, _) in FRAMES.items():
                if worker.kind != "ours" and frames > 1:
                    continue
                seconds = worker.ask("time", module=f"armed_{frames}", function="orders", arguments=[count, STACK])
                if (taken := worker.ask("take")) != count:
                    raise Broken(f"{worker.kind} captured {taken} of {count} hits")
                if block >= 0:
                    costs.setdefault((worker.kind, what), []).append((seconds - plain) / count * 1e6)
    for worker in workers:
        worker.end()
    how = (
        f"{run.count(*BLOCKS)} blocks of {count} hits with 10 locals and a stack of {STACK}, redaction on, by turns with the "
        "same code without a breakpoint, whose time is taken away, and with the other agent; time of the thread"
    )
    rows = []
    for (kind, what), microseconds in costs.items():
        is_ours = kind == "ours"
        name = f"agent: {'' if is_ours else 'ddtrace, '}one full hit{what}, {python.minor}"
        goal = Goal(figure="median", at_most=FRAMES[what][1]) if is_ours else None
        rows.append(median_of(name, microseconds, unit="us", how=how, goal=goal, more={"lowest": min(microseconds)}))
    return rows
