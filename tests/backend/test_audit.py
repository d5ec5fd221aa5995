"""The audit log: who did what, in the words of `livebreak audit`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from livebreak.backend.clock import HOUR, SECOND
from livebreak.backend.key_use import KeyUse
from livebreak.backend.store.interface import Actor, AuditQuery, AuditRow
from livebreak.cli.app import app


@pytest.fixture
def shop(own_backend: Any, kit: Any) -> Any:
    project = kit.make_project(own_backend)
    with project.client:
        yield project


def log(project: Any, **query: Any) -> list[AuditRow]:
    """Oldest first, without what making the project told."""
    rows = project.backend.run(project.backend.store.audit(AuditQuery(project_id=project.id, **query)))
    return [row for row in reversed(rows) if not row.action.startswith(("project.", "key."))]


def deeds(project: Any) -> list[tuple[str, str]]:
    return [(row.actor.name, row.action) for row in log(project)]


def test_whatever_is_done_to_breakpoints_is_told_with_who_and_where(shop: Any) -> None:
    plain = shop.create(repository="acme/shop", condition="total > 100")
    live = shop.create_live(line_number=7, watches=["user"])
    shop.client.patch(shop.url + plain["id"], json={"enabled": False})
    shop.client.put(shop.url + plain["id"], json={"filename": "b.py", "line_number": 8})
    shop.client.patch(shop.live + "breakpoints/" + live["id"], json={"condition": "x" * 5000})
    shop.client.delete(shop.url + plain["id"])
    shop.client.delete(shop.live + "breakpoints/" + live["id"])

    rows = log(shop)
    told = [(row.action, row.subject) for row in rows]
    create, change, delete = "breakpoint.create", "breakpoint.change", "breakpoint.delete"
    expected = [
        (create, plain),
        (create, live),
        (change, plain),
        (change, plain),
        (change, live),
        (delete, plain),
        (delete, live),
    ]
    assert [(action, breakpoint["id"]) for action, breakpoint in expected] == told
    assert {("ada", shop.key[:8] + "...")} == {(row.actor.name, row.actor.key_hint) for row in rows}
    place = {"repository": "acme/shop", "filename": "shop/cart.py", "line_number": 42, "owner": "ada"}
    assert {**place, "enabled": True, "condition": "total > 100", "watches": []} == rows[0].detail
    assert {**place, "enabled": False} == rows[2].detail
    assert "x" * 500 + "..." == rows[4].detail["condition"]


def test_what_was_refused_or_changed_nothing_is_not_told(shop: Any) -> None:
    shop.client.post(shop.url, json={"filename": ""})
    shop.client.delete(shop.url + "0199a1b2-0000-7000-8000-000000000000")
    httpx.post(shop.url, json={"filename": "a.py", "line_number": 1}, headers=shop.agent)
    made = shop.create_live()
    shop.client.post(shop.live + "breakpoints", json={"id": made["id"], "filename": "shop/cart.py", "line_number": 42})

    assert [("ada", "breakpoint.create")] == deeds(shop)


def test_the_kill_switch_is_told(shop: Any) -> None:
    shop.client.post(shop.live + "pause", json={"service": "web", "reason": "slow"})
    shop.client.post(shop.live + "resume", json={"service": "web"})

    assert [("pause", "web", {"reason": "slow"}), ("resume", "web", {})] == [
        (row.action, row.subject, row.detail) for row in log(shop)
    ]


def test_what_the_backend_does_by_itself_is_told_as_its_own(shop: Any, kit: Any) -> None:
    limited = shop.create_live(hit_limit=1)
    shop.send(shop.hit(limited["id"]))

    kit.wait_until(lambda: len(log(shop)) == 2)
    assert ("backend", "breakpoint.change", False) == (
        log(shop)[1].actor.name,
        log(shop)[1].action,
        log(shop)[1].detail["enabled"],
    )


@pytest.mark.parametrize(
    "path", ["live_debugger_breakpoints/breakpoint_hits/", "livebreak/hits", "livebreak/hits/ID", "livebreak/breakpoints"]
)
def test_reads_of_hits_are_one_row_a_key_and_hour(shop: Any, kit: Any, path: str) -> None:
    event = shop.hit(shop.create_live()["id"])
    shop.send(event)
    url = f"{shop.backend.url}/api/projects/{shop.id}/{path.replace('ID', event['uuid'])}"
    colleague = kit.as_holder(shop, shop.new_key("*", owner="grace"))
    for client in (shop.client, shop.client, shop.client, colleague.client):
        assert 200 == client.get(url).status_code

    assert [("ada", "breakpoint.create"), ("ada", "hits.read"), ("grace", "hits.read")] == deeds(shop)
    shop.backend.clock.ahead = 61 * SECOND
    reads = kit.wait_until(lambda: [row for row in log(shop) if row.times == 3])
    assert ["ada"] == [row.actor.name for row in reads]
    shop.backend.clock.ahead = HOUR
    shop.client.get(url)
    assert 2 == deeds(shop).count(("ada", "hits.read"))


def test_a_stream_that_tells_hits_is_a_read_and_one_that_does_not_is_none(shop: Any, kit: Any) -> None:
    breakpoint = shop.create_live()
    with kit.open_stream(shop) as stream:
        stream.wait_for("reset")
        assert [("ada", "breakpoint.create")] == deeds(shop)
        shop.send(shop.hit(breakpoint["id"]))
        stream.wait_for("hits")

    assert [("ada", "breakpoint.create"), ("ada", "hits.read")] == deeds(shop)


def test_a_read_that_was_refused_is_none(shop: Any) -> None:
    assert 400 == shop.client.get(shop.url + "breakpoint_hits/?limit=0").status_code
    assert 404 == shop.client.get(shop.live + "hits/nothing").status_code

    assert [] == deeds(shop)


def test_reads_that_were_counted_are_stored_at_the_end(tmp_path: Path, kit: Any) -> None:
    with kit.run_backend(tmp_path / "livebreak.db") as running:
        project = kit.make_project(running)
        for _ in range(5):
            project.client.get(project.live + "hits")
    with kit.run_backend(tmp_path / "livebreak.db") as running:
        (row,) = (row for row in running.run(running.store.audit(AuditQuery())) if row.action == "hits.read")

    assert 5 == row.times


def test_what_is_older_than_its_time_is_forgotten(shop: Any, kit: Any) -> None:
    shop.create()
    shop.backend.clock.ahead = 401 * 24 * HOUR

    assert kit.wait_until(lambda: log(shop) == [])


def test_the_command_tells_it_newest_first_and_can_narrow_it(tmp_path: Path) -> None:
    def livebreak(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--data-dir", str(tmp_path)])

    livebreak("projects", "create", "shop\x1b[31m")
    livebreak("keys", "create", "--project", "1", "--scope", "*", "--for", "ada")

    entries = json.loads(livebreak("audit", "--json", "--since", "1h").stdout)
    assert ["key.create", "key.create", "project.create"] == [entry["action"] for entry in entries]
    assert {"kind": "personal", "scopes": ["*"], "owner": "ada"} == entries[0]["detail"]
    table = livebreak("audit").stdout
    assert ("shop\\x1b[31m", False) == (table.splitlines()[2].split("\t")[5], "\x1b" in table)
    assert "[]\n" == livebreak("audit", "--json", "--actor", "nobody").stdout
    assert 1 == len(livebreak("audit", "--limit", "1").stdout.splitlines())
    wrong = livebreak("audit", "--since", "yesterday")
    assert (2, 1) == (wrong.exit_code, len(wrong.stderr.splitlines()))


def test_reads_of_a_new_hour_are_told_in_it_though_the_old_one_is_just_being_stored(shop: Any) -> None:
    uses = KeyUse(shop.backend.store, 9 * HOUR)
    reader = Actor(name="ada", key_id=1, key_hint="phx_...1")

    async def read_beside_upkeep() -> None:
        keeping = asyncio.ensure_future(uses.keep(10 * HOUR - 1))
        for _ in range(3):
            await uses.read_hits(shop.id, reader, 10 * HOUR)
        await keeping
        await uses.read_hits(shop.id, reader, 10 * HOUR)
        await uses.settle(10 * HOUR - 1)

    shop.backend.run(read_beside_upkeep())

    assert [(4, 10 * HOUR, 10 * HOUR)] == [(row.times, row.at, row.last_at) for row in log(shop)]
