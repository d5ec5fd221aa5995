"""What benches share: the processes of one bench, its folder, and how much it is to do."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.machine import ROOT
from tests.bench.rows import Broken

# As for pytest: modules that conftest.py and tests share are there.
sys.path.append(str(ROOT / "tests"))

from tests.conftest import Process, Project, bare_environment

from livebreak.backend.administration import create_key, create_project
from livebreak.backend.store import open_store

STATE = ROOT / ".bench"
"""Results, and what takes long to build; git ignores it."""

REPOSITORY = "acme/shop"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One bench under way."""

    quick: bool
    may_install: bool
    """Whether an environment may be made for a peer that has none yet."""
    folder: Path
    """On the disk of the checkout, since temporary folders may be memory; gone at the end."""
    say: Callable[[str], None]
    processes: list[Process] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """What of the bench was not measured, and why."""

    def count(self, full: int, quick: int) -> int:
        """How often: as often as figures need, or just often enough to see that it works."""
        return quick if self.quick else full

    @property
    def environment(self) -> dict[str, str]:
        return bare_environment(self.folder)

    def start(
        self, command: Sequence[str | Path], *, folder: Path | None = None, environment: Mapping[str, str] = {}, **pipes: Any
    ) -> Process:
        """Start a child, whose output is in a file unless `pipes` say otherwise; it ends with the bench."""
        log = self.folder / f"{len(self.processes)}.log"
        with log.open("wb") as output:
            options = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output} | pipes
            popen = subprocess.Popen(
                list(map(str, command)), cwd=folder or self.folder, env=self.environment | {**environment}, **options
            )
        self.processes.append(Process(popen=popen, log=log))
        return self.processes[-1]

    def backend(self, data: Path | None = None, project_id: int | None = None) -> Served:
        """A backend of its own, with a new project or one that its data have already, and keys for it."""
        data = data or self.folder / f"data-{len(self.processes)}"
        # In a thread, because the bench itself may run on an event loop.
        with ThreadPoolExecutor(1) as thread:
            keys = thread.submit(asyncio.run, _make_project(data, project_id)).result()
        process = self.start([sys.executable, "-m", "livebreak", "serve", "--port", "0", "--data-dir", data])
        host = process.printed(r"listening on (http://\S+)")[1]
        return Served(process=process, project=Project(host=host, data=data, **keys))

    def checkout(self, files: Mapping[str, str]) -> Path:
        """A git repository of acme/shop with these files."""
        checkout = self.folder / f"checkout-{uuid.uuid4().hex[:6]}"
        for name, text in files.items():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            (checkout / name).write_text(text)
        for command in (["init", "--quiet"], ["remote", "add", "origin", f"https://github.com/{REPOSITORY}.git"]):
            subprocess.run(["git", "-C", str(checkout), *command], check=True)
        return checkout


@dataclass(frozen=True, kw_only=True)
class Served:
    """A backend with a project."""

    process: Process
    project: Project

    @property
    def port(self) -> int:
        return urllib.parse.urlsplit(self.project.host).port or 80

    def api(self, *, as_agent: bool = False) -> Api:
        key = self.project.secret_key if as_agent else self.project.api_key
        return Api(self.port, f"/api/projects/{self.project.id}", key)


async def _make_project(data: Path, project_id: int | None) -> dict[str, Any]:
    url = f"sqlite:///{data / 'livebreak.db'}"
    token = secret_key = ""
    if project_id is None:
        made = await create_project(open_store(url), "bench")
        project_id, token, secret_key = made["id"], made["project_token"], made["secret_key"]
    key = await create_key(open_store(url), project_id, ("*",), "ada")
    if key is None:
        raise Broken(f"project {project_id} is not in {data}; remove that folder")
    return {"id": project_id, "token": token, "secret_key": secret_key, "api_key": key}


class Api:
    """One kept-alive connection to a backend, with one key."""

    def __init__(self, port: int, base: str, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._base = base
        self._headers = {"Authorization": f"Bearer {key}"}

    def ask(self, method: str, path: str, body: object = None, *, expected: Sequence[int] = (200, 201, 204)) -> Any:
        """The answer's JSON. Any other status than the expected ones is a broken measurement."""
        data = None if body is None else json.dumps(body).encode()
        headers = self._headers if data is None else self._headers | {"Content-Type": "application/json"}
        try:
            response = self._send(method, path, data, headers)
        except (ConnectionError, http.client.RemoteDisconnected):
            # A backend closes what was idle for some seconds.
            self._connection.close()
            response = self._send(method, path, data, headers)
        text = response.read()
        if response.status not in expected:
            raise Broken(f"{method} {path} was answered {response.status}: {text[:200].decode('utf-8', 'replace')}")
        return json.loads(text) if text else None

    def _send(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        self._connection.request(method, self._base + path, data, dict(headers))
        return self._connection.getresponse()

    def timed(self, method: str, path: str) -> float:
        """Seconds that it took."""
        started = time.perf_counter()
        self.ask(method, path)
        return time.perf_counter() - started


def new_breakpoint(filename: str, line: int, **fields: object) -> dict[str, object]:
    """The body with which an editor creates one; `line` is 1-based."""
    return {"id": str(uuid.uuid4()), "repository": REPOSITORY, "filename": filename, "line_number": line, **fields}


@contextlib.contextmanager
def begin(*, quick: bool, may_install: bool, say: Callable[[str], None]) -> Iterator[Run]:
    """A run, whose processes and folder are gone afterwards."""
    STATE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=STATE, prefix="run-", ignore_cleanup_errors=True) as folder:
        run = Run(quick=quick, may_install=may_install, folder=Path(folder), say=say)
        try:
            yield run
        finally:
            for process in reversed(run.processes):
                process.end()


def agent_path(*folders: Path) -> str:
    """PYTHONPATH with which a process finds the agent of this checkout."""
    return os.pathsep.join(map(str, [ROOT / "server" / "agent", *folders]))
