"""Answers in JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from livebreak.backend import json_text


class JsonResponse(Response):
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return content if isinstance(content, bytes) else json_text.write(content)


async def rendered(content: Callable[[], Any]) -> Response:
    """An answer that may be large: what `content` returns is made and written beside the event loop."""
    return JsonResponse(await asyncio.to_thread(lambda: json_text.write(content())))


NO_CONTENT = 204


def no_content() -> Response:
    return Response(status_code=NO_CONTENT)
