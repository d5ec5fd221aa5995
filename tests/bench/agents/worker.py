"""Runs inside a measured Python: `python -m tests.bench.agents.worker ours|ddtraces|none FOLDER`.

It takes one JSON object a line, `{"do": NAME, ...}`, and answers with one. So whoever asks measures several processes, and
code with and without an agent, by turns. Standard library, and what is measured.
"""

from __future__ import annotations

import importlib
import json
import os
import py_compile
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLOCKS: dict[str, Callable[[], float]] = {
    # Of this thread alone: what other processes take from it does not count, and neither does the agent's own thread.
    "thread": time.thread_time,
    # Of all threads: what an agent does beside the application's thread counts, since they share the interpreter's lock.
    "process": time.process_time,
}


class Worker:
    """What can be asked for."""

    def __init__(self, kind: str, folder: str) -> None:
        sys.path.insert(0, folder)
        self._debugger = importlib.import_module(f"tests.bench.agents.{kind}").Debugger(folder) if kind != "none" else None
        self._condition = getattr(sys.modules.get(f"tests.bench.agents.{kind}"), "CONDITION", None)

    def load(self, modules: list[str]) -> None:
        for name in modules:
            importlib.import_module(name)

    def imported(self, modules: list[str]) -> float:
        """Seconds of the thread that importing them takes, compiled before as they are in production."""
        for name in modules:
            py_compile.compile(str(Path(sys.path[0]) / f"{name}.py"))
        importlib.invalidate_caches()
        started = time.thread_time()
        for name in modules:
            importlib.import_module(name)
        return time.thread_time() - started

    def agent(self) -> bool:
        """Start our agent as an application does, by its environment."""
        import livebreak_agent

        return livebreak_agent.start()

    def arm(self, breakpoints: list[dict[str, Any]]) -> list[str]:
        """Arm exactly these; returns why some are not bound."""
        chosen = [one | {"condition": self._condition if one.get("condition") else None} for one in breakpoints]
        self._debugger.arm(chosen)
        return self._debugger.unbound()

    def toggle(self, breakpoints: list[dict[str, Any]], one: dict[str, Any], times: int) -> list[list[float]]:
        """Arm one beside the others and disarm it again, so often; returns the seconds of the thread for each."""
        now = CLOCKS["thread"]
        seconds: list[list[float]] = [[], []]
        for _ in range(times):
            for index, wanted in enumerate([[*breakpoints, one], breakpoints]):
                started = now()
                self._debugger.arm(wanted)
                seconds[index].append(now() - started)
        return seconds

    def time(self, module: str, function: str, arguments: list[Any], clock: str = "thread", times: int = 1) -> float:
        """Seconds of a number of calls."""
        call, now = getattr(sys.modules[module], function), CLOCKS[clock]
        started = now()
        for _ in range(times):
            call(*arguments)
        return now() - started

    def take(self) -> int:
        """Throw away the hits that were captured; returns how many there were."""
        return self._debugger.take()


def main(kind: str, folder: str) -> None:
    # What is printed by others is not an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    worker = Worker(kind, folder)
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps(getattr(worker, request.pop("do"))(**request)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
