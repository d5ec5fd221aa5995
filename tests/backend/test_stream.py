"""The event stream, and hits as the editor fetches them."""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from livebreak.backend.store.hit_shapes import Retention
from livebreak_agent.vocabulary.codec import from_json
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.wire import STREAM_EVENTS


def test_a_fresh_stream_begins_with_a_reset_and_tells_what_happens(project: Any, kit: Any) -> None:
    with kit.open_stream(project) as stream:
        stream.wait_for("reset")
        created = project.create_live()
        project.client.patch(project.live + "breakpoints/" + created["id"], json={"condition": "x"})
        plain = project.create(line_number=7)
        project.client.delete(project.url + plain["id"])
        project.client.post(project.live + "pause", json={"service": "web"})
        stream.wait_for("pause")

    changes = stream.named("breakpoint")
    assert ["created", "updated", "created", "deleted"] == [change["change"] for change in changes]
    assert [created["id"]] * 2 + [plain["id"]] * 2 == [change["breakpoint"]["id"] for change in changes]
    assert "reset" == stream.events[0][0]
    numbers = [int(event_id.partition("-")[0]) for _, event_id, _ in stream.events]
    assert sorted(set(numbers)) == numbers
    for name, _, data in stream.events:
        from_json(STREAM_EVENTS[name], data)


def test_the_first_hit_comes_at_once_and_many_come_as_a_count(project: Any, kit: Any) -> None:
    created = project.create_live()
    with kit.open_stream(project) as stream:
        stream.wait_for("reset")
        first = project.hit(created["id"])
        project.send(first)
        (told,) = stream.wait_for("hits")
        for _ in range(30):
            project.send(project.hit(created["id"]))
        kit.wait_until(lambda: sum(event["count"] for event in stream.named("hits")) == 31)

    assert (1, 1, first["uuid"]) == (told["count"], told["total"], told["newest"]["id"])
    assert {"total": 120, "user": "ada"} == told["newest"]["variables"]
    assert 31 == stream.named("hits")[-1]["total"]
    assert len(stream.named("hits")) < 31


def test_the_total_is_of_the_hits_that_are_stored(own_backend: Any, kit: Any) -> None:
    project = kit.make_project(own_backend)
    created = project.create_live()
    day = 24 * 3600 * 1_000_000
    with kit.open_stream(project) as stream:
        stream.wait_for("reset")
        project.send(project.hit(created["id"]), project.hit(created["id"]))
        kit.wait_until(lambda: stream.named("hits"))
        own_backend.clock.ahead += day
        project.send(project.hit(created["id"]))
        kit.wait_until(lambda: sum(event["count"] for event in stream.named("hits")) == 3)
        own_backend.clock.ahead += day // 2
        retention = Retention(since=own_backend.clock() - day, pinned_since=0, count=1000)
        own_backend.run(own_backend.store.prune_hits(project.id, retention, 1000))
        project.send(project.hit(created["id"]))
        kit.wait_until(lambda: sum(event["count"] for event in stream.named("hits")) == 4)

    assert 2 == stream.named("hits")[-1]["total"]
    assert 2 == project.client.get(project.live + "breakpoints").json()["hits"][0]["total"]


def test_a_stream_resumes_with_nothing_lost_or_doubled(project: Any, kit: Any) -> None:
    with kit.open_stream(project) as stream:
        stream.wait_for("reset")
        project.create_live(line_number=1)
        stream.wait_for("breakpoint")
    last = stream.events[-1][1]
    missed = [project.create_live(line_number=line)["id"] for line in (2, 3)]

    with kit.open_stream(project, last) as resumed:
        resumed.wait_for("breakpoint", 2)
        live = project.create_live(line_number=4)["id"]
        resumed.wait_for("breakpoint", 3)

    assert [] == resumed.named("reset")
    assert [*missed, live] == [event["breakpoint"]["id"] for event in resumed.named("breakpoint")]


def test_a_stream_resumes_across_a_restart_and_is_told_of_owed_hits(tmp_path: Path, kit: Any) -> None:
    with kit.run_backend(tmp_path / "livebreak.db") as backend:
        project = kit.make_project(backend)
        created = project.create_live()
        with kit.open_stream(project) as stream:
            stream.wait_for("reset")
            project.create_live(line_number=2)
            stream.wait_for("breakpoint")
        project.send(project.hit(created["id"]))
        project.send(project.hit(created["id"]))

    with kit.run_backend(tmp_path / "livebreak.db") as backend:
        project.backend = backend
        with kit.open_stream(project, stream.events[-1][1]) as resumed:
            kit.wait_until(lambda: sum(event["count"] for event in resumed.named("hits")) == 2)
            again = project.create_live(line_number=3)
            resumed.wait_for("breakpoint")

    assert [] == resumed.named("reset")
    assert [again["id"]] == [event["breakpoint"]["id"] for event in resumed.named("breakpoint")]


@pytest.mark.parametrize("last", ["999999999", "1", "1-0", "999999999-5f3", "nonsense", "-5", "0-x", ""])
def test_a_number_that_is_not_known_starts_anew(project: Any, kit: Any, last: str) -> None:
    with kit.open_stream(project, last) as stream:
        stream.wait_for("reset")
        project.create_live()
        stream.wait_for("breakpoint")

    assert 1 == len(stream.named("reset"))


def test_an_id_of_before_the_database_was_restored_starts_anew(tmp_path: Path, kit: Any) -> None:
    with kit.run_backend(tmp_path / "livebreak.db") as backend:
        project = kit.make_project(backend)
        project.create_live(line_number=1)
        backup = tmp_path / "backup.db"
        with contextlib.closing(sqlite3.connect(tmp_path / "livebreak.db")) as connection:
            connection.execute("VACUUM INTO ?", (str(backup),))
        with kit.open_stream(project) as stream:
            stream.wait_for("reset")
            project.create_live(line_number=2)
            stream.wait_for("breakpoint")
    before, lost = [event_id for _, event_id, _ in stream.events]

    with kit.run_backend(backup) as restored:
        project.backend = restored
        missed = [project.create_live(line_number=line)["id"] for line in (3, 4)]
        with kit.open_stream(project, lost) as asleep, kit.open_stream(project, before) as awake:
            asleep.wait_for("reset")
            awake.wait_for("breakpoint", 2)

    assert [] == asleep.named("breakpoint")
    assert [] == awake.named("reset")
    assert missed == [event["breakpoint"]["id"] for event in awake.named("breakpoint")]


def test_events_that_were_pruned_start_anew(own_backend: Any, kit: Any) -> None:
    project = kit.make_project(own_backend)
    for line in range(5):
        project.create_live(line_number=line)
    own_backend.run(own_backend.store.prune_events(2, 0))

    assert own_backend.run(own_backend.store.events_after(project.id, 1, 10)) is None
    assert [4, 5] == [event.id for event in own_backend.run(own_backend.store.events_after(project.id, 3, 10))]


def test_processes_are_told_when_they_report_and_leave(project: Any, kit: Any) -> None:
    body = {"process": {"id": "p1", "pid": 7, "host": "web-1"}}
    url = project.live + "processes/p1"
    with kit.open_stream(project) as stream:
        stream.wait_for("reset")
        for hits in range(20):
            binding = {"breakpoint_id": "b", "state": "bound", "hits": hits}
            httpx.put(url, json={**body, "bindings": [binding]}, headers=project.agent)
        kit.wait_until(lambda: stream.named("process")[-1:] and stream.named("process")[-1]["state"]["bindings"][0]["hits"] == 19)
        httpx.delete(url, headers=project.agent)
        kit.wait_until(lambda: stream.named("process")[-1]["change"] == "left")

    assert len(stream.named("process")) < 20


def test_projects_do_not_hear_each_other(project: Any, other_project: Any, kit: Any) -> None:
    with kit.open_stream(project) as stream:
        stream.wait_for("reset")
        other_project.create_live()
        own = project.create_live()
        stream.wait_for("breakpoint")

    assert [own["id"]] == [event["breakpoint"]["id"] for event in stream.named("breakpoint")]


# --- Hits -----------------------------------------------------------------------------------------------------------


def find(project: Any, **params: Any) -> dict[str, Any]:
    answer = project.client.get(project.live + "hits", params=params)
    assert 200 == answer.status_code, answer.text
    return answer.json()


def test_a_full_hit_is_what_the_agent_wrote(project: Any) -> None:
    sent = project.hit("b", service="web", host="web-1", pid=7, condition="total > 1", watches={"total * 2": 240})
    project.send(sent)
    project.send(project.hit("b", id=str(uuid.uuid4())), verified=False)

    hit = from_json(Hit, project.client.get(project.live + "hits/" + sent["uuid"]).json())

    assert ("web", "web-1", 7, "total > 1", True) == (hit.service, hit.host, hit.pid, hit.condition, hit.verified)
    assert ({"total": 120, "user": "ada"}, {"total * 2": 240}) == (hit.variables, hit.watches)
    assert [False, True] == [row["verified"] for row in find(project)["results"]]
    assert 404 == project.client.get(project.live + "hits/unknown").status_code


def test_the_secret_key_of_another_project_verifies_nothing(project: Any, other_project: Any) -> None:
    body = {"api_key": project.token, "batch": [project.hit("b")]}
    httpx.post(project.backend.url + "/batch/", json=body, headers=other_project.agent)

    assert [False] == [row["verified"] for row in find(project)["results"]]


@pytest.mark.parametrize(
    ("where", "totals"),
    [
        ("total > 2", [4, 3]),
        ("total == 1 or service == 'web'", [4, 1]),
        ("user.name == 'ada' and total < 3", [2, 1]),
        ("'b' in tags", [4, 3, 2, 1]),
        ("missing > 1", []),
        ("line_number == 42 and verified", [4, 3, 2, 1]),
    ],
)
def test_hits_are_filtered_by_an_expression(project: Any, where: str, totals: list[int]) -> None:
    for total in range(1, 5):
        user = {"py/object": "shop.User", "name": "ada" if total < 4 else "bob"}
        variables = {"total": total, "user": user, "tags": ["a", "b"]}
        project.send(project.hit("b", variables=variables, service="web" if total == 4 else None))

    assert totals == [row["variables"]["total"] for row in find(project, where=where)["results"]]


def test_a_filter_that_is_no_expression_is_refused_with_a_reason(project: Any) -> None:
    answer = project.client.get(project.live + "hits", params={"where": "total >"})

    assert (400, "where") == (answer.status_code, answer.json()["attr"])
    assert answer.json()["detail"]


def test_hits_are_paged_by_a_cursor_newest_first(project: Any) -> None:
    breakpoint_id = str(uuid.uuid4())
    for total in range(7):
        project.send(project.hit(breakpoint_id, variables={"total": total}), project.hit("other"))

    seen, cursor = [], None
    while True:
        page = find(project, breakpoint_id=breakpoint_id, limit=3, **({} if cursor is None else {"cursor": cursor}))
        assert page["complete"]
        seen += [row["variables"]["total"] for row in page["results"]]
        cursor = page.get("cursor")
        if cursor is None:
            break

    assert list(range(6, -1, -1)) == seen


def test_a_page_of_hits_ends_before_it_is_too_much_and_the_cursor_goes_on(project: Any) -> None:
    sent = [project.hit("b", variables={"text": str(number) + "x" * 900_000}) for number in range(25)]
    for start in range(0, 25, 5):
        project.send(*sent[start : start + 5])

    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        answer = project.client.get(project.live + "hits", params={} if cursor is None else {"cursor": cursor})
        page = answer.json()
        assert len(answer.content) < 9.5 * 2**20
        assert page["results"]
        assert page["complete"] == ("cursor" not in page)
        seen += [row["id"] for row in page["results"]]
        cursor, pages = page.get("cursor"), pages + 1

    assert 3 == pages
    assert sorted(event["uuid"] for event in sent) == sorted(seen)


@pytest.mark.parametrize("params", [{"limit": "0"}, {"limit": "1001"}, {"cursor": "x"}, {"breakpoint_id": "x"}])
def test_a_question_about_hits_that_makes_no_sense_is_refused(project: Any, params: dict[str, str]) -> None:
    answer = project.client.get(project.live + "hits", params=params)

    assert (400, *params) == (answer.status_code, answer.json()["attr"])
