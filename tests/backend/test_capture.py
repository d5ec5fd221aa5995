"""Ingestion: section 8 of the contract, and PostHog's own SDK as a client."""

from __future__ import annotations

import base64
import gzip
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import posthog
import pytest

PATHS = ["/batch/", "/batch", "/i/v0/e/", "/e/", "/e", "/capture/", "/track/", "/engage/"]


def event(**fields: Any) -> dict[str, Any]:
    return {
        "event": "$data_breakpoint_hit",
        "distinct_id": "d",
        "properties": {"$breakpoint_id": "b", "$line_number": 1},
        **fields,
    }


def post(project: Any, body: object, path: str = "/batch/", **kwargs: Any) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(project.backend.url + path, content=content, **kwargs)


def stored(project: Any) -> list[dict[str, Any]]:
    return project.client.get(project.url + "breakpoint_hits/").json()["results"]


def test_the_real_sdk_delivers_a_hit(project: Any) -> None:
    breakpoint = project.create()
    errors: list[object] = []
    sdk = posthog.Posthog(project.token, host=project.backend.url, gzip=True, on_error=lambda error, _: errors.append(error))
    number = sdk.capture(
        "$data_breakpoint_hit",
        distinct_id="app",
        properties={"$breakpoint_id": breakpoint["id"], "$line_number": 42, "$locals_variables": {"total": "120"}},
    )
    sdk.shutdown()

    assert [] == errors
    (row,) = stored(project)
    assert (number, breakpoint["id"], {"total": "120"}) == (row["id"], row["breakpoint_id"], row["variables"])


@pytest.mark.parametrize("path", PATHS)
def test_every_path_takes_every_form_of_body(project: Any, path: str) -> None:
    in_form = base64.b64encode(json.dumps({"api_key": project.token, **event()}).encode()).decode()
    bodies: list[object] = [
        {"api_key": project.token, "batch": [event()]},
        {"token": project.token, "batch": [event()], "historical_migration": False},
        {"api_key": project.token, **event()},
        [event(token=project.token)],
        gzip.compress(json.dumps({"api_key": project.token, "batch": [event()]}).encode()),
        f"data={in_form}".encode(),
    ]
    for body in bodies:
        answer = post(project, body, path)
        assert (200, {"status": "Ok"}) == (answer.status_code, answer.json())

    assert len(bodies) == len(stored(project))


def test_the_field_of_a_form_may_be_the_json_itself(project: Any) -> None:
    text = json.dumps({"api_key": project.token, **event(properties={"$breakpoint_id": "b", "$file_path": "a € b.py"})})

    assert 200 == post(project, urlencode({"ip": 1, "data": text}).encode()).status_code

    assert ["a € b.py"] == [hit["filename"] for hit in stored(project)]


def test_a_text_in_json_that_looks_like_a_forms_field_makes_no_form_of_it(project: Any) -> None:
    properties = {"$breakpoint_id": "b", "$file_path": "/?a=1&data=2"}

    assert 200 == post(project, {"properties": properties, "api_key": project.token, **event(properties=properties)}).status_code

    assert ["/?a=1&data=2"] == [hit["filename"] for hit in stored(project)]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b"{"),
        (400, b"\x1f\x8bno gzip"),
        (400, gzip.compress(b"[]", mtime=0)[:-8]),
        (400, b"data=!"),
        (400, b"data=%E2%82%AC"),
        (400, "data=€".encode()),
        (400, b"7"),
        (400, b""),
        (400, {"api_key": "TOKEN", "batch": []}),
        (400, {"api_key": "TOKEN", "batch": {}}),
        (400, {"api_key": "TOKEN", "batch": ["x"]}),
        (400, {"api_key": "TOKEN", "batch": [event(event=None)]}),
        (400, {"api_key": "TOKEN", "batch": [event(event="")]}),
        (400, {"api_key": "TOKEN", "batch": [event(distinct_id=None)]}),
        (400, {"api_key": "TOKEN", "batch": [event(uuid="x")]}),
        (400, {"api_key": "TOKEN", "batch": [event(properties=[])]}),
        (401, {"batch": [event()]}),
        (401, [event(token="a"), event(token="b")]),
        (401, {"api_key": "phx_personal", "batch": [event()]}),
        (401, {"api_key": "x" * 65, "batch": [event()]}),
        (401, {"api_key": "ü", "batch": [event()]}),
    ],
)
def test_a_refusal_is_plain_text_and_stores_nothing(project: Any, status: int, body: object) -> None:
    if isinstance(body, dict) and body.get("api_key") == "TOKEN":
        body = {**body, "api_key": project.token, "batch": body["batch"] and [event(), *body["batch"]]}

    answer = post(project, body)

    assert status == answer.status_code
    assert answer.headers["content-type"].startswith("text/plain")
    assert [] == stored(project)


def test_too_much_is_413_packed_or_not(project: Any) -> None:
    huge = b" " * (20 * 2**20 + 1)

    assert 413 == post(project, huge).status_code
    assert 413 == post(project, gzip.compress(huge)).status_code


@pytest.mark.parametrize("path", ["/batch/", "/i/v0/e/"])
@pytest.mark.parametrize("name", ["$data_breakpoint_hit", "$pageview"])
def test_an_event_of_more_than_a_mebibyte_is_413_and_stores_nothing(project: Any, path: str, name: str) -> None:
    large = event(event=name, properties={"$breakpoint_id": "b", "$line_number": 1, "$locals_variables": {"a": "x" * 2**20}})
    body = {"batch": [event(), large]} if path == "/batch/" else large

    raw = json.dumps({"api_key": project.token, **body}).encode()

    for answer in (post(project, raw, path), post(project, gzip.compress(raw), path)):
        assert (413, "event too large") == (answer.status_code, answer.text)
        assert answer.headers["content-type"].startswith("text/plain")
    assert [] == stored(project)


def test_a_large_request_of_events_that_are_not_is_fine(project: Any) -> None:
    properties = {"$breakpoint_id": "b", "$line_number": 1, "$locals_variables": {"a": "ü" * 400_000}}

    assert 200 == post(project, {"api_key": project.token, "batch": [event(properties=properties)] * 3}).status_code
    assert 3 == len(stored(project))


def test_a_request_that_is_nested_as_deeply_as_can_be_is_never_a_crash(project: Any) -> None:
    for depth in range(850, 1000):
        nested = b"[" * depth + b"]" * depth
        properties = b'{"$breakpoint_id": "b", "$line_number": 1, "$locals_variables": {"a": ' + nested + b"}}"
        raw = b'{"api_key": "%s", "event": "$data_breakpoint_hit", "distinct_id": "d", "properties": %s}'
        assert post(project, raw % (project.token.encode(), properties)).status_code in {200, 400}


def test_an_unknown_token_is_200_and_dropped(project: Any) -> None:
    assert 200 == post(project, {"api_key": "phc_unknown", "batch": [event()]}).status_code


def test_other_events_and_numeric_senders_are_accepted(project: Any) -> None:
    body = {"api_key": project.token, "batch": [event(event="$pageview"), event(distinct_id=7), event(distinct_id=None)]}
    body["batch"][2]["properties"] = {**event()["properties"], "distinct_id": "inside"}

    assert 200 == post(project, body).status_code
    assert 2 == len(stored(project))


def test_a_hit_that_is_sent_again_is_stored_once(project: Any) -> None:
    again = event(uuid=str(uuid.uuid4()))
    for _ in range(2):
        project.send(again, again)

    assert 1 == len(stored(project))


@pytest.mark.parametrize(
    ("timestamp", "sent_at", "age"),
    [
        (timedelta(minutes=-10), None, 10),
        (timedelta(hours=2, minutes=-10), timedelta(hours=2), 10),
        (timedelta(hours=-2, minutes=-10), timedelta(hours=-2), 10),
        (timedelta(hours=24), None, 0),
        ("nonsense", None, 0),
        (None, None, 0),
    ],
)
def test_times_are_corrected_by_the_senders_clock(project: Any, timestamp: Any, sent_at: Any, age: int) -> None:
    now = datetime.now(UTC)
    text = (now + timestamp).isoformat() if isinstance(timestamp, timedelta) else timestamp
    envelope = {} if sent_at is None else {"sent_at": (now + sent_at).isoformat()}
    fields = {} if text is None else {"timestamp": text}

    post(project, {"api_key": project.token, "batch": [event(**fields)], **envelope})

    (row,) = stored(project)
    minutes = (datetime.now(UTC) - datetime.fromisoformat(row["timestamp"])) / timedelta(minutes=1)
    assert age <= minutes < age + 1


@pytest.mark.parametrize(
    ("offset", "count"), [(1e308, 0), (-1e308, 1), (10**400, 0), (-(10**400), 1), (600_000, 1), (True, 1), ("x", 1)]
)
def test_an_offset_of_any_size_is_a_time(project: Any, offset: object, count: int) -> None:
    assert 200 == post(project, {"api_key": project.token, "batch": [event(offset=offset)]}).status_code

    assert count == len(stored(project))


def test_a_time_without_a_zone_is_utc(project: Any) -> None:
    naive = (datetime.now(UTC) - timedelta(minutes=5)).replace(tzinfo=None).isoformat()

    post(project, {"api_key": project.token, "batch": [event(timestamp=naive)]})

    assert stored(project)[0]["timestamp"].startswith(naive[:19])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_is_405_in_plain_text(project: Any, method: str) -> None:
    answer = httpx.request(method, project.backend.url + "/batch")

    assert (405, "send events by POST", "POST, OPTIONS") == (answer.status_code, answer.text, answer.headers["allow"])


def test_the_real_sdk_delivers_in_every_mode_and_is_told_of_a_refusal(project: Any) -> None:
    properties = {"$breakpoint_id": "b", "$line_number": 7, "$stack_trace": [("a.py", "f", 7)], "$locals_variables": {"x": "NaN"}}
    at = datetime.now(UTC) - timedelta(minutes=5)
    inline = posthog.Posthog(project.token, host=project.backend.url, sync_mode=True)
    number = inline.capture("$data_breakpoint_hit", properties=properties, timestamp=at)

    (row,) = stored(project)
    assert (number, [["a.py", "f", 7]]) == (row["id"], row["stackTrace"])
    assert abs(datetime.fromisoformat(row["timestamp"]) - at) < timedelta(minutes=1)

    errors: list[object] = []
    refused = posthog.Posthog("phx_personal", host=project.backend.url, on_error=lambda error, _: errors.append(error))
    refused.capture("$data_breakpoint_hit", distinct_id="d", properties=properties)
    refused.shutdown()
    assert ["401"] == [str(getattr(error, "status", None)) for error in errors]


def test_a_hundred_events_of_the_sdk_arrive_once_each(project: Any) -> None:
    sdk = posthog.Posthog(project.token, host=project.backend.url, flush_at=30)
    sent = {
        sdk.capture("$data_breakpoint_hit", distinct_id="d", properties={"$breakpoint_id": "b", "$line_number": line})
        for line in range(100)
    }
    sdk.shutdown()

    assert sent == {row["id"] for row in stored(project)}


def test_an_offset_stands_for_a_time(project: Any) -> None:
    post(project, {"api_key": project.token, "batch": [event(offset=10 * 60_000)]})

    age = datetime.now(UTC) - datetime.fromisoformat(stored(project)[0]["timestamp"])
    assert timedelta(minutes=10) <= age < timedelta(minutes=11)


@pytest.mark.parametrize("compression", ["none", "gzip", "deflate"])
def test_the_real_sdk_delivers_by_its_newer_protocol(project: Any, compression: str) -> None:
    errors: list[object] = []
    sdk = posthog.Posthog(
        project.token, host=project.backend.url, capture_mode="v1", capture_compression=compression,
        on_error=lambda error, _: errors.append(error),
    )  # fmt: skip
    at = datetime.now(UTC) - timedelta(minutes=5)
    properties = {"$breakpoint_id": "b", "$line_number": 7, "$locals_variables": {"x": "1"}}
    number = sdk.capture("$data_breakpoint_hit", distinct_id="d", properties=properties, timestamp=at)
    sdk.capture("something else", distinct_id="d")
    sdk.shutdown()

    assert [] == errors
    (row,) = stored(project)
    assert (number, "b", {"x": "1"}) == (row["id"], row["breakpoint_id"], row["variables"])
    assert abs(datetime.fromisoformat(row["timestamp"]) - at) < timedelta(minutes=1)


def post_v1(project: Any, *events: dict[str, Any], token: str | None = None, **headers: str) -> httpx.Response:
    body = json.dumps({"created_at": datetime.now(UTC).isoformat(), "batch": events}).encode()
    return httpx.post(
        project.backend.url + "/i/v1/analytics/events", content=body, headers=v1_headers(token or project.token) | headers
    )


def v1_headers(token: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}", "PostHog-Sdk-Info": "posthog-python/7", "PostHog-Attempt": "1",
        "PostHog-Request-Id": "r1", "PostHog-Request-Timestamp": datetime.now(UTC).isoformat(),
    }  # fmt: skip


def test_by_the_newer_protocol_each_event_has_a_result_of_its_own(project: Any) -> None:
    good, nameless, malformed = (str(uuid.uuid4()) for _ in range(3))
    answer = post_v1(
        project,
        event(uuid=good, options={}),
        event(uuid=nameless, event=""),
        event(uuid=malformed, properties={"$line_number": "abc"}),
    )

    assert (200, "r1") == (answer.status_code, answer.headers["PostHog-Request-Id"])
    assert {good: "ok", nameless: "drop", malformed: "drop"} == {
        number: result["result"] for number, result in answer.json()["results"].items()
    }
    assert [good] == [row["id"] for row in stored(project)]


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        (401, {"token": "phc_nobody"}), (401, {"token": "phx_somebody"}), (401, {"token": "phc_" + "a" * 20_000}),
        (400, {"PostHog-Attempt": ""}),
        (400, {"PostHog-Request-Timestamp": "soon"}), (415, {"Content-Encoding": "zstd"}), (400, {"Content-Encoding": "deflate"}),
    ],
)  # fmt: skip
def test_the_newer_protocol_refuses_a_request_in_a_sentence(project: Any, status: int, changes: dict[str, str]) -> None:
    answer = post_v1(project, event(uuid=str(uuid.uuid4())), **changes)

    assert (status, str) == (answer.status_code, type(answer.json()["error"]))
    assert [] == stored(project)


def test_a_clock_that_is_wrong_is_corrected_by_the_newer_protocol_too(project: Any) -> None:
    wrong = datetime.now(UTC) + timedelta(hours=3)
    corrected = event(uuid=str(uuid.uuid4()), timestamp=wrong.isoformat())
    post_v1(project, corrected, **{"PostHog-Request-Timestamp": wrong.isoformat()})

    (row,) = stored(project)
    assert abs(datetime.fromisoformat(row["timestamp"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_small_request_that_unpacks_to_millions_of_parts_is_refused_before_it_is_parsed(project: Any) -> None:
    bomb = gzip.compress(b'{"batch":[' + b"[]," * 2_100_000 + b"[]]}")
    assert len(bomb) < 20_000

    answers = [
        httpx.post(project.backend.url + "/batch/", content=bomb, headers={"Content-Encoding": "gzip"}),
        httpx.post(project.backend.url + "/i/v1/analytics/events", content=bomb, headers=v1_headers(project.token)),
    ]

    assert [413, 413] == [answer.status_code for answer in answers]
