"""`POST /i/v1/analytics/events`: the newer protocol of PostHog's SDKs (`capture_mode="v1"`), with a result for each event.

The token is in the `Authorization` header, where the older protocol's agents show the secret key: such hits are unverified.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from livebreak.backend.auth import bearer
from livebreak.backend.capture_parsing import CaptureError, check, inflate, is_token, load, read_hit, size_of, unpack
from livebreak.backend.capture_threads import beside_loop
from livebreak.backend.clock import parse_time
from livebreak.backend.context import Backend, backend_of
from livebreak.backend.errors import RETRY_AFTER, ApiError
from livebreak.backend.request_body import read_bytes
from livebreak.backend.responses import JsonResponse
from livebreak.backend.settings import LARGEST_EVENT, MAX_CAPTURE_BODY
from livebreak.backend.store.hit_shapes import HitRow
from livebreak.backend.store.interface import StoreUnavailableError
from livebreak_agent.vocabulary.hit_event import EVENT

PATH = "/i/v1/analytics/events"

REQUEST_ID = "PostHog-Request-Id"
REQUEST_TIMESTAMP = "PostHog-Request-Timestamp"
REQUIRED = ("PostHog-Sdk-Info", "PostHog-Attempt", REQUEST_ID, REQUEST_TIMESTAMP)

_ALLOWED = "POST, OPTIONS"

_ZLIB = 15
"""zlib's way to say: with its own header, as `Content-Encoding: deflate` is."""


@dataclass(frozen=True, slots=True)
class _Batch:
    hits: tuple[HitRow, ...]
    results: dict[str, dict[str, str]]
    """By the events' uuids, in the words of the protocol."""


async def capture_v1(request: Request) -> Response:
    if request.method == "OPTIONS":
        return Response(headers={"Allow": _ALLOWED})
    headers = {REQUEST_ID: request.headers.get(REQUEST_ID, "")}
    if request.method != "POST":
        return _refuse(405, "send events by POST", headers | {"Allow": _ALLOWED})
    try:
        batch = await _ingest(request, backend_of(request))
    except CaptureError as error:
        return _refuse(error.status, str(error), headers)
    except ApiError as error:
        return _refuse(error.status, error.detail, headers)
    except StoreUnavailableError:
        return _refuse(503, "try again later", headers | {"Retry-After": RETRY_AFTER})
    return JsonResponse({"results": batch.results}, headers=headers)


async def _ingest(request: Request, backend: Backend) -> _Batch:
    token = bearer(request)
    # The store remembers what it was asked for, so it is asked for what may be a token alone.
    project = await backend.store.project_of_token(token) if token is not None and is_token(token) else None
    if token is None or project is None or not hmac.compare_digest(project.token.encode(), token.encode()):
        raise CaptureError(401, "the Authorization header holds no token of a project (phc_)")
    for name in REQUIRED:
        if not request.headers.get(name):
            raise CaptureError(400, f"the header {name} is missing")
    sent = parse_time(request.headers[REQUEST_TIMESTAMP])
    if sent is None:
        raise CaptureError(400, f"the header {REQUEST_TIMESTAMP} is no time")
    raw = await read_bytes(request, MAX_CAPTURE_BODY)
    now = backend.clock()
    encoding = request.headers.get("content-encoding", "").strip().lower()
    batch = await beside_loop(_parse, raw, encoding, now, sent - now)
    if batch.hits:
        ids = {hit.breakpoint_id for hit in batch.hits if hit.breakpoint_id is not None}
        due = {breakpoint_id for breakpoint_id in ids if backend.hit_pace.claim((project.id, breakpoint_id))}
        await backend.store.add_hits(project.id, batch.hits, due, now)
    return batch


def _parse(raw: bytes, encoding: str, now: int, skew: int) -> _Batch:
    try:
        events = _events_of(load(_unpack(raw, encoding)))
        hits: list[HitRow] = []
        results: dict[str, dict[str, str]] = {}
        for event in events:
            uuid = event.get("uuid")
            if not isinstance(uuid, str):
                raise CaptureError(400, "an event holds no uuid")
            hit, results[uuid] = _judge(event, now, skew)
            if hit is not None:
                hits.append(hit)
    except RecursionError:
        raise CaptureError(400, "request is nested too deeply") from None
    return _Batch(tuple(hits), results)


def _unpack(raw: bytes, encoding: str) -> bytes:
    if encoding == "deflate":
        return inflate(raw, MAX_CAPTURE_BODY, _ZLIB)
    if encoding not in {"", "identity", "gzip"}:
        raise CaptureError(415, f"Content-Encoding may be gzip or deflate, not {encoding[:20]!r}")
    return unpack(raw, MAX_CAPTURE_BODY)


def _events_of(data: Any) -> list[Mapping[str, Any]]:
    events = data.get("batch") if isinstance(data, dict) else None
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        raise CaptureError(400, "request holds no batch of events")
    if not events:
        raise CaptureError(400, "request holds no event")
    return events


def _judge(event: Mapping[str, Any], now: int, skew: int) -> tuple[HitRow | None, dict[str, str]]:
    """The hit, if it is one, and what the sender is told: an event that will not do takes no other with it."""
    try:
        check(event)
    except CaptureError as error:
        return None, {"result": "drop", "details": str(error)}
    if size_of(event) > LARGEST_EVENT:
        return None, {"result": "drop", "details": "event too large"}
    if event["event"] != EVENT:
        return None, {"result": "ok"}
    options = event.get("options")
    is_exact = isinstance(options, dict) and options.get("disable_skew_correction") is True
    hit = read_hit(event, now, 0 if is_exact else skew, verified=False)
    if hit is None:
        return None, {"result": "drop", "details": "the properties are no hit of a breakpoint"}
    return hit, {"result": "ok"}


def _refuse(status: int, problem: str, headers: Mapping[str, str]) -> Response:
    return JsonResponse({"error": problem}, status_code=status, headers=headers)
