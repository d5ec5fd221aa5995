"""Our own routes, under `/api/projects/:id/livebreak/`: what the contract cannot say. Shapes and keys are in `wire`."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute

from livebreak import __version__
from livebreak.backend.armed import armed, read_process_id
from livebreak.backend.auth import READ, SOMEBODY, WRITE
from livebreak.backend.context import Call
from livebreak.backend.errors import ApiError, conflict, invalid, not_found
from livebreak.backend.identity import canonical_uuid
from livebreak.backend.live_hits import find_hits, pin_hit, purge_hits, retrieve_hit, unpin_hit
from livebreak.backend.live_input import changes_of, new_breakpoint, read_message, read_object
from livebreak.backend.processes import News
from livebreak.backend.responses import JsonResponse, no_content, rendered
from livebreak.backend.routing import Action, live_endpoint, url
from livebreak.backend.store.interface import OccupiedError, Place
from livebreak.backend.stream import stream
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import Breakpoint, NewBreakpoint
from livebreak_agent.vocabulary.wire import API_VERSION, Capabilities, PauseRequest, Pauses, Processes, ProcessReport, Project

PREFIX = "/api/projects/{project_id}/livebreak"

FEATURES = ("breakpoints", "armed", "processes", "hits", "pin", "purge", "stream", "pause", "not_production")


ARMED = {"GET": Action(armed, people=False, agents=True)}
"""The long poll; `polls` answers it past the router, which knows of it all the same."""


def live_routes() -> list[BaseRoute]:
    table = {
        "/": {"GET": Action(capabilities, agents=True)},
        "/breakpoints": {"GET": Action(list_breakpoints, READ, reads_hits=True), "POST": Action(create_breakpoint, WRITE)},
        "/breakpoints/{id}": {
            "GET": Action(retrieve_breakpoint, READ),
            "PATCH": Action(patch_breakpoint, WRITE),
            "DELETE": Action(delete_breakpoint, WRITE),
        },
        "/armed": ARMED,
        "/processes": {"GET": Action(list_processes, READ)},
        "/processes/{id}": {
            "PUT": Action(put_process, people=False, agents=True),
            "DELETE": Action(delete_process, people=False, agents=True),
        },
        "/hits": {"GET": Action(find_hits, READ, reads_hits=True)},
        "/hits/purge": {"POST": Action(purge_hits, WRITE)},
        "/hits/{id}": {"GET": Action(retrieve_hit, READ, reads_hits=True)},
        "/hits/{id}/pin": {
            "PUT": Action(pin_hit, WRITE, reads_hits=True),
            "DELETE": Action(unpin_hit, WRITE, reads_hits=True),
        },
        "/stream": {"GET": Action(stream, READ)},
        "/pause": {"POST": Action(pause, WRITE)},
        "/resume": {"POST": Action(resume, WRITE)},
    }
    return [route for path, actions in table.items() for route in url(PREFIX + path, live_endpoint(actions))]


async def capabilities(call: Call) -> Response:
    answer = Capabilities(
        version=__version__,
        api=API_VERSION,
        features=FEATURES,
        project=Project(id=call.project.id, name=call.project.name),
        ingestion_token=call.project.token,
        owner=call.principal.owner,
        scopes=call.principal.scopes,
    )
    return JsonResponse(to_json(answer))


# --- Breakpoints ----------------------------------------------------------------------------------------------------


async def list_breakpoints(call: Call) -> Response:
    place = Place(repository=call.request.query_params.get("repository") or None)
    listed = await call.backend.store.breakpoints_with_hits(call.project.id, place)
    return await rendered(lambda: to_json(listed))


async def create_breakpoint(call: Call) -> Response:
    draft = await read_message(call, NewBreakpoint)
    now = call.backend.clock()
    breakpoint = new_breakpoint(draft, call.principal.owner, now, call.backend.settings.default_expiry_us)
    try:
        row, is_new = await call.backend.store.create_breakpoint(call.project.id, breakpoint, now, by=call.principal.actor)
    except OccupiedError as error:
        raise _occupied(error.occupant, call.principal.owner) from None
    return JsonResponse(to_json(row), status_code=201 if is_new else 200)


async def retrieve_breakpoint(call: Call) -> Response:
    return JsonResponse(to_json(await _named_breakpoint(call)))


async def patch_breakpoint(call: Call) -> Response:
    breakpoint = await _named_breakpoint(call)
    patch = await read_object(call)
    now = call.backend.clock()
    default_expiry_us = call.backend.settings.default_expiry_us
    changes = changes_of(breakpoint, patch, now, default_expiry_us)
    renewed = now + default_expiry_us
    try:
        changed = await call.backend.store.update_breakpoint(
            call.project.id, breakpoint.id, changes, now, renewed, by=call.principal.actor
        )
    except OccupiedError as error:
        raise _occupied(error.occupant, call.principal.owner) from None
    if changed is None:
        raise not_found()
    return JsonResponse(to_json(changed))


async def delete_breakpoint(call: Call) -> Response:
    breakpoint = await _named_breakpoint(call)
    now = call.backend.clock()
    if not await call.backend.store.delete_breakpoint(call.project.id, breakpoint.id, now, by=call.principal.actor):
        raise not_found()
    return no_content()


async def _named_breakpoint(call: Call) -> Breakpoint:
    breakpoint_id = canonical_uuid(call.request.path_params["id"])
    breakpoint = None if breakpoint_id is None else await call.backend.store.breakpoint(call.project.id, breakpoint_id)
    if breakpoint is None:
        raise not_found()
    return breakpoint


def _occupied(occupant: Breakpoint, asker: str | None) -> ApiError:
    is_own = occupant.owner is not None and occupant.owner == asker
    who = "You already have" if is_own else f"{occupant.owner or SOMEBODY.capitalize()} already has"
    return conflict(f"{who} a live breakpoint on {occupant.filename}:{occupant.line_number}.")


# --- Processes ------------------------------------------------------------------------------------------------------


async def list_processes(call: Call) -> Response:
    pauses = await call.backend.store.pauses(call.project.id)
    present = Processes(results=call.backend.processes.of_project(call.project.id), pauses=pauses)
    return await rendered(lambda: to_json(present))


async def put_process(call: Call) -> Response:
    process_id = read_process_id(call.request.path_params["id"])
    report = await read_message(call, ProcessReport)
    if report.process.id != process_id:
        raise invalid("invalid_input", "Must be the id in the URL.", "process.id")
    backend, now = call.backend, call.backend.clock()
    news = backend.processes.put(call.project.id, report, now)
    is_due = news is News.COUNTERS and backend.process_pace.claim((call.project.id, process_id))
    if is_due or news is News.STATES:
        await backend.store.put_process(call.project.id, report, now)
    return no_content()


async def delete_process(call: Call) -> Response:
    state = call.backend.processes.remove(call.project.id, read_process_id(call.request.path_params["id"]))
    if state is not None:
        await call.backend.store.remove_process(call.project.id, state, call.backend.clock())
    return no_content()


# --- The kill switch ------------------------------------------------------------------------------------------------


async def pause(call: Call) -> Response:
    request = await read_message(call, PauseRequest)
    pauses = await call.backend.store.pause(call.project.id, request, call.principal.actor, call.backend.clock())
    return JsonResponse(to_json(Pauses(results=pauses)))


async def resume(call: Call) -> Response:
    request = await read_message(call, PauseRequest)
    pauses = await call.backend.store.resume(call.project.id, request, call.principal.actor, call.backend.clock())
    return JsonResponse(to_json(Pauses(results=pauses)))
