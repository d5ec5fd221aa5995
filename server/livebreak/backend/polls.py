"""The way of long polls past the router: thousands rest at the same time, and every layer that they rest in takes its memory."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from livebreak.backend.errors import ApiError, on_api_error, on_unavailable
from livebreak.backend.live_routes import ARMED
from livebreak.backend.routing import live_endpoint
from livebreak.backend.store.interface import StoreUnavailableError

_ARMED = re.compile(r"/api/projects/(?P<project_id>[^/]+)/livebreak/armed/?\Z")

_endpoint = live_endpoint(ARMED)


class Polls:
    """ASGI middleware: answers `livebreak/armed` itself, as the router would."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = None
        if scope["type"] == "http":
            found = _ARMED.match(scope["path"].removeprefix(scope.get("root_path", "")))
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["path_params"] = found.groupdict()
        request = Request(scope, receive, send)
        try:
            response = await _endpoint(request)
        except ApiError as error:
            response = await on_api_error(request, error)
        except StoreUnavailableError as error:
            response = await on_unavailable(request, error)
        await response(scope, receive, send)
