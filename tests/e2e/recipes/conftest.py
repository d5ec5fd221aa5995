"""Applications in real frameworks, and the backend's own routes to look at them from outside."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

APPS = Path(__file__).parents[2] / "apps"
MARK = "# a breakpoint"
AGENT = Path(__file__).parents[3] / "server" / "agent"

T = TypeVar("T")


def wait_until(condition: Callable[[], T], timeout: float = 40.0) -> T:
    """What the condition gives once it gives something; what it gave last when time is over."""
    end = time.monotonic() + timeout
    while not (result := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return result


@dataclass(frozen=True, kw_only=True)
class Live:
    """A project, as whoever sets breakpoints in it sees it."""

    api: httpx.Client
    for_app: dict[str, str]
    service: str
    """Of the test alone, so that tests share a project and not its processes."""

    def arm(self, checkout: Path, filename: str, **more: Any) -> str:
        """A breakpoint on the line of the file that is marked for one; its id."""
        lines = (checkout / filename).read_text("utf-8").splitlines()
        number = next(number for number, line in enumerate(lines, 1) if line.endswith(MARK))
        return self.arm_line(filename, number, **more)

    def arm_line(self, filename: str, number: int, **more: Any) -> str:
        body = {"id": str(uuid.uuid4()), "repository": "acme/shop", "filename": filename, "line_number": number}
        body |= {"service": self.service, **more}
        answer = self.api.post("livebreak/breakpoints", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def remove(self, identity: str) -> None:
        assert self.api.delete(f"livebreak/breakpoints/{identity}").status_code == 204

    def processes(self) -> list[dict[str, Any]]:
        """Those that run: on a busy machine one may end before it could take its leave, and stays listed as long as its lease."""
        found = [
            state
            for state in self.api.get("livebreak/processes").json()["results"]
            if state["process"]["service"] == self.service
        ]
        return [state for state in found if Path(f"/proc/{state['process']['pid']}").exists()]

    def bindings(self, identity: str) -> dict[int, dict[str, Any]]:
        """What became of it, by pid."""
        return {
            state["process"]["pid"]: binding
            for state in self.processes()
            for binding in state.get("bindings", ())
            if binding["breakpoint_id"] == identity
        }

    def bound(self, identity: str, count: int) -> set[int]:
        """Wait until so many processes watch the line, and there are no others; their pids."""

        def all_bound() -> set[int]:
            pids = {pid for pid, binding in self.bindings(identity).items() if binding["state"] == "bound"}
            return pids if len(pids) == count == len(self.processes()) else set()

        found = wait_until(all_bound)
        assert found, self.processes()
        return found

    def settled(self, identity: str, state: str) -> dict[str, Any]:
        """Wait until a process says that the breakpoint is in this state; the binding."""
        found = wait_until(lambda: next((it for it in self.bindings(identity).values() if it["state"] == state), None))
        assert found, str(self.bindings(identity))
        return found

    def hits(self, identity: str, count: int = 1, pid: int | None = None) -> list[dict[str, Any]]:
        """Wait until so many hits have arrived, of this process alone if one is named; newest first."""

        def arrived() -> list[dict[str, Any]]:
            found = self.api.get("livebreak/hits", params={"breakpoint_id": identity}).json()["results"]
            found = [hit for hit in found if pid is None or hit["pid"] == pid]
            return found if len(found) >= count else []

        found = wait_until(arrived)
        assert found, str(self.bindings(identity))
        return found


@pytest.fixture
def live(project: Any) -> Iterator[Live]:
    """The module's project, with a service for the test."""
    base = f"{project.host}/api/projects/{project.id}/"
    service = f"test-{uuid.uuid4()}"
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {project.api_key}"}, trust_env=False) as api:
        yield Live(api=api, for_app=project.for_app | {"LIVEBREAK_SERVICE": service}, service=service)
        for breakpoint in api.get("livebreak/breakpoints").json()["results"]:  # A place may have one alone.
            api.delete(f"livebreak/breakpoints/{breakpoint['id']}")


@pytest.fixture
def checkout_of(tmp_path: Path) -> Callable[..., Path]:
    """Copies one of the applications into a repository of acme/shop."""

    def copy(name: str, into: str = "checkout") -> Path:
        checkout = tmp_path / into
        shutil.copytree(APPS / name, checkout, ignore=shutil.ignore_patterns("__pycache__"))
        for command in (["init", "--quiet"], ["remote", "add", "origin", "https://github.com/acme/shop.git"]):
            subprocess.run(["git", "-C", str(checkout), *command], check=True)
        return checkout

    return copy


@pytest.fixture
def serve(spawn: Any, live: Live) -> Iterator[Callable[..., Any]]:
    """Starts an application under the agent: `serve(checkout, "gunicorn", ...)` by `livebreak run`, or with `run=()` as it is."""
    started = []

    def start(checkout: Path, *command: str, run: tuple[str, ...] = ("-m", "livebreak", "run"), **environment: str) -> Any:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        whole = [sys.executable, *run, *command] if run else list(command)
        started.append(
            spawn(
                Path(command[0]).name.strip("-"), whole, folder=checkout, environment=live.for_app | {"PATH": path} | environment
            )
        )
        return started[-1]

    yield start
    for process in started:
        status = process.end(signal.SIGINT if process.popen.args[-1:] == ["--reload"] else signal.SIGTERM)
        assert status is not None
        assert "Traceback" not in process.output, process.output
        assert "mistake" not in process.output, process.output


@pytest.fixture(params=["run", "in-code"])
def serve_both(request: pytest.FixtureRequest, serve: Callable[..., Any]) -> Callable[..., Any]:
    """`serve` in both ways: by `livebreak run`, and as it is, with `start()` at the head of the file that is named."""

    def start(checkout: Path, head: str, *command: str, **environment: str) -> Any:
        if request.param == "run":
            return serve(checkout, *command, **environment)
        file = checkout / head
        file.write_text("import livebreak_agent\n\nlivebreak_agent.start()\n" + file.read_text("utf-8"), "utf-8")
        whole = [sys.executable, *command] if command[0].endswith(".py") else command
        return serve(checkout, *whole, run=(), **environment)

    return start


@pytest.fixture
def free_port() -> int:
    """For a server that cannot say which one it was given."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


@pytest.fixture
def get() -> Iterator[Callable[..., httpx.Response]]:
    """Asks over a new connection each time, so that every worker gets its share."""
    with httpx.Client(trust_env=False, timeout=20, limits=httpx.Limits(max_keepalive_connections=0)) as client:

        def ask(url: str, **query: Any) -> httpx.Response:
            answer = wait_until(lambda: _ask(client, url, query))
            assert answer is not None, f"{url} cannot be reached"
            return answer

        yield ask


def _ask(client: httpx.Client, url: str, query: dict[str, Any]) -> httpx.Response | None:
    try:
        return client.get(url, params=query)
    except httpx.TransportError:
        return None
