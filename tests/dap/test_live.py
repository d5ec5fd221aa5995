"""The adapter over a real backend: hits as they come, breakpoints, and what becomes of trouble."""

from __future__ import annotations

import asyncio
import json
import subprocess
import urllib.request
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from livebreak.backend.administration import create_key, create_project
from livebreak.backend.store import open_store
from livebreak.dap import LiveTarget
from livebreak.remote.connect import AnyRemote
from livebreak.sync.live import Live
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.hit_event import write
from livebreak_agent.vocabulary.lsp_messages import EditorBreakpoint
from livebreak_agent.vocabulary.model import Binding, BindingState, Process
from livebreak_agent.vocabulary.wire import ProcessReport

TEXT = "class Cart:\n    def total(self, items, *, rate=1):\n        return sum(items) * rate\n\n\nprint(Cart().total([1]))\n"


class Silent:
    async def confirm(self, question) -> bool:
        return not question

    def breakpoints_changed(self, paths): ...
    def hits_changed(self, paths): ...
    def status_changed(self): ...
    def notice(self, message): ...


class World:
    """A project of the backend, as an agent and as a teammate would use it."""

    def __init__(self, project: Any) -> None:
        self.project = project

    def ask(self, method: str, route: str, body: object = None, *, as_agent: bool = False) -> Any:
        key = self.project.secret_key if as_agent else self.project.api_key
        request = urllib.request.Request(
            f"{self.project.host}{route if route == '/batch/' else f'/api/projects/{self.project.id}/livebreak/{route}'}",
            json.dumps(body).encode() if body is not None else None,
            {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    async def breakpoint(self, line: int = 3, **more: Any) -> str:
        made = {"id": str(uuid.uuid4()), "filename": "shop/cart.py", "repository": "acme/shop", "line_number": line, **more}
        return (await asyncio.to_thread(self.ask, "POST", "breakpoints", made))["id"]

    async def breakpoints(self) -> dict[str, Any]:
        return {it["id"]: it for it in (await asyncio.to_thread(self.ask, "GET", "breakpoints"))["results"]}

    async def send(self, *hits: Any) -> None:
        body = {"api_key": self.project.token, "batch": [write(hit) for hit in hits]}
        await asyncio.to_thread(self.ask, "POST", "/batch/", body, as_agent=True)

    async def bind(self, breakpoint_id: str, process_id: str, environment: str | None = None) -> None:
        report = ProcessReport(
            process=Process(id=process_id, pid=41, host="h1", service="web", repository="acme/shop", environment=environment),
            bindings=(Binding(breakpoint_id=breakpoint_id, state=BindingState.BOUND, line_number=3),),
        )
        await asyncio.to_thread(self.ask, "PUT", f"processes/{process_id}", to_json(report), as_agent=True)


@dataclass(frozen=True, kw_only=True)
class Project:
    host: str
    id: int
    token: str
    secret_key: str
    api_key: str


@pytest.fixture
async def world(backend: Any, request: pytest.FixtureRequest) -> World:
    """A project of its own, made without starting two processes for each test."""
    url = f"sqlite:///{backend.data / 'livebreak.db'}"
    made = await create_project(open_store(url), request.node.name[:60])
    key = await create_key(open_store(url), made["id"], ("live_debugger:read", "live_debugger:write"), "ada")
    return World(
        Project(host=backend.host, id=made["id"], token=made["project_token"], secret_key=made["secret_key"], api_key=key)
    )


@pytest.fixture
async def live(world: World) -> AsyncIterator[Live]:
    live = Live(Silent(), remote=AnyRemote(world.project.host, str(world.project.id), world.project.api_key), outbox_folder=None)
    await live.start()
    yield live
    await live.stop()


@pytest.fixture
def fresh(new_hit) -> Callable[..., Any]:
    """A hit of this very moment."""

    def make(breakpoint_id: str, number: int, **more: Any) -> Any:
        given = {"id": str(uuid.uuid4()), "breakpoint_id": breakpoint_id, "timestamp": datetime.now(UTC).isoformat()}
        return new_hit(number, **(given | {"process_id": "p1"} | more))

    return make


async def number(client, thread_id=1) -> str:
    return (await client.locals(thread_id))["number"]["value"]


async def test_a_hit_that_comes_stops_a_session_that_waits(opened, live, world, fresh) -> None:
    client = await opened.client(LiveTarget(live, alone=True))
    breakpoint_id = await world.breakpoint()
    await client.begin()
    await client.expect_event("output", lambda body: "Waiting for hits" in body["output"])

    await world.send(fresh(breakpoint_id, 1))
    stop = await client.expect_stop()

    assert not stop["preserveFocusHint"]
    assert "1" == await number(client)


async def test_a_new_hit_does_not_move_who_looks_at_another(opened, live, world, fresh) -> None:
    breakpoint_id = await world.breakpoint()
    await world.send(fresh(breakpoint_id, 1))
    client = await opened.client(LiveTarget(live, alone=True))
    await client.begin()
    await client.expect_stop()
    frame = (await client.frames(1))[0]["id"]

    await world.send(fresh(breakpoint_id, 2), fresh(breakpoint_id, 3, process_id="p2"))
    stop = await client.expect_stop(2)

    assert stop["preserveFocusHint"]
    # What the client holds of the hit that it shows is still good.
    assert "1" == await client.evaluate("number", frame)
    await client.request("next", threadId=1)
    await client.expect_stop(1)
    assert "2" == await number(client)


async def test_continue_at_the_newest_hit_waits_for_the_next(opened, live, world, fresh) -> None:
    breakpoint_id = await world.breakpoint()
    await world.send(fresh(breakpoint_id, 1))
    client = await opened.client(LiveTarget(live, alone=True))
    await client.begin()
    await client.expect_stop()

    assert {"allThreadsContinued": False} == await client.request("continue", threadId=1)
    await world.send(fresh(breakpoint_id, 2))
    stop = await client.expect_stop(1)

    assert not stop["preserveFocusHint"]
    assert "2" == await number(client)


async def test_a_session_that_follows_moves_to_each_new_hit(opened, live, world, fresh) -> None:
    breakpoint_id = await world.breakpoint()
    await world.send(fresh(breakpoint_id, 1))
    client = await opened.client(LiveTarget(live, alone=True))
    await client.begin(follow=True)
    await client.expect_stop()

    await world.send(fresh(breakpoint_id, 2))
    await client.expect_stop(1)

    assert "2" == await number(client)


async def test_stepping_back_reaches_every_stored_hit(opened, live, world, fresh) -> None:
    breakpoint_id = await world.breakpoint()
    for start in range(0, 250, 50):
        await world.send(*(fresh(breakpoint_id, start + index) for index in range(50)))
    client = await opened.client(LiveTarget(live, alone=True))
    await client.begin()
    await client.expect_stop()
    # The session may have heard of an earlier one only when it was asked.
    while await number(client) != "249":
        await client.request("next", threadId=1)
        await client.expect_stop(1)

    seen = [int(await number(client))]
    while True:
        await client.request("stepBack", threadId=1)
        if "oldest" in (await client.expect_stop(1))["text"]:
            break
        seen.append(int(await number(client)))

    assert list(range(249, -1, -1)) == seen


async def test_of_a_burst_of_late_hits_every_process_has_its_thread(opened, live, world, fresh) -> None:
    breakpoint_id = await world.breakpoint()
    await world.send(*(fresh(breakpoint_id, number) for number in range(250)))
    client = await opened.client(LiveTarget(live, alone=True))
    await client.begin()
    await client.expect_stop()
    earlier = datetime(2026, 1, 5, tzinfo=UTC).isoformat()

    # A process that was cut off sends what it held, all of it older than what is known.
    await world.send(*(fresh(breakpoint_id, number, process_id="p2", timestamp=earlier) for number in range(300)))
    stop = await client.expect_stop(2)
    await client.request("stepBack", threadId=2)
    while "oldest" not in (await client.expect_stop(2))["text"]:
        await client.request("stepBack", threadId=2)
    # Forward, since some of them may have come after the first stop.
    seen = 1
    await client.request("next", threadId=2)
    while "the newest" not in (await client.expect_stop(2))["text"]:
        seen += 1
        await client.request("next", threadId=2)

    assert stop["preserveFocusHint"]
    assert 300 == seen + 1


async def test_only_hits_that_were_asked_for_are_shown(opened, live, world, fresh) -> None:
    one, other = await world.breakpoint(3), await world.breakpoint(6)
    await world.send(*(fresh(one, index) for index in range(6)), fresh(other, 7), fresh(one, 8, service="mail", process_id="p2"))
    client = await opened.client(LiveTarget(live, alone=True))
    await client.begin(breakpoint=one[:13], process="web", where="number % 2 == 1")
    await client.expect_stop()

    seen = [await number(client)]
    for _ in range(3):
        await client.request("stepBack", threadId=1)
        await client.expect_stop(1)
        seen.append(await number(client))

    assert 1 == len((await client.request("threads"))["threads"])
    assert ["5", "3", "1", "1"] == seen


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"where": "1 +"}, '"where" is no filter'),
        ({"since": "yesterday"}, "no time"),
        ({"breakpoint": "nowhere.py:1"}, "There is no breakpoint"),
        ({"arm": "some"}, "arm"),
        ({"file": "none.py"}, "There is no breakpoint"),
    ],
)
async def test_a_launch_configuration_that_makes_no_sense_is_refused(opened, live, arguments, says) -> None:
    client = await opened.client(LiveTarget(live, alone=True))
    await client.request("initialize", adapterID="livebreak")

    error = await client.expect_error("attach", **arguments)

    assert says in error["text"]
    # A second attempt may be right.
    assert await client.request("attach") is None


async def test_foreign_red_dots_are_refused_and_live_lines_confirmed(opened, live, world, checkout) -> None:
    (checkout / "shop/cart.py").write_text(TEXT)
    breakpoint_id = await world.breakpoint(3)
    client = await opened.client(LiveTarget(live, alone=False))
    await client.begin(arm="all")
    await world.bind(breakpoint_id, "p1")

    async def dots():
        body = await client.request(
            "setBreakpoints", source={"path": str(checkout / "shop/cart.py")}, breakpoints=[{"line": 3}, {"line": 6}]
        )
        return body["breakpoints"]

    confirmed, refused = await dots()
    if not confirmed["verified"]:
        confirmed = (await client.expect_event("breakpoint", lambda body: body["breakpoint"]["verified"]))["breakpoint"]

    assert "Bound in 1 of 1" in confirmed["message"]
    assert ("failed", False) == (refused["reason"], refused["verified"])
    assert "local breakpoint" in refused["message"]
    assert {breakpoint_id} == set(await world.breakpoints())


async def until_breakpoints(world, accept) -> dict[str, Any]:
    for _ in range(400):
        if accept(found := await world.breakpoints()):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def test_alone_it_arms_what_the_client_states_and_tells_when_it_is_bound(opened, live, world, checkout) -> None:
    path = checkout / "shop/cart.py"
    path.write_text(TEXT)
    client = await opened.client(LiveTarget(live, alone=True))
    await client.begin(arm="all", onDisconnect="remove")
    wanted = [
        {"line": 3, "condition": "rate > 1", "hitCondition": "<= 5"},
        {"line": 6, "logMessage": "at {items}"},
        {"line": 2, "condition": "1 +"},
        {"line": 1, "hitCondition": "% 7"},
    ]

    first, _, wrong, odd = (await client.request("setBreakpoints", source={"path": str(path)}, breakpoints=wanted))["breakpoints"]
    stored = await until_breakpoints(world, lambda found: len(found) == 2)

    assert {("rate > 1", 5, None), (None, None, "at {items}")} == {
        (it.get("condition"), it.get("hit_limit"), it.get("log_message")) for it in stored.values()
    }
    assert "pending" == first["reason"]
    assert ("failed", "failed") == (wrong["reason"], odd["reason"])
    assert "<= 10" in odd["message"]
    await world.bind(next(id for id, it in stored.items() if it["line_number"] == 3), "p1")
    await client.expect_event(
        "breakpoint", lambda body: body["breakpoint"]["id"] == first["id"] and body["breakpoint"]["verified"]
    )
    # A line above moves it; it stays the same one.
    path.write_text("# above\n" + TEXT)
    (moved,) = (await client.request("setBreakpoints", source={"path": str(path)}, breakpoints=[wanted[0] | {"line": 4}]))[
        "breakpoints"
    ]
    assert first["id"] == moved["id"]
    (kept,) = await until_breakpoints(world, lambda found: len(found) == 1)
    assert "rate > 1" == stored[kept]["condition"]

    await client.request("disconnect")
    assert {} == await until_breakpoints(world, lambda found: not found)


async def test_by_default_the_end_of_a_session_leaves_breakpoints_as_they_were(opened, live, world, checkout) -> None:
    other = await world.breakpoint(6)
    client = await opened.client(LiveTarget(live, alone=True))
    await client.begin(arm="all")
    await client.request("setBreakpoints", source={"path": str(checkout / "shop/cart.py")}, breakpoints=[{"line": 3}])
    stored = await until_breakpoints(world, lambda found: len(found) == 2)

    await client.request("disconnect")
    assert b"" == await client.reader.read()

    assert other in stored
    assert stored.keys() == (await world.breakpoints()).keys()


async def test_breakpoints_that_were_there_are_not_removed_with_those_of_the_session(opened, live, world, checkout) -> None:
    there = await world.breakpoint(3)
    client = await opened.client(LiveTarget(live, alone=True))
    await client.begin(arm="all", onDisconnect="remove")
    await client.request(
        "setBreakpoints", source={"path": str(checkout / "shop/cart.py")}, breakpoints=[{"line": 3}, {"line": 2}]
    )
    await until_breakpoints(world, lambda found: len(found) == 2)

    # The client is killed: it says nothing.
    await client.close()

    assert {there} == set(await until_breakpoints(world, lambda found: len(found) == 1))


def committed(checkout, path) -> str:
    """Commits everything; the id of the file's text."""
    git = ["git", "-C", str(checkout), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "deployed"], check=True)
    return subprocess.run([*git, "hash-object", str(path)], check=True, capture_output=True, text=True).stdout.strip()


async def test_the_deployed_text_is_served_where_the_local_one_differs(opened, live, world, fresh, checkout) -> None:
    path = checkout / "shop/cart.py"
    deployed = path.read_text()
    digest = committed(checkout, path)
    breakpoint_id = await world.breakpoint()
    await world.send(fresh(breakpoint_id, 1, digest=digest))
    client = await opened.client(LiveTarget(live, alone=True))
    await client.begin(folder=str(checkout))
    await client.expect_stop()

    same = (await client.frames(1))[0]["source"]
    path.write_text("# changed here\n" + deployed)
    other = (await client.frames(1))[0]["source"]

    assert str(path) == same["path"]
    assert "sourceReference" not in same
    assert deployed == (await client.request("source", source=other, sourceReference=other["sourceReference"]))["content"]


async def test_where_no_text_is_known_that_is_said_at_the_lines_that_are(opened, live, world, fresh, checkout) -> None:
    breakpoint_id = await world.breakpoint()
    await world.send(fresh(breakpoint_id, 1, digest="a" * 40, revision="--output=/tmp/x"))
    client = await opened.client(LiveTarget(live, alone=True))
    await client.begin(folder=str(checkout))
    await client.expect_stop()

    source = (await client.frames(1))[0]["source"]
    lines = (await client.request("source", sourceReference=source["sourceReference"]))["content"].split("\n")

    assert "is not on this machine" in lines[0]
    assert "return sum" == lines[2]


async def test_two_clients_walk_on_their_own(opened, live, world, fresh) -> None:
    breakpoint_id = await world.breakpoint()
    await world.send(*(fresh(breakpoint_id, index) for index in range(3)))
    one, other = [await opened.client(LiveTarget(live, alone=False)) for _ in range(2)]
    for client in (one, other):
        await client.begin()
        await client.expect_stop()

    await one.request("stepBack", threadId=1)
    await one.expect_stop()

    assert ("1", "2") == (await number(one), await number(other))


async def test_a_mark_of_the_language_server_is_not_the_debuggers_to_change(opened, live, world, checkout) -> None:
    path = checkout / "shop/cart.py"
    await live.session.open(path, path.read_text())
    live.session.set_breakpoints(path, [EditorBreakpoint(id="mark", line=2)])
    await until_breakpoints(world, lambda found: len(found) == 1)
    client = await opened.client(LiveTarget(live, alone=False))
    await client.begin()

    body = await client.request("setBreakpoints", source={"path": str(path)}, breakpoints=[])
    await client.request("disconnect")

    assert {"breakpoints": []} == body
    assert 1 == len(await world.breakpoints())
    assert live.session.location(path) is not None


async def test_a_logpoint_writes_to_the_console_and_stops_nothing(opened, live, world, fresh) -> None:
    breakpoint_id = await world.breakpoint(log_message="total is {total}")
    await world.send(fresh(breakpoint_id, 1, message="total is 1"))
    client = await opened.client(LiveTarget(live, alone=True))
    await client.begin()

    await world.send(*(fresh(breakpoint_id, number, message=f"total is {number}\x1b[31m") for number in (2, 3)))
    told = [await client.expect_event("output", lambda body: body["category"] == "stdout") for _ in range(3)]

    assert ["total is 1", r"total is 2\x1b[31m", r"total is 3\x1b[31m"] == [it["output"].strip().split(": ")[1] for it in told]
    assert [] == [event for event in client.events if event["event"] == "stopped"]
    # They can be looked at all the same.
    await client.request("continue", threadId=1)
    await client.expect_stop(1)
    assert "3" == await number(client)


async def test_nothing_reaches_production_without_a_yes(opened, live, world, checkout) -> None:
    await world.bind(str(uuid.uuid4()), "p1", "production")
    client = await opened.client(LiveTarget(live, alone=True))
    await client.begin(arm="all")

    (stated,) = (
        await client.request("setBreakpoints", source={"path": str(checkout / "shop/cart.py")}, breakpoints=[{"line": 3}])
    )["breakpoints"]
    if stated["reason"] != "failed":
        stated = (await client.expect_event("breakpoint", lambda body: body["breakpoint"].get("reason") == "failed"))[
            "breakpoint"
        ]

    assert "--yes-production" in stated["message"]
    assert {} == await world.breakpoints()
