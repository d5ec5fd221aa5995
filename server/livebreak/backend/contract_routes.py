"""The seven endpoints of PostHog's Live Debugger API, to the letter of the contract."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from livebreak.backend import contract_output as output
from livebreak.backend.auth import READ, WRITE, authenticate_anywhere, find_project, require, token_in_query
from livebreak.backend.clock import format_time
from livebreak.backend.context import Call, backend_of
from livebreak.backend.contract_hits import breakpoint_hits
from livebreak.backend.contract_input import (
    read_active,
    read_breakpoint,
    read_list_filters,
    read_page,
    unique_error,
)
from livebreak.backend.errors import ApiError, method_not_allowed, not_acceptable, not_found, permission_denied
from livebreak.backend.identity import uuid7
from livebreak.backend.request_body import read_body
from livebreak.backend.responses import JsonResponse, no_content, rendered
from livebreak.backend.routing import Action, perform, url
from livebreak.backend.settings import MAX_CONTRACT_BODY
from livebreak.backend.store.interface import OccupiedError, Place
from livebreak_agent.vocabulary.model import Breakpoint

PREFIX = "/api/projects/{project_id}/live_debugger_breakpoints"

_ACCEPTED = frozenset({"*/*", "application/*", "*/json", "application/json"})


def contract_routes() -> list[BaseRoute]:
    collection = {"GET": Action(list_breakpoints, READ), "POST": Action(create_breakpoint, WRITE)}
    detail = {
        "GET": Action(retrieve_breakpoint, READ),
        "PUT": Action(replace_breakpoint, WRITE),
        "PATCH": Action(patch_breakpoint, WRITE),
        "DELETE": Action(delete_breakpoint, WRITE),
    }
    return [
        *url(PREFIX, _endpoint(collection, "Live Debugger Breakpoint List")),
        *url(PREFIX + "/active", _endpoint({"GET": Action(active, READ, agents=True)}, "Active Breakpoints")),
        *url(PREFIX + "/breakpoint_hits", _endpoint({"GET": Action(breakpoint_hits, READ, reads_hits=True)}, "Breakpoint Hits")),
        *url(PREFIX + "/{id}", _endpoint(detail, "Live Debugger Breakpoint Instance")),
    ]


async def list_breakpoints(call: Call) -> Response:
    query = call.request.query_params
    filters = read_list_filters(query)
    limit, offset = read_page(query)
    place = Place(repository=filters.repository, filename=filters.filename)
    count, rows = await call.backend.store.page_of_breakpoints(call.project.id, place, limit, offset)
    return await rendered(lambda: output.page(str(call.request.url), count, rows, limit, offset))


async def create_breakpoint(call: Call) -> Response:
    values = read_breakpoint(await read_body(call.request, MAX_CONTRACT_BODY), partial=False)
    now = call.backend.clock()
    settings = call.backend.settings
    expires_at = format_time(now + settings.default_expiry_us) if settings.expires_plain else None
    breakpoint = Breakpoint(id=uuid7(now), owner=call.principal.owner, expires_at=expires_at, **values)
    try:
        created, _ = await call.backend.store.create_breakpoint(
            call.project.id, breakpoint, now, any_text=True, by=call.principal.actor
        )
    except OccupiedError:
        raise unique_error() from None
    return JsonResponse(output.resource(created), status_code=201)


async def retrieve_breakpoint(call: Call) -> Response:
    return JsonResponse(output.resource(await _named_breakpoint(call)))


async def patch_breakpoint(call: Call) -> Response:
    return await _change(call, partial=True)


async def replace_breakpoint(call: Call) -> Response:
    return await _change(call, partial=False)


async def delete_breakpoint(call: Call) -> Response:
    breakpoint = await _named_breakpoint(call)
    now = call.backend.clock()
    if not await call.backend.store.delete_breakpoint(call.project.id, breakpoint.id, now, by=call.principal.actor):
        raise not_found()
    return no_content()


async def active(call: Call) -> Response:
    filters, enabled_only = read_active(call.request.query_params)
    if enabled_only:  # what agents ask for again and again
        return JsonResponse(await call.backend.armed.active(call.project.id, filters.repository, filters.filename))
    place = Place(repository=filters.repository, filename=filters.filename)
    pauses = await call.backend.store.pauses(call.project.id)
    is_paused = any(pause.service is None for pause in pauses)
    rows = () if is_paused else await call.backend.store.breakpoints(call.project.id, place)
    return await rendered(lambda: output.results([output.active_resource(row) for row in rows]))


async def _named_breakpoint(call: Call) -> Breakpoint:
    """The breakpoint of the URL, if the list's filters let it through, which apply here too."""
    filters = read_list_filters(call.request.query_params)
    try:
        breakpoint_id = str(uuid.UUID(call.request.path_params["id"]))
    except ValueError:
        raise not_found() from None
    breakpoint = await call.backend.store.breakpoint(call.project.id, breakpoint_id)
    if breakpoint is None or filters.repository not in {None, breakpoint.repository}:
        raise not_found()
    if filters.filename not in {None, breakpoint.filename}:
        raise not_found()
    return breakpoint


async def _change(call: Call, *, partial: bool) -> Response:
    breakpoint = await _named_breakpoint(call)
    values = read_breakpoint(await read_body(call.request, MAX_CONTRACT_BODY), partial=partial)
    now = call.backend.clock()
    renewed = now + call.backend.settings.default_expiry_us
    try:
        changed = await call.backend.store.update_breakpoint(
            call.project.id, breakpoint.id, values, now, renewed, any_text=True, by=call.principal.actor
        )
    except OccupiedError:
        raise unique_error() from None
    if changed is None:
        raise not_found()
    return JsonResponse(output.resource(changed))


# --- The checks before an action, in the contract's order -----------------------------------------------------------


def _endpoint(actions: Mapping[str, Action], name: str) -> Callable[[Request], Awaitable[Response]]:
    accept_secret = any(action.agents for action in actions.values())
    allowed = ", ".join([*actions, "HEAD", "OPTIONS"])

    async def endpoint(request: Request) -> Response:
        _negotiate(request)
        backend = backend_of(request)
        principal = await authenticate_anywhere(request, backend.store, accept_secret=accept_secret)
        backend.key_use.used(principal.key_id, backend.clock())
        token = token_in_query(request)
        project = await find_project(principal, request.path_params["project_id"], backend.store, token)
        action = actions.get("GET" if request.method == "HEAD" else request.method)
        is_description = request.method == "OPTIONS"
        if action is None and not is_description and not accept_secret:
            raise permission_denied("This action does not support personal API key access")
        if action is not None and action.scope is not None:
            require(principal, action.scope)
        if backend.rate_limit is not None:
            backend.rate_limit.count(principal.key_id, backend.clock())
        call = Call(backend=backend, request=request, principal=principal, project=project)
        if is_description:
            return JsonResponse(output.description(name, await _writing(call, actions)), headers={"Allow": allowed})
        if action is None:
            raise method_not_allowed(request.method, allowed)
        return await perform(action, call)

    return endpoint


async def _writing(call: Call, actions: Mapping[str, Action]) -> list[str]:
    """The methods that the caller could make or change a breakpoint with."""
    methods = [method for method in ("POST", "PUT") if method in actions and call.principal.may(WRITE)]
    if "PUT" in methods:
        try:
            await _named_breakpoint(call)
        except ApiError:
            return []
    return methods


def _negotiate(request: Request) -> None:
    if request.query_params.get("format") not in {None, "", "json"}:
        raise not_found()  # Django REST framework's answer to a form that it cannot write
    accepted = (part.split(";")[0].strip().lower() for part in request.headers.get("accept", "*/*").split(","))
    if not _ACCEPTED.intersection(accepted):
        raise not_acceptable()
