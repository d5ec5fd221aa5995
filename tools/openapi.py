"""Writes server/livebreak/backend/openapi.json, the description that the backend serves at /api/schema/.

The shapes of the live routes come from the dataclasses of the vocabulary, with their docstrings; the contract's routes,
whose shapes are PostHog's, are described in `openapi_contract.py`. Run it by `make openapi` after a change of either; a
test holds the file to both, and the server to the file.
"""

from __future__ import annotations

import ast
import dataclasses
import enum
import inspect
import json
import sys
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openapi_contract import (
    CONTRACT_PATHS,
    CONTRACT_RESPONSES,
    CONTRACT_SCHEMAS,
    answers,
    answers_json,
    path_parameter,
    query,
    ref,
)

from livebreak import __version__
from livebreak_agent.vocabulary import model, wire

TARGET = Path(__file__).parents[1] / "server" / "livebreak" / "backend" / "openapi.json"

LIVE = "/api/projects/{project_id}/livebreak"

PERSON = [{"personalKey": []}]
AGENT = [{"secretKey": []}]


def document() -> dict[str, Any]:
    shapes: dict[str, Any] = {}
    paths = {**CONTRACT_PATHS, **_live_paths(shapes), **_HEALTH_PATHS}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "LiveBreak",
            "version": __version__,
            "license": {"name": "MIT", "identifier": "MIT"},
            "description": (
                "The PostHog Live Debugger API, event ingestion, and under `livebreak/` what that API cannot say. "
                "A slash at the end of a path is optional everywhere. `/api/environments/` is an older name of `/api/projects/`. "
                "HEAD is answered wherever GET is."
            ),
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "contract", "description": "PostHog's Live Debugger API."},
            {"name": "live", "description": "LiveBreak's own routes. A key that is absent means null."},
            {"name": "ingestion", "description": "Where hits come in, by the protocol of PostHog's SDKs."},
            {"name": "server", "description": "The server itself."},
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "personalKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A person's key, `phx_...`. Scope live_debugger:write implies live_debugger:read.",
                },
                "secretKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The secret key of a project, `phs_...`; its agents hold it.",
                },
                "projectToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The public token of a project, `phc_...`; it opens ingestion alone.",
                },
            },
            "responses": CONTRACT_RESPONSES,
            "schemas": {**CONTRACT_SCHEMAS, **dict(sorted(shapes.items()))},
        },
    }


def _live_paths(shapes: dict[str, Any]) -> dict[str, Any]:
    def shape(kind: type) -> dict[str, Any]:
        return _schema(kind, shapes)

    def operation(name: str, summary: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"operationId": name, "tags": ["live"], "summary": summary, "security": PERSON, **more, "responses": responses}

    def body(kind: type, *, partial: bool = False) -> dict[str, Any]:
        schema = shape(kind)
        if partial:
            fields = shapes[kind.__name__]["properties"]
            nullable = {key: _or_null(value) for key, value in fields.items() if key != "id"}
            schema = {"type": "object", "properties": nullable}
        return {"required": True, "content": {"application/json": {"schema": schema}}}

    breakpoint_id = path_parameter("id", "The breakpoint's id.")
    process_id = path_parameter("id", "The process's id.", maxLength=64)
    routes: dict[str, Any] = {
        "/": {
            "get": operation(
                "capabilities",
                "What this server is and can. A plain PostHog API answers 404.",
                answers_json(shape(wire.Capabilities)),
                security=[*PERSON, *AGENT],
            )
        },
        "/breakpoints": {
            "get": operation(
                "list_live_breakpoints",
                "All breakpoints, with what is stored of their hits.",
                answers_json(shape(wire.Breakpoints)),
                parameters=[query("repository", {"type": "string"}, "Only of this repository.")],
            ),
            "post": operation(
                "create_live_breakpoint",
                "Make a breakpoint. The client chooses the id, so that repeating it is harmless.",
                answers_json(shape(model.Breakpoint), 201, 400, 409, 413, also={200: "It was there already, and is as it was."}),
                requestBody=body(model.NewBreakpoint),
            ),
        },
        "/breakpoints/{id}": {
            "parameters": [breakpoint_id],
            "get": operation("retrieve_live_breakpoint", "One breakpoint.", answers_json(shape(model.Breakpoint))),
            "patch": operation(
                "change_live_breakpoint",
                "Set some fields; null clears.",
                answers_json(shape(model.Breakpoint), 200, 400, 409, 413),
                requestBody=body(model.NewBreakpoint, partial=True),
            ),
            "delete": operation("delete_live_breakpoint", "Delete it; its hits stay.", answers(204, "Deleted.")),
        },
        "/armed": {
            "get": operation(
                "armed",
                "What a process is to have armed: answers at once when that changes. The set is a lease.",
                answers_json(shape(wire.ArmedSet), 200, 400, also={304: "Nothing changed; no body."}),
                security=AGENT,
                parameters=_parameters(wire.ArmedQuery, shapes),
            )
        },
        "/processes": {
            "get": operation("list_processes", "The processes whose lease is running.", answers_json(shape(wire.Processes))),
        },
        "/processes/{id}": {
            "parameters": [process_id],
            "put": operation(
                "put_process",
                "The whole state of one process, replacing the last.",
                answers(204, "Stored.", 400, 413),
                security=AGENT,
                requestBody=body(wire.ProcessReport),
            ),
            "delete": operation("delete_process", "The process leaves.", answers(204, "It is gone.", 400), security=AGENT),
        },
        "/hits": {
            "get": operation(
                "find_hits",
                "Full hits, newest first.",
                answers_json(shape(wire.Hits), 200, 400),
                parameters=_parameters(wire.HitsQuery, shapes),
            )
        },
        "/hits/{id}": {
            "parameters": [path_parameter("id", "The hit's id.")],
            "get": operation("retrieve_hit", "One full hit.", answers_json(shape(model.Hit))),
        },
        "/hits/{id}/pin": {
            "parameters": [path_parameter("id", "The hit's id.")],
            "put": operation("pin_hit", "Keep the hit longer than others.", answers_json(shape(model.Hit), 200, 409)),
            "delete": operation("unpin_hit", "Keep it no longer than others.", answers_json(shape(model.Hit))),
        },
        "/hits/purge": {
            "post": operation(
                "purge_hits",
                "Remove hits for good.",
                answers_json(shape(wire.Purged), 200, 400, 413),
                requestBody=body(wire.PurgeRequest),
            )
        },
        "/stream": {
            "get": operation(
                "stream",
                "Server-sent events: "
                + ", ".join(f"`{name}` ({kind.__name__})" for name, kind in wire.STREAM_EVENTS.items())
                + ".",
                answers(200, "Events without end.", content={"text/event-stream": {"schema": {"type": "string"}}}),
                parameters=[
                    {
                        "name": "Last-Event-ID",
                        "in": "header",
                        "description": "Goes on after this event; `reset` if the database does not hold it.",
                        "schema": {"type": "string"},
                    }
                ],
            )
        },
        "/pause": {
            "post": operation(
                "pause",
                "Pull the kill switch, for the project or one service.",
                answers_json(shape(wire.Pauses), 200, 400, 413),
                requestBody=body(wire.PauseRequest),
            )
        },
        "/resume": {
            "post": operation(
                "resume",
                "Take a pause back.",
                answers_json(shape(wire.Pauses), 200, 400, 413),
                requestBody=body(wire.PauseRequest),
            )
        },
    }
    for kind in wire.STREAM_EVENTS.values():
        shape(kind)
    return {
        LIVE + path: {"parameters": [*item.pop("parameters", []), path_parameter("project_id", _PROJECT)], **item}
        for path, item in routes.items()
    }


def _health(name: str, summary: str, *refusals: int) -> dict[str, Any]:
    content = {"text/plain": {"schema": {"type": "string"}}}
    described = {str(status): {"description": "It is not.", "content": content} for status in refusals}
    responses = {"200": {"description": "It is.", "content": content}, **described}
    return {"get": {"operationId": name, "tags": ["server"], "summary": summary, "security": [], "responses": responses}}


_HEALTH_PATHS = {
    "/healthz": _health("healthz", "Whether the process answers."),
    "/readyz": _health("readyz", "Whether its database can be written, and it is not about to end.", 503),
}

_PROJECT = "The project's number, or `@current` for the key's own."


def _parameters(kind: type, shapes: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of a query's dataclass as query parameters."""
    hints = typing.get_type_hints(kind)
    texts = _field_texts(kind)
    return [
        query(
            field.name,
            _without_null(_schema(hints[field.name], shapes)),
            texts.get(field.name, ""),
            required=field.default is dataclasses.MISSING,
        )
        for field in dataclasses.fields(kind)
    ]


def _schema(kind: Any, shapes: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if kind.__name__ not in shapes:
            shapes[kind.__name__] = {}  # a shape may hold itself
            shapes[kind.__name__] = _object(kind, shapes)
        return ref(kind.__name__)
    if origin in {typing.Union, types.UnionType}:
        (inner,) = (argument for argument in arguments if argument is not types.NoneType)
        return _or_null(_schema(inner, shapes))
    if origin is typing.Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0], shapes)}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1], shapes)}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {"type": "string", "enum": [member.value for member in kind]}
    return _PLAIN[kind]


_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    float: {"type": "number"},
    object: {},
}


def _object(kind: type, shapes: dict[str, Any]) -> dict[str, Any]:
    hints, texts = typing.get_type_hints(kind), _field_texts(kind)
    properties, required = {}, []
    for field in dataclasses.fields(kind):
        described = {"description": texts[field.name]} if field.name in texts else {}
        # Absent means null: a null is never written.
        properties[field.name] = {**_without_null(_schema(hints[field.name], shapes)), **described}
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            required.append(field.name)
    return {"type": "object", "description": inspect.getdoc(kind) or "", "properties": properties, "required": required}


def _field_texts(kind: type) -> dict[str, str]:
    """The docstrings below the fields, its bases' too."""
    texts: dict[str, str] = {}
    for base in reversed(kind.__mro__[:-1]):
        definition = typing.cast("ast.ClassDef", ast.parse(inspect.getsource(base)).body[0])
        for statement, following in zip(definition.body, definition.body[1:], strict=False):
            if (
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Name)
                and isinstance(following, ast.Expr)
            ):
                texts[statement.target.id] = inspect.cleandoc(ast.literal_eval(following.value))
    return texts


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    return schema["anyOf"][0] if "anyOf" in schema else schema


def written() -> str:
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(written(), encoding="utf-8")
    sys.stdout.write(f"{TARGET.name} is written.\n")
