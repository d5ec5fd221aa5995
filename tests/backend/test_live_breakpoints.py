"""Our own routes for breakpoints: the contract's fields and ours, on the same rows."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from livebreak_agent.vocabulary.codec import from_json
from livebreak_agent.vocabulary.model import Breakpoint
from livebreak_agent.vocabulary.wire import API_VERSION, Breakpoints, Capabilities

FULL = {
    "repository": "acme/shop",
    "condition": "total > 100",
    "anchor": {"text": "return total", "before": ["a"], "after": [], "digests": ["0" * 40]},
    "log_message": "total is {total}",
    "watches": ["total", "user.name"],
    "hit_limit": 10,
    "limits": {"depth": 2},
    "service": "web",
    "environment": "prod",
}


def test_capabilities_tell_agent_and_person_where_they_are(project: Any) -> None:
    person = from_json(Capabilities, project.client.get(project.live).json())
    agent = from_json(Capabilities, httpx.get(project.live.rstrip("/"), headers=project.agent).json())

    assert (API_VERSION, project.id, "ada", ("*",)) == (person.api, person.project.id, person.owner, person.scopes)
    assert (project.token, None, ()) == (agent.ingestion_token, agent.owner, agent.scopes)
    assert {"breakpoints", "armed", "processes", "hits", "stream"} <= set(agent.features)


def test_a_breakpoint_is_kept_with_all_that_it_says(project: Any) -> None:
    created = project.create_live(**FULL)

    assert FULL == {name: created[name] for name in FULL}
    assert "ada" == created["owner"]
    assert created == project.client.get(project.live + "breakpoints/" + created["id"]).json()
    listed = from_json(Breakpoints, project.client.get(project.live + "breakpoints").json())
    assert (from_json(Breakpoint, created),) == listed.results


def test_both_kinds_of_route_see_the_same_rows(project: Any) -> None:
    plain = project.create(line_number=1)
    live = project.create_live(line_number=2)

    assert [live["id"], plain["id"]] == [row["id"] for row in project.client.get(project.url).json()["results"]]
    rows = project.client.get(project.live + "breakpoints").json()["results"]
    assert [("ada", True), ("ada", False)] == [(row["owner"], "expires_at" in row) for row in rows]
    assert 204 == project.client.delete(project.live + "breakpoints/" + plain["id"]).status_code
    assert 204 == project.client.delete(project.url + live["id"]).status_code


def test_repeating_a_create_is_harmless(project: Any) -> None:
    created = project.create_live(repository="acme/shop")
    body = {"id": created["id"].upper(), "repository": "acme/shop", "filename": "shop/cart.py", "line_number": 42}

    answer = project.client.post(project.live + "breakpoints", json=body)

    assert (200, created) == (answer.status_code, answer.json())


def anchored(digest: str) -> dict[str, Any]:
    return {"repository": "acme/shop", "anchor": {"text": "return total", "digests": [digest * 40, "9" * 40]}}


@pytest.mark.parametrize(
    ("owner", "detail"),
    [
        ("ada", "You already have a live breakpoint on shop/cart.py:42."),
        ("bob", "ada already has a live breakpoint on shop/cart.py:42."),
    ],
)
def test_an_occupied_line_names_who_is_there(project: Any, owner: str, detail: str) -> None:
    project.create_live(**anchored("1"))
    other = project.create_live(**anchored("1"), line_number=43)
    body = {"id": str(uuid.uuid4()), "filename": "shop/cart.py", "line_number": 42, **anchored("1")}
    headers = {"Authorization": f"Bearer {project.new_key('*', owner=owner)}"}

    create = httpx.post(project.live + "breakpoints", json=body, headers=headers)
    move = {"line_number": 42, **anchored("1")}
    change = httpx.patch(project.live + "breakpoints/" + other["id"], json=move, headers=headers)

    for answer in (create, change):
        assert (409, "conflict", detail) == (answer.status_code, answer.json()["code"], answer.json()["detail"])


def test_a_breakpoint_of_nobody_is_somebodys(project: Any) -> None:
    headers = {"Authorization": f"Bearer {project.new_key('*', owner=None)}"}
    bodies = [{"id": str(uuid.uuid4()), "filename": "a.py", "line_number": 1, **anchored("1")} for _ in range(2)]

    _, answer = [httpx.post(project.live + "breakpoints", json=body, headers=headers) for body in bodies]

    assert "Somebody already has a live breakpoint on a.py:1." == answer.json()["detail"]


def test_a_line_number_of_another_text_is_another_line(project: Any) -> None:
    project.create_live(**anchored("1"))
    project.create_live(**anchored("2"))
    third = project.create_live(**anchored("3"), line_number=43)
    plain = project.create(repository="acme/shop", line_number=44)
    url = project.live + "breakpoints/"

    assert 200 == project.client.patch(url + third["id"], json={"line_number": 42, **anchored("3")}).status_code
    assert 409 == project.client.patch(url + third["id"], json=anchored("2")).status_code
    assert 200 == project.client.patch(url + plain["id"], json={"line_number": 42}).status_code
    assert 4 == len(project.client.get(url).json()["results"])


def test_for_the_contract_a_line_is_occupied_whatever_its_text(project: Any) -> None:
    first = project.create_live(**anchored("1"))
    project.create_live(**anchored("2"))
    plain = project.create(repository="acme/shop", line_number=43)
    place = {"repository": "acme/shop", "filename": "shop/cart.py", "line_number": 42}

    for answer in (project.client.post(project.url, json=place), project.client.patch(project.url + plain["id"], json=place)):
        assert (400, "unique") == (answer.status_code, answer.json()["code"])
    # What does not move a breakpoint is no question of its place.
    assert 200 == project.client.patch(project.url + first["id"], json={"enabled": False, "line_number": 42}).status_code
    assert first["anchor"] == project.client.get(project.live + "breakpoints/" + first["id"]).json()["anchor"]


def test_a_list_tells_the_hits_that_are_stored(project: Any, kit: Any) -> None:
    created, quiet = project.create_live(), project.create_live(line_number=7, repository="acme/shop")
    for total in (1, 2, 3):
        last = project.hit(created["id"], variables={"total": total})
        project.send(last, project.hit("unknown"))

    listed = from_json(Breakpoints, project.client.get(project.live + "breakpoints").json())

    assert [quiet["id"], created["id"]] == [row.id for row in listed.results]
    (hits,) = listed.hits
    assert (created["id"], 3, last["uuid"], {"total": 3}) == (
        hits.breakpoint_id,
        hits.total,
        hits.newest.id,
        hits.newest.variables,
    )
    of_shop = project.client.get(project.live + "breakpoints", params={"repository": "acme/shop"}).json()
    assert ([quiet["id"]], []) == ([row["id"] for row in of_shop["results"]], of_shop["hits"])


def test_a_breakpoint_that_comes_back_has_its_hits(project: Any) -> None:
    created = project.create_live()
    project.send(project.hit(created["id"]), project.hit(created["id"]))
    project.client.delete(project.live + "breakpoints/" + created["id"])

    project.create_live(id=created["id"])

    assert [2] == [row["total"] for row in project.client.get(project.live + "breakpoints").json()["hits"]]


def test_the_same_id_in_another_project_is_another_breakpoint(project: Any, other_project: Any) -> None:
    created = project.create_live()

    other = other_project.create_live(id=created["id"], line_number=7)

    assert 42 == project.client.get(project.live + "breakpoints/" + created["id"]).json()["line_number"]
    assert 7 == other["line_number"]


@pytest.mark.parametrize(
    ("fields", "attr"),
    [
        ({"id": "x"}, "id"),
        ({"filename": ...}, "filename"),
        ({"filename": " "}, "filename"),
        ({"filename": 7}, "filename"),
        ({"line_number": -1}, "line_number"),
        ({"line_number": "42"}, "line_number"),
        ({"hit_limit": 0}, "hit_limit"),
        ({"hit_limit": 2**63}, "hit_limit"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"anchor": {"before": []}}, "anchor.text"),
        ({"watches": [1]}, "watches[0]"),
    ],
)
def test_a_bad_field_is_named(project: Any, fields: dict[str, Any], attr: str) -> None:
    body = {"id": str(uuid.uuid4()), "filename": "a.py", "line_number": 1, **fields}

    answer = project.client.post(project.live + "breakpoints", json={k: v for k, v in body.items() if v is not ...})

    assert (400, "validation_error", attr) == (answer.status_code, answer.json()["type"], answer.json()["attr"])


@pytest.mark.parametrize("text", ['"a\\u0000b"', '"\\ud800"'])
def test_text_that_cannot_be_kept_is_refused_wherever_it_is(project: Any, text: str) -> None:
    raw = f'{{"id": "{uuid.uuid4()}", "filename": "a.py", "line_number": 1, "anchor": {{"text": {text}}}}}'

    assert 400 == project.client.post(project.live + "breakpoints", content=raw).status_code


def test_a_patch_changes_what_it_names_and_null_clears(project: Any) -> None:
    created = project.create_live(**FULL)

    patch = {"condition": None, "watches": None, "hit_limit": 20, "id": "ignored", "owner": "ignored"}
    changed = project.client.patch(project.live + "breakpoints/" + created["id"], json=patch).json()

    kept = {name: value for name, value in created.items() if name not in {"condition", "watches", "hit_limit", "updated_at"}}
    assert {**kept, "watches": [], "hit_limit": 20, "updated_at": changed["updated_at"]} == changed


def test_moving_a_breakpoint_drops_the_anchor_of_the_old_place(project: Any) -> None:
    created = project.create_live(**FULL)

    moved = project.client.patch(project.url + created["id"], json={"line_number": 50}).json()

    assert 50 == moved["line_number"]
    assert "anchor" not in project.client.get(project.live + "breakpoints/" + created["id"]).json()


@pytest.mark.parametrize("field", ["filename", "line_number", "enabled"])
def test_what_a_breakpoint_cannot_be_without_cannot_be_cleared(project: Any, field: str) -> None:
    created = project.create_live()

    answer = project.client.patch(project.live + "breakpoints/" + created["id"], json={field: None})

    assert (400, field) == (answer.status_code, answer.json()["attr"])


def test_a_breakpoint_ends_by_itself(own_backend: Any, kit: Any) -> None:
    project = kit.make_project(own_backend)
    created, plain = project.create_live(line_number=1), project.create(line_number=2)
    own_backend.clock.ahead += 23 * 3600 * 1_000_000
    assert 2 == project.client.get(project.url + "active").json()["count"]

    own_backend.clock.ahead += 2 * 3600 * 1_000_000

    kit.wait_until(lambda: not project.client.get(project.url + created["id"]).json()["enabled"])
    assert [plain["id"]] == [row["id"] for row in project.client.get(project.url + "active").json()["results"]]
    again = project.client.patch(project.live + "breakpoints/" + created["id"], json={"enabled": True}).json()
    assert again["expires_at"] > created["expires_at"]


def test_a_hit_limit_counts_verified_hits_and_disables(project: Any) -> None:
    created = project.create_live(hit_limit=2)
    enabled = lambda: project.client.get(project.url + created["id"]).json()["enabled"]  # noqa: E731 -- read three times

    project.send(*(project.hit(created["id"]) for _ in range(5)), verified=False)
    project.send(project.hit(created["id"]))
    assert enabled()
    project.send(project.hit(created["id"]))
    assert not enabled()

    project.client.patch(project.url + created["id"], json={"enabled": True})
    project.send(project.hit(created["id"]))
    assert enabled()


ROUTES = [
    ("GET", "breakpoints"),
    ("POST", "breakpoints"),
    ("GET", "processes"),
    ("GET", "hits"),
    ("GET", "stream"),
    ("POST", "pause"),
    ("POST", "resume"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_peoples_routes_are_closed_to_agents_and_strangers(project: Any, method: str, path: str) -> None:
    assert 403 == httpx.request(method, project.live + path, headers=project.agent).status_code
    assert 401 == httpx.request(method, project.live + path).status_code
    no_scope = {"Authorization": f"Bearer {project.new_key()}"}
    assert 403 == httpx.request(method, project.live + path, headers=no_scope).status_code


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_key_outside_of_the_header_opens_nothing(project: Any, method: str, path: str) -> None:
    keys = {"personal_api_key": project.key, "secret_api_key": project.secret}

    assert 401 == httpx.request(method, project.live + path, json=keys).status_code
    assert 401 == httpx.request(method, project.live + path, params=keys).status_code


@pytest.mark.parametrize(("method", "path"), [("GET", "armed?process=p"), ("PUT", "processes/p"), ("DELETE", "processes/p")])
def test_agents_routes_are_closed_to_people_and_strangers(project: Any, other_project: Any, method: str, path: str) -> None:
    assert 403 == project.client.request(method, project.live + path).status_code
    assert 401 == httpx.request(method, project.live + path).status_code
    assert 403 == httpx.request(method, project.live + path, headers=other_project.agent).status_code


def test_projects_do_not_see_each_other(project: Any, other_project: Any) -> None:
    created = other_project.create_live()
    hit = other_project.hit(created["id"])
    other_project.send(hit)

    assert [] == project.client.get(project.live + "breakpoints").json()["results"]
    assert 404 == project.client.get(project.live + "breakpoints/" + created["id"]).status_code
    assert 404 == project.client.get(project.live + "hits/" + hit["uuid"]).status_code
    assert 200 == other_project.client.get(other_project.live + "hits/" + hit["uuid"]).status_code
    for path in ("", "breakpoints", "hits", "stream", "processes"):
        assert 403 == project.client.get(other_project.live + path).status_code
