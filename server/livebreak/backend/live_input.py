"""What clients may send to the live routes, checked against the shapes in `wire`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from livebreak.backend.clock import format_time, parse_time
from livebreak.backend.context import Call
from livebreak.backend.contract_input import LARGEST_LINE, read_integer, read_text, refuse_unstorable
from livebreak.backend.errors import invalid
from livebreak.backend.identity import canonical_uuid
from livebreak.backend.request_body import beside_if_large, parse_json, read_bytes
from livebreak.backend.settings import MAX_LIVE_BODY
from livebreak_agent.vocabulary.codec import ShapeError, from_json, to_json
from livebreak_agent.vocabulary.model import Breakpoint, NewBreakpoint

T = TypeVar("T")

LARGEST_HIT_LIMIT = 1_000_000_000
"""Far beyond what is kept; it fits every database's integers."""


async def read_message(call: Call, kind: type[T]) -> T:
    """The request's body as one of our messages. `ApiError` 400, 413."""
    raw = await read_bytes(call.request, MAX_LIVE_BODY)
    return await beside_if_large(raw, lambda raw: convert(kind, _parse_object(raw)))


async def read_object(call: Call) -> Mapping[str, Any]:
    return await beside_if_large(await read_bytes(call.request, MAX_LIVE_BODY), _parse_object)


def _parse_object(raw: bytes) -> Mapping[str, Any]:
    data = parse_json(raw) if raw else {}
    if not isinstance(data, dict):
        raise invalid("invalid_input", f"Invalid data. Expected a dictionary, but got {type(data).__name__}.", None)
    for text in _texts(data):
        refuse_unstorable(text, "")
    return data


def convert(kind: type[T], data: object) -> T:
    try:
        return from_json(kind, data)
    except ShapeError as error:
        raise invalid("invalid_input", f"{error.path or 'The body'}: {error.problem}.", error.path or None) from None


def new_breakpoint(draft: NewBreakpoint, owner: str | None, now: int, default_expiry_us: int) -> Breakpoint:
    """The breakpoint that a create asks for. `ApiError` with the field that will not do."""
    _check(draft)
    breakpoint_id = canonical_uuid(draft.id)
    if breakpoint_id is None:
        raise invalid("invalid_input", "Must be a valid UUID.", "id")
    expires_at = format_time(now + default_expiry_us)
    if draft.expires_at is not None:
        expires_at = _read_expiry(draft.expires_at, now)
    fields = {field.name: getattr(draft, field.name) for field in dataclasses.fields(NewBreakpoint)}
    return Breakpoint(**{**fields, "id": breakpoint_id, "expires_at": expires_at, "owner": owner})


def changes_of(breakpoint: Breakpoint, patch: Mapping[str, Any], now: int, default_expiry_us: int) -> dict[str, object]:
    """The fields that a PATCH sets, by name. A null clears; an expiry cannot be cleared, only begin anew."""
    names = {field.name for field in dataclasses.fields(NewBreakpoint)} - {"id"}
    given = {name: value for name, value in patch.items() if name in names}
    before = to_json(breakpoint)
    merged = convert(NewBreakpoint, {**{name: before[name] for name in ("id", *names) if name in before}, **given})
    for name, value in given.items():
        if value is None and name in {"filename", "line_number", "enabled"}:
            raise invalid("null", "This field may not be null.", name)
    _check(merged)
    changes = {name: getattr(merged, name) for name in given}
    if "expires_at" in given:
        text = given["expires_at"]
        changes["expires_at"] = format_time(now + default_expiry_us) if text is None else _read_expiry(text, now)
    return changes


def _check(draft: NewBreakpoint) -> None:
    read_text(draft.filename, "filename")
    read_integer(draft.line_number, "line_number", low=0, high=LARGEST_LINE)
    if draft.hit_limit is not None:
        read_integer(draft.hit_limit, "hit_limit", low=1, high=LARGEST_HIT_LIMIT)


def _read_expiry(text: str, now: int) -> str:
    moment = parse_time(text)
    if moment is None:
        raise invalid("invalid_input", "Must be a time such as 2026-11-23T07:10:10Z.", "expires_at")
    if moment <= now:
        raise invalid("invalid_input", "Must be a time in the future.", "expires_at")
    return format_time(moment)


def _texts(data: object) -> Iterator[str]:
    """Every text in a JSON value; found by writing it once more, which is as deep as reading it was."""
    written = json.dumps(data, ensure_ascii=False)
    if "\\u0000" in written or not _is_whole(written):
        yield from _walk(data)


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _walk(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _walk(key)
            yield from _walk(value)
    elif isinstance(data, list):
        for value in data:
            yield from _walk(value)
