"""The language server's start: what somebody waits for who opens an editor."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.editor import content_length, frame, initialize
from tests.bench.machine import peak_mb
from tests.bench.rows import Broken, Goal, Row, distribution
from tests.bench.run import Run

STARTS = 30, 2

BARE = """
from pygls.lsp.server import LanguageServer
from pygls.cli import start_server
start_server(LanguageServer("bare", "1"))
"""


def measure(run: Run) -> list[Row]:
    starts = run.count(*STARTS)
    folder = run.checkout({"app.py": "total = 1\n"})
    (folder / "bare.py").write_text(BARE)
    commands = {
        "lsp: spawn to initialize answered": [Path(sys.executable).with_name("livebreak"), "lsp"],
        "lsp: the same of a bare pygls server": [sys.executable, "bare.py"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    peaks: dict[str, float] = dict.fromkeys(commands, 0.0)
    for number in range(-1, starts):
        for name, command in commands.items():
            seconds, peak = _start(run, command, folder)
            # The first start writes bytecode.
            if number >= 0:
                times[name].append(seconds)
                peaks[name] = max(peaks[name], peak)
    goals = iter([Goal(figure="p95", at_most=500), None])
    how = f"{starts} starts, by turns with the other, over stdio, without a backend; peak memory after the answer"
    return [distribution(name, times[name], how=how, goal=next(goals), more={"peak MB": peaks[name]}) for name in commands]


def _start(run: Run, command: Sequence[str | Path], folder: Path) -> tuple[float, float]:
    request = frame({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": initialize(folder)})
    started = time.perf_counter()
    with subprocess.Popen(
        list(map(str, command)), cwd=folder, env=run.environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(request)
        process.stdin.flush()
        header = b""
        while not header.endswith(b"\r\n\r\n"):
            line = process.stdout.readline()
            if not line:
                raise Broken(f"{command[-1]} ended with status {process.wait()} before it answered initialize")
            header += line
        process.stdout.read(content_length(header))
        seconds = time.perf_counter() - started
        peak = peak_mb(process.pid)
        process.kill()
    return seconds, peak
