"""What the contract's routes answer: resources, pages, hits."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from livebreak.backend.clock import as_datetime
from livebreak.backend.contract_input import LARGEST_LINE
from livebreak.backend.store.hit_shapes import HitRow
from livebreak.backend.store.packing import unpack
from livebreak_agent.vocabulary.model import Breakpoint


def active_resource(breakpoint: Breakpoint) -> dict[str, Any]:
    """The six fields that an agent is told."""
    return {
        "id": breakpoint.id,
        "repository": breakpoint.repository,
        "filename": breakpoint.filename,
        "line_number": breakpoint.line_number,
        "enabled": breakpoint.enabled,
        "condition": breakpoint.condition,
    }


def resource(breakpoint: Breakpoint) -> dict[str, Any]:
    return {**active_resource(breakpoint), "created_at": breakpoint.created_at, "updated_at": breakpoint.updated_at}


def page(url: str, count: int, breakpoints: Iterable[Breakpoint], limit: int, offset: int) -> dict[str, Any]:
    """A page of a list; `url` is the request's own, absolute."""
    following = _with_query(url, limit=limit, offset=offset + limit) if offset + limit < count else None
    previous = None
    if offset > 0:
        previous = _with_query(url, limit=limit, offset=offset - limit if offset > limit else None)
    return {"count": count, "next": following, "previous": previous, "results": [resource(item) for item in breakpoints]}


def _with_query(url: str, *, limit: int, offset: int | None) -> str:
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    query["limit"] = [str(limit)]
    query.pop("offset", None)
    if offset is not None:
        query["offset"] = [str(offset)]
    # A key in the query stays out of links: they are copied, logged and shared.
    query.pop("personal_api_key", None)
    return urlunsplit(parts._replace(query=urlencode(sorted(query.items()), doseq=True)))


def results(items: list[dict[str, Any]]) -> dict[str, Any]:
    """The envelope of `active/`, which is never a part of something."""
    return {"results": items, "count": len(items), "has_more": False}


def description(name: str, methods: Iterable[str]) -> dict[str, Any]:
    """The answer to OPTIONS, with the fields of a breakpoint for the methods that write one."""
    told = {
        "name": name,
        "description": "",
        "renders": ["application/json"],
        "parses": ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
    }
    actions = dict.fromkeys(methods, _FIELDS)
    return {**told, "actions": actions} if actions else told


def _field(kind: str, label: str, *, required: bool = False, read_only: bool = False, **more: int) -> dict[str, Any]:
    return {"type": kind, "required": required, "read_only": read_only, "label": label, **more}


_FIELDS = {
    "id": _field("field", "Id", read_only=True),
    "repository": _field("string", "Repository"),
    "filename": _field("string", "Filename", required=True),
    "line_number": _field("integer", "Line number", required=True, min_value=0, max_value=LARGEST_LINE),
    "enabled": _field("boolean", "Enabled"),
    "condition": _field("string", "Condition"),
    "created_at": _field("datetime", "Created at", read_only=True),
    "updated_at": _field("datetime", "Updated at", read_only=True),
}


def is_malformed(properties: dict[str, Any]) -> bool:
    """Whether PostHog would skip the event when it is read; such a one is not stored in the first place."""
    return not (
        _line_is_readable(properties.get("$line_number"))
        and isinstance(properties.get("$locals_variables", {}), dict | None)
        and isinstance(properties.get("$stack_trace", []), list | None)
    )


def hit(row: HitRow) -> dict[str, Any]:
    properties = unpack(row.payload)
    line = properties.get("$line_number")
    stack = properties.get("$stack_trace") or []
    filename = properties.get("$file_path")
    if filename is not None and not isinstance(filename, str):
        filename = json.dumps(filename, separators=(",", ":"))  # as PostHog's queries show what is no text
    return {
        "id": row.id,
        "lineNumber": None if line is None else int(line),
        "functionName": _function_name(stack),
        "timestamp": as_datetime(row.timestamp).isoformat(timespec="microseconds"),
        "variables": properties.get("$locals_variables") or {},
        "stackTrace": stack,
        "breakpoint_id": row.breakpoint_id,
        "filename": filename,
    }


def _line_is_readable(line: object) -> bool:
    if line is None or type(line) is int:
        return True
    if not isinstance(line, str):
        return False
    try:
        int(line)
    except ValueError:
        return False
    return True


def _function_name(stack: list[Any]) -> str:
    name = stack[0].get("function") if stack and isinstance(stack[0], dict) else None
    return name if isinstance(name, str) else ""
