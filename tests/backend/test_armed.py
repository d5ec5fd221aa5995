"""The long poll of agents, their processes, and the kill switch."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from livebreak_agent.vocabulary.codec import from_json
from livebreak_agent.vocabulary.wire import ArmedSet, Processes

WAIT = 20
"""Seconds that a poll would be held if nothing woke it: an answer before half of it came because of the change."""


def poll(project: Any, etag: str | None = None, wait: int = 0, **params: str) -> httpx.Response:
    headers = {**project.agent, **({} if etag is None else {"If-None-Match": etag})}
    query = {"process": "p1", "wait": str(wait), **params}
    return httpx.get(project.live + "armed", params=query, headers=headers, timeout=WAIT + 10)


def armed(project: Any, **params: str) -> list[int]:
    answer = from_json(ArmedSet, poll(project, **params).json())
    return sorted(row.line_number for row in answer.breakpoints)


def report(project: Any, process: str = "p1", **fields: Any) -> httpx.Response:
    body = {"process": {"id": process, "pid": 7, "host": "web-1", "service": "web"}, **fields}
    return httpx.put(project.live + f"processes/{process}", json=body, headers=project.agent)


@pytest.fixture
def waiting(project: Any) -> Any:
    """Starts polls in threads that nothing but a change answers."""
    report(project)
    with ThreadPoolExecutor(20) as pool:

        def start(count: int = 1) -> list[Future[httpx.Response]]:
            etag = poll(project).headers["etag"]
            polls = [pool.submit(poll, project, etag, WAIT) for _ in range(count)]
            # They are under way once a poll that may not wait is still the same; a change must find them waiting.
            time.sleep(0.2)
            assert not any(future.done() for future in polls)
            return polls

        yield start


def test_a_process_gets_what_concerns_it(project: Any) -> None:
    project.create_live(line_number=1)
    project.create_live(line_number=2, repository="acme/shop")
    project.create_live(line_number=3, repository="acme/other")
    project.create_live(line_number=4, service="web")
    project.create_live(line_number=5, environment="prod", service="web")
    project.create_live(line_number=6, enabled=False)
    project.create(line_number=7)

    assert [1, 2, 3, 7] == armed(project)
    assert [1, 2, 7] == armed(project, repository="acme/shop")
    assert [1, 2, 3, 4, 7] == armed(project, service="web")
    assert [1, 2, 3, 4, 5, 7] == armed(project, service="web", environment="prod")
    assert [1, 2, 3, 7] == armed(project, service="worker", environment="prod")


def test_the_whole_breakpoint_is_armed_with_a_lease(project: Any) -> None:
    created = project.create_live(condition="total > 100", watches=["total"])

    answer = poll(project).json()

    assert [created] == answer["breakpoints"]
    assert 120 == answer["lease_seconds"]


def test_nothing_new_is_304(project: Any) -> None:
    report(project)
    first = poll(project)

    again = poll(project, first.headers["etag"])

    assert (200, 304, b"") == (first.status_code, again.status_code, again.content)
    assert first.headers["etag"] == again.headers["etag"]


def test_every_waiting_process_is_answered_at_once_by_a_change(project: Any, waiting: Any) -> None:
    polls = waiting(20)
    changed_at = time.monotonic()

    created = project.create_live()
    answers = [future.result() for future in polls]

    assert time.monotonic() - changed_at < WAIT / 2
    assert [[created["id"]]] * 20 == [[row["id"] for row in answer.json()["breakpoints"]] for answer in answers]


@pytest.mark.parametrize("change", ["patch", "delete", "contract", "limit"])
def test_any_change_of_what_is_armed_wakes_a_poll(project: Any, waiting: Any, change: str) -> None:
    created = project.create_live(hit_limit=1)
    (future,) = waiting()
    changed_at = time.monotonic()

    match change:
        case "patch":
            project.client.patch(project.live + "breakpoints/" + created["id"], json={"enabled": False})
        case "delete":
            project.client.delete(project.live + "breakpoints/" + created["id"])
        case "contract":
            project.client.patch(project.url + created["id"], json={"enabled": False})
        case "limit":
            project.send(project.hit(created["id"]))

    assert [] == future.result().json()["breakpoints"]
    assert time.monotonic() - changed_at < WAIT / 2


def test_a_change_that_does_not_concern_a_process_leaves_it_waiting(project: Any, other_project: Any, waiting: Any) -> None:
    (future,) = waiting()

    other_project.create_live()
    project.create_live(service="worker")
    project.send(project.hit("unknown"))
    relevant = project.create_live(line_number=2)

    assert [relevant["id"]] == [row["id"] for row in future.result().json()["breakpoints"]]


def test_a_poll_ends_with_its_wait(project: Any) -> None:
    report(project)

    assert 304 == poll(project, poll(project).headers["etag"], wait=1).status_code


@pytest.mark.parametrize("params", [{"process": ""}, {"process": "x" * 65}, {"wait": "soon"}, {"wait": "-1"}])
def test_a_poll_that_makes_no_sense_is_refused(project: Any, params: dict[str, str]) -> None:
    assert 400 == poll(project, **params).status_code


# --- Processes ------------------------------------------------------------------------------------------------------


def test_an_unknown_process_is_asked_for_its_report_once(project: Any) -> None:
    first = poll(project)
    again = poll(project, first.headers["etag"])
    report(project)
    known = poll(project)

    assert [True, False] == [answer.json()["unknown_process"] for answer in (first, known)]
    assert 304 == again.status_code
    assert first.headers["etag"] == known.headers["etag"]


def test_a_report_is_the_whole_state_and_replaces_the_last(project: Any) -> None:
    binding = {"breakpoint_id": "b", "state": "pending", "reason": "The file is not imported yet."}
    assert 204 == report(project, bindings=[binding]).status_code
    report(project, bindings=[{**binding, "state": "bound", "hits": 3}])

    (state,) = from_json(Processes, project.client.get(project.live + "processes").json()).results

    assert ("p1", "web-1", "bound", 3) == (state.process.id, state.process.host, state.bindings[0].state, state.bindings[0].hits)
    assert 204 == httpx.delete(project.live + "processes/p1", headers=project.agent).status_code
    assert [] == project.client.get(project.live + "processes").json()["results"]


@pytest.mark.parametrize(
    "body", [{}, {"process": {"id": "other", "pid": 1, "host": "h"}}, {"process": {"id": "p1", "pid": "1", "host": "h"}}]
)
def test_a_report_that_makes_no_sense_is_refused(project: Any, body: dict[str, Any]) -> None:
    assert 400 == httpx.put(project.live + "processes/p1", json=body, headers=project.agent).status_code


def test_a_process_leaves_with_its_lease_and_polling_renews_it(own_backend: Any, kit: Any) -> None:
    project = kit.make_project(own_backend)
    report(project, "stays")
    report(project, "leaves")
    own_backend.clock.ahead += 100 * 1_000_000
    poll(project, process="stays")

    own_backend.clock.ahead += 100 * 1_000_000

    ids = lambda: [row["process"]["id"] for row in project.client.get(project.live + "processes").json()["results"]]  # noqa: E731
    kit.wait_until(lambda: ids() == ["stays"])


def test_leases_run_as_before_when_somebody_sets_the_clock_back(own_backend: Any, kit: Any) -> None:
    project = kit.make_project(own_backend)
    report(project, "stays")
    report(project, "leaves")
    own_backend.clock.set_by = -24 * 3600 * 1_000_000
    own_backend.clock.ahead += 100 * 1_000_000
    poll(project, process="stays")
    own_backend.clock.ahead += 100 * 1_000_000

    ids = lambda: [row["process"]["id"] for row in project.client.get(project.live + "processes").json()["results"]]  # noqa: E731
    kit.wait_until(lambda: "leaves" not in ids())
    assert ["stays"] == ids()


# --- The kill switch ------------------------------------------------------------------------------------------------


def test_a_pause_empties_everything_and_says_who_and_why(project: Any, waiting: Any) -> None:
    project.create_live()
    (future,) = waiting()

    pauses = project.client.post(project.live + "pause", json={"reason": "incident"}).json()["results"]

    assert [("ada", "incident")] == [(pause["by"], pause["reason"]) for pause in pauses]
    answer = future.result().json()
    assert ([], pauses[0]) == (answer["breakpoints"], answer["paused"])
    assert 0 == project.client.get(project.url + "active").json()["count"]
    assert [] == project.client.post(project.live + "resume", json={}).json()["results"]
    assert [42] == armed(project)
    assert 1 == project.client.get(project.url + "active").json()["count"]


def test_who_comes_during_a_pause_learns_of_it_from_the_list_of_processes(project: Any) -> None:
    assert () == from_json(Processes, project.client.get(project.live + "processes").json()).pauses

    pauses = project.client.post(project.live + "pause", json={"service": "web", "reason": "incident"}).json()["results"]

    assert pauses == project.client.get(project.live + "processes").json()["pauses"]
    assert ["web"] == [pause["service"] for pause in pauses]


def test_a_pause_of_one_service_leaves_the_others(project: Any, other_project: Any) -> None:
    project.create_live()
    other_project.create_live()

    project.client.post(project.live + "pause", json={"service": "web"})

    assert ([], [42], [42]) == (armed(project, service="web"), armed(project, service="worker"), armed(project))
    assert [42] == armed(other_project, service="web")
    project.client.post(project.live + "resume", json={"service": "web"})
    assert [42] == armed(project, service="web")
