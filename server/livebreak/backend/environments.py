"""`/api/environments/...`, the name under which PostHog's first clients know `/api/projects/...`.

Served as PostHog's last versions do: by the same routes, with headers that name the successor.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OLD = "/api/environments/"
_NEW = "/api/projects/"


class EnvironmentsMiddleware:
    """Leads requests for the old name to the new one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        old = scope.get("root_path", "") + _OLD
        if scope["type"] != "http" or not scope["path"].startswith(old):
            await self._app(scope, receive, send)
            return
        new = old.removesuffix(_OLD) + _NEW
        path = new + scope["path"].removeprefix(old)
        raw_path = path.encode("latin-1", "replace")
        if scope.get("raw_path", b"").startswith(old.encode()):
            raw_path = new.encode() + scope["raw_path"].removeprefix(old.encode())

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Deprecation"] = "true"
                headers.append("Link", f'<{raw_path.decode("latin-1")}>; rel="successor-version"')
            await send(message)

        await self._app({**scope, "path": path, "raw_path": raw_path}, receive, send_with_headers)
