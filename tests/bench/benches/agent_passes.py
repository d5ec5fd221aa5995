"""What the agent costs where it captures nothing: beside other breakpoints, and at a condition that is false."""

from __future__ import annotations

from tests.bench.agents.pythons import Measured, Worker, application, line_of, measured, source, with_peers
from tests.bench.rows import Goal, Row, median_of
from tests.bench.run import Run

BLOCKS = 40, 2
PASSES = 20_000, 500
"""Of one block: some milliseconds without a breakpoint."""
OTHERS = 100
"""Breakpoints that are armed elsewhere."""
GOALS = {"3.11": 300, "3.12": 400}
"""Nanoseconds; on later ones `LATER`."""
LATER = 200

KINDS = {"loop": "loop", "function": "calls"}
"""Mark of the line, and the function that passes it over and over."""


def measure(run: Run) -> list[Row]:
    rows = []
    for python in measured(run):
        rows += _beside_others(run, python)
        rows += _false_condition(run, python)
    return rows


def _beside_others(run: Run, python: Measured) -> list[Row]:
    text = source("passes")
    others = "".join(f"def other_{number}():\n    return {number}\n" for number in range(OTHERS))
    folder = application(run, f"others-{python.minor}", {"busy": text, "others": others, "busy_too": f"{text}\n\n{others}"})
    rows = []
    for worker in with_peers(run, python, folder):
        worker.ask("load", modules=["busy", "others", "busy_too"])
        first = len(text.splitlines()) + 4
        armed = [{"id": f"a{n}", "file": "others.py", "line": 2 + 2 * n} for n in range(OTHERS // 2)]
        armed += [{"id": f"b{n}", "file": "busy_too.py", "line": first + 2 * n} for n in range(OTHERS // 2)]
        ratios = []
        for block in range(run.count(*BLOCKS)):
            # Armed first in every other pair, so that a machine that grows slower favours neither.
            seconds = {}
            for is_armed in [False, True] if block % 2 else [True, False]:
                worker.arm(armed if is_armed else [])
                for module in ("busy", "busy_too"):
                    _pass(run, worker, module, "calls")
                seconds[is_armed] = sum(_pass(run, worker, module, "calls") for module in ("busy", "busy_too"))
            ratios.append(seconds[True] / seconds[False])
        worker.end()
        is_ours = worker.kind == "ours"
        name = f"agent: {'' if is_ours else 'ddtrace, '}no breakpoint here, {OTHERS} elsewhere, {python.minor}"
        how = (
            f"{len(ratios)} pairs of blocks of {2 * run.count(*PASSES):,} passes, armed and not by turns; half of the "
            f"{OTHERS} others are in the same file; time of the thread"
        )
        goal = Goal(figure="median", at_most=1.02) if is_ours else None
        rows.append(median_of(name, ratios, unit="ratio", how=how, goal=goal))
    return rows


def _false_condition(run: Run, python: Measured) -> list[Row]:
    text = source("passes")
    folder = application(run, f"passes-{python.minor}", {"plain": text, "armed": text})
    workers = with_peers(run, python, folder)
    added: dict[tuple[str, str], list[float]] = {}
    for worker in workers:
        worker.ask("load", modules=["plain", "armed"])
        worker.arm([{"id": mark, "file": "armed.py", "line": line_of(text, mark), "condition": True} for mark in KINDS])
    for block in range(-1, run.count(*BLOCKS)):
        for worker in workers:
            for mark, function in KINDS.items():
                seconds = {module: _pass(run, worker, module, function) for module in ("plain", "armed")}
                # The first block warms up.
                if block >= 0:
                    nanoseconds = (seconds["armed"] - seconds["plain"]) / run.count(*PASSES) * 1e9
                    added.setdefault((worker.kind, mark), []).append(nanoseconds)
    for worker in workers:
        worker.end()
    how = (
        f"{run.count(*BLOCKS)} blocks of {run.count(*PASSES):,} passes, by turns with the same code without a breakpoint, "
        "whose time is taken away, and with the other agent; `user_id == '12345' and len(items) > 3`; time of the thread"
    )
    rows = []
    for (kind, mark), nanoseconds in added.items():
        is_ours = kind == "ours"
        name = f"agent: {'' if is_ours else 'ddtrace, '}false condition in a {mark}, {python.minor}"
        goal = Goal(figure="median", at_most=GOALS.get(python.minor, LATER)) if is_ours else None
        rows.append(median_of(name, nanoseconds, unit="ns/pass", how=how, goal=goal, more={"lowest": min(nanoseconds)}))
    return rows


def _pass(run: Run, worker: Worker, module: str, function: str) -> float:
    return worker.ask("time", module=module, function=function, arguments=[run.count(*PASSES), "7", [1, 2]])
