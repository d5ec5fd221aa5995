"""`GET /api/schema/`: the OpenAPI description of everything that this server answers."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from livebreak.backend.responses import JsonResponse

DESCRIPTION = Path(__file__).with_name("openapi.json")
"""Written by `make openapi`."""


def schema_routes() -> list[BaseRoute]:
    content = DESCRIPTION.read_bytes()

    async def schema(_request: Request) -> Response:
        # Anybody may read it: it says nothing of this server's projects.
        return JsonResponse(content)

    return [Route(path, schema, methods=["GET"]) for path in ("/api/schema", "/api/schema/")]
