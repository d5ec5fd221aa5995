"""A real backend on a real socket, with a clock that a test can move, and a project of its own for each test."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import jsonschema_rs
import pytest

from livebreak.backend.app import create_app
from livebreak.backend.clock import steady_clock, system_clock
from livebreak.backend.context import Backend
from livebreak.backend.identity import key_digest, key_hint, new_key
from livebreak.backend.schema_routes import DESCRIPTION
from livebreak.backend.server import base_url, listen, make_server
from livebreak.backend.settings import BackendSettings
from livebreak.backend.store import open_store
from livebreak.backend.store.interface import KeyDraft, Store
from livebreak_agent.vocabulary import hit_event
from livebreak_agent.vocabulary.model import Hit

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds after which something that did not happen will not happen."""


class MovableClock:
    """The system's clock, and as far ahead of it as a test says."""

    def __init__(self) -> None:
        self.ahead = 0
        self.set_by = 0
        """How far somebody has set it, while no more and no less time went by."""

    def __call__(self) -> int:
        return system_clock() + self.ahead + self.set_by

    def steady(self) -> int:
        return steady_clock() + self.ahead


@dataclass
class RunningBackend:
    url: str
    store: Store
    clock: MovableClock
    loop: asyncio.AbstractEventLoop
    parts: Backend

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)


@dataclass
class Project:
    """One project with all its keys, and a client that holds the key of a person who may do everything."""

    backend: RunningBackend
    id: int
    token: str
    secret: str
    key: str
    client: httpx.Client

    @property
    def url(self) -> str:
        return f"{self.backend.url}/api/projects/{self.id}/live_debugger_breakpoints/"

    @property
    def live(self) -> str:
        return f"{self.backend.url}/api/projects/{self.id}/livebreak/"

    @property
    def agent(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    def new_key(self, *scopes: str, owner: str | None = "ada") -> str:
        key = new_key("phx_")
        draft = KeyDraft(kind="personal", digest=key_digest(key), hint=key_hint(key), scopes=scopes, owner=owner)
        self.backend.run(self.backend.store.create_key(self.id, draft, system_clock()))
        return key

    def create(self, filename: str = "shop/cart.py", line_number: int = 42, **fields: Any) -> dict[str, Any]:
        """Through the contract."""
        answer = self.client.post(self.url, json={"filename": filename, "line_number": line_number, **fields})
        assert 201 == answer.status_code, answer.text
        return answer.json()

    def create_live(self, filename: str = "shop/cart.py", line_number: int = 42, **fields: Any) -> dict[str, Any]:
        body = {"id": str(uuid.uuid4()), "filename": filename, "line_number": line_number, **fields}
        answer = self.client.post(self.live + "breakpoints", json=body)
        assert 201 == answer.status_code, answer.text
        return answer.json()

    def send(self, *events: dict[str, Any], verified: bool = True, **envelope: Any) -> httpx.Response:
        headers = self.agent if verified else {}
        return httpx.post(
            self.backend.url + "/batch/", json={"api_key": self.token, "batch": events, **envelope}, headers=headers
        )

    def hit(self, breakpoint_id: str, **fields: Any) -> dict[str, Any]:
        """An event as the agent sends it."""
        hit = Hit(
            **{
                "id": str(uuid.uuid4()),
                "breakpoint_id": breakpoint_id,
                "timestamp": "2026-01-01T00:00:00Z",
                "filename": "shop/cart.py",
                "line_number": 42,
                "variables": {"total": 120, "user": "ada"},
                **fields,
            }
        )
        event = hit_event.write(hit)
        if "timestamp" not in fields:
            del event["timestamp"]
        return event


@contextlib.contextmanager
def run_backend(database: Path, settings: BackendSettings | None = None) -> Iterator[RunningBackend]:
    clock = MovableClock()
    store = open_store(f"sqlite:///{database}")
    app = create_app(store, settings or BackendSettings(upkeep_interval=0.05), clock, clock.steady)
    listener = listen("127.0.0.1", 0)
    ready = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    def on_ready(_url: str) -> None:
        loops.append(asyncio.get_running_loop())
        ready.set()

    server = make_server(app, listener, on_ready)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    try:
        yield RunningBackend(url=base_url(listener), store=store, clock=clock, loop=loops[0], parts=app.state.backend)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        asyncio.run(store.close())
    assert not thread.is_alive()


@functools.cache
def _described() -> tuple[dict[str, Any], list[tuple[re.Pattern[str], dict[str, Any]]]]:
    """The OpenAPI description, and its paths as patterns; fixed ones before those with an id."""
    document = json.loads(DESCRIPTION.read_bytes())
    paths = sorted(document["paths"].items(), key=lambda item: item[0].count("{"))
    return document, [
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path.rstrip("/"))) + "/?"), item) for path, item in paths
    ]


@functools.cache
def _validator(pointer: str) -> Any:
    return jsonschema_rs.validator_for({**_described()[0], "$ref": pointer})


def hold_to_description(response: httpx.Response) -> None:
    """Every answer that a test's client gets is one that the OpenAPI description knows."""
    path, method = response.request.url.path, response.request.method.lower()
    document, patterns = _described()
    item = next((item for pattern, item in patterns if pattern.fullmatch(path)), None)
    if item is None or method not in item:
        return
    described = item[method]["responses"].get(str(response.status_code))
    assert described is not None, f"{method} {path} answered {response.status_code}, which is not described"
    if "$ref" in described:
        described = document["components"]["responses"][described["$ref"].rpartition("/")[2]]
    kind = response.headers.get("content-type", "").partition(";")[0]
    assert (kind or None) in {*described.get("content", {None: {}})}
    if kind == "application/json":
        target = described["content"][kind]["schema"]
        if "$ref" in target:
            response.read()
            _validator(target["$ref"]).validate(response.json())


def make_project(backend: RunningBackend, name: str = "shop") -> Project:
    secret, token = new_key("phs_"), new_key("phc_")
    draft = KeyDraft(kind="secret", digest=key_digest(secret), hint=key_hint(secret))
    row = backend.run(backend.store.create_project(name, token, draft, system_clock()))
    client = httpx.Client(timeout=30, event_hooks={"response": [hold_to_description]})
    project = Project(backend, row.id, token, secret, "", client)
    project.key = project.new_key("*")
    project.client.headers["Authorization"] = f"Bearer {project.key}"
    return project


def as_holder(project: Project, key: str) -> Project:
    """The same project, for somebody with another key."""
    client = httpx.Client(timeout=30, headers={"Authorization": f"Bearer {key}"})
    return dataclasses.replace(project, key=key, client=client)


def wait_until(condition: Callable[[], T]) -> T:
    """The condition's value once it is true."""
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
    return value


@dataclass
class EventReader:
    """Reads a stream in a thread."""

    response: httpx.Response
    events: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """Name, id, data."""
    ended: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        fields: dict[str, str] = {}
        with contextlib.suppress(httpx.HTTPError, httpx.StreamError):
            for line in self.response.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif "event" in fields:
                    self.events.append((fields["event"], fields["id"], json.loads(fields["data"])))
                    fields = {}
        self.ended.set()

    def named(self, name: str) -> list[dict[str, Any]]:
        return [data for kind, _, data in list(self.events) if kind == name]

    def wait_for(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        return wait_until(lambda: found if len(found := self.named(name)) >= count else [])


@contextlib.contextmanager
def open_stream(project: Project, last_event_id: str | None = None) -> Iterator[EventReader]:
    headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
    with project.client.stream("GET", project.live + "stream", headers=headers) as response:
        assert 200 == response.status_code
        reader = EventReader(response)
        thread = threading.Thread(target=reader.read, daemon=True)
        thread.start()
        yield reader


@pytest.fixture(scope="session")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBackend]:
    with run_backend(tmp_path_factory.mktemp("backend") / "livebreak.db") as running:
        yield running


@pytest.fixture
def project(backend: RunningBackend) -> Iterator[Project]:
    project = make_project(backend)
    with project.client:
        yield project


@pytest.fixture
def other_project(backend: RunningBackend) -> Iterator[Project]:
    project = make_project(backend, "other")
    with project.client:
        yield project


@pytest.fixture
def own_backend(tmp_path: Path) -> Iterator[RunningBackend]:
    """A backend for one test alone, whose clock it may move."""
    with run_backend(tmp_path / "livebreak.db") as running:
        yield running


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit


class Kit:
    """The functions above, for test modules, which cannot import a conftest."""

    as_holder = staticmethod(as_holder)
    make_project = staticmethod(make_project)
    open_stream = staticmethod(open_stream)
    run_backend = staticmethod(run_backend)
    wait_until = staticmethod(wait_until)
