"""`GET livebreak/armed`: the long poll with which agents learn at once what to arm."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from livebreak.backend.admissions import Admission
from livebreak.backend.armed_sets import Answer
from livebreak.backend.changes import wait_for
from livebreak.backend.context import Call
from livebreak.backend.contract_input import read_integer, read_text
from livebreak.backend.errors import authentication_failed, invalid
from livebreak.backend.responses import JsonResponse
from livebreak_agent.vocabulary.wire import MAX_WAIT, ArmedQuery

NOT_MODIFIED = 304

HANG_UP_CHECK_SECONDS = 5.0
"""Between two looks whether the process is still there: a killed one is gone from people's screens within some ten seconds,
and thousands of waiters still cost next to nothing."""

LONGEST_PROCESS_ID = 64
"""Characters of a process id; a UUID has 36."""


async def armed(call: Call) -> Response:
    query = _read_query(call)
    held = {etag.strip() for etag in call.request.headers.get("if-none-match", "").split(",")}
    with call.backend.admissions.hold(call.principal) as admission:
        return await _wait(call, query, held, admission)


async def _wait(call: Call, query: ArmedQuery, held: set[str], admission: Admission) -> Response:
    backend, project_id = call.backend, call.project.id
    poll = backend.processes.renew(project_id, query.process, backend.clock())
    is_known = poll is not None
    loop = asyncio.get_running_loop()
    deadline = loop.time() + query.wait
    while True:
        changed = backend.changes.next_armed(project_id)
        if admission.is_over:
            raise authentication_failed()
        answer = await backend.armed.answer(project_id, query)
        is_new = answer.etag not in held
        asks_for_report = not is_known and backend.processes.is_due_to_be_told(project_id, query.process, backend.clock())
        if is_new or asks_for_report:
            return _send(answer, is_known=is_known)
        remaining = deadline - loop.time()
        if remaining <= 0 or backend.changes.stopping:
            return Response(status_code=NOT_MODIFIED, headers={"ETag": answer.etag})
        await wait_for(changed, min(remaining, HANG_UP_CHECK_SECONDS))
        if await call.request.is_disconnected():
            if poll is not None:
                backend.processes.abandon(project_id, query.process, poll, backend.clock())
            return Response(status_code=NOT_MODIFIED)


def _send(answer: Answer, *, is_known: bool) -> Response:
    body = answer.body if is_known else answer.body_unknown
    return JsonResponse(body, headers={"ETag": answer.etag, "Cache-Control": "no-store"})


def _read_query(call: Call) -> ArmedQuery:
    texts = {name: call.request.query_params.get(name) or None for name in ("repository", "service", "environment")}
    process = read_process_id(call.request.query_params.get("process", ""))
    wait = read_integer(call.request.query_params.get("wait") or 0, "wait", low=0, high=None)
    return ArmedQuery(process=process, wait=min(wait, MAX_WAIT), **texts)


def read_process_id(text: str) -> str:
    process_id = read_text(text, "process")
    if len(process_id) > LONGEST_PROCESS_ID:
        raise invalid("max_length", f"A process id has at most {LONGEST_PROCESS_ID} characters.", "process")
    return process_id
