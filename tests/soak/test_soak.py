"""`make soak`: a gunicorn application under load, while breakpoints come and go and the backend is killed and started again.

For `SOAK_SECONDS` (120), no request may fail, no memory may grow, and no hit that the backend answered for may be missing.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

APPS = Path(__file__).parents[1] / "apps"
SECONDS = float(os.environ.get("SOAK_SECONDS", "120"))
WORKERS = 4

UP_SECONDS, DOWN_SECONDS = 12.0, 4.0
"""How long the backend lives, and then is away."""

GROWTH = 8 * 2**20
"""Bytes that a worker may be larger at the end than when it was warm: what the queue of hits may hold while nobody takes them."""


class Way(ThreadingHTTPServer):
    """A way to the backend that writes down which hits it has answered for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.backend = ("127.0.0.1", 0)
        self.answered: set[str] = set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An end of the connection, which is what this is about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Way

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        connection = http.client.HTTPConnection(*self.server.backend, timeout=60)
        try:
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.close_connection = True  # The backend is away, and so is this.
            return
        finally:
            connection.close()
        if self.path.startswith("/batch") and answer.status == 200:
            self.server.answered.update(event["uuid"] for event in json.loads(gzip.decompress(body))["batch"])
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "connection", "server", "date", "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _forward  # noqa: N815 -- as the base class calls them

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def repeated(action: Callable[[], None], failures: list[BaseException], count: int = 1) -> Iterator[threading.Event]:
    """Threads that do it again and again; what it raises ends them and is kept."""
    ended = threading.Event()

    def work() -> None:
        try:
            while not ended.is_set():
                action()
        except BaseException as error:  # noqa: BLE001 -- told by the test
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield ended
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def memory_of(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


@pytest.mark.soak
@pytest.mark.timeout(SECONDS + 300)
def test_an_application_under_load_for_minutes(tmp_path: Path, spawn: Any, livebreak: Any, until: Any) -> None:
    way = Way()
    threading.Thread(target=way.serve_forever, daemon=True).start()
    data = tmp_path / "data"
    port = "0"

    def start_backend() -> Any:
        process = spawn("backend", [sys.executable, "-m", "livebreak", "serve", "--port", port, "--data-dir", str(data)])
        host = process.printed(r"listening on http://(\S+):(\d+)")
        way.backend = (host[1], int(host[2]))
        return process

    backend = start_backend()
    port = str(way.backend[1])
    made = ("--json", "--data-dir", str(data))
    project = json.loads(livebreak("projects", "create", "soak", *made).stdout)
    scopes = ("--scope", "live_debugger:read", "--scope", "live_debugger:write")
    key = json.loads(livebreak("keys", "create", "--project", str(project["id"]), *scopes, *made).stdout)["key"]
    checkout = tmp_path / "checkout"
    shutil.copytree(APPS / "wsgi_shop", checkout, ignore=shutil.ignore_patterns("__pycache__"))
    for command in (["init", "--quiet"], ["remote", "add", "origin", "https://github.com/acme/shop.git"]):
        subprocess.run(["git", "-C", str(checkout), *command], check=True)
    environment = {
        "LIVEBREAK_HOST": f"http://127.0.0.1:{way.server_port}",
        "LIVEBREAK_SECRET_KEY": project["secret_key"],
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }
    run = [sys.executable, "-m", "livebreak", "run", "gunicorn", "web:app", "--workers", str(WORKERS), "--bind", "127.0.0.1:0"]
    app = spawn("soak", run, folder=checkout, environment=environment)
    url = app.printed(r"Listening at: (http://127\.0\.0\.1:\d+)")[1]

    headers = {"Authorization": f"Bearer {key}"}
    base = f"http://127.0.0.1:{port}/api/projects/{project['id']}/livebreak/"
    requests, breakpoints, deaths = [0], [0], 0
    pids: set[int] = set()
    places = [str(uuid.uuid4()), str(uuid.uuid4())]
    # A new connection each time, so that every worker gets its share.
    client = httpx.Client(trust_env=False, timeout=20, limits=httpx.Limits(max_keepalive_connections=0))

    def load() -> None:
        number = requests[0] = requests[0] + 1
        answer = client.get(f"{url}/total", params={"price": number, "count": 2})
        assert answer.status_code == 200
        total, pid, _ = answer.text.split()
        assert str(number * 2) == total
        pids.add(int(pid))

    def come_and_go() -> None:
        number = breakpoints[0]
        mine = places[number % len(places)]
        body = {"id": mine, "repository": "acme/shop", "filename": "prices.py", "line_number": 5 + number % len(places)}
        try:
            with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=10) as api:
                if number < len(places):
                    made = api.post("breakpoints", json=body)
                    assert made.status_code in {200, 201}, made.text
                condition = "price > 0 and count == 2" if number % 3 else None
                begun = api.patch(f"breakpoints/{mine}", json={"enabled": True, "condition": condition})
                assert begun.status_code == 200, begun.text
                breakpoints[0] += 1
                time.sleep(1.5)
                ended = api.patch(f"breakpoints/{mine}", json={"enabled": False})
                assert ended.status_code == 200, ended.text
        except httpx.TransportError:
            time.sleep(0.2)

    failures: list[BaseException] = []
    began = time.monotonic()
    warm: dict[int, int] = {}
    with repeated(load, failures, 4), repeated(come_and_go, failures):
        while time.monotonic() < began + SECONDS and not failures:
            time.sleep(UP_SECONDS)
            if not warm and time.monotonic() > began + SECONDS / 4:
                warm = {pid: memory_of(pid) for pid in pids}
            backend.end(signal.SIGKILL)
            deaths += 1
            time.sleep(DOWN_SECONDS)
            backend = start_backend()
        time.sleep(UP_SECONDS)
    elapsed = time.monotonic() - began
    growth = {pid: memory_of(pid) - warm.get(pid, 0) for pid in pids}

    def stored() -> set[str]:
        found, cursor = set(), None
        with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=60) as api:
            while True:
                page = api.get("hits", params={"limit": 1000} | ({"cursor": cursor} if cursor else {})).json()
                found |= {hit["id"] for hit in page["results"]}
                cursor = page.get("cursor")
                if not cursor:
                    return found

    # In this order, for hits may still come.
    answered = set(way.answered)
    hits = stored()
    app_output = app.output
    app.end()
    sys.stdout.write(
        f"\nsoak: {elapsed:.0f} s, {requests[0]:,} requests, {breakpoints[0]} breakpoints, {deaths} deaths of the backend, "
        f"{len(answered):,} hits answered, {len(hits):,} stored, "
        f"growth of workers {', '.join(f'{grown / 2**20:+.1f} MiB' for grown in growth.values())}\n"
    )

    assert [] == failures
    assert set() == answered - hits
    assert answered
    assert WORKERS == len(pids)
    assert max(growth.values()) < GROWTH
    assert "Traceback" not in app_output
    assert "mistake" not in app_output
