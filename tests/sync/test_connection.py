"""A session and a real backend: nothing is lost between them."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from faults import Cut, FaultyNetwork
from livebreak.remote.connect import AnyRemote
from livebreak.sync.live import Live
from livebreak.sync.outbox import Outbox
from livebreak_agent.vocabulary import hit_event
from livebreak_agent.vocabulary.lsp_messages import Connection, EditorBreakpoint, State
from livebreak_agent.vocabulary.model import Hit

T = TypeVar("T")
TEXT = "a = 1\nb = 2\nc = 3\n"


class Notices:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.questions: list[str] = []
        self.answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def breakpoints_changed(self, paths: frozenset[Path]) -> None: ...

    def hits_changed(self, paths: frozenset[Path]) -> None: ...

    def status_changed(self) -> None: ...

    def notice(self, message: str) -> None:
        self.told.append(message)

    async def confirm(self, question: str) -> bool:
        self.questions.append(question)
        return await self.answer


async def until(condition: Callable[[], T | None], timeout: float = 20.0) -> T:
    end = time.monotonic() + timeout
    while not (result := condition()):
        assert time.monotonic() < end, "It did not come."
        await asyncio.sleep(0.02)
    return result


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    subprocess.run(["git", "-C", str(tmp_path), "init", "--quiet"], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", "git@github.com:acme/shop.git"], check=True)
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(TEXT)
    return tmp_path


Open = Callable[..., Awaitable[Live]]


@pytest.fixture
async def connect(tmp_path: Path) -> AsyncIterator[Open]:
    running: list[Live] = []

    async def start(host: str, project: str, key: str, *, file: Path, outbox: str = "outbox") -> Live:
        live = Live(Notices(), remote=AnyRemote(host, project, key), outbox_folder=tmp_path / outbox)
        running.append(live)
        await live.session.open(file, TEXT)
        await live.start()
        return live

    yield start
    for live in running:
        await live.stop()


def states(live: Live, file: Path) -> list[tuple[int, str]]:
    return [(shown.state.line, shown.state.state) for shown in live.session.view(file)]


def stored(project: Any) -> list[dict[str, Any]]:
    """What a plain client of the documented API sees."""
    url = f"{project.host}/api/projects/{project.id}/live_debugger_breakpoints/"
    return httpx.get(url, headers={"Authorization": f"Bearer {project.api_key}"}).raise_for_status().json()["results"]


@pytest.fixture
def new_key(livebreak: Any) -> Callable[[Any, str], str]:
    """A key of another person in the same project."""

    def make(project: Any, owner: str) -> str:
        options = ("--scope", "live_debugger:read", "--scope", "live_debugger:write", "--data-dir", str(project.data))
        done = livebreak("keys", "create", "--project", str(project.id), "--for", owner, "--json", *options)
        return json.loads(done.stdout)["key"]

    return make


async def test_a_mark_is_stored_edited_and_removed(connect: Open, new_project: Any, checkout: Path) -> None:
    project = new_project("edit")
    file = checkout / "a.py"
    live = await connect(project.host, str(project.id), project.api_key, file=file)

    live.session.set_breakpoints(file, [EditorBreakpoint(id="dot", line=1, condition="b > 1")])
    assert [(1, State.SENDING)] == states(live, file)
    await until(lambda: [(1, State.STORED)] == states(live, file))
    (row,) = stored(project)
    assert ("acme/shop", "a.py", 2, "b > 1") == tuple(
        row[name] for name in ("repository", "filename", "line_number", "condition")
    )

    live.session.set_breakpoints(file, [EditorBreakpoint(id="dot", line=1, condition="b > 2", enabled=False)])
    await until(lambda: [("b > 2", False)] == [(row["condition"], row["enabled"]) for row in stored(project)])

    live.session.set_breakpoints(file, [])
    await until(lambda: not stored(project))


async def test_a_breakpoint_of_another_client_appears_and_goes(connect: Open, new_project: Any, checkout: Path) -> None:
    project = new_project("other client")
    file = checkout / "a.py"
    live = await connect(project.host, str(project.id), project.api_key, file=file)
    await until(lambda: live.session.status.connection is Connection.CONNECTED)
    url = f"{project.host}/api/projects/{project.id}/live_debugger_breakpoints/"
    headers = {"Authorization": f"Bearer {project.api_key}"}

    row = httpx.post(
        url, headers=headers, json={"repository": "acme/shop", "filename": "a.py", "line_number": 3}
    ).raise_for_status()
    await until(lambda: [(2, State.STORED)] == states(live, file))
    httpx.delete(f"{url}{row.json()['id']}/", headers=headers).raise_for_status()
    await until(lambda: [] == states(live, file))


async def test_a_hit_arrives_once_with_its_values(connect: Open, new_project: Any, checkout: Path) -> None:
    project = new_project("hit")
    file = checkout / "a.py"
    live = await connect(project.host, str(project.id), project.api_key, file=file)
    live.session.set_breakpoints(file, [EditorBreakpoint(id="dot", line=1)])
    await until(lambda: [(1, State.STORED)] == states(live, file))
    (shown,) = live.session.view(file)
    hit = Hit(
        id=str(uuid.uuid4()), breakpoint_id=shown.state.id, timestamp="2026-11-23T12:00:00.000000+00:00",
        filename="a.py", line_number=2, variables={"b": 2},
    )  # fmt: skip
    body = {"api_key": project.token, "batch": [hit_event.write(hit)]}

    for _ in range(2):
        httpx.post(f"{project.host}/batch/", json=body).raise_for_status()
    await until(lambda: live.session.view(file)[0].hits)

    (newest,) = live.session.view(file)[0].hits
    assert (hit.id, {"b": 2}) == (newest.id, newest.variables)
    whole = await live.session.hit(hit.id)
    assert whole is not None
    assert {"b": 2} == whole.variables


async def test_edits_wait_on_disk_while_the_backend_is_away(
    connect: Open, checkout: Path, tmp_path: Path, livebreak: Any, spawn: Any
) -> None:
    data = ("--json", "--data-dir", str(tmp_path / "own"))
    project = json.loads(livebreak("projects", "create", "away", *data).stdout)
    scopes = ("--scope", "live_debugger:read", "--scope", "live_debugger:write")
    key = json.loads(livebreak("keys", "create", "--project", str(project["id"]), *scopes, "--for", "ada", *data).stdout)["key"]
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    host = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "livebreak", "serve", "--port", str(port), "--data-dir", str(tmp_path / "own")]
    file = checkout / "a.py"

    first = await connect(host, str(project["id"]), key, file=file)
    first.session.set_breakpoints(file, [EditorBreakpoint(id="1", line=0), EditorBreakpoint(id="2", line=1)])
    await until(lambda: first.session.status.connection is Connection.OFFLINE)
    assert [(0, State.OFFLINE), (1, State.OFFLINE)] == states(first, file)
    assert "cannot be reached" in first.session.view(file)[0].state.message
    await first.stop()

    second = await connect(host, str(project["id"]), key, file=file)
    second.session.set_breakpoints(file, [EditorBreakpoint(id="3", line=1)])
    backend = spawn("late backend", command)
    backend.printed("listening on")
    await until(lambda: [(0, State.STORED), (1, State.STORED)] == states(second, file))

    backend.end(signal.SIGKILL)
    await until(lambda: second.session.status.connection is Connection.OFFLINE)
    second.session.set_breakpoints(file, [])
    spawn("backend again", command).printed("listening on")
    await until(lambda: [(0, State.STORED)] == states(second, file))
    await until(lambda: second.session.status.connection is Connection.CONNECTED)


async def test_the_next_session_finds_its_breakpoints_again(connect: Open, new_project: Any, checkout: Path) -> None:
    project = new_project("next session")
    file = checkout / "a.py"
    first = await connect(project.host, str(project.id), project.api_key, file=file)
    first.session.set_breakpoints(file, [EditorBreakpoint(id="1", line=1)])
    await until(lambda: [(1, State.STORED)] == states(first, file))
    await first.stop()

    second = await connect(project.host, str(project.id), project.api_key, file=file, outbox="other")
    second.session.set_breakpoints(file, [EditorBreakpoint(id="9", line=1, condition="b > 1")])

    await until(lambda: [(1, State.STORED)] == states(second, file))
    await until(lambda: ["b > 1"] == [row["condition"] for row in stored(project)])
    assert "9" == second.session.view(file)[0].state.editor_id


async def test_a_removal_that_was_queued_with_an_old_key_is_sent_with_the_new_one(
    connect: Open, new_project: Any, checkout: Path, tmp_path: Path, new_key: Callable[[Any, str], str]
) -> None:
    project = new_project("rotated")
    live = await connect(project.host, str(project.id), new_key(project, "ada"), file=checkout / "a.py", outbox=f"x/{'a' * 16}")
    live.session.set_breakpoints(checkout / "a.py", [EditorBreakpoint(id="dot", line=1)])
    await until(lambda: stored(project))
    await live.stop()
    offline = Outbox(tmp_path / "x" / ("a" * 16))
    offline.remove(stored(project)[0]["id"])
    offline.close()

    await connect(project.host, str(project.id), new_key(project, "ada"), file=checkout / "a.py", outbox=f"x/{'b' * 16}")
    await until(lambda: not stored(project))


async def test_a_line_that_a_teammate_took_first_is_followed(
    connect: Open, new_project: Any, new_key: Callable[[Any, str], str], checkout: Path
) -> None:
    project = new_project("two people")
    file = checkout / "a.py"
    ada = await connect(project.host, str(project.id), project.api_key, file=file)
    ada.session.set_breakpoints(file, [EditorBreakpoint(id="1", line=1, condition="b > 1")])
    await until(lambda: [(1, State.STORED)] == states(ada, file))
    grace_key = new_key(project, "grace")

    grace = await connect(project.host, str(project.id), grace_key, file=file, outbox="graces")
    grace.session.set_breakpoints(file, [EditorBreakpoint(id="2", line=1)])
    await until(lambda: [(1, State.STORED)] == states(grace, file))
    (shown,) = grace.session.view(file)
    grace.session.set_breakpoints(file, [])

    assert ("ada", False, "b > 1") == (shown.state.owner, shown.state.mine, shown.state.condition)
    assert ["b > 1"] == [row["condition"] for row in stored(project)]


async def test_an_edit_that_cannot_be_sent_does_not_hold_up_the_others(connect: Open, new_project: Any, checkout: Path) -> None:
    project = new_project("odd edit")
    file = checkout / "a.py"
    live = await connect(project.host, str(project.id), project.api_key, file=file)
    odd = EditorBreakpoint(id="1", line=0, condition="name == '\ud800'")
    live.session.set_breakpoints(file, [odd, EditorBreakpoint(id="2", line=1)])

    await until(lambda: [(0, State.FAILED), (1, State.STORED)] == states(live, file))
    live.session.set_breakpoints(file, [EditorBreakpoint(id="1", line=0), EditorBreakpoint(id="2", line=1)])
    await until(lambda: [(0, State.STORED), (1, State.STORED)] == states(live, file))


async def test_what_the_backend_refuses_can_be_mended(connect: Open, new_project: Any, checkout: Path) -> None:
    project = new_project("mended")
    file = checkout / "a.py"
    live = await connect(project.host, str(project.id), project.api_key, file=file)
    live.session.set_breakpoints(file, [EditorBreakpoint(id="1", line=0, hit_limit=0)])

    await until(lambda: [(0, State.FAILED)] == states(live, file))
    live.session.set_breakpoints(file, [EditorBreakpoint(id="1", line=0, hit_limit=5)])
    await until(lambda: [(0, State.STORED)] == states(live, file))


async def test_a_pause_is_known_to_a_session_that_begins_after_it(connect: Open, new_project: Any, checkout: Path) -> None:
    project = new_project("paused")
    headers = {"Authorization": f"Bearer {project.api_key}"}
    routes = f"{project.host}/api/projects/{project.id}/livebreak"
    httpx.post(f"{routes}/pause", json={"reason": "sale"}, headers=headers).raise_for_status()
    file = checkout / "a.py"
    live = await connect(project.host, str(project.id), project.api_key, file=file)
    live.session.set_breakpoints(file, [EditorBreakpoint(id="1", line=0)])

    await until(lambda: [(0, State.PAUSED)] == states(live, file))
    assert "The project is paused by ada" in live.session.view(file)[0].state.message
    httpx.post(f"{routes}/resume", json={}, headers=headers).raise_for_status()
    await until(lambda: [(0, State.STORED)] == states(live, file))


async def test_the_next_session_knows_all_hits_there_were(connect: Open, new_project: Any, checkout: Path) -> None:
    project = new_project("earlier hits")
    file = checkout / "a.py"
    first = await connect(project.host, str(project.id), project.api_key, file=file)
    first.session.set_breakpoints(file, [EditorBreakpoint(id="1", line=0), EditorBreakpoint(id="2", line=1)])
    await until(lambda: [(0, State.STORED), (1, State.STORED)] == states(first, file))
    rare, hot = (shown.state.id for shown in first.session.view(file))
    await first.stop()
    for breakpoint_id, count in ((rare, 2), (hot, 130)):
        hits = [
            Hit(id=str(uuid.uuid4()), breakpoint_id=breakpoint_id, timestamp=f"2026-11-23T12:00:00.{number:06}+00:00",
                filename="a.py", line_number=1)
            for number in range(count)
        ]  # fmt: skip
        body = {"api_key": project.token, "batch": [hit_event.write(hit) for hit in hits]}
        httpx.post(f"{project.host}/batch/", json=body).raise_for_status()

    second = await connect(project.host, str(project.id), project.api_key, file=file)
    await until(lambda: [2, 130] == [shown.state.hits for shown in second.session.view(file)])


async def test_what_is_no_backend_is_said(connect: Open, checkout: Path, spawn: Any) -> None:
    server = spawn("not a backend", [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"])
    host = server.printed(r"\((http://\S+?)/?\)")[1]
    live = await connect(host, "1", "phx_any", file=checkout / "a.py")

    await until(lambda: live.session.status.connection is Connection.REFUSED)
    assert "is neither a LiveBreak backend nor a PostHog API; check LIVEBREAK_HOST." in live.session.status.message


@pytest.mark.parametrize(
    ("key", "sentence"),
    [("phx_wrong", "does not know this API key"), ("phs_wrong", "does not know this API key")],
)
async def test_a_wrong_key_is_said_and_nothing_is_lost(
    connect: Open, project: Any, checkout: Path, key: str, sentence: str
) -> None:
    file = checkout / "a.py"
    live = await connect(project.host, str(project.id), key, file=file)
    live.session.set_breakpoints(file, [EditorBreakpoint(id="dot", line=1)])

    await until(lambda: live.session.status.connection is Connection.REFUSED)
    assert sentence in live.session.status.message
    assert key not in live.session.status.message
    assert [(1, State.OFFLINE)] == states(live, file)
    assert 1 == live.session.status.queued


async def test_an_unknown_project_is_said(connect: Open, project: Any, checkout: Path) -> None:
    live = await connect(project.host, "999999", project.api_key, file=checkout / "a.py")

    await until(lambda: live.session.status.connection is Connection.REFUSED)
    assert "project" in live.session.status.message


def put_process(project: Any, environment: str) -> None:
    """An agent's report of a process of acme/shop."""
    process_id = str(uuid.uuid4())
    httpx.put(
        f"{project.host}/api/projects/{project.id}/livebreak/processes/{process_id}",
        headers={"Authorization": f"Bearer {project.secret_key}"},
        json={
            "process": {"id": process_id, "pid": 7, "host": "box", "environment": environment, "repository": "acme/shop"},
            "bindings": [],
        },
    ).raise_for_status()


async def test_nothing_reaches_production_before_a_yes_and_removals_need_none(
    connect: Open, new_project: Any, checkout: Path
) -> None:
    project = new_project("acme")
    file = checkout / "a.py"
    live = await connect(project.host, str(project.id), project.api_key, file=file)
    live.session.add(file, 0)
    await until(lambda: len(stored(project)) == 1)
    put_process(project, "prod-eu")
    await until(lambda: live.session.status.processes == 1)
    listener = live._listener

    live.session.add(file, 1)
    await until(lambda: listener.questions)
    live.session.remove(next(it.state.id for it in live.session.view(file) if it.state.line == 0))
    await until(lambda: not stored(project))
    (asked,) = live.session.view(file)
    listener.answer.set_result(False)
    await until(lambda: states(live, file) == [(1, State.FAILED)])
    (refused,) = live.session.view(file)

    assert ["Arm live breakpoints in acme/prod-eu, 1 process?"] == listener.questions
    assert "it waits for your answer" in asked.state.message
    assert "nobody said yes" in refused.state.message
    assert [] == stored(project)

    listener.answer = asyncio.get_running_loop().create_future()
    listener.answer.set_result(True)
    live.session.change(refused.state.id, {"condition": "a"})
    await until(lambda: len(stored(project)) == 1)
    live.session.add(file, 2)
    await until(lambda: len(stored(project)) == 2)
    # Once a session is enough.
    assert 2 == len(listener.questions)


async def test_two_owners_on_one_line_see_follow_and_extend_but_never_remove_by_silence(
    connect: Open, new_project: Any, new_key: Callable[[Any, str], str], checkout: Path
) -> None:
    project = new_project("two owners")
    file = checkout / "a.py"
    ada = await connect(project.host, str(project.id), project.api_key, file=file, outbox="ada")
    grace = await connect(project.host, str(project.id), new_key(project, "grace"), file=file, outbox="grace")
    ada.session.set_breakpoints(file, [EditorBreakpoint(id="dot", line=1, condition="b > 1")])
    await until(lambda: grace.session.view(file))
    (theirs,) = grace.session.view(file)
    assert (False, False, "ada") == (theirs.state.mine, theirs.state.followed, theirs.state.owner)

    grace.session.follow(theirs.state.id)
    grace.session.set_breakpoints(file, [EditorBreakpoint(id="mark", line=1, condition="b > 9")])
    grace.session.set_breakpoints(file, [])
    # What is sent after it, and has arrived, proves that nothing was sent before.
    grace.session.add(file, 2)
    await until(lambda: len(stored(project)) == 2)

    assert grace.session.is_taken(file, 1)
    assert {"b > 1", None} == {row["condition"] for row in stored(project)}
    assert grace.session.view(file)[0].state.followed

    grace.session.change(theirs.state.id, {"condition": "(b > 1) or (b > 9)"})
    await until(lambda: [it.state.condition for it in ada.session.view(file) if it.state.line == 1] == ["(b > 1) or (b > 9)"])
    await grace.stop()
    again = await connect(project.host, str(project.id), new_key(project, "grace"), file=file, outbox="grace")
    await until(lambda: again.session.view(file))
    assert [True, False] == [it.state.followed for it in again.session.view(file)]


@pytest.mark.parametrize(("condition", "expected"), [("b > 1", ["b > 1"]), (None, [])])
async def test_what_is_done_to_an_addition_whose_answer_was_lost_reaches_the_backend(
    connect: Open, new_project: Any, checkout: Path, network: FaultyNetwork, condition: str | None, expected: list[str]
) -> None:
    project = new_project("lost answer")
    file = checkout / "a.py"
    network.set(Cut(), on="^POST .*/livebreak/breakpoints")
    live = await connect(network.host, str(project.id), project.api_key, file=file)
    live.session.set_breakpoints(file, [EditorBreakpoint(id="dot", line=1)])
    await until(lambda: stored(project) and live.session.view(file)[0].state.state is State.OFFLINE)

    marks = [EditorBreakpoint(id="dot", line=1, condition=condition)] if condition else []
    live.session.set_breakpoints(file, marks)
    network.heal()

    await until(lambda: live.session.status.queued == 0)
    assert expected == [row["condition"] for row in stored(project)]
