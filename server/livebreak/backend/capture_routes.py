"""Ingestion: where hits come in, by the protocol of PostHog's SDKs. Errors are plain text here, by contract."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from livebreak.backend import capture_v1
from livebreak.backend.auth import bearer, find_key
from livebreak.backend.capture_parsing import CaptureError, parse
from livebreak.backend.capture_threads import beside_loop
from livebreak.backend.context import Backend, backend_of
from livebreak.backend.errors import RETRY_AFTER, ApiError
from livebreak.backend.request_body import read_bytes
from livebreak.backend.responses import JsonResponse
from livebreak.backend.routing import url
from livebreak.backend.settings import MAX_CAPTURE_BODY
from livebreak.backend.store.hit_shapes import HitRow
from livebreak.backend.store.interface import StoreUnavailableError

PATHS = ("/batch", "/i/v0/e", "/e", "/capture", "/track", "/engage")

_ALLOWED = "POST, OPTIONS"


def capture_routes() -> list[BaseRoute]:
    return [route for path in PATHS for route in url(path, capture)] + url(capture_v1.PATH, capture_v1.capture_v1)


async def capture(request: Request) -> Response:
    if request.method == "OPTIONS":
        return Response(headers={"Allow": _ALLOWED})
    if request.method != "POST":
        return PlainTextResponse("send events by POST", status_code=405, headers={"Allow": _ALLOWED})
    try:
        await _ingest(request, backend_of(request))
    except CaptureError as error:
        return PlainTextResponse(str(error), status_code=error.status)
    except ApiError as error:
        return PlainTextResponse(error.detail, status_code=error.status)
    except StoreUnavailableError:
        return PlainTextResponse("try again later", status_code=503, headers={"Retry-After": RETRY_AFTER})
    return JsonResponse({"status": "Ok"})


async def _ingest(request: Request, backend: Backend) -> None:
    raw = await read_bytes(request, MAX_CAPTURE_BODY)
    now = backend.clock()
    proven = await _proven_token(request, backend)
    batch = await beside_loop(parse, raw, now, MAX_CAPTURE_BODY, proven)
    project = await backend.store.project_of_token(batch.token)
    if project is None or not hmac.compare_digest(project.token, batch.token):
        return  # by contract 200, and dropped
    if batch.hits:
        await _store(backend, project.id, batch.hits, now)


async def _proven_token(request: Request, backend: Backend) -> str | None:
    """The token of the project whose agent sends this, if it also shows the secret key; the token alone is public."""
    key = bearer(request)
    row = None if key is None else await find_key(backend.store, key)
    if row is None or row.kind != "secret":
        return None
    backend.key_use.used(row.id, backend.clock())
    project = await backend.store.project(row.project_id)
    return None if project is None else project.token


async def _store(backend: Backend, project_id: int, hits: Sequence[HitRow], now: int) -> None:
    ids = {hit.breakpoint_id for hit in hits if hit.breakpoint_id is not None}
    due = {breakpoint_id for breakpoint_id in ids if backend.hit_pace.claim((project_id, breakpoint_id))}
    await backend.store.add_hits(project_id, hits, due, now)
