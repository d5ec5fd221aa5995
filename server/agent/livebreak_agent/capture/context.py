"""What a thread is working for: the request or task that is served, the trace, the context's variables.

Frameworks keep these in objects of their own. They are read here from plain dicts in the frames of the stack, and from the
C structures of `contextvars`; nothing of a framework is called.
"""

from __future__ import annotations

import contextlib
import contextvars
import os
import sys
import types
from typing import Any

from livebreak_agent.capture import raw
from livebreak_agent.capture.values import Walk
from livebreak_agent.redaction import Redaction
from livebreak_agent.vocabulary.captured import CUT, TYPE, Cut

Served = tuple[str | None, str | None]

LONGEST_PATH = 300
"""Characters of a request's path: enough to tell the route."""

LONGEST_ID = 100
"""Characters of an id that a request came with; most are UUIDs."""

_HEADERS = 100
"""Headers of a request that are looked at."""

_ID_HEADERS = ("x-request-id", "x-correlation-id", "x-amzn-trace-id", "x-cloud-trace-context")
"""Where load balancers and frameworks put the id of a request, the likeliest first."""

_FIELDS = 50
"""Fields of a request object that are looked at."""

_CELERY = os.sep + os.path.join("celery", "app", "trace.py")


def served(frame: types.FrameType, limit: int, redaction: Redaction) -> Served:
    """Method and path of the request, or the name of the task, that the stack serves, and its id; the innermost one."""
    current: types.FrameType | None = frame
    for _ in range(limit):
        if current is None:
            break
        code = current.f_code
        names = code.co_varnames
        # Looking at the names first: reading the variables of a whole stack would cost as much as all the rest of a hit.
        if code.co_name == "trace_task" and raw.filename_of(code).endswith(_CELERY):
            return _task_of(current)
        if "environ" in names or "scope" in names or "request" in names:
            found = _served_by(current, redaction)
            if found is not None:
                return found
        current = current.f_back
    return None, None


def trace() -> tuple[str | None, str | None]:
    """The ids of OpenTelemetry's current trace and span, where its API is loaded and there is one."""
    global _span_variable, _span_key
    if _span_variable is None or _span_key is None:
        _span_variable, _span_key = _find_span_variable()
        if _span_variable is None or _span_key is None:
            return None, None
    context = _span_variable.get(None)
    if context is None or not raw.is_kind(type(context), dict):
        return None, None
    span = dict.get(context, _span_key)
    found = None if span is None else dict(raw.fields(span, _FIELDS)[0]).get("_context")
    if found is None or not raw.is_kind(type(found), tuple) or tuple.__len__(found) < 2:
        return None, None
    trace_id, span_id = tuple.__getitem__(found, 0), tuple.__getitem__(found, 1)
    if type(trace_id) is not int or type(span_id) is not int or not trace_id:
        return None, None
    return f"{trace_id:032x}", f"{span_id:016x}"


def variables(walk: Walk, limit: int) -> dict[str, Any]:
    """Captured values of the context's variables by name."""
    captured: dict[str, Any] = {}
    for variable, value in contextvars.copy_context().items():
        if len(captured) >= limit or walk.stopped is not None:
            break
        name = variable.name
        if type(name) is not str:
            continue
        try:
            captured[name] = walk.named(name, value, walk.extent.depth)
        except Exception:  # noqa: BLE001 -- one that cannot be read is not to cost the others
            captured[name] = {TYPE: raw.type_name(type(value)), CUT: Cut.OPAQUE}
    return captured


_span_variable: contextvars.ContextVar[Any] | None = None
_span_key: str | None = None


def _find_span_variable() -> tuple[contextvars.ContextVar[Any] | None, str | None]:
    """Where OpenTelemetry's API keeps the current span: in a dict in a context variable."""
    context = sys.modules.get("opentelemetry.context")
    propagation = sys.modules.get("opentelemetry.trace.propagation")
    if type(context) is not types.ModuleType or type(propagation) is not types.ModuleType:
        return None, None
    runtime, key = context.__dict__.get("_RUNTIME_CONTEXT"), propagation.__dict__.get("_SPAN_KEY")
    variable = dict(raw.fields(runtime, _FIELDS)[0]).get("_current_context")
    if type(variable) is not contextvars.ContextVar or type(key) is not str:
        return None, None
    return variable, key


def _served_by(frame: types.FrameType, redaction: Redaction) -> Served | None:
    """What the variables `environ` (WSGI), `scope` (ASGI) and `request` (of a framework) of a frame say."""
    if not frame.f_code.co_flags & _CO_OPTIMIZED:
        return None
    names = frame.f_locals
    for name, read in (("scope", _from_scope), ("environ", _from_environ)):
        found = read(names.get(name), redaction)
        if found is not None:
            return found
    request = names.get("request")
    if request is None:
        return None
    fields = dict(raw.fields(request, _FIELDS)[0])
    for name, read in (("scope", _from_scope), ("environ", _from_environ), ("META", _from_environ)):
        found = read(fields.get(name), redaction)
        if found is not None:
            return found
    return None


_CO_OPTIMIZED = 1


def _from_environ(environ: Any, redaction: Redaction) -> Served | None:
    if not raw.is_kind(type(environ), dict) or not _has_text_keys(environ):
        return None
    method, path = dict.get(environ, "REQUEST_METHOD"), dict.get(environ, "PATH_INFO")
    if type(method) is not str or type(path) is not str:
        return None
    root = dict.get(environ, "SCRIPT_NAME")
    whole = (root if type(root) is str else "") + path
    with contextlib.suppress(UnicodeError):
        # WSGI hands bytes over as if they were latin-1.
        whole = whole[: LONGEST_PATH * 4].encode("latin-1").decode("utf-8", "replace")
    names = ("HTTP_" + name.upper().replace("-", "_") for name in _ID_HEADERS)
    return _shown(method, whole, (dict.get(environ, name) for name in names), redaction)


def _from_scope(scope: Any, redaction: Redaction) -> Served | None:
    if not raw.is_kind(type(scope), dict) or not _has_text_keys(scope):
        return None
    kind, path = dict.get(scope, "type"), dict.get(scope, "path")
    if type(path) is not str or (kind != "http" and kind != "websocket"):
        return None
    method = dict.get(scope, "method") if kind == "http" else "WEBSOCKET"
    headers = dict.get(scope, "headers")
    by_name = {}
    if type(headers) is list or type(headers) is tuple:
        for pair in headers[:_HEADERS]:
            if (
                (type(pair) is tuple or type(pair) is list)
                and len(pair) == 2
                and type(pair[0]) is bytes
                and type(pair[1]) is bytes
            ):
                by_name[pair[0]] = pair[1][:LONGEST_ID].decode("latin-1")
    ids = (by_name.get(name.encode()) for name in _ID_HEADERS)
    return _shown(method if type(method) is str else "?", path, ids, redaction)


def _shown(method: str, path: str, ids: Any, redaction: Redaction) -> Served:
    if redaction.strict:
        return method[:LONGEST_ID], None
    identity = next((one[:LONGEST_ID] for one in ids if type(one) is str and one), None)
    return f"{method[:LONGEST_ID]} {path.partition('?')[0][:LONGEST_PATH]}", identity


def _has_text_keys(names: Any) -> bool:
    """Looking something up compares it with any key whose hash is the same, by that key's own code."""
    return all(type(key) is str for key in list(dict.keys(names)))


def _task_of(frame: types.FrameType) -> Served:
    """Of Celery's own frame around a task."""
    names = frame.f_locals
    name, identity = names.get("name"), names.get("uuid")
    if type(name) is not str:
        task = names.get("task")
        name = raw.members(type(task)).get("name") if task is not None else None
    return (name[:LONGEST_PATH] if type(name) is str else None), (identity[:LONGEST_ID] if type(identity) is str else None)
