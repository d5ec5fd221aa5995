"""Who is let in, and what is said to those who are not: sections 2 to 4 of the contract."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

NOT_AUTHENTICATED = (401, "authentication_error", "not_authenticated", "Authentication credentials were not provided.")
FAILED = (
    401,
    "authentication_error",
    "authentication_failed",
    "Personal API key found in request Authorization header is invalid.",
)


def told(answer: httpx.Response) -> tuple[int, str, str, str]:
    body = answer.json()
    assert {"type", "code", "detail", "attr"} == body.keys()
    return answer.status_code, body["type"], body["code"], body["detail"]


@pytest.mark.parametrize("header", [None, "Token phx_x", "phx_raw", "bearer phx_lowercase", "Bearer"])
def test_a_request_without_a_bearer_key_has_no_credentials(project: Any, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}

    assert NOT_AUTHENTICATED == told(httpx.get(project.url, headers=headers))


@pytest.mark.parametrize("path", ["", "active/", "breakpoint_hits/", "0199a1b2-0000-7000-8000-000000000000/"])
@pytest.mark.parametrize("key", ["phx_unknown", "phc_unknown", "phs_unknown", "phs_with_underscore", "nonsense"])
def test_an_unknown_key_of_any_kind_is_invalid(project: Any, path: str, key: str) -> None:
    answer = httpx.get(project.url + path, headers={"Authorization": f"Bearer {key}"})

    assert FAILED == told(answer)
    assert "www-authenticate" not in answer.headers
    assert key not in answer.text


def test_the_project_token_opens_nothing(project: Any) -> None:
    assert FAILED == told(httpx.get(project.url + "active", headers={"Authorization": f"Bearer {project.token}"}))


@pytest.mark.parametrize("path", ["", "breakpoint_hits/", "0199a1b2-0000-7000-8000-000000000000/"])
def test_a_secret_key_opens_active_alone(project: Any, path: str) -> None:
    assert FAILED == told(httpx.get(project.url + path, headers=project.agent))
    assert 200 == httpx.get(project.url + "active/", headers=project.agent).status_code


@pytest.mark.parametrize(
    ("scopes", "method", "missing"),
    [
        (["live_debugger:read"], "GET", None),
        (["live_debugger:write"], "GET", None),
        (["*"], "GET", None),
        (["*"], "POST", None),
        (["live_debugger:write"], "POST", None),
        (["live_debugger:read"], "POST", "live_debugger:write"),
        ([], "GET", "live_debugger:read"),
        ([], "POST", "live_debugger:write"),
    ],
)
def test_scopes_decide_what_a_key_may_do(project: Any, scopes: list[str], method: str, missing: str | None) -> None:
    headers = {"Authorization": f"Bearer {project.new_key(*scopes)}"}

    answer = httpx.request(method, project.url, headers=headers, json={} if method == "POST" else None)

    if missing is None:
        assert answer.status_code in {200, 400}
    else:
        expected = (403, "authentication_error", "permission_denied", f"API key missing required scope '{missing}'")
        assert expected == told(answer)


def test_a_key_can_come_in_the_body_or_the_query(project: Any) -> None:
    body = {"personal_api_key": project.key, "filename": "a.py", "line_number": 1}

    assert 201 == httpx.post(project.url, json=body).status_code
    assert 200 == httpx.get(project.url, params={"personal_api_key": project.key}).status_code


def test_the_answer_says_where_the_bad_key_was_found(project: Any) -> None:
    in_body = httpx.post(project.url, json={"personal_api_key": "phx_wrong"})
    in_query = httpx.get(project.url, params={"personal_api_key": "phx_wrong"})

    assert FAILED[:3] == told(in_body)[:3] == told(in_query)[:3]
    assert "Personal API key found in request body is invalid." == in_body.json()["detail"]
    assert "Personal API key found in request query string is invalid." == in_query.json()["detail"]


def test_a_secret_key_can_come_in_the_body_where_secret_keys_are_let_in(project: Any) -> None:
    def ask(path: str) -> httpx.Response:
        return httpx.request("GET", project.url + path, json={"secret_api_key": project.secret})

    assert 200 == ask("active/").status_code
    assert NOT_AUTHENTICATED == told(ask(""))
    wrong = httpx.request("GET", project.url + "active/", json={"secret_api_key": "phs_wrong"})
    assert (*FAILED[:3], "Personal API key found in request body is invalid.") == told(wrong)


def test_each_field_for_a_key_takes_its_own_kind_alone(project: Any) -> None:
    active = project.url + "active/"
    secret_in_query = httpx.get(active, params={"personal_api_key": project.secret})
    secret_as_personal = httpx.request("GET", active, json={"personal_api_key": project.secret})
    personal_as_secret = httpx.request("GET", active, json={"secret_api_key": project.key})
    both = httpx.request("GET", active, json={"secret_api_key": project.key, "personal_api_key": project.key})

    assert FAILED[:3] == told(secret_in_query)[:3] == told(secret_as_personal)[:3]
    assert NOT_AUTHENTICATED == told(personal_as_secret)
    assert 200 == both.status_code


@pytest.mark.parametrize("name", ["token", "api_key"])
def test_a_project_token_in_the_query_of_a_get_overrides_the_url(project: Any, other_project: Any, name: str) -> None:
    breakpoint = project.create()
    elsewhere = f"{project.backend.url}/api/projects/999999/live_debugger_breakpoints/"

    assert [breakpoint] == project.client.get(elsewhere, params={name: project.token}).json()["results"]
    unknown = project.client.get(project.url, params={name: "phc_unknown"})
    expected = (401, "authentication_error", "authentication_failed", "Incorrect authentication credentials.")
    assert expected == told(unknown)
    assert 403 == project.client.get(project.url, params={name: other_project.token}).status_code
    posted = project.client.post(elsewhere, params={name: project.token}, json={"filename": "a.py", "line_number": 1})
    assert 404 == posted.status_code


def test_the_older_name_of_the_projects_routes_leads_there_and_names_its_successor(project: Any) -> None:
    breakpoint = project.create(filename="ü.py")
    path = f"/live_debugger_breakpoints/?filename={quote('ü.py')}&limit=1"
    project.create(filename="ü.py", line_number=43)

    answer = project.client.get(f"{project.backend.url}/api/environments/@current{path}")

    assert (200, "true") == (answer.status_code, answer.headers["deprecation"])
    assert '</api/projects/@current/live_debugger_breakpoints/>; rel="successor-version"' == answer.headers["link"]
    assert breakpoint == project.client.get(answer.json()["next"]).json()["results"][0]
    assert 200 == httpx.get(
        f"{project.backend.url}/api/environments/{project.id}/live_debugger_breakpoints/active", headers=project.agent
    ).status_code  # fmt: skip
    assert 401 == httpx.get(f"{project.backend.url}/api/environments/{project.id}/livebreak/").status_code
    assert "deprecation" not in project.client.get(project.url).headers


def test_a_key_in_the_query_is_not_repeated_in_links(project: Any) -> None:
    project.create(line_number=1)
    project.create(line_number=2)

    page = httpx.get(project.url, params={"personal_api_key": project.key, "limit": "1"}).json()

    assert "phx_" not in page["next"]


def test_without_a_key_an_unparsable_body_is_400_because_it_is_searched_for_one(project: Any) -> None:
    answer = httpx.post(project.url, content=b"{", headers={"Content-Type": "application/json"})

    assert (400, "invalid_request", "parse_error") == told(answer)[:3]


def test_a_large_body_is_not_searched_for_a_key(project: Any) -> None:
    body = {"filename": "a.py", "line_number": 1, "condition": "x" * 70_000}

    assert NOT_AUTHENTICATED == told(httpx.post(project.url, json={**body, "personal_api_key": project.key}))
    assert NOT_AUTHENTICATED == told(httpx.post(project.url, content=b"{" * 70_000, headers={"Content-Type": "application/json"}))
    assert 201 == project.client.post(project.url, json=body).status_code


def test_projects_are_closed_to_each_others_keys(project: Any, other_project: Any) -> None:
    breakpoint = other_project.create()

    detail = f"API key does not have access to the requested project: ID {other_project.id}."
    assert (403, "authentication_error", "permission_denied", detail) == told(project.client.get(other_project.url))
    foreign = project.client.get(project.url + breakpoint["id"])
    unknown = project.client.get(project.url + "0199a1b2-0000-7000-8000-000000000000")
    assert (404, "invalid_request", "not_found", "Not found.") == told(foreign) == told(unknown)
    assert 404 == project.client.delete(project.url + breakpoint["id"]).status_code
    assert 404 == project.client.patch(project.url + breakpoint["id"], json={}).status_code
    answer = httpx.get(other_project.url + "active", headers=project.agent)
    assert (403, "You do not have permission to perform this action.") == (answer.status_code, answer.json()["detail"])


@pytest.mark.parametrize("named", ["999999", "abc", "-1", "99999999999999999999999", "@other", "1.0"])
def test_a_project_that_is_not_there_is_404(project: Any, named: str) -> None:
    answer = project.client.get(f"{project.backend.url}/api/projects/{named}/live_debugger_breakpoints/")

    assert (404, "invalid_request", "not_found", "Project not found.") == told(answer)


def test_current_is_the_keys_own_project(project: Any) -> None:
    breakpoint = project.create()
    current = f"{project.backend.url}/api/projects/@current/live_debugger_breakpoints"

    assert [breakpoint] == project.client.get(current).json()["results"]
    assert 1 == httpx.get(current + "/active", headers=project.agent).json()["count"]


def test_a_slash_at_the_end_is_optional_and_never_a_redirect(project: Any) -> None:
    breakpoint = project.client.post(project.url.rstrip("/"), json={"filename": "a.py", "line_number": 1}).json()

    for path in ("", "active", "breakpoint_hits", breakpoint["id"]):
        for end in ("", "/"):
            assert 200 == project.client.get(project.url.rstrip("/") + "/" * bool(path) + path + end).status_code
    assert (404, "invalid_request", "not_found", "Not found.") == told(project.client.get(project.url + "/"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", ""),
        ("DELETE", ""),
        ("PROPFIND", ""),
        ("POST", "breakpoint_hits/"),
        ("POST", "0199a1b2-0000-7000-8000-000000000000/"),
    ],
)
def test_a_wrong_method_is_first_of_all_not_for_keys(project: Any, method: str, path: str) -> None:
    expected = (403, "authentication_error", "permission_denied", "This action does not support personal API key access")

    assert expected == told(project.client.request(method, project.url + path))
    assert NOT_AUTHENTICATED == told(httpx.request(method, project.url + path))


@pytest.mark.parametrize("method", ["POST", "DELETE", "PROPFIND"])
def test_a_wrong_method_on_active_is_405(project: Any, method: str) -> None:
    answer = project.client.request(method, project.url + "active/")

    assert (405, "invalid_request", "method_not_allowed", f'Method "{method}" not allowed.') == told(answer)
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("application/*", 200),
        ("*/json", 200),
        ("text/html, */*;q=0.1", 200),
        ("text/html", 406),
        ("application/octet-stream", 406),
    ],
)
def test_an_accept_header_without_json_is_406_before_anything_else(project: Any, accept: str, status: int) -> None:
    assert status == project.client.get(project.url, headers={"Accept": accept}).status_code
    if status != 200:
        assert status == httpx.get(project.url, headers={"Accept": accept}).status_code


def test_head_and_options_are_answered(project: Any) -> None:
    assert b"" == project.client.head(project.url).content
    options = project.client.options(project.url)
    assert 200 == options.status_code
    assert "POST" in options.headers["allow"]


def test_an_unknown_url_is_404_in_the_contracts_form(project: Any) -> None:
    assert (404, "invalid_request", "not_found", "Not found.") == told(httpx.get(project.backend.url + "/api/nothing"))


def test_options_tells_the_fields_to_whoever_may_write_them(project: Any) -> None:
    one = project.url + project.create()["id"] + "/"
    reader = {"Authorization": f"Bearer {project.new_key('live_debugger:read')}"}

    bodies = [project.client.options(url).json() for url in (project.url, one, project.url + "nope/", project.url + "active/")]

    assert [["POST"], ["PUT"], [], []] == [list(body.get("actions", ())) for body in bodies]
    line = {
        "type": "integer",
        "required": True,
        "read_only": False,
        "label": "Line number",
        "min_value": 0,
        "max_value": 2147483647,
    }
    assert line == bodies[0]["actions"]["POST"]["line_number"]
    assert set(project.create(line_number=2)) == set(bodies[1]["actions"]["PUT"])
    assert "actions" not in httpx.options(project.url, headers=reader).json()


@pytest.mark.parametrize(("form", "status"), [("json", 200), ("", 200), ("xml", 404), ("api", 404)])
def test_a_form_that_is_not_written_is_not_there(project: Any, form: str, status: int) -> None:
    assert status == project.client.get(project.url, params={"format": form}).status_code


@pytest.mark.parametrize(
    ("content_type", "status"), [("application/*", 201), ("*/*", 201), ("application/json; charset=utf-8", 201), ("text/*", 415)]
)
def test_a_content_type_may_leave_open_which_one_it_is(project: Any, content_type: str, status: int) -> None:
    body = b'{"filename": "a.py", "line_number": 1}'

    assert status == project.client.post(project.url, content=body, headers={"Content-Type": content_type}).status_code
