"""What all tests share: real processes, started once and ended for certain.

Standard library, pytest and Hypothesis only, since the agent's tests also run inside Pythons that have nothing else.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings

from faults import FaultyNetwork, faulty_network

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A script that runs the tests in its background has them ignore Ctrl-C, and so would every child that is to end by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run, so that nothing but a change makes a test fail, on a machine with however much else to do.
settings.register_profile("everyday", deadline=None, derandomize=True)
# Others in every run, and many: `make properties`. A test that wants more or fewer than most has a multiple of this number.
settings.register_profile("soak", settings(deadline=None, derandomize=False), max_examples=2_000)
settings.load_profile("everyday")

START_TIMEOUT = 60.0
"""Seconds until a process must have said that it is ready; generous, since a loaded machine is not a failure."""


LONGEST_FIRST = {"vscode": "vscode", "test_vsix.py": "vscode", "neovim": "neovim"}
"""Folders and files whose tests share one editor or one build of it, and so one worker. They begin, so that at the end no worker
waits for them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _shared_editor(item.nodeid) is None)


@pytest.hookimpl(optionalhook=True)  # where pytest-xdist is not installed, nobody calls it
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The tests of a file stay together, since they share its fixtures. (Its own `loadgroup` finds no group under pytest 9.2.)"""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _shared_editor(nodeid) or nodeid.split("::")[0]

    return ByFile(config, log)


def _shared_editor(nodeid: str) -> str | None:
    folder, _, file = nodeid.split("::")[0].rpartition("/")
    return LONGEST_FIRST.get(folder.rpartition("/")[2]) or LONGEST_FIRST.get(file)


@dataclass(frozen=True, kw_only=True)
class Process:
    """A child with its output in a file."""

    popen: subprocess.Popen[bytes]
    log: Path

    def printed(self, pattern: str, timeout: float = START_TIMEOUT) -> re.Match[str]:
        """Wait until it prints the pattern; fails with its output if it ends or stays silent."""
        found = until(
            lambda: re.search(pattern, self.output) or (self.popen.poll() is not None and "ended") or None, timeout=timeout
        )
        match = re.search(pattern, self.output) if found else None
        assert match, f"{self.log.stem} did not print {pattern!r} (status {self.popen.poll()}):\n{self.output}"
        return match

    @property
    def output(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal it, and return its status; a process that ignores the signal is killed."""
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        try:
            return self.popen.wait(10)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            return self.popen.wait()


T = TypeVar("T")

Spawn = Callable[..., Process]


@dataclass(frozen=True, kw_only=True)
class Backend:
    """A running `livebreak serve`."""

    host: str
    data: Path
    process: Process


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project of the backend, and its keys."""

    host: str
    id: int
    token: str
    secret_key: str
    api_key: str
    data: Path = field(repr=False)

    def through(self, network: FaultyNetwork) -> Project:
        """The same project, reached by another way."""
        return replace(self, host=network.host)

    @property
    def for_editor(self) -> dict[str, str]:
        return {"LIVEBREAK_HOST": self.host, "LIVEBREAK_PROJECT": str(self.id), "LIVEBREAK_API_KEY": self.api_key}

    @property
    def for_app(self) -> dict[str, str]:
        return {"LIVEBREAK_HOST": self.host, "LIVEBREAK_SECRET_KEY": self.secret_key}


def until(condition: Callable[[], T | None], timeout: float = 30.0) -> T | None:
    """Ask until the condition gives something, or None when time is over."""
    end = time.monotonic() + timeout
    while True:
        if result := condition():
            return result
        if time.monotonic() > end:
            return None
        time.sleep(0.02)


@pytest.fixture(scope="session", name="until")
def until_fixture() -> Callable[..., object]:
    """`until`, for tests, which cannot import this file."""
    return until


def bare_environment(home: Path) -> dict[str, str]:
    """This machine's environment without a connection of the user's own, and with folders of the test's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        # pytest-xdist tells its workers how large its own terminal is.
        if not name.startswith(("LIVEBREAK_", "POSTHOG_", "PYTEST_", "XDG_")) and name not in ("COLUMNS", "LINES", "NO_COLOR")
    }
    own = {
        "HOME": str(home),
        "LIVEBREAK_STATE_DIR": str(home / "state"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    return kept | own | {"PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment that every child begins with."""
    return bare_environment(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def spawn(tmp_path_factory: pytest.TempPathFactory, bare: dict[str, str]) -> Iterator[Spawn]:
    """Starts a child: `spawn(name, command, folder=..., environment={...})`; all are ended with the session."""
    logs = tmp_path_factory.mktemp("logs")
    running: list[Process] = []

    def start(name: str, command: Sequence[str], *, folder: Path | None = None, environment: Mapping[str, str] = {}) -> Process:
        log = logs / f"{name}-{len(running)}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                list(command), cwd=folder or logs, env={**bare, **environment},
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        running.append(Process(popen=popen, log=log))
        return running[-1]

    yield start
    for process in running:
        process.end()


@pytest.fixture(scope="session")
def livebreak(bare: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command `livebreak` to its end."""

    def run(*arguments: str, environment: Mapping[str, str] = {}) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "livebreak", *arguments], capture_output=True, text=True, check=False, timeout=60,
            env={**bare, **environment}, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run


@pytest.fixture(scope="session")
def start_backend(spawn: Spawn) -> Callable[..., Backend]:
    """Starts a backend, on a free port if none is given."""

    def start(data: Path, port: int = 0) -> Backend:
        process = spawn("backend", [sys.executable, "-m", "livebreak", "serve", "--port", str(port), "--data-dir", str(data)])
        return Backend(host=process.printed(r"listening on (http://\S+)")[1], data=data, process=process)

    return start


@pytest.fixture(scope="session")
def backend(tmp_path_factory: pytest.TempPathFactory, start_backend: Callable[..., Backend]) -> Backend:
    """One backend for all tests; projects keep them apart."""
    return start_backend(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def new_project(backend: Backend, project_in: Callable[..., Project]) -> Callable[..., Project]:
    """Makes a project with its keys, in the backend of all tests."""
    return lambda name, owner="ada": project_in(backend, name, owner)


@pytest.fixture(scope="session")
def project_in(livebreak: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[..., Project]:
    """Makes a project with its keys in a backend."""

    def make(backend: Backend, name: str, owner: str = "ada") -> Project:
        data = ("--json", "--data-dir", str(backend.data))
        project = json.loads(livebreak("projects", "create", name, *data).stdout)
        scopes = ("--scope", "live_debugger:read", "--scope", "live_debugger:write")
        key = json.loads(livebreak("keys", "create", "--project", str(project["id"]), *scopes, "--for", owner, *data).stdout)
        return Project(
            host=backend.host,
            id=project["id"],
            token=project["project_token"],
            secret_key=project["secret_key"],
            api_key=key["key"],
            data=backend.data,
        )

    return make


@pytest.fixture(scope="module")
def project(new_project: Callable[[str], Project], request: pytest.FixtureRequest) -> Project:
    """A project for each test module."""
    return new_project(request.node.name)


@pytest.fixture
def network(backend: Backend) -> Iterator[FaultyNetwork]:
    """A way to the backend that a test can make misbehave: `project.through(network)`, see `faults`."""
    with faulty_network(backend.host) as network:
        yield network


@pytest.fixture(scope="session")
def vsix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The VS Code extension as one file, built as `make vsix` builds it."""
    if shutil.which("npm") is None:
        assert os.environ.get("CI") != "true", "there is no npm; install Node 20 or newer"
        pytest.skip("NO NODE: the extension is not packaged")
    file = tmp_path_factory.mktemp("vsix") / "livebreak.vsix"
    built = subprocess.run(
        [Path(__file__).parents[1] / "tools" / "build-vsix.sh", file], capture_output=True, text=True, check=False, timeout=300,
        env=os.environ | {"PYTHON": sys._base_executable},
    )  # fmt: skip
    if "skipped" in built.stderr:
        pytest.skip(built.stderr.strip())
    assert built.returncode == 0, built.stdout + built.stderr
    # What the packager would have its author mend.
    assert "WARNING" not in built.stdout + built.stderr
    return file


@pytest.fixture(scope="session")
def installed_vsix(vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension's folder as it is once installed, far from the repository."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(vsix) as archive:
        archive.extractall(folder)
    return folder / "extension"
