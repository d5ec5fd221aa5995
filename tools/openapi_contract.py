"""The contract's part of the OpenAPI description: PostHog's routes and shapes, ingestion, and the server's own routes."""

from __future__ import annotations

from typing import Any

BREAKPOINTS = "/api/projects/{project_id}/live_debugger_breakpoints"
CAPTURE_PATHS = ("/batch/", "/i/v0/e/", "/e/", "/capture/", "/track/", "/engage/")

_PERSON = [{"personalKey": []}]


def ref(name: str, where: str = "schemas") -> dict[str, Any]:
    return {"$ref": f"#/components/{where}/{name}"}


def path_parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": description, "schema": {"type": "string", **schema}}


def query(name: str, schema: dict[str, Any], description: str = "", *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


def answers(status: int, description: str, *refusals: int, content: dict[str, Any] | None = None) -> dict[str, Any]:
    """Responses by status: the good one, those that any route may give, and the refusals that this one may give."""
    good = {"description": description, **({"content": content} if content else {})}
    codes = sorted({400, 401, 403, 404, 429, 500, 503, *refusals})
    return {str(status): good, **{str(code): ref(_REFUSALS[code][0], "responses") for code in codes}}


def answers_json(schema: dict[str, Any], status: int = 200, *refusals: int, also: dict[int, str] | None = None) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    more = {
        str(code): {"description": text, **({} if code == _NOT_MODIFIED else {"content": content})}
        for code, text in (also or {}).items()
    }
    return {**more, **answers(status, "As asked.", *refusals, content=content)}


_NOT_MODIFIED = 304

_REFUSALS: dict[int, tuple[str, str]] = {
    400: ("BadRequest", "A field or the body will not do; the first problem is told."),
    401: ("Unauthenticated", "No key, or one that is not valid."),
    403: ("Forbidden", "The key's scope, project or kind does not allow it; with some URLs also: a method that is not theirs."),
    404: ("NotFound", "The project, or the thing in it, is not there."),
    405: ("MethodNotAllowed", "The URL has no such method."),
    406: ("NotAcceptable", "The Accept header excludes JSON."),
    409: ("Conflict", "Another breakpoint stands on that line."),
    413: ("TooLarge", "The body is larger than the server takes."),
    415: ("UnsupportedMediaType", "The body is neither JSON nor a form."),
    429: ("Throttled", "Too many requests; `Retry-After` says when to come again."),
    500: ("ServerError", "The server failed."),
    503: ("Unavailable", "The database does not answer; `Retry-After` says when to come again."),
}

_RETRY = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}

CONTRACT_RESPONSES: dict[str, Any] = {
    name: {
        "description": text,
        **({"headers": _RETRY} if code in {429, 503} else {}),
        "content": {"application/json": {"schema": ref("Error")}},
    }
    for code, (name, text) in _REFUSALS.items()
}

_NULLABLE_TEXT = {"type": ["string", "null"]}
_TIME = {"type": "string", "format": "date-time"}
_UUID = {"type": "string", "format": "uuid"}
_LINE = {"type": "integer", "minimum": 0, "maximum": 2147483647}

_WRITABLE = {
    "repository": {**_NULLABLE_TEXT, "description": "`owner/repo` by convention, not checked."},
    "filename": {"type": "string", "minLength": 1, "pattern": "\\S", "description": "Trimmed; not blank then."},
    "line_number": _LINE,
    "enabled": {"type": "boolean", "default": True},
    "condition": {**_NULLABLE_TEXT, "description": "Never parsed by the server."},
}


def _shape(properties: dict[str, Any], description: str, required: list[str] | None = None) -> dict[str, Any]:
    names = list(properties) if required is None else required
    return {"type": "object", "description": description, "properties": properties, "required": names}


_ACTIVE = {"id": _UUID, **_WRITABLE, "filename": {"type": "string"}}

CONTRACT_SCHEMAS: dict[str, Any] = {
    "Error": _shape(
        {
            "type": {
                "type": "string",
                "enum": ["validation_error", "invalid_request", "authentication_error", "throttled_error", "server_error"],
            },
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "attr": {**_NULLABLE_TEXT, "description": "The field; nested keys are joined with `__`."},
        },
        "Why a request was refused: the first error alone.",
    ),
    "LiveDebuggerBreakpoint": _shape({**_ACTIVE, "created_at": _TIME, "updated_at": _TIME}, "A breakpoint, by the contract."),
    "LiveDebuggerBreakpointWrite": _shape(_WRITABLE, "What a create takes.", ["filename", "line_number"]),
    "LiveDebuggerBreakpointPatch": _shape(_WRITABLE, "What a change takes: any of them.", []),
    "LiveDebuggerBreakpointPage": _shape(
        {
            "count": {"type": "integer", "description": "Of all pages."},
            "next": {"type": ["string", "null"], "format": "uri"},
            "previous": {"type": ["string", "null"], "format": "uri"},
            "results": {"type": "array", "items": ref("LiveDebuggerBreakpoint")},
        },
        "Newest first.",
    ),
    "ActiveBreakpoints": _shape(
        {
            "results": {"type": "array", "items": _shape(_ACTIVE, "Without times.")},
            "count": {"type": "integer"},
            "has_more": {"type": "boolean", "const": False},
        },
        "All of them, newest first.",
    ),
    "BreakpointHit": _shape(
        {
            "id": {**_UUID, "description": "The event's uuid."},
            "lineNumber": {"type": ["integer", "null"]},
            "functionName": {"type": "string"},
            "timestamp": _TIME,
            "variables": {"type": "object", "description": "Captured values by name; usually a text of JSON each."},
            "stackTrace": {"type": "array", "description": "Innermost first; objects, or `[file, function, line]`."},
            "breakpoint_id": _NULLABLE_TEXT,
            "filename": _NULLABLE_TEXT,
        },
        "A hit, by the contract.",
    ),
    "BreakpointHitsPage": _shape(
        {
            "results": {"type": "array", "items": ref("BreakpointHit")},
            "count": {"type": "integer", "description": "Of this page."},
            "has_more": {
                "type": "boolean",
                "description": "True if the page is full, or was cut for its size: go on at offset + count.",
            },
        },
        "Of the last hour, newest first.",
    ),
    "Event": _shape(
        {
            "event": {"type": "string", "minLength": 1},
            "distinct_id": {"description": "Here or in `properties`."},
            "properties": {"type": "object"},
            "timestamp": {"type": "string"},
            "uuid": _UUID,
            "api_key": {"type": "string"},
            "token": {"type": "string"},
        },
        "An event; those named `$data_breakpoint_hit` are kept.",
        ["event"],
    ),
    "EventBatch": _shape(
        {
            "api_key": {"type": "string", "maxLength": 64},
            "token": {"type": "string", "maxLength": 64},
            "batch": {"type": "array", "items": ref("Event"), "minItems": 1},
            "sent_at": {"type": "string", "description": "The sender's clock, by which timestamps are corrected."},
            "historical_migration": {"type": "boolean"},
        },
        "Events of one project.",
        ["batch"],
    ),
}


def _operation(name: str, summary: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"operationId": name, "tags": ["contract"], "summary": summary, "security": _PERSON, **more, "responses": responses}


def _body(name: str) -> dict[str, Any]:
    kinds = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
    return {"required": True, "content": {kind: {"schema": ref(name)} for kind in kinds}}


_TEXT = {"type": "string"}
_FILTERS = [query("repository", _TEXT, "Exact; empty is no filter."), query("filename", _TEXT, "Exact; empty is no filter.")]
_READ = (405, 406)
_WRITE = (405, 406, 413, 415)

_PLAIN_TEXT = {"content": {"text/plain": {"schema": {"type": "string"}}}}


def _capture(path: str) -> dict[str, Any]:
    bodies = {"anyOf": [ref("EventBatch"), ref("Event"), {"type": "array", "items": ref("Event"), "minItems": 1}]}
    refusals = {
        "400": "Unparsable, no event, or an event without name or sender.",
        "401": "No project token, several, or one that is none.",
        "405": "Another method than POST.",
        "413": "A request of more than 20 MiB, or an event of more than 1 MiB.",
        "429": "Too many requests.",
        "503": "The database does not answer.",
    }
    stored = {"type": "object", "properties": {"status": {"const": "Ok"}}, "required": ["status"]}
    return {
        "post": {
            "operationId": "capture_" + path.strip("/").replace("/", "_"),
            "tags": ["ingestion"],
            "summary": "Store events; 200 means they are on the disk. gzip is recognised by its first bytes.",
            "security": [{}, {"secretKey": []}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": bodies}}},
            "responses": {
                "200": {"description": "Stored.", "content": {"application/json": {"schema": stored}}},
                **{code: {"description": text, **_PLAIN_TEXT} for code, text in refusals.items()},
            },
        }
    }


def _capture_v1() -> dict[str, Any]:
    event = {
        "type": "object",
        "properties": {
            "event": {"type": "string"},
            "uuid": {"type": "string", "format": "uuid"},
            "distinct_id": {"type": "string"},
            "timestamp": {"type": "string", "format": "date-time"},
            "options": {"type": "object"},
            "properties": {"type": "object"},
        },
        "required": ["event", "uuid", "distinct_id", "properties"],
    }
    batch = {
        "type": "object",
        "properties": {"batch": {"type": "array", "items": event, "minItems": 1}},
        "required": ["batch"],
    }
    result = {
        "type": "object",
        "properties": {"result": {"enum": ["ok", "drop"]}, "details": {"type": "string"}},
        "required": ["result"],
    }
    results = {
        "type": "object",
        "properties": {"results": {"type": "object", "additionalProperties": result}},
        "required": ["results"],
    }
    problem = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
    refusals = {
        "400": "Unparsable, no event, an event without a uuid, or a header that is missing.",
        "401": "No token of a project in the `Authorization` header.",
        "405": "Another method than POST.",
        "413": "A request of more than 20 MiB.",
        "415": "Packed in another way than by gzip or deflate.",
        "503": "The database does not answer.",
    }
    names = ("PostHog-Sdk-Info", "PostHog-Attempt", "PostHog-Request-Id", "PostHog-Request-Timestamp")
    return {
        "parameters": [{"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in names],
        "post": {
            "operationId": "capture_v1",
            "tags": ["ingestion"],
            "summary": "Store events, with a result for each; `ok` means it is on the disk.",
            "security": [{"projectToken": []}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": batch}}},
            "responses": {
                "200": {"description": "Judged.", "content": {"application/json": {"schema": results}}},
                **{
                    code: {"description": text, "content": {"application/json": {"schema": problem}}}
                    for code, text in refusals.items()
                },
            },
        },
    }


_PROJECT = path_parameter("project_id", "The project's number, or `@current` for the key's own.")

CONTRACT_PATHS: dict[str, Any] = {
    BREAKPOINTS + "/": {
        "parameters": [_PROJECT],
        "get": _operation(
            "list_breakpoints",
            "A page of breakpoints. Bad paging values silently become the default.",
            answers_json(ref("LiveDebuggerBreakpointPage"), 200, *_READ),
            parameters=[
                *_FILTERS,
                query("limit", {"type": "integer", "default": 100}),
                query("offset", {"type": "integer", "default": 0}),
            ],
        ),
        "post": _operation(
            "create_breakpoint",
            "Make a breakpoint. Of those with a repository there is one a line.",
            answers_json(ref("LiveDebuggerBreakpoint"), 201, *_WRITE),
            requestBody=_body("LiveDebuggerBreakpointWrite"),
        ),
    },
    BREAKPOINTS + "/active/": {
        "parameters": [_PROJECT],
        "get": _operation(
            "active_breakpoints",
            "What an agent is to arm.",
            answers_json(ref("ActiveBreakpoints"), 200, *_READ),
            security=[*_PERSON, {"secretKey": []}],
            parameters=[*_FILTERS, query("enabled", {"type": "boolean", "default": True}, "False: disabled ones, too.")],
        ),
    },
    BREAKPOINTS + "/breakpoint_hits/": {
        "parameters": [_PROJECT],
        "get": _operation(
            "breakpoint_hits",
            "Hits of the last hour.",
            answers_json(ref("BreakpointHitsPage"), 200, *_READ),
            parameters=[
                {**query("breakpoint_ids", {"type": "array", "items": _UUID}, "Repeat it."), "style": "form", "explode": True},
                query("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),
                query("offset", {"type": "integer", "minimum": 0, "default": 0}),
            ],
        ),
    },
    BREAKPOINTS + "/{id}/": {
        "parameters": [_PROJECT, path_parameter("id", "The breakpoint's id; a malformed one is simply not there.")],
        "get": _operation(
            "retrieve_breakpoint",
            "One breakpoint.",
            answers_json(ref("LiveDebuggerBreakpoint"), 200, *_READ),
            parameters=_FILTERS,
        ),
        "put": _operation(
            "replace_breakpoint",
            "Set its place, and whatever else is named.",
            answers_json(ref("LiveDebuggerBreakpoint"), 200, *_WRITE),
            requestBody=_body("LiveDebuggerBreakpointWrite"),
        ),
        "patch": _operation(
            "change_breakpoint",
            "Set whatever is named.",
            answers_json(ref("LiveDebuggerBreakpoint"), 200, *_WRITE),
            requestBody=_body("LiveDebuggerBreakpointPatch"),
        ),
        "delete": _operation("delete_breakpoint", "Delete it; its hits stay.", answers(204, "Deleted.", *_READ)),
    },
    **{path: _capture(path) for path in CAPTURE_PATHS},
    "/i/v1/analytics/events": _capture_v1(),
    "/api/schema/": {
        "get": {
            "operationId": "schema",
            "tags": ["server"],
            "summary": "This description.",
            "security": [],
            "responses": {
                "200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}}
            },
        }
    },
}
