"""Sections 5 and 6 of the contract: the resource, and what can be done with it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

FIELDS = ["id", "repository", "filename", "line_number", "enabled", "condition", "created_at", "updated_at"]
VALID = {"repository": "acme/shop", "filename": "shop/cart.py", "line_number": 42}


def test_a_created_breakpoint_is_told_in_full(project: Any) -> None:
    created = project.create(repository="acme/shop", condition="total > 100")

    assert FIELDS == list(created)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", created["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", created["created_at"])
    assert ("acme/shop", "shop/cart.py", 42, True, "total > 100") == tuple(created[name] for name in FIELDS[1:6])
    assert created == project.client.get(project.url + created["id"]).json()


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("repository", None, None),
        ("repository", "", ""),
        ("repository", "  a/b ", "a/b"),
        ("repository", 12, "12"),
        ("filename", " a.py\n", "a.py"),
        ("filename", 1.5, "1.5"),
        ("filename", "ü" * 5000, "ü" * 5000),
        ("line_number", 0, 0),
        ("line_number", 2147483647, 2147483647),
        ("line_number", "12", 12),
        ("line_number", 12.0, 12),
        ("line_number", " 12 ", 12),
        ("line_number", "12.00", 12),
        ("enabled", False, False),
        ("enabled", 0, False),
        ("enabled", "OFF", False),
        ("enabled", "n", False),
        ("enabled", "Yes", True),
        ("enabled", "t", True),
        ("enabled", 1.0, True),
        ("condition", None, None),
        ("condition", "", ""),
        ("condition", "this is (not parsed", "this is (not parsed"),
        ("id", "ignored", ...),
        ("unknown", {"is": "ignored"}, ...),
    ],
)
def test_values_are_coerced_as_upstream_does(project: Any, field: str, sent: object, stored: object) -> None:
    answer = project.client.post(project.url, json={**VALID, field: sent})

    assert 201 == answer.status_code
    if stored is not ...:
        assert stored == answer.json()[field]
    assert sent != answer.json()["id"]


@pytest.mark.parametrize(
    ("fields", "code", "detail", "attr"),
    [
        ({"filename": ...}, "required", "This field is required.", "filename"),
        ({"line_number": ...}, "required", "This field is required.", "line_number"),
        ({"filename": ..., "line_number": ...}, "required", "This field is required.", "filename"),
        ({"filename": "  "}, "blank", "This field may not be blank.", "filename"),
        ({"filename": None}, "null", "This field may not be null.", "filename"),
        ({"filename": True}, "invalid_input", "Not a valid string.", "filename"),
        ({"filename": ["a"]}, "invalid_input", "Not a valid string.", "filename"),
        ({"filename": "a\0b"}, "null_characters_not_allowed", "Null characters are not allowed.", "filename"),
        ({"repository": {}}, "invalid_input", "Not a valid string.", "repository"),
        ({"repository": [], "filename": ""}, "invalid_input", "Not a valid string.", "repository"),
        ({"line_number": -1}, "min_value", "Ensure this value is greater than or equal to 0.", "line_number"),
        ({"line_number": 2**31}, "max_value", "Ensure this value is less than or equal to 2147483647.", "line_number"),
        ({"line_number": 12.5}, "invalid_input", "A valid integer is required.", "line_number"),
        ({"line_number": True}, "invalid_input", "A valid integer is required.", "line_number"),
        ({"line_number": ""}, "invalid_input", "A valid integer is required.", "line_number"),
        ({"line_number": None}, "null", "This field may not be null.", "line_number"),
        ({"line_number": "1" * 1001}, "max_string_length", "String value too large.", "line_number"),
        ({"enabled": None}, "null", "This field may not be null.", "enabled"),
        ({"enabled": "maybe"}, "invalid_input", "Must be a valid boolean.", "enabled"),
        ({"enabled": " true "}, "invalid_input", "Must be a valid boolean.", "enabled"),
        ({"enabled": ""}, "invalid_input", "Must be a valid boolean.", "enabled"),
        ({"enabled": 2}, "invalid_input", "Must be a valid boolean.", "enabled"),
        ({"enabled": []}, "invalid_input", "Must be a valid boolean.", "enabled"),
    ],
)
def test_the_first_bad_field_is_reported(project: Any, fields: dict[str, Any], code: str, detail: str, attr: str) -> None:
    body = {name: value for name, value in {**VALID, **fields}.items() if value is not ...}

    answer = project.client.post(project.url, json=body)

    expected = {"type": "validation_error", "code": code, "detail": detail, "attr": attr}
    assert (400, expected) == (answer.status_code, answer.json())


def test_a_lone_surrogate_is_refused(project: Any) -> None:
    raw = b'{"filename": "a\\ud800.py", "line_number": 1}'

    answer = project.client.post(project.url, content=raw, headers={"Content-Type": "application/json"})

    assert "surrogate_characters_not_allowed" == answer.json()["code"]
    assert "Surrogate characters are not allowed: U+D800." == answer.json()["detail"]


@pytest.mark.parametrize(
    ("raw", "content_type", "status", "code", "detail"),
    [
        (b"", "application/json", 400, "required", "This field is required."),
        (b"[]", "application/json", 400, "invalid_input", "Invalid data. Expected a dictionary, but got list."),
        (b'"a"', "application/json", 400, "invalid_input", "Invalid data. Expected a dictionary, but got str."),
        (b"null", "application/json", 400, "null", "No data provided"),
        (b'{"a":', "application/json", 400, "parse_error", "JSON parse error - Expecting value: line 1 column 6 (char 5)"),
        (b'{"line_number": NaN}', "application/json", 400, "parse_error", None),
        (b"[" * 100_000, "application/json", 400, "parse_error", None),
        (b"\xff", "application/json", 400, "parse_error", None),
        (b"x", "text/plain", 415, "unsupported_media_type", 'Unsupported media type "text/plain" in request.'),
    ],
)
def test_bodies_that_are_no_object_are_refused(
    project: Any, raw: bytes, content_type: str, status: int, code: str, detail: str | None
) -> None:
    answer = project.client.post(project.url, content=raw, headers={"Content-Type": content_type})

    assert (status, code) == (answer.status_code, answer.json()["code"])
    if detail is not None:
        assert detail == answer.json()["detail"]


def test_a_body_beyond_the_limit_is_413(project: Any) -> None:
    raw = b'{"filename": "' + b"a" * (20 * 2**20) + b'"}'

    assert 413 == project.client.post(project.url, content=raw, headers={"Content-Type": "application/json"}).status_code


def test_a_form_without_enabled_means_an_unticked_box(project: Any) -> None:
    created = project.client.post(project.url, data={"filename": "a.py", "line_number": "3"}).json()
    multipart = project.client.post(project.url, files={"filename": (None, "b.py"), "line_number": (None, "4")}).json()

    assert (3, False) == (created["line_number"], created["enabled"])
    assert ("b.py", 4, False) == (multipart["filename"], multipart["line_number"], multipart["enabled"])


def test_an_input_of_a_form_that_was_left_empty_is_no_value(project: Any) -> None:
    answer = project.client.post(project.url, data={"filename": "a.py", "line_number": "3", "enabled": "", "condition": ""})

    assert (201, True, "") == (answer.status_code, answer.json()["enabled"], answer.json()["condition"])


def test_a_file_in_a_form_is_no_text(project: Any) -> None:
    answer = project.client.post(project.url, files={"filename": ("a.txt", b"a.py"), "line_number": (None, "4")})

    assert (400, "Not a valid string.", "filename") == (
        answer.status_code,
        answer.json()["detail"],
        answer.json()["attr"],
    )


def test_a_multipart_body_without_a_boundary_is_a_parse_error(project: Any) -> None:
    answer = project.client.post(project.url, content=b"x", headers={"Content-Type": "multipart/form-data"})

    expected = "Multipart form parse error - Invalid boundary in multipart: None"
    assert (400, "parse_error", expected) == (answer.status_code, answer.json()["code"], answer.json()["detail"])


# --- Uniqueness -----------------------------------------------------------------------------------------------------


def test_two_breakpoints_cannot_share_a_line(project: Any, other_project: Any) -> None:
    project.create(repository="acme/shop")
    second = project.create(repository="acme/shop", line_number=43)
    other_project.create(repository="acme/shop")

    for answer in (
        project.client.post(project.url, json=VALID),
        project.client.patch(project.url + second["id"], json={"line_number": 42}),
        project.client.put(project.url + second["id"], json={"filename": "shop/cart.py", "line_number": 42}),
    ):
        assert (400, "validation_error", "unique", None) == (
            answer.status_code,
            *(answer.json()[name] for name in ("type", "code", "attr")),
        )
    assert 2 == project.client.get(project.url).json()["count"]


def test_without_a_repository_they_can_but_with_an_empty_one_they_cannot(project: Any) -> None:
    assert project.create()["id"] != project.create()["id"]
    project.create(repository="")

    assert 400 == project.client.post(project.url, json={**VALID, "repository": ""}).status_code


def test_of_many_creates_at_once_one_succeeds(project: Any) -> None:
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: project.client.post(project.url, json=VALID).status_code, range(32)))

    assert [201] + [400] * 31 == sorted(statuses)
    assert 1 == project.client.get(project.url).json()["count"]


CREATES = """
import httpx, sys
url, key = sys.argv[1:]
with httpx.Client(headers={"Authorization": f"Bearer {key}"}) as client:
    client.get(url)
    print("ready", flush=True)
    sys.stdin.readline()
    for line in range(20):
        for repository in ("acme/shop", None):
            body = {"repository": repository, "filename": "shop/cart.py", "line_number": line}
            print(client.post(url, json=body).status_code, repository, flush=True)
"""


def test_of_creates_by_several_processes_one_succeeds_a_line_but_for_those_without_a_repository(project: Any) -> None:
    command = [sys.executable, "-c", CREATES, project.url, project.key]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(4)]  # type: ignore[call-overload]
    for process in processes:
        assert "ready\n" == process.stdout.readline()
    lines = []
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        lines += process.communicate(timeout=60)[0].splitlines()

    assert {"201 acme/shop": 20, "400 acme/shop": 60, "201 None": 80} == Counter(lines)
    assert 100 == project.client.get(project.url).json()["count"]


# --- Lists ----------------------------------------------------------------------------------------------------------


def test_a_list_is_newest_first_and_can_be_paged_through(project: Any) -> None:
    created = [project.create(line_number=line, repository="acme/shop")["id"] for line in range(5)]
    project.create(repository="acme/other")

    seen, url = [], project.url + "?repository=acme/shop&limit=2"
    while url:
        page = project.client.get(url).json()
        assert ["count", "next", "previous", "results"] == list(page)
        assert 5 == page["count"]
        seen += [row["id"] for row in page["results"]]
        url = page["next"]

    assert list(reversed(created)) == seen


def test_links_are_absolute_keep_the_filters_and_are_sorted(project: Any) -> None:
    for line in range(3):
        project.create(line_number=line, repository="acme/shop")

    first = project.client.get(project.url, params={"repository": "acme/shop", "limit": "1"}).json()
    second = project.client.get(first["next"]).json()
    beyond = project.client.get(project.url, params={"offset": "500"}).json()

    assert f"{project.url}?limit=1&offset=1&repository=acme%2Fshop" == first["next"]
    assert f"{project.url}?limit=1&offset=2&repository=acme%2Fshop" == second["next"]
    assert f"{project.url}?limit=1&repository=acme%2Fshop" == second["previous"]
    assert ([], None, f"{project.url}?limit=100&offset=400") == (beyond["results"], beyond["next"], beyond["previous"])


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", "limit=abc", "limit=", "offset=-1", "offset=abc", "limit=99999999999999999999"]
)
def test_bad_paging_silently_becomes_the_default(project: Any, query: str) -> None:
    project.create()

    page = project.client.get(f"{project.url}?{query}").json()

    assert (1, 1, None, None) == (page["count"], len(page["results"]), page["next"], page["previous"])


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("repository=acme/shop", 1),
        ("repository=%20acme/shop%20", 1),
        ("repository=ACME/shop", 0),
        ("repository=", 3),
        ("repository=%20", 3),
        ("filename=shop/cart.py", 2),
        ("filename=shop", 0),
        ("enabled=false", 3),
        ("repository=acme/shop&filename=b.py", 0),
    ],
)
def test_filters_are_exact(project: Any, query: str, count: int) -> None:
    project.create(repository="acme/shop")
    project.create()
    project.create(filename="b.py")

    assert count == project.client.get(f"{project.url}?{query}").json()["count"]


# --- Change and delete ----------------------------------------------------------------------------------------------


def test_a_patch_sets_what_it_names_and_always_moves_updated_at(project: Any) -> None:
    created = project.create(repository="acme/shop", condition="a")

    patched = project.client.patch(project.url + created["id"], json={"enabled": False}).json()
    again = project.client.patch(project.url + created["id"], json={}).json()

    assert {**created, "enabled": False, "updated_at": patched["updated_at"]} == patched
    assert created["updated_at"] < patched["updated_at"] < again["updated_at"]


def test_a_put_needs_the_place_and_keeps_what_it_leaves_out(project: Any) -> None:
    created = project.create(repository="acme/shop", condition="a", enabled=False)

    incomplete = project.client.put(project.url + created["id"], json={"line_number": 7})
    replaced = project.client.put(project.url + created["id"], json={"filename": "b.py", "line_number": 7}).json()

    assert (400, "required", "filename") == (incomplete.status_code, incomplete.json()["code"], incomplete.json()["attr"])
    assert ("b.py", 7, "acme/shop", "a", False) == tuple(
        replaced[name] for name in ("filename", "line_number", "repository", "condition", "enabled")
    )


def test_a_delete_is_empty_and_final(project: Any) -> None:
    created = project.create()

    answer = project.client.delete(project.url + created["id"])

    assert (204, b"") == (answer.status_code, answer.content)
    assert "content-type" not in answer.headers
    assert 404 == project.client.delete(project.url + created["id"]).status_code


@pytest.mark.parametrize("named", ["0199a1b2-0000-7000-8000-000000000000", "nonsense", "1"])
def test_an_id_that_is_not_there_is_404(project: Any, named: str) -> None:
    for method in ("GET", "PATCH", "PUT", "DELETE"):
        answer = project.client.request(method, project.url + named, json={})
        assert (404, "Not found.") == (answer.status_code, answer.json()["detail"])


def test_the_lists_filters_apply_to_one_breakpoint_too(project: Any) -> None:
    created = project.create()

    assert 404 == project.client.get(project.url + created["id"], params={"filename": "other"}).status_code


# --- Active ---------------------------------------------------------------------------------------------------------


def test_active_tells_six_fields_of_those_that_are_enabled(project: Any) -> None:
    first = project.create(repository="acme/shop")
    project.create(repository="acme/shop", line_number=43, enabled=False)
    third = project.create()

    active = project.client.get(project.url + "active/").json()

    expected = [{name: row[name] for name in FIELDS[:6]} for row in (third, first)]
    assert {"results": expected, "count": 2, "has_more": False} == active


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("enabled=true", 2),
        ("enabled=false", 3),
        ("enabled=0", 3),
        ("enabled=", 2),
        ("repository=acme/shop", 1),
        ("repository=", 2),
        ("filename=shop/cart.py", 2),
        ("filename=x", 0),
        ("limit=1", 2),
    ],
)
def test_active_can_be_narrowed(project: Any, query: str, count: int) -> None:
    project.create(repository="acme/shop")
    project.create(repository="acme/shop", line_number=43, enabled=False)
    project.create()

    assert count == project.client.get(f"{project.url}active/?{query}").json()["count"]


@pytest.mark.parametrize(
    ("query", "code", "attr"), [("enabled=perhaps", "invalid_input", "enabled"), ("filename=%20", "blank", "filename")]
)
def test_active_refuses_what_makes_no_sense(project: Any, query: str, code: str, attr: str) -> None:
    answer = project.client.get(f"{project.url}active/?{query}")

    assert (400, code, attr) == (answer.status_code, answer.json()["code"], answer.json()["attr"])
