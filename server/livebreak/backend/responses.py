"""JSON as this server writes it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.responses import Response


def json_bytes(content: Any) -> bytes:
    """UTF-8; captured text may hold lone surrogates, which UTF-8 cannot say, and then it is escaped ASCII."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(content, separators=(",", ":")).encode("ascii")


class JsonResponse(Response):
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return content if isinstance(content, bytes) else json_bytes(content)


async def rendered(content: Callable[[], Any]) -> Response:
    """An answer that may be large: what `content` returns is made and written beside the event loop."""
    return JsonResponse(await asyncio.to_thread(lambda: json_bytes(content())))


NO_CONTENT = 204


def no_content() -> Response:
    return Response(status_code=NO_CONTENT)
