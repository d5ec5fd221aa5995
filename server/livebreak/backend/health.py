"""`/healthz` and `/readyz`, for whatever watches over the process. They need no key, and say nothing of what is stored."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from livebreak.backend.context import backend_of
from livebreak.backend.errors import RETRY_AFTER


def health_routes() -> list[BaseRoute]:
    routes = {"/healthz": healthz, "/readyz": readyz}
    return [Route(path + end, endpoint, methods=["GET"]) for path, endpoint in routes.items() for end in ("", "/")]


async def healthz(_request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n", headers=_UNCACHED)


async def readyz(request: Request) -> Response:
    """The database can be written, and the process is not about to end."""
    backend = backend_of(request)
    if backend.changes.stopping:
        return _unready("stopping")
    problem = await backend.readiness.problem(backend.clock())
    return PlainTextResponse("ok\n", headers=_UNCACHED) if problem is None else _unready(problem)


_UNCACHED = {"Cache-Control": "no-store"}


def _unready(why: str) -> Response:
    return PlainTextResponse(f"{why}\n", status_code=503, headers={**_UNCACHED, "Retry-After": RETRY_AFTER})
