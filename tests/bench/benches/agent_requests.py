"""A web application with very many breakpoints on the path of every request, all of them at their limit of rate."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.bench.agents.pythons import Measured, Worker, application, measured
from tests.bench.rows import Broken, Goal, Row, median_of
from tests.bench.run import Api, Run, new_breakpoint

BLOCKS = 20, 2
REQUESTS = 2_000, 20
"""Of one block: half a second, which is as long as lines are left alone for. As many go before it, in which the burst of hits
that is allowed at first is captured and sent, for what is measured is the lasting cost."""
PEERS_REQUESTS = 20
"""ddtrace takes a hundred times as long for one, and has the same cost at each pass."""
LAYERS, LINES = 10, 10
"""Functions that a request passes, and lines with a breakpoint in each."""
REPETITIONS = 8
"""Times that a request passes each layer, as it does in a loop over rows."""
PATIENCE = 30.0
ALL = LAYERS * LINES


def measure(run: Run) -> list[Row]:
    return [row for python in measured(run) for row in _of_python(run, python)]


def _of_python(run: Run, python: Measured) -> list[Row]:
    text = _source()
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if line.startswith("    row['n'] +=")]
    folder = application(run, f"requests-{python.minor}", {"web": text})
    served = run.backend()
    api = served.api()
    for line in lines:
        api.ask("POST", "/livebreak/breakpoints", new_breakpoint("web.py", line))
    api.ask("POST", "/livebreak/pause", {})
    environment = served.project.for_app | {"LIVEBREAK_REPOSITORY": "acme/shop", "LIVEBREAK_ROOT": str(folder)}
    ours = Worker(run, python.ours, "none", folder, environment)
    ours.ask("load", modules=["web"])
    if not ours.ask("agent"):
        raise Broken("the agent did not start")
    switches: dict[str, tuple[Worker, Callable[[bool], None]]] = {
        "ours": (ours, lambda is_armed: _switch(api, is_armed=is_armed))
    }
    if python.theirs is not None:
        theirs = Worker(run, python.theirs, "ddtraces", folder)
        theirs.ask("load", modules=["web"])
        probes = [{"id": f"on-{line}", "file": "web.py", "line": line, "is_limited": True} for line in lines]
        switches["ddtraces"] = (theirs, lambda is_armed: theirs.arm(probes if is_armed else []))
    shares: dict[str, list[float]] = {kind: [] for kind in switches}
    for block in range(-1, run.count(*BLOCKS)):
        for kind, (worker, switch) in switches.items():
            seconds = {}
            for is_armed in [False, True] if block % 2 else [True, False]:
                switch(is_armed)
                _serve(run, worker)
                seconds[is_armed] = _serve(run, worker)
            if block >= 0:
                shares[kind].append(seconds[False] / seconds[True] * 100)
    if not api.ask("GET", "/livebreak/hits")["results"]:
        raise Broken("no hit arrived")
    for worker, _ in switches.values():
        worker.end()
    how = (
        f"{run.count(*BLOCKS)} pairs of blocks of {run.count(*REQUESTS)} requests (ddtrace {PEERS_REQUESTS}) in one thread, "
        f"armed and not by turns, each passing all {ALL} lines {REPETITIONS} times; default limits; "
        "processor time of the process with all threads"
    )
    rows = []
    for kind, percents in shares.items():
        is_ours = kind == "ours"
        name = f"agent: {'' if is_ours else 'ddtrace, '}throughput with {ALL} rate-limited breakpoints, {python.minor}"
        goal = Goal(figure="median", at_least=98) if is_ours else None
        rows.append(median_of(name, percents, unit="%", how=how, goal=goal, more_is_better=True))
    return rows


def _source() -> str:
    layers = "".join(_layer(number) for number in range(LAYERS))
    calls = "".join(f"        row = layer_{number}(row)\n" for number in range(LAYERS))
    handle = f"def handle(path):\n    row = {{'path': path, 'n': 1}}\n    for _ in range({REPETITIONS}):\n{calls}    return row\n"
    return f"import json\n\n\n{layers}{handle}"


def _layer(number: int) -> str:
    body = "".join(f"    row['n'] += {line}\n" for line in range(LINES))
    return f"def layer_{number}(row):\n    row = json.loads(json.dumps(row))\n{body}    return row\n\n\n"


def _serve(run: Run, worker: Worker) -> float:
    times = run.count(*REQUESTS) if worker.kind == "none" else PEERS_REQUESTS
    return worker.ask("time", module="web", function="handle", arguments=["/orders"], clock="process", times=times)


def _switch(api: Api, *, is_armed: bool) -> None:
    """By the kill switch, until the process says what became of it."""
    api.ask("POST", f"/livebreak/{'resume' if is_armed else 'pause'}", {})
    end = time.monotonic() + PATIENCE
    while True:
        states = api.ask("GET", "/livebreak/processes")["results"]
        bound = sum(one["state"] == "bound" for state in states for one in state.get("bindings", []))
        if states and bound == (ALL if is_armed else 0):
            return
        if time.monotonic() > end:
            what = "armed" if is_armed else "paused"
            raise Broken(f"{bound} of {ALL} breakpoints are bound, {PATIENCE:g} seconds after they were {what}")
        time.sleep(0.02)
