"""The Pythons that agents are measured in, and a worker in each."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.machine import ROOT
from tests.bench.rows import Broken
from tests.bench.run import Run, agent_path

OLDEST = "3.11"
"""Where the agent injects bytecode; on later ones it uses sys.monitoring, of which the newest is measured."""

APP = Path(__file__).parent / "app"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One version of Python."""

    minor: str
    ours: Path
    """An interpreter that has what our agent needs."""
    theirs: Path | None
    """One that has ddtrace, if it can be had."""


def measured(run: Run) -> list[Measured]:
    """The oldest and the newest Python here, in a quick run the newest alone; why a peer is missing is said in the run."""
    tools = _tools()
    found = {python.minor: python for python in tools.find_pythons() if python.released and not python.free_threaded}
    newest = next(reversed(found))
    minors = [newest] if run.quick else dict.fromkeys([OLDEST, newest])
    chosen = [found[minor] for minor in minors if minor in found]
    if OLDEST not in found:
        run.skipped.append(f"agent on {OLDEST}: no CPython {OLDEST} was found")
    return [Measured(minor=python.minor, ours=_ours(run, tools, python), theirs=_theirs(run, tools, python)) for python in chosen]


def _ours(run: Run, tools: types.ModuleType, python: Any) -> Path:
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    if python.minor == own:
        return Path(sys.executable)
    # Only on the oldest the agent needs more than the standard library.
    return tools.prepare(python) / "bin" / "python" if python.minor == OLDEST else Path(python.path)


def _theirs(run: Run, tools: types.ModuleType, python: Any) -> Path | None:
    environment = ROOT / ".venvs" / f"bench-{python.minor}"
    if not run.may_install and not (environment / ".installed").exists():
        run.skipped.append(f"ddtrace on {python.minor}: not installed yet; `make bench` installs it")
        return None
    try:
        return tools.prepare(python, environment, ROOT / "requirements" / "bench.txt") / "bin" / "python"
    except tools.SetupError as error:
        shutil.rmtree(environment, ignore_errors=True)
        run.skipped.append(f"ddtrace on {python.minor}: it cannot be installed: {error}")
        return None


def _tools() -> types.ModuleType:
    """The script that makes an environment for each Python; scripts beside it are no package."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        return importlib.import_module("agent_tests")
    finally:
        sys.path.remove(str(ROOT / "tools"))


class Worker:
    """A process in which something is measured."""

    def __init__(self, run: Run, python: Path, kind: str, folder: Path, environment: Mapping[str, str] = {}) -> None:
        path = agent_path(ROOT) if kind != "ddtraces" else str(ROOT)
        self._process = run.start(
            [python, "-m", "tests.bench.agents.worker", kind, folder], folder=folder,
            environment={"PYTHONPATH": path, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.kind = kind
        if self._read() != "ready":
            raise Broken(f"{kind} did not start: {self._process.output.strip()[-500:]}")

    def ask(self, do: str, **arguments: Any) -> Any:
        self._process.popen.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        self._process.popen.stdin.flush()
        line = self._read()
        if not line:
            raise Broken(f"{self.kind} ended while it was asked to {do}: {self._process.output.strip()[-500:]}")
        return json.loads(line)

    def arm(self, breakpoints: Sequence[Mapping[str, Any]]) -> None:
        """Exactly these. All must be bound."""
        if unbound := self.ask("arm", breakpoints=breakpoints):
            raise Broken(f"{self.kind}: {len(unbound)} of {len(breakpoints)} breakpoints are not bound: {unbound[0]}")

    def end(self) -> None:
        self._process.popen.stdin.close()
        self._process.end()

    def _read(self) -> str:
        return self._process.popen.stdout.readline().decode().strip()


def application(run: Run, name: str, files: Mapping[str, str]) -> Path:
    """A folder with modules, given by name and text; texts may be those of `app/`."""
    folder = run.folder / name
    folder.mkdir()
    for module, text in files.items():
        (folder / f"{module}.py").write_text(text)
    return folder


def source(name: str) -> str:
    return (APP / f"{name}.py").read_text()


def line_of(text: str, mark: str) -> int:
    """The 1-based number of the line that ends with `# here: mark`."""
    return next(number for number, line in enumerate(text.splitlines(), start=1) if line.endswith(f"# here: {mark}"))


def with_peers(run: Run, python: Measured, folder: Path) -> list[Worker]:
    """Ours and, where it is there, ddtrace, each in a process of its own."""
    kinds = [("ours", python.ours), *([("ddtraces", python.theirs)] if python.theirs else [])]
    return [Worker(run, interpreter, kind, folder) for kind, interpreter in kinds]
