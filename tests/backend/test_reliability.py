"""What happens when things go wrong: the process is killed, the disk is full, the database is locked, a client stalls."""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine

from livebreak.backend import request_body
from livebreak.backend.settings import BackendSettings
from livebreak.backend.store import open_store
from livebreak.backend.store.migrations import newest, upgrade
from livebreak.backend.store.packing import pack, unpack

SECRET, TOKEN, KEY = "phs_" + "s" * 40, "phc_" + "t" * 40, "phx_" + "k" * 40
AGENT, PERSON = {"Authorization": f"Bearer {SECRET}"}, {"Authorization": f"Bearer {KEY}"}
GIVEN = {"SECRET_KEY": SECRET, "PROJECT_TOKEN": TOKEN, "API_KEY": KEY}


@dataclass
class Served:
    process: Any
    url: str
    database: Path

    @property
    def live(self) -> str:
        return self.url + "/api/projects/1/livebreak/"

    def send(self, *ids: str, breakpoint_id: str = "b", note: str = "") -> httpx.Response:
        properties = {"$breakpoint_id": breakpoint_id, "$line_number": 1, "$locals_variables": {"note": json.dumps(note)}}
        events = [{"event": "$data_breakpoint_hit", "distinct_id": "d", "uuid": it, "properties": properties} for it in ids]
        return httpx.post(self.url + "/batch/", json={"api_key": TOKEN, "batch": events}, headers=AGENT, timeout=30)


@pytest.fixture
def serve(spawn: Callable[..., Any], tmp_path: Path) -> Callable[[], Served]:
    """Starts the backend on the same data, again and again."""

    def start() -> Served:
        command = [sys.executable, "-m", "livebreak", "serve", "--port", "0", "--data-dir", str(tmp_path)]
        process = spawn("reliable", command, environment={f"LIVEBREAK_BOOTSTRAP_{name}": key for name, key in GIVEN.items()})
        return Served(process, process.printed(r"listening on (http://\S+)")[1], tmp_path / "livebreak.db")

    return start


def new_id() -> str:
    return str(uuid.uuid4())


class Senders:
    """Threads that send hits until the server is gone, and remember what was answered."""

    def __init__(self, served: Served, breakpoint_id: str) -> None:
        self.answered: list[str] = []
        self._threads = [threading.Thread(target=self._run, args=(served, breakpoint_id)) for _ in range(3)]
        for thread in self._threads:
            thread.start()

    def _run(self, served: Served, breakpoint_id: str) -> None:
        with contextlib.suppress(httpx.HTTPError):
            while True:
                ids = [new_id() for _ in range(20)]
                if served.send(*ids, breakpoint_id=breakpoint_id).status_code == 200:
                    self.answered += ids

    def join(self) -> None:
        for thread in self._threads:
            thread.join()


def number_of(event_id: str) -> int:
    return int(event_id.partition("-")[0])


def read_stream(served: Served, last: str | None, seen: list[tuple[str, str, Any]]) -> threading.Thread:
    """Reads events in a thread until the stream ends."""
    opened = threading.Event()

    def run() -> None:
        headers = PERSON if last is None else {**PERSON, "Last-Event-ID": last}
        fields: dict[str, str] = {}
        with contextlib.suppress(httpx.HTTPError), httpx.stream("GET", served.live + "stream", headers=headers, timeout=30) as it:
            opened.set()
            for line in it.iter_lines():
                name, _, value = line.partition(": ")
                if line:
                    fields[name] = value
                elif "id" in fields:
                    seen.append((fields["id"], fields["event"], json.loads(fields["data"])))
                    fields = {}

    thread = threading.Thread(target=run)
    thread.start()
    assert opened.wait(30)
    return thread


def test_a_kill_at_any_moment_loses_nothing_that_was_answered(serve: Callable[[], Served], kit: Any) -> None:
    answered: list[str] = []
    seen: list[tuple[str, str, Any]] = []
    served = serve()
    body = {"id": new_id(), "filename": "a.py", "line_number": 1}
    assert 201 == httpx.post(served.live + "breakpoints", json=body, headers=PERSON).status_code
    for _ in range(3):
        reader = read_stream(served, seen[-1][0] if seen else None, seen)
        senders, before = Senders(served, body["id"]), len(answered)
        # Each time at another moment of a commit; nothing depends on which.
        kit.wait_until(lambda senders=senders: len(senders.answered) >= 60)
        served.process.end(signal.SIGKILL)
        senders.join()
        reader.join()
        answered += senders.answered
        assert len(answered) > before
        served = serve()

    reader = read_stream(served, seen[-1][0], seen)
    with contextlib.closing(sqlite3.connect(served.database)) as connection:
        stored = dict(connection.execute("SELECT id, payload FROM hits").fetchall())
        counted = connection.execute("SELECT hits_stored FROM breakpoints").fetchone()[0]
        events = connection.execute("SELECT id FROM events WHERE name = 'hits' ORDER BY id").fetchall()
        assert [("ok",)] == connection.execute("PRAGMA integrity_check").fetchall()
    kit.wait_until(lambda: number_of(seen[-1][0]) >= events[-1][0])
    served.process.end()
    reader.join()

    assert set(answered) <= stored.keys()
    assert all(body["id"] == unpack(payload)["$breakpoint_id"] for payload in stored.values())
    assert len(stored) == counted
    assert events == [(number_of(event_id),) for event_id, name, _ in seen if name == "hits"]
    assert counted == sum(data["count"] for _, name, data in seen if name == "hits")
    assert 1 == sum(name == "reset" for _, name, _ in seen)


def test_a_full_disk_is_503_and_one_line_and_passes(serve: Callable[[], Served], kit: Any) -> None:
    served = serve()
    assert 200 == served.send(new_id()).status_code
    size = max(path.stat().st_size for path in served.database.parent.iterdir())
    _, hard = resource.prlimit(served.process.popen.pid, resource.RLIMIT_FSIZE)

    resource.prlimit(served.process.popen.pid, resource.RLIMIT_FSIZE, (size + 20_000, hard))
    answers = [served.send(*(new_id() for _ in range(50)), note="x" * 3000 + new_id()) for _ in range(8)]
    refused = httpx.post(served.live + "breakpoints", json={"id": new_id(), "filename": "a", "line_number": 1}, headers=PERSON)
    unready = httpx.get(served.url + "/readyz")
    resource.prlimit(served.process.popen.pid, resource.RLIMIT_FSIZE, (hard, hard))

    assert (503, "1") == (answers[-1].status_code, answers[-1].headers["retry-after"])
    assert (503, "1", "service_unavailable") == (refused.status_code, refused.headers["retry-after"], refused.json()["code"])
    assert 503 == unready.status_code
    kit.wait_until(lambda: served.send(new_id()).status_code == 200)
    kit.wait_until(lambda: httpx.get(served.url + "/readyz").status_code == 200)
    served.process.end()
    told = [line for line in served.process.output.splitlines() if "database" in line]
    assert 1 == len(told), served.process.output
    assert "Traceback" not in served.process.output


def test_a_locked_database_is_503_while_reads_go_on(serve: Callable[[], Served], kit: Any) -> None:
    served = serve()
    with contextlib.closing(sqlite3.connect(served.database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        refused = served.send(new_id())
        active = httpx.get(served.url + "/api/projects/1/live_debugger_breakpoints/active/", headers=AGENT)
        alive = httpx.get(served.url + "/healthz")
        connection.execute("ROLLBACK")

    assert (503, "1") == (refused.status_code, refused.headers["retry-after"])
    assert [200, 200] == [active.status_code, alive.status_code]
    kit.wait_until(lambda: served.send(new_id()).status_code == 200)
    assert "Traceback" not in served.process.output


# --- Clients that stall ---------------------------------------------------------------------------------------------


def open_connection(running: Any, head: str) -> socket.socket:
    host, port = running.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
    connection.sendall(head.replace("\n", "\r\n").encode())
    return connection


@contextlib.contextmanager
def many(connections: list[socket.socket]) -> Iterator[None]:
    try:
        yield
    finally:
        for connection in connections:
            connection.close()


def test_clients_that_stall_in_the_middle_of_a_body_hold_nobody_up(project: Any) -> None:
    head = "POST /batch/ HTTP/1.1\nHost: x\nContent-Length: 100000\n\n{"
    with many([open_connection(project.backend, head) for _ in range(50)]):
        assert 200 == project.send(project.hit("b")).status_code
        assert 200 == project.client.get(project.live + "processes").status_code


def test_a_body_that_stops_arriving_is_given_up(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "BODY_PATIENCE", 0.1)
    with contextlib.closing(open_connection(project.backend, "POST /batch/ HTTP/1.1\nHost: x\nContent-Length: 9\n\n{")) as it:
        assert it.recv(100).startswith(b"HTTP/1.1 408")


def test_a_stream_that_nobody_reads_holds_nobody_up_and_is_ended(tmp_path: Path, kit: Any) -> None:
    settings = BackendSettings(stream_patience=0.5)
    with kit.run_backend(tmp_path / "livebreak.db", settings) as running:
        project = kit.make_project(running)
        created = project.create_live()
        head = f"GET /api/projects/{project.id}/livebreak/stream HTTP/1.1\nHost: x\nAuthorization: Bearer {project.key}\n\n"
        with contextlib.closing(open_connection(running, head)) as stalled, kit.open_stream(project) as stream:
            stream.wait_for("reset")
            for number in range(100):
                fields = {"log_message": str(number) + "x" * 200_000}
                project.client.patch(project.live + "breakpoints/" + created["id"], json=fields)
            assert 100 == len(stream.wait_for("breakpoint", 100))

            stalled.settimeout(20)
            time.sleep(1)  # for the server to lose patience; were it shorter, the rest of the test would wait for it
            received = 0
            with contextlib.suppress(ConnectionError):
                while part := stalled.recv(2**20):
                    received += len(part)
            assert received < 100 * 200_000


# --- Old databases --------------------------------------------------------------------------------------------------


async def test_a_database_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with create_engine(f"sqlite:///{path}").begin() as connection:
        upgrade(connection, "0001")
    hit = {"$breakpoint_id": "b", "$line_number": 1, "$livebreak_service": "web", "$locals_variables": {"n": "1"}}
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.execute("INSERT INTO projects (name, token, created_at) VALUES ('shop', 'phc_t', 1)")
        row = (1, "h", "b", 5, 5, 1, pack(hit))
        columns = "project_id, id, breakpoint_id, timestamp, received_at, verified, payload"
        old.execute(f"INSERT INTO hits ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        old.commit()

    store = open_store(f"sqlite:///{path}")
    found = await store.hit(1, "h")
    with contextlib.closing(sqlite3.connect(path)) as new:
        hidden = new.execute("SELECT hides_facts FROM hits").fetchall()
    await store.close()

    assert found is not None
    assert ("web", None) == (unpack(found.payload)["$livebreak_service"], found.pinned_by)
    assert [(1,)] == hidden  # so that filters look into it


def test_an_older_program_refuses_a_newer_database_in_one_sentence(tmp_path: Path) -> None:
    with create_engine(f"sqlite:///{tmp_path / 'livebreak.db'}").begin() as connection:
        upgrade(connection)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    command = [sys.executable, "-m", "livebreak", "serve", "--port", "0", "--data-dir", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (1, 1) == (result.returncode, len(result.stderr.splitlines())), result.stderr
    assert "newer" in result.stderr


def test_the_newest_version_is_the_one_that_the_files_are_named_by(tmp_path: Path) -> None:
    with create_engine(f"sqlite:///{tmp_path / 'new.db'}").begin() as connection:
        upgrade(connection)

        assert newest() == connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


@pytest.mark.parametrize("what", ["replaced", "moved", "log removed"])
def test_a_server_whose_files_are_taken_from_beneath_it_says_so_and_writes_into_nothing(
    serve: Callable[[], Served], what: str, kit: Any
) -> None:
    served = serve()
    assert 200 == served.send(new_id()).status_code
    aside = served.database.with_name("aside.db")
    if what == "replaced":
        with contextlib.closing(sqlite3.connect(served.database)) as connection:
            connection.execute("VACUUM INTO ?", (str(aside),))
        aside.replace(served.database)
    elif what == "moved":
        served.database.rename(aside)
    else:
        served.database.with_name(served.database.name + "-wal").unlink()

    refused = served.send(new_id())
    ready = httpx.get(served.url + "/readyz", timeout=30)
    listed = httpx.get(served.live + "breakpoints", headers=PERSON, timeout=30)

    assert [(503, "1"), (503, "1"), (503, "1")] == [
        (it.status_code, it.headers["retry-after"]) for it in (refused, ready, listed)
    ]
    kit.wait_until(lambda: "its files were moved, replaced or removed beneath it; stop the backend" in served.process.output)
    served.process.end()
    assert 1 == served.process.output.count("moved, replaced or removed")
    assert "Traceback" not in served.process.output


def test_a_backup_made_beside_a_running_server_is_restored_as_the_documentation_says(
    serve: Callable[[], Served], tmp_path: Path
) -> None:
    served = serve()
    kept, lost = new_id(), new_id()
    served.send(kept)
    backup = tmp_path / "backup" / "livebreak.db"
    backup.parent.mkdir()
    with contextlib.closing(sqlite3.connect(served.database)) as connection:
        connection.execute("VACUUM INTO ?", (str(backup),))
    served.send(lost)
    latest = httpx.get(served.live + "hits", headers=PERSON).json()["results"]
    served.process.end(signal.SIGKILL)  # so that there is a log which must not be read into the restored database

    for end in ("-wal", "-shm"):
        served.database.with_name(served.database.name + end).unlink()
    backup.replace(served.database)
    served = serve()

    assert {kept, lost} == {hit["id"] for hit in latest}
    assert [kept] == [hit["id"] for hit in httpx.get(served.live + "hits", headers=PERSON).json()["results"]]
    assert 200 == served.send(lost).status_code
