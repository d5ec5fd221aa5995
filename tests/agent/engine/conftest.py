"""Applications made of a few lines, and an engine that breakpoints are armed in, all in this process."""

from __future__ import annotations

import importlib
import itertools
import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from livebreak_agent.capture.values import Walk
from livebreak_agent.engine import Engine
from livebreak_agent.hit_queue import HitQueue
from livebreak_agent.limits import Limits, extent
from livebreak_agent.redaction import Redaction
from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.model import Binding, Breakpoint, CaptureLimits, Hit, Process

UNLIMITED = Limits(
    hits_at_once=10_000,
    logs_at_once=10_000,
    process_hits_at_once=10_000,
    errors_at_once=10**9,
    hit_seconds=10.0,
    longest_hit_seconds=10.0,
    cpu_share=100.0,
    process_cpu_share=100.0,
)
"""Tests look at all hits, on machines that may be slow."""

_numbers = itertools.count()


class Application:
    """Modules that are written into a directory of their own, and imported from there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = f"app{next(_numbers)}"
        (root / self.package).mkdir()
        (root / self.package / "__init__.py").write_text("")
        self.sources: dict[str, str] = {}

    def write(self, source: str, name: str = "shop") -> str:
        """A module of the package; returns its path in the repository."""
        self.sources[name] = textwrap.dedent(source).lstrip("\n")
        (self.root / self.package / f"{name}.py").write_text(self.sources[name], "utf-8")
        return self.filename(name)

    def load(self, name: str = "shop") -> ModuleType:
        importlib.invalidate_caches()
        return importlib.import_module(f"{self.package}.{name}")

    def filename(self, name: str = "shop") -> str:
        return f"{self.package}/{name}.py"

    def line(self, mark: str = "here", name: str = "shop") -> int:
        """The number of the line that ends with `# mark`."""
        numbers = [
            number for number, line in enumerate(self.sources[name].split("\n"), start=1) if line.rstrip().endswith(f"# {mark}")
        ]
        assert len(numbers) == 1, f"{len(numbers)} lines are marked `# {mark}`"
        return numbers[0]


class Debugger:
    """An engine with what a test wants of it."""

    def __init__(self, application: Application, **options: Any) -> None:
        self.application = application
        self.queue: HitQueue[Any] = HitQueue()
        self.changes = 0
        self.engine = Engine(
            **{
                "process": Process(id="process-1", pid=7, host="here", service="web", environment="test", revision="a" * 40),
                "root": str(application.root),
                "limits": UNLIMITED,
                "redaction": Redaction(),
                "queue": self.queue,
                "on_change": self._changed,
                **options,
            }
        )
        self._breakpoints: dict[str, Breakpoint] = {}

    def _changed(self) -> None:
        self.changes += 1

    def at(self, mark: str | int = "here", name: str = "shop", **fields: Any) -> str:
        """Arms a breakpoint beside those that are armed; returns its id."""
        line = mark if isinstance(mark, int) else self.application.line(mark, name)
        identity = f"{name}-{mark}-{len(self._breakpoints)}"
        fields = {"filename": self.application.filename(name), "line_number": line, **fields}
        self._breakpoints[identity] = Breakpoint(id=identity, **fields)
        self.engine.arm(tuple(self._breakpoints.values()))
        return identity

    def remove(self, *identities: str) -> None:
        for identity in identities:
            del self._breakpoints[identity]
        self.engine.arm(tuple(self._breakpoints.values()))

    def binding(self, identity: str | None = None) -> Binding:
        bindings = [binding for binding in self.engine.bindings() if identity in (None, binding.breakpoint_id)]
        assert len(bindings) == 1
        return bindings[0]

    def hits(self) -> list[Hit]:
        return [self.engine.capture_to_hit(raw) for raw in self.queue.take(10_000)]

    def hit(self) -> Hit:
        hits = self.hits()
        assert len(hits) == 1, f"there are {len(hits)} hits"
        return hits[0]


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    sys.path.insert(0, str(tmp_path))
    application = Application(tmp_path)
    yield application
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.split(".")[0] == application.package]:
        del sys.modules[name]


@pytest.fixture
def make_debugger(application: Application) -> Iterator[Any]:
    made: list[Debugger] = []

    def make(**options: Any) -> Debugger:
        made.append(Debugger(application, **options))
        return made[-1]

    yield make
    for debugger in made:
        debugger.engine.close()
        # On Python 3.11 hits refer to code that refers to the queue, and code is not looked at by the garbage collector.
        debugger.queue.clear()


@pytest.fixture
def debugger(make_debugger: Any) -> Debugger:
    made: Debugger = make_debugger()
    return made


class Passes:
    """Checks how often a line is hit, of a module whose `run` is called."""

    def __init__(self, application: Application, debugger: Debugger) -> None:
        self._application = application
        self._debugger = debugger

    def check_loaded(self, source: str, expected: int) -> None:
        self._application.write(source)
        module = self._application.load()
        self._debugger.at()
        module.run()
        self._check(expected)
        # Again, now that the interpreter has adapted the code to what it has seen.
        for _ in range(5):
            module.run()
        self._check(6 * expected)

    def check_imported_later(self, source: str, expected: int) -> None:
        self._application.write(source)
        self._debugger.at()
        self._application.load().run()
        self._check(expected)

    def check_same_behaviour(self, source: str) -> None:
        self._application.write(source)
        module = self._application.load()
        expected = repr(module.run())
        for line in range(1, self._application.sources["shop"].count("\n") + 1):
            self._debugger.at(line)
        actual = repr(module.run())
        assert expected.partition(" at 0x")[0] == actual.partition(" at 0x")[0]

    def _check(self, expected: int) -> None:
        self._debugger.engine.tick()
        binding = self._debugger.binding()
        assert (expected, "bound") == (binding.hits, binding.state), binding.reason


@pytest.fixture
def passes(application: Application, debugger: Debugger) -> Passes:
    return Passes(application, debugger)


@pytest.fixture
def capture() -> Any:
    """The JSON form of a value, proved to be JSON."""

    def capture(
        value: Any, redaction: Redaction | None = None, seconds: float = 10.0, hit_bytes: int = 2**20, **asked: int
    ) -> Any:
        limits = Limits(hit_seconds=seconds, hit_bytes=hit_bytes)
        walk = Walk(extent(limits, CaptureLimits(**asked)), redaction or Redaction())
        form = walk.value(value, walk.extent.depth)
        return json.loads(json.dumps(form, ensure_ascii=False).encode())

    return capture


@pytest.fixture
def read(capture: Any) -> Any:
    """The same as a tree."""
    return lambda value, **options: captured.read(capture(value, **options))
