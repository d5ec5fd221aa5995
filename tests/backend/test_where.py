"""The filter over hits: what the database compares of it never hides a hit that matches."""

from __future__ import annotations

import asyncio
import concurrent.futures
import socket
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livebreak.backend.clock import parse_time
from livebreak.backend.identity import key_digest
from livebreak.backend.store import hit_scan
from livebreak.backend.where import narrow
from livebreak_agent.vocabulary.hit_names import names_of
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.where import compile_where


def narrowed(where: str) -> tuple[dict[str, Any], bool]:
    found = narrow(where)
    return dict(found.facts), found.since is not None or found.until is not None


@pytest.mark.parametrize(
    ("where", "facts"),
    [
        ("service == 'web'", {"service": {"web"}}),
        ("total > 1 and service == 'web' and (request_id == 'r' and host in ('a', 'b'))",
         {"service": {"web"}, "request_id": {"r"}, "host": {"a", "b"}}),
        ("'web' == service", {"service": {"web"}}),
        ("service in ['a', 'b'] and service in {'b', 'c'}", {"service": {"b"}}),
        ("environment is None and trace_id == None", {"environment": {None}, "trace_id": {None}}),
        ("breakpoint == 'b'", {"breakpoint": {"b"}}),
        ("service == 'web' or total > 1", {}),
        ("not service == 'web'", {}),
        ("service != 'web'", {}),
        ("service in 'web'", {}),
        ("service in names", {}),
        ("service == other", {}),
        ("service == 1", {}),
        ("user.service == 'web'", {}),
        ("any(service == 'web' for service in names)", {}),
    ],
)  # fmt: skip
def test_what_the_database_compares(where: str, facts: dict[str, Any]) -> None:
    assert (facts, False) == narrowed(where)


@pytest.mark.parametrize("where", ["timestamp >= '2026-11-23T07'", "'2026-11-23' <= timestamp < '2026-11-24T07:00Z'"])
def test_times_are_compared_as_times(where: str) -> None:
    assert ({}, True) == narrowed(where)


VALUES = st.sampled_from(["web", "worker", None])
TIMES = st.sampled_from(
    ["2026-01-01", "2026-01-01T00:00", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:01.000000Z", "x", "2026-13"]
)
PARTS = st.one_of(
    st.builds(lambda name, value: f"{name} == {value!r}", st.sampled_from(["service", "host"]), VALUES),
    st.builds(lambda values: f"service in {values!r}", st.lists(VALUES, max_size=2)),
    st.builds(lambda operator, text: f"timestamp {operator} {text!r}", st.sampled_from(["<", "<=", ">", ">=", "=="]), TIMES),
    st.sampled_from(["total > 1", "not verified", "service", "host != 'web'"]),
)
WHERE = st.recursive(
    PARTS, lambda inner: st.builds(lambda a, op, b: f"({a} {op} {b})", inner, st.sampled_from(["and", "or"]), inner)
)
HITS = st.builds(
    Hit,
    id=st.just("i"),
    breakpoint_id=st.just("b"),
    timestamp=st.sampled_from(["2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.500000Z", "2026-01-01T00:00:01.000001Z"]),
    filename=st.just("f"),
    line_number=st.just(1),
    service=VALUES,
    host=VALUES,
    variables=st.sampled_from([{}, {"total": 2}, {"service": "web"}, {"timestamp": "x", "host": None}]),
)


@given(where=WHERE, hit=HITS)
@settings(max_examples=4 * settings().max_examples)
def test_what_the_database_leaves_out_would_not_match(where: str, hit: Hit) -> None:
    found = narrow(where)
    hides_facts = any(name in hit.variables for name in ("service", "host", "timestamp"))
    in_sql = all(getattr(hit, name) in values for name, values in found.facts.items())
    moment = parse_time(hit.timestamp) or 0
    in_time = (found.since or 0) <= moment <= (found.until or moment)

    assert hides_facts or (in_sql and in_time) or not compile_where(where)(hit)
    assert names_of(hit, ["service"])["service"] == hit.variables.get("service", hit.service)


def find(project: Any, where: str, **params: Any) -> list[Any]:
    """All of them, over as many pages as it takes."""
    found, cursor = [], None
    while True:
        query = {"where": where, **params, **({} if cursor is None else {"cursor": cursor})}
        page = project.client.get(project.live + "hits", params=query).json()
        found += [hit["variables"]["n"] for hit in page["results"]]
        cursor = page.get("cursor")
        if cursor is None:
            return found


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        ("service == 'web'", [9, 6, 3, 0]),
        ("service == 'web' and n > 3", [9, 6]),
        ("service is None", [8, 7, 5, 4, 2]),
        ("service == 'cart' or service == 'web'", [9, 6, 3, 1, 0]),
        ("service == 'cart'", [1]),
        ("host == 'h4' and request == 'GET /'", [4]),
        ("process == 'p'", [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ("timestamp >= '2020' and timestamp < '2100-01-01'", [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ("timestamp < '2020'", []),
        ("breakpoint == 'other'", []),
    ],
)
@pytest.mark.parametrize("slice_size", [3, 20_000])
def test_facts_are_found_slice_by_slice(
    project: Any, monkeypatch: pytest.MonkeyPatch, where: str, numbers: list[int], slice_size: int
) -> None:
    monkeypatch.setattr(hit_scan, "SLICE", slice_size)
    for n in range(10):
        # The variable of hit 1 stands before the fact of the same name.
        variables = {"n": n, **({"service": "cart"} if n == 1 else {})}
        service = "web" if n % 3 == 0 or n == 1 else None
        project.send(project.hit("b", variables=variables, service=service, host=f"h{n}", request="GET /", process_id="p"))

    assert numbers == find(project, where)
    assert numbers == find(project, where, limit=2)


def test_a_scan_stops_at_its_bound_and_the_cursor_goes_on(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hit_scan, "SCANNED_ROWS", 4)
    for n in range(10):
        project.send(project.hit("b", variables={"n": n}))

    page = project.client.get(project.live + "hits", params={"where": "n < 2"}).json()

    assert ([], False, True) == (page["results"], page["complete"], "cursor" in page)
    assert [1, 0] == find(project, "n < 2")


def test_searches_of_one_key_wait_for_each_other_and_nobody_else_for_them(own_backend: Any, kit: Any) -> None:
    project = kit.make_project(own_backend)
    key = project.new_key("*")
    busy, other = kit.as_holder(project, key), kit.as_holder(project, project.new_key("*"))
    (row,) = [row for row in own_backend.run(own_backend.store.keys(project.id)) if row.digest == key_digest(key)]

    def search(holder: Any) -> int:
        return holder.client.get(holder.live + "hits", params={"where": "total > 1"}).status_code

    async def hold(until: asyncio.Event, held: threading.Event) -> None:
        async with own_backend.parts.searches.turn(row.id):
            held.set()
            await until.wait()

    over, held = asyncio.Event(), threading.Event()
    holding = asyncio.run_coroutine_threadsafe(hold(over, held), own_backend.loop)
    assert held.wait(30)
    with concurrent.futures.ThreadPoolExecutor() as pool, busy.client, other.client:
        waiting = pool.submit(search, busy)
        answers = [search(other) for _ in range(5)]
        is_done_before = waiting.done()
        pages = busy.client.get(busy.live + "hits").status_code
        own_backend.loop.call_soon_threadsafe(over.set)
        answer = waiting.result(30)
    holding.result(30)

    assert not is_done_before
    assert [200] * 7 == [*answers, pages, answer]


def test_a_search_whose_client_hung_up_while_it_waited_is_not_made(
    own_backend: Any, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = kit.make_project(own_backend)
    (row,) = [row for row in own_backend.run(own_backend.store.keys(project.id)) if row.digest == key_digest(project.key)]
    searches, store, scan = own_backend.parts.searches, own_backend.store, own_backend.store.scan_hits
    turn, asked, made = searches.turn(row.id), [], []
    monkeypatch.setattr(searches, "turn", lambda key_id: asked.append(key_id) or turn)
    monkeypatch.setattr(store, "scan_hits", lambda *given, **named: made.append(given) or scan(*given, **named))
    own_backend.run(turn.acquire())
    host, port = own_backend.url.removeprefix("http://").split(":")
    path = project.live.removeprefix(own_backend.url) + "hits?where=total"
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {project.key}\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=30) as hanging_up:
        hanging_up.sendall(head.encode())
        kit.wait_until(lambda: asked == [row.id])
        hanging_up.shutdown(socket.SHUT_WR)
        # The server has closed it, too, and so knows.
        assert b"" == hanging_up.recv(1)
    own_backend.loop.call_soon_threadsafe(turn.release)
    answer = project.client.get(project.live + "hits", params={"where": "total"})

    assert 200 == answer.status_code
    assert [row.id] * 2 == asked
    assert 1 == len(made)
