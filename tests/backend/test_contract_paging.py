"""Lists, `active/` and `breakpoint_hits/` beside a plain model in memory, with whatever filters and pages come to mind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

REPOSITORIES = [None, "", "acme/shop", "Acme/shop", "a b&c=d"]
FILENAMES = ["a.py", "b/ü.py", "a.py?x=1#y"]

few = settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def held(backend: Any, kit: Any) -> Any:
    """A project, and what the model says of it: breakpoints and hits, newest first."""
    project = kit.make_project(backend, "paging")
    rows: list[dict[str, Any]] = []
    for line in range(24):
        fields = {"repository": REPOSITORIES[line % 5], "enabled": line % 3 != 0}
        rows.insert(0, project.create(FILENAMES[line % 3], line, **fields))
    hits: list[dict[str, Any]] = []
    now = datetime.now(UTC)
    for number in range(40):
        event = project.hit(rows[number % 4]["id"], line_number=number)
        event["timestamp"] = (now - timedelta(seconds=60 + (number * 7) % 40)).isoformat()
        hits.append(event)
    project.send(*hits)
    hits.sort(key=lambda event: event["timestamp"], reverse=True)
    return project, rows, hits


def kept(rows: list[dict[str, Any]], repository: str | None, filename: str | None) -> list[dict[str, Any]]:
    """As the contract's filters do: trimmed, and what is empty is no filter."""
    wanted = {"repository": (repository or "").strip(), "filename": (filename or "").strip()}
    return [row for row in rows if all(not value or row[name] == value for name, value in wanted.items())]


def effective(text: str | None, default: int, lowest: int) -> int:
    try:
        number = int(text or "")
    except ValueError:
        return default
    return number if number >= lowest else default


filters = st.one_of(
    st.none(), st.sampled_from(["", " ", "acme/shop", " acme/shop ", "a b&c=d", "a.py", "b/ü.py", "a.py?x=1#y", "zz"])
)
numbers = st.one_of(st.none(), st.integers(-3, 30).map(str), st.sampled_from(["", "x", "1.5", "0", "1000"]))


@few
@given(repository=filters, filename=filters, limit=numbers, offset=numbers)
def test_a_list_is_the_models_page_and_its_links_lead_through_all_of_it(held: Any, **asked: Any) -> None:
    project, rows, _ = held
    params = {name: value for name, value in asked.items() if value is not None}

    page = project.client.get(project.url, params=params).json()

    expected = kept(rows, asked["repository"], asked["filename"])
    limit, offset = effective(asked["limit"], 100, 1), effective(asked["offset"], 0, 0)
    assert (len(expected), expected[offset : offset + limit]) == (page["count"], page["results"])
    assert (page["next"] is not None, page["previous"] is not None) == (offset + limit < len(expected), offset > 0)
    after, before = list(page["results"]), list(page["results"])
    following, previous = page["next"], page["previous"]
    while following:
        further = project.client.get(following).json()
        after, following = after + further["results"], further["next"]
    assert expected[offset:] == after
    if previous and offset <= len(expected):
        earlier = project.client.get(previous).json()
        start = max(offset - limit, 0)
        assert expected[start : start + limit] == earlier["results"]
        assert before == expected[offset : offset + limit]


@few
@given(repository=filters, filename=filters, enabled=st.sampled_from([None, "", "true", "0", "F", "yes"]), limit=numbers)
def test_active_is_everything_that_the_model_lets_through(held: Any, **asked: Any) -> None:
    project, rows, _ = held
    params = {name: value for name, value in asked.items() if value is not None}

    answer = project.client.get(project.url + "active/", params=params)

    blank = next((name for name in ("repository", "filename") if asked[name] and not asked[name].strip()), None)
    if blank is not None:
        assert (400, blank) == (answer.status_code, answer.json()["attr"])
        return
    everything = asked["enabled"] in {"0", "F"}
    expected = [row for row in kept(rows, asked["repository"], asked["filename"]) if everything or row["enabled"]]
    assert [row["id"] for row in expected] == [row["id"] for row in answer.json()["results"]]
    assert (len(expected), False) == (answer.json()["count"], answer.json()["has_more"])


@few
@given(
    which=st.one_of(st.none(), st.lists(st.integers(0, 6), max_size=4)),
    limit=st.one_of(st.none(), st.integers(1, 50)),
    offset=st.one_of(st.none(), st.integers(0, 50)),
)
def test_hits_are_the_models_page_and_ids_never_widen(
    held: Any, which: list[int] | None, limit: int | None, offset: int | None
) -> None:
    project, rows, hits = held
    strangers = ["0199a1b2-0000-7000-8000-000000000000"]
    ids = None if not which else [rows[number]["id"] if number < 6 else strangers[0] for number in which]
    params: dict[str, Any] = {"breakpoint_ids": ids, "limit": limit, "offset": offset}

    page = project.client.get(
        project.url + "breakpoint_hits/", params={name: value for name, value in params.items() if value is not None}
    ).json()

    expected = [event for event in hits if ids is None or event["properties"]["$breakpoint_id"] in ids]
    start, size = offset or 0, limit or 100
    times = [datetime.fromisoformat(event["timestamp"]) for event in expected[start : start + size]]
    assert times == [datetime.fromisoformat(row["timestamp"]) for row in page["results"]]  # ties are in no order
    assert {row["id"] for row in page["results"]} <= {event["uuid"] for event in expected}
    assert (len(times), len(times) == size) == (page["count"], page["has_more"])
