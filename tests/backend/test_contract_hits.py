"""`breakpoint_hits/` and the events behind it: sections 6.7 and 7 of the contract."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest


def event(breakpoint_id: object, **properties: Any) -> dict[str, Any]:
    """A property that is `...` is left out."""
    known = {"$breakpoint_id": breakpoint_id, "$file_path": "shop/cart.py", "$line_number": 42, **properties}
    kept = {name: value for name, value in known.items() if value is not ...}
    return {"event": "$data_breakpoint_hit", "distinct_id": "d", "properties": kept}


def ago(**duration: float) -> str:
    return (datetime.now(UTC) - timedelta(**duration)).isoformat()


def hits(project: Any, **params: Any) -> dict[str, Any]:
    answer = project.client.get(project.url + "breakpoint_hits/", params=params)
    assert 200 == answer.status_code, answer.text
    return answer.json()


def test_a_hit_comes_back_in_the_contracts_shape(project: Any) -> None:
    breakpoint = project.create()
    stack = [{"function": "total", "filename": "shop/cart.py", "lineno": 42}]
    number = str(uuid.uuid4())
    sent = event(breakpoint["id"], **{"$locals_variables": {"total": "120", "user": '"ada"'}, "$stack_trace": stack})

    project.send({**sent, "uuid": number, "timestamp": "2099-01-01T00:00:00Z"})

    (row,) = hits(project)["results"]
    assert row["timestamp"].endswith("+00:00")
    del row["timestamp"]
    assert {
        "id": number,
        "lineNumber": 42,
        "functionName": "total",
        "variables": {"total": "120", "user": '"ada"'},
        "stackTrace": stack,
        "breakpoint_id": breakpoint["id"],
        "filename": "shop/cart.py",
    } == row


@pytest.mark.parametrize(
    ("properties", "shown"),
    [
        ({"$line_number": "42"}, {"lineNumber": 42}),
        ({"$line_number": None}, {"lineNumber": None}),
        ({"$line_number": "abc"}, None),
        ({"$line_number": 1.5}, None),
        ({"$locals_variables": "{}"}, None),
        ({"$locals_variables": {"a": {"raw": [1]}}}, {"variables": {"a": {"raw": [1]}}}),
        ({"$stack_trace": [["f.py", "g", 1]]}, {"functionName": "", "stackTrace": [["f.py", "g", 1]]}),
        ({"$line_number": ...}, {"lineNumber": None}),
        ({"$line_number": " 42 "}, {"lineNumber": 42}),
        ({"$line_number": [42]}, None),
        ({"$locals_variables": ..., "$stack_trace": ...}, {"variables": {}, "stackTrace": [], "functionName": ""}),
        ({"$locals_variables": None, "$stack_trace": None}, {"variables": {}, "stackTrace": []}),
        ({"$stack_trace": [{"function": 7}, {"function": "g"}]}, {"functionName": ""}),
        ({"$stack_trace": [{"function": "f", "line": 1, "file": "a.py"}]}, {"functionName": "f"}),
        ({"$stack_trace": "[]"}, None),
        ({"$file_path": None}, {"filename": None}),
        ({"$file_path": ...}, {"filename": None}),
        ({"$file_path": 7}, {"filename": "7"}),
        ({"$file_path": "C:\\app.py"}, {"filename": "C:\\app.py"}),
        ({"$breakpoint_id": ...}, {"breakpoint_id": None}),
        ({"$breakpoint_id": 7}, {"breakpoint_id": None}),
        ({"$locals_variables": {"a": "\ud800"}}, {"variables": {"a": "\ud800"}}),
    ],
)
def test_odd_events_are_shown_or_skipped_as_upstream_does(project: Any, properties: dict[str, Any], shown: Any) -> None:
    raw = json.dumps({"api_key": project.token, "batch": [event("x", **properties)]})
    assert 200 == httpx.post(project.backend.url + "/batch/", content=raw).status_code

    rows = hits(project)["results"]

    assert [] == rows if shown is None else shown == {name: rows[0][name] for name in shown}


def test_an_event_without_a_line_number_is_a_hit_on_the_live_routes_too(project: Any) -> None:
    breakpoint = project.create()
    stack = [{"function": "total", "filename": "shop/cart.py", "lineno": 41}]
    project.send(event(breakpoint["id"], **{"$line_number": ..., "$stack_trace": stack}))
    project.send(event(breakpoint["id"], **{"$line_number": ...}))

    assert [0, 41] == [row["line_number"] for row in project.client.get(project.live + "hits").json()["results"]]
    (shown,) = project.client.get(project.live + "breakpoints").json()["hits"]
    assert 2 == shown["total"]


def test_a_page_of_a_thousand_large_hits_comes_in_pieces_and_whole(project: Any) -> None:
    breakpoint = project.create()
    large = {"a": "x" * 900_000}  # stored as some kilobytes
    for start in range(0, 40, 10):
        lines = range(start, start + 10)
        project.send(*(event(breakpoint["id"], **{"$line_number": line, "$locals_variables": large}) for line in lines))

    page = hits(project, limit=1000, breakpoint_ids=breakpoint["id"])

    assert (40, False, ["count", "has_more", "results"]) == (page["count"], page["has_more"], sorted(page))
    assert list(range(40)) == sorted(row["lineNumber"] for row in page["results"])
    assert {900_000} == {len(row["variables"]["a"]) for row in page["results"]}
    assert b"" == project.client.head(project.url + "breakpoint_hits/").content


def test_a_page_beyond_what_a_client_can_hold_ends_early_and_says_so(project: Any) -> None:
    large = {"a": "x" * 1_000_000}
    for start in range(0, 80, 16):
        project.send(*(event("x", **{"$line_number": line, "$locals_variables": large}) for line in range(start, start + 16)))

    first = hits(project, limit=1000)
    second = hits(project, limit=1000, offset=first["count"])

    assert 0 < first["count"] < 80
    assert (True, False) == (first["has_more"], second["has_more"])
    lines = [row["lineNumber"] for page in (first, second) for row in page["results"]]
    assert (80, list(range(80))) == (len(lines), sorted(lines))


def test_only_the_last_hour_is_shown_newest_first(project: Any) -> None:
    for minutes in (61, 30, 0, 59):
        project.send({**event("x", **{"$line_number": minutes}), "timestamp": ago(minutes=minutes)})

    assert [0, 30, 59] == [row["lineNumber"] for row in hits(project)["results"]]


def test_has_more_means_a_full_page(project: Any) -> None:
    project.send(*(event("x", **{"$line_number": line}) for line in range(3)))

    assert (3, True) == (hits(project, limit=3)["count"], hits(project, limit=3)["has_more"])
    assert (3, False) == (hits(project)["count"], hits(project)["has_more"])
    assert (1, False) == (hits(project, limit=2, offset=2)["count"], hits(project, limit=2, offset=2)["has_more"])
    assert 3 == hits(project, limit="", offset="")["count"]


def test_ids_narrow_and_never_widen(project: Any, other_project: Any) -> None:
    first, second, deleted = project.create(line_number=1), project.create(line_number=2), project.create(line_number=3)
    foreign = other_project.create()
    project.send(*(event(row["id"]) for row in (first, second, deleted, foreign)), event("never registered"))
    project.client.delete(project.url + deleted["id"])

    assert 5 == hits(project)["count"]
    assert 1 == hits(project, breakpoint_ids=[first["id"], foreign["id"]])["count"]
    assert 2 == hits(project, breakpoint_ids=[first["id"], second["id"]])["count"]
    assert 2 == hits(project, **{"breakpoint_ids[0]": first["id"], "breakpoint_ids[1]": second["id"]})["count"]
    assert 0 == hits(project, breakpoint_ids=[foreign["id"], deleted["id"]])["count"]
    assert 0 == hits(other_project)["count"]


@pytest.mark.parametrize(
    ("params", "code", "detail", "attr"),
    [
        ({"limit": 1001}, "max_value", "Ensure this value is less than or equal to 1000.", "limit"),
        ({"limit": 0}, "min_value", "Ensure this value is greater than or equal to 1.", "limit"),
        ({"limit": "x"}, "invalid_input", "A valid integer is required.", "limit"),
        ({"offset": -1}, "min_value", "Ensure this value is greater than or equal to 0.", "offset"),
        ({"breakpoint_ids": "x"}, "invalid_input", "Must be a valid UUID.", "breakpoint_ids__0"),
        ({"breakpoint_ids": [str(uuid.uuid4()), "a,b"]}, "invalid_input", "Must be a valid UUID.", "breakpoint_ids__1"),
        ({"breakpoint_ids[0]": "x"}, "invalid_input", "Must be a valid UUID.", "breakpoint_ids__0"),
        ({"limit": "1" * 1001}, "max_string_length", "String value too large.", "limit"),
        ({"limit": 0, "breakpoint_ids": "x"}, "invalid_input", "Must be a valid UUID.", "breakpoint_ids__0"),
        ({"limit": 0, "offset": -1}, "min_value", "Ensure this value is greater than or equal to 1.", "limit"),
        ({"breakpoint_ids": ""}, "invalid_input", "Must be a valid UUID.", "breakpoint_ids__0"),
    ],
)
def test_bad_paging_of_hits_is_refused(project: Any, params: dict[str, Any], code: str, detail: str, attr: str) -> None:
    answer = project.client.get(project.url + "breakpoint_hits/", params=params)

    expected = {"type": "validation_error", "code": code, "detail": detail, "attr": attr}
    assert (400, expected) == (answer.status_code, answer.json())
