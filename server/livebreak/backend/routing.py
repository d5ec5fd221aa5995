"""How URLs and methods lead to functions, with the checks that come before them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from livebreak.backend.auth import authenticate, find_project, require
from livebreak.backend.context import Call, backend_of
from livebreak.backend.errors import method_not_allowed, permission_denied

Handler = Callable[[Call], Awaitable[Response]]

_METHODS = ()
"""No limit by the router: an endpoint itself refuses a method, after the checks that come before, and in its own form."""


@dataclass(frozen=True, slots=True)
class Action:
    """What one method of a URL does, and for whom."""

    handler: Handler
    scope: str | None = None
    """What a person's key needs; None admits every valid key."""
    people: bool = True
    agents: bool = False
    reads_hits: bool = False
    """Whether captured values are in its answer, which the audit log tells."""


def url(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> list[BaseRoute]:
    """The route, with and without a slash at its end: clients write both, and a redirect would lose a POST's body."""
    bare = path.rstrip("/")
    return [Route(form, endpoint, methods=_METHODS) for form in (bare, bare + "/")]


async def perform(action: Action, call: Call) -> Response:
    """The action's answer, once what it tells is in the audit log."""
    answer = await action.handler(call)
    if action.reads_hits:
        await call.backend.key_use.read_hits(call.project.id, call.principal.actor, call.backend.clock())
    return answer


def live_endpoint(actions: Mapping[str, Action]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint of the live routes: key, project, method, kind of key, scope, and then the action."""

    async def endpoint(request: Request) -> Response:
        backend = backend_of(request)
        principal = await authenticate(request, backend.store)
        backend.key_use.used(principal.key_id, backend.clock())
        project = await find_project(principal, request.path_params["project_id"], backend.store)
        action = actions.get("GET" if request.method == "HEAD" else request.method)
        if action is None:
            raise method_not_allowed(request.method, ", ".join(actions))
        if principal.kind == "secret" and not action.agents:
            raise permission_denied("This needs a personal API key (phx_); a project secret key (phs_) is for agents.")
        if principal.kind == "personal" and not action.people:
            raise permission_denied("This needs the project's secret key (phs_); a personal API key (phx_) is for people.")
        if action.scope is not None:
            require(principal, action.scope)
        return await perform(action, Call(backend=backend, request=request, principal=principal, project=project))

    return endpoint
