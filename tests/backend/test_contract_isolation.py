"""Projects are closed to each other in every route that there is."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest

from livebreak.backend.app import create_app
from livebreak.backend.settings import BackendSettings
from livebreak.backend.store.interface import Store

OPEN = {
    "/api/schema", "/healthz", "/readyz",
    "/batch", "/i/v0/e", "/e", "/capture", "/track", "/engage", "/i/v1/analytics/events",
}  # fmt: skip
"""What belongs to no project: descriptions, and ingestion, where the token in the body names the project."""

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")

MARK = "only-the-neighbours-know"
"""In everything that the other project holds."""

ROUTES = sorted(
    {
        route.path.rstrip("/")  # type: ignore[attr-defined]
        for route in create_app(cast("Store", None), BackendSettings()).routes
    }
)
IN_PROJECTS = [path for path in ROUTES if path.startswith("/api/projects/{project_id}/")]


def test_every_route_belongs_to_a_project_or_is_known_to_be_open() -> None:
    assert set() == {path for path in ROUTES if path not in IN_PROJECTS} - OPEN
    assert IN_PROJECTS


@pytest.fixture
def neighbour(other_project: Any) -> Any:
    """Another project, in which there is something of everything."""
    other_project.create(filename=MARK, repository=MARK)
    live = other_project.create_live(filename=MARK + "2")
    hit = other_project.hit(live["id"], filename=MARK, variables={MARK: MARK})
    other_project.send(hit)
    report = {"process": {"id": MARK, "pid": 1, "host": MARK}}
    httpx.put(other_project.live + "processes/" + MARK, json=report, headers=other_project.agent)
    other_project.client.post(other_project.live + "pause", json={"service": MARK})
    other_project.ids = {
        "live_debugger_breakpoints": live["id"],
        "breakpoints": live["id"],
        "hits": hit["uuid"],
        "processes": MARK,
    }
    return other_project


def state(project: Any) -> str:
    """All that the project holds, without the time at which its processes were seen last."""
    paths = ("breakpoints", "processes", "hits")
    answers = [project.client.get(project.live + path).json() for path in paths]
    listed = project.client.get(project.url).json()
    return json.dumps([*answers, listed])


@contextlib.contextmanager
def asked(project: Any, method: str, url: str, key: str, body: object) -> Iterator[httpx.Response]:
    headers = {"Authorization": f"Bearer {key}"}
    sent = {"json": body} if method in {"POST", "PUT", "PATCH"} else {}
    with httpx.stream(method, project.backend.url + url, headers=headers, timeout=10, **sent) as answer:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            answer.read()  # streams have no end, and tests of their own
        yield answer


@pytest.mark.parametrize("path", IN_PROJECTS)
def test_a_key_of_one_project_learns_and_changes_nothing_in_another(project: Any, neighbour: Any, path: str) -> None:
    before = state(neighbour)
    section = re.search(r"/([a-z_]+)/\{id\}", path)
    named = {} if section is None else {"id": neighbour.ids[section[1]]}  # a new kind of id needs an example above
    fields = {"filename": "x.py", "line_number": 1, "service": "web", "process": {**named, "pid": 2, "host": "h"}}
    for method in METHODS:
        for key in (project.key, project.secret):
            with asked(project, method, path.format(project_id=neighbour.id, **named), key, fields) as answer:
                assert answer.status_code in {401, 403, 404}, f"{method} {path}: {answer.status_code}"
                assert MARK not in answer.text
            with asked(project, method, path.format(project_id=project.id, **named), key, fields) as answer:
                # Which processes a project has is for its agents to say, so that id is free; all others are not there.
                if section is not None and section[1] != "processes" and method in {"GET", "PATCH", "PUT", "DELETE"}:
                    assert answer.status_code in {401, 403, 404, 405}, f"{method} {path}: {answer.status_code}"
                assert answer.is_stream_consumed is False or MARK not in answer.text

    assert before == state(neighbour)


def test_a_stream_tells_nothing_of_another_project(project: Any, neighbour: Any, kit: Any) -> None:
    with kit.open_stream(project) as stream:
        stream.wait_for("reset")
        neighbour.create(filename=MARK + "3")
        neighbour.send(neighbour.hit(neighbour.ids["breakpoints"]))
        neighbour.client.post(neighbour.live + "resume", json={"service": MARK})
        mine = project.create()
        stream.wait_for("breakpoint")

    assert [mine["id"]] == [event["breakpoint"]["id"] for event in stream.named("breakpoint")]
    assert {"reset", "breakpoint"} == {name for name, _, _ in stream.events}


def test_one_id_may_be_in_two_projects_and_neither_can_tell(project: Any, neighbour: Any) -> None:
    body = {"id": neighbour.ids["breakpoints"], "filename": "a.py", "line_number": 1}

    assert 201 == project.client.post(project.live + "breakpoints", json=body).status_code
    assert 204 == project.client.delete(project.live + "breakpoints/" + body["id"]).status_code
    assert 200 == neighbour.client.get(neighbour.live + "breakpoints/" + body["id"]).status_code


def test_a_secret_key_of_another_project_verifies_nothing(project: Any, neighbour: Any) -> None:
    body = {"api_key": neighbour.token, "batch": [neighbour.hit(neighbour.ids["breakpoints"])]}

    assert 200 == httpx.post(project.backend.url + "/batch/", json=body, headers=project.agent).status_code
    newest = neighbour.client.get(neighbour.live + "hits").json()["results"][0]
    assert not newest["verified"]
    assert [] == project.client.get(project.live + "hits").json()["results"]
