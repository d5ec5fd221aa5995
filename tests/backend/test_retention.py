"""How long hits are kept: by age and number, pinned ones longer, and gone for good when somebody says so."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from livebreak.backend import live_hits, upkeep
from livebreak.backend.settings import BackendSettings
from livebreak.backend.store import hit_keeping
from livebreak.backend.store.hit_shapes import Purge
from livebreak.backend.store.interface import Actor, AuditQuery
from livebreak.backend.upkeep import PRUNE_INTERVAL_US, prune

DAY = 24 * 3600 * 1_000_000


def ids(project: Any) -> list[str]:
    return [hit["id"] for hit in project.client.get(project.live + "hits", params={"limit": 1000}).json()["results"]]


def send(project: Any, breakpoint_id: str, count: int = 1) -> list[str]:
    events = [project.hit(breakpoint_id) for _ in range(count)]
    assert 200 == project.send(*events).status_code
    return [event["uuid"] for event in events]


def pin(project: Any, hit_id: str) -> Any:
    return project.client.put(project.live + f"hits/{hit_id}/pin")


def do_prune(running: Any, **changes: Any) -> None:
    """Upkeep, with settings of the test's own."""
    parts = dataclasses.replace(running.parts, settings=dataclasses.replace(BackendSettings(), **changes))
    running.run(prune(parts, running.clock()))


def test_old_hits_go_and_pinned_ones_stay_longer(own_backend: Any, kit: Any) -> None:
    project = kit.make_project(own_backend)
    old, kept = send(project, "b"), send(project, "b")
    assert "ada" == pin(project, kept[0]).json()["pinned_by"]

    own_backend.clock.ahead += DAY + PRUNE_INTERVAL_US
    young = send(project, "b")
    kit.wait_until(lambda: ids(project) == young + kept)

    own_backend.clock.ahead += 90 * DAY
    kit.wait_until(lambda: ids(project) == [])
    assert old


def test_what_is_urgent_does_not_wait_for_a_removal_of_many_hits(
    tmp_path: Path, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "REMOVAL_PAUSE", 3600.0)
    with kit.run_backend(tmp_path / "own.sqlite3") as running:
        project = kit.make_project(running)
        created = project.create_live()
        running.clock.ahead += DAY + PRUNE_INTERVAL_US
        kit.wait_until(lambda: not project.client.get(project.live + "breakpoints/" + created["id"]).json()["enabled"])
        renewed = {"enabled": True, "expires_at": None}
        assert project.client.patch(project.live + "breakpoints/" + created["id"], json=renewed).json()["enabled"]
        running.clock.ahead += DAY + PRUNE_INTERVAL_US

        kit.wait_until(lambda: not project.client.get(project.live + "breakpoints/" + created["id"]).json()["enabled"])


def test_of_too_many_hits_the_newest_are_kept(own_backend: Any, kit: Any) -> None:
    project, other = kit.make_project(own_backend), kit.make_project(own_backend, "other")
    created = project.create_live()["id"]
    hits = [send(project, created)[0] for _ in range(7)]
    pin(project, hits[0])
    others = send(other, "b", 9)

    do_prune(own_backend, retained_hits=3)

    assert [*reversed(hits[4:]), hits[0]] == ids(project)
    assert 3 == len(ids(other))
    assert set(ids(other)) <= set(others)
    (row,) = project.client.get(project.live + "breakpoints").json()["hits"]
    assert (4, hits[-1]) == (row["total"], row["newest"]["id"])


def test_a_project_may_keep_its_hits_for_another_time(own_backend: Any, kit: Any) -> None:
    long, short, few = (kit.make_project(own_backend, name) for name in ("long", "short", "few"))
    own_backend.run(own_backend.store.set_retention(long.id, 3 * DAY, None, 0))
    own_backend.run(own_backend.store.set_retention(short.id, DAY // 24, None, 0))
    own_backend.run(own_backend.store.set_retention(few.id, None, 2, 0))
    for project in (long, short, few):
        send(project, "b", 5)

    own_backend.clock.ahead += DAY // 2
    do_prune(own_backend)

    assert (5, 0, 2) == tuple(len(ids(project)) for project in (long, short, few))
    assert not own_backend.run(own_backend.store.set_retention(999, None, None, 0))


def test_what_streams_were_told_of_hits_is_kept_no_longer_than_they(own_backend: Any, kit: Any) -> None:
    project = kit.make_project(own_backend)
    created = project.create_live()["id"]
    send(project, created)
    project.create_live(line_number=2)

    own_backend.clock.ahead += DAY + 1_000_000
    do_prune(own_backend)

    assert own_backend.run(own_backend.store.events_after(project.id, 0, 100)) is None
    newest = own_backend.run(own_backend.store.latest_event()).number
    assert [newest] == [event.id for event in own_backend.run(own_backend.store.events_after(project.id, newest - 1, 100))]


def test_events_go_from_the_first_on_though_the_clock_jumped(own_backend: Any, kit: Any) -> None:
    project = kit.make_project(own_backend)
    numbers = []
    for ahead in (0, 0, -DAY, 0, 0):
        own_backend.clock.ahead = ahead
        project.create_live(line_number=len(numbers) + 1)
        numbers.append(own_backend.run(own_backend.store.latest_event()).number)
    own_backend.run(own_backend.store.prune_events(1000, own_backend.clock() - DAY // 2))

    assert own_backend.run(own_backend.store.events_after(project.id, numbers[0], 100)) is None
    # The clock's jump may let the backend's own upkeep tell something in between, such as an expiry.
    later = [event.id for event in own_backend.run(own_backend.store.events_after(project.id, numbers[2], 100))]
    assert numbers[3:] == [id for id in later if id in numbers]


def test_a_hit_is_pinned_by_the_first_and_unpinned_by_anybody(project: Any, other_project: Any) -> None:
    (hit,) = send(project, "b")
    url = project.live + f"hits/{hit}/pin"
    bob = {"Authorization": f"Bearer {project.new_key('live_debugger:write', owner='bob')}"}
    reader = {"Authorization": f"Bearer {project.new_key('live_debugger:read')}"}

    assert ["ada", "ada"] == [project.client.put(url, headers=by).json()["pinned_by"] for by in ({}, bob)]
    assert "pinned_by" not in project.client.delete(url, headers=bob).json()
    assert 403 == project.client.put(url, headers=reader).status_code
    assert 404 == other_project.client.put(other_project.live + f"hits/{hit}/pin").status_code
    assert 404 == pin(project, "unknown").status_code


def test_a_project_has_a_bounded_number_of_pinned_hits(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hit_keeping, "MOST_PINNED", 1)
    first, second = send(project, "b", 2)

    assert [200, 200, 409] == [pin(project, hit).status_code for hit in (first, first, second)]


def purge(project: Any, **fields: Any) -> Any:
    answer = project.client.post(project.live + "hits/purge", json=fields)
    assert 200 == answer.status_code, answer.text
    return answer.json()


def test_hits_are_purged_by_breakpoint_and_by_age(own_backend: Any, kit: Any) -> None:
    project, other = kit.make_project(own_backend), kit.make_project(own_backend, "other")
    one, two = project.create_live()["id"], project.create_live(line_number=2)["id"]
    old = send(project, one, 2) + send(project, two)
    own_backend.clock.ahead += 3600 * 1_000_000
    young = send(project, one)
    send(other, "b")

    assert {"purged": 2, "complete": True} == purge(project, breakpoint_id=one, older_than=1800)
    assert {old[2], young[0]} == set(ids(project))
    assert {"purged": 2, "complete": True} == purge(project)
    assert [] == ids(project)
    assert [] == project.client.get(project.live + "breakpoints").json().get("hits", [])
    assert 1 == len(ids(other))


def test_a_purge_of_a_field_that_there_is_not_removes_nothing(project: Any) -> None:
    send(project, "b")
    answer = project.client.post(project.live + "hits/purge", json={"before": "2026-01-01"})

    assert (400, "before") == (answer.status_code, answer.json()["attr"])
    assert 1 == purge(project)["purged"]


def test_a_purge_spares_what_is_pinned_unless_told_otherwise(project: Any) -> None:
    spared, _ = send(project, "b", 2)
    pin(project, spared)

    assert 1 == purge(project)["purged"]
    assert [spared] == ids(project)
    assert 1 == purge(project, pinned=True)["purged"]


def test_nothing_of_a_purged_hit_stays_in_the_files(kit: Any, tmp_path: Any) -> None:
    with kit.run_backend(tmp_path / "livebreak.db") as backend:
        project = kit.make_project(backend)
        created = project.create_live()["id"]
        project.send(project.hit(created, variables={"note": "needle-in-the-summary"}, service="needle-in-a-column"))
        with kit.open_stream(project) as stream:
            stream.wait_for("reset")
            purge(project)
            stream.wait_for("reset", 2)
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("livebreak.db*"))
        assert b"needle" not in kept

    stored = b"".join(path.read_bytes() for path in tmp_path.glob("livebreak.db*"))
    assert b"needle" not in stored
    assert created.encode() in stored


def test_a_purge_that_is_cut_off_is_in_the_audit_log(project: Any) -> None:
    backend = project.backend
    send(project, "b", 3)
    until = backend.clock()

    backend.run(backend.store.purge_hits(project.id, Purge(until=until), None, 2, until, Actor(name="ada")))

    rows = backend.run(backend.store.audit(AuditQuery(limit=100, project_id=project.id)))
    assert [("ada", 2)] == [(row.actor.name, row.detail["hits"]) for row in rows if row.action == "hits.purge"]


def test_a_purge_is_one_row_of_the_audit_log(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_hits, "PRUNED_AT_ONCE", 2)
    send(project, "b", 5)

    assert {"purged": 5, "complete": True} == purge(project)

    rows = project.backend.run(project.backend.store.audit(AuditQuery(limit=100, project_id=project.id)))
    assert [5] == [row.detail["hits"] for row in rows if row.action == "hits.purge"]
