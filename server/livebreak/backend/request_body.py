"""Request bodies: read within a limit, and parsed as JSON, form or multipart, in the words of Django REST framework."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from starlette.requests import Request

from livebreak.backend.errors import too_large, too_slow, unparsable, unsupported_media_type
from livebreak.backend.settings import LARGE_BODY

T = TypeVar("T")

BODY_PATIENCE = 30.0
"""Seconds between two parts of a body: who stalls that long has gone, and what it sent so far is in memory."""

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_JSON = "application/json"
_ANY = frozenset({"*/*", "application/*"})
"""Content types that mean the first parser that fits them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """A parsed body. A form's values are all texts, and what a form leaves out means something else than in JSON."""

    data: Any = field(default_factory=dict)
    is_form: bool = False


async def read_bytes(request: Request, limit: int) -> bytes:
    """The raw body; `ApiError` 413 if it is larger than `limit` bytes."""
    chunks: list[bytes] = []
    size = 0
    stream = request.stream()
    try:
        while True:
            async with asyncio.timeout(BODY_PATIENCE):
                chunk = await anext(stream, None)
            if chunk is None:
                return b"".join(chunks)
            size += len(chunk)
            if size > limit:
                raise too_large(limit)
            chunks.append(chunk)
    except TimeoutError:
        raise too_slow() from None


async def read_body(request: Request, limit: int) -> Body:
    """The body by its content type; an empty one is an empty object. `ApiError` 400, 413, 415. Read once, then remembered."""
    if not hasattr(request.state, "body"):
        raw = await read_bytes(request, limit)
        content_type = request.headers.get("content-type", "")
        request.state.body = await beside_if_large(raw, lambda raw: parse_body(raw, content_type))
    body: Body = request.state.body
    return body


async def beside_if_large(raw: bytes, parse: Callable[[bytes], T]) -> T:
    """What `parse` makes of a body, in another thread if it is large."""
    return parse(raw) if len(raw) < LARGE_BODY else await asyncio.to_thread(parse, raw)


def parse_body(raw: bytes, content_type: str) -> Body:
    media_type = content_type.split(";")[0].strip().lower()
    if media_type in _ANY:
        media_type = _JSON if raw else ""
    if media_type == _FORM:
        return Body(data=dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)), is_form=True)
    if media_type == _MULTIPART:
        return Body(data=_parse_multipart(raw, content_type), is_form=True)
    if not raw:
        return Body()
    if media_type == _JSON:
        return Body(data=parse_json(raw))
    raise unsupported_media_type(content_type)


def parse_json(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode(), parse_constant=_refuse_constant)
    except RecursionError:
        raise unparsable("Nested too deeply.") from None
    except ValueError as error:
        raise unparsable(str(error)) from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"Out of range float values are not JSON compliant: {name!r}")


def _parse_multipart(raw: bytes, content_type: str) -> dict[str, str | bytes]:
    """Values by name; a file is bytes, which is no valid value of any field."""
    header = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(header + raw)
    if message.get_boundary() is None:
        raise unparsable("Invalid boundary in multipart: None", what="Multipart form")
    fields: dict[str, str | bytes] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            fields[name] = payload.decode("utf-8", "replace") if part.get_filename() is None else payload
    return fields
