"""`GET livebreak/armed`: the long poll with which agents learn at once what to arm."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.types import Message, Receive

from livebreak.backend.admissions import Admission
from livebreak.backend.changes import Turn, settle
from livebreak.backend.context import Call
from livebreak.backend.contract_input import read_integer, read_text
from livebreak.backend.errors import authentication_failed, invalid
from livebreak_agent.vocabulary.wire import MAX_WAIT, ArmedQuery

NOT_MODIFIED = 304

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
    connection = _Connection(call.request.receive)
    while True:
        changed = backend.changes.next_armed(project_id)
        if admission.is_over:
            raise authentication_failed()
        answer = await backend.armed.answer(project_id, query)
        is_new = answer.etag not in held
        asks_for_report = not is_known and backend.processes.is_due_to_be_told(project_id, query.process)
        if is_new or asks_for_report:
            return answer.known if is_known else answer.unknown
        remaining = deadline - loop.time()
        if remaining <= 0 or backend.changes.stopping:
            return Response(status_code=NOT_MODIFIED, headers={"ETag": answer.etag})
        await connection.wait_for(changed, remaining)
        if connection.is_closed:
            if poll is not None:
                backend.processes.abandon(project_id, query.process, poll)
            return Response(status_code=NOT_MODIFIED)


class _Connection:
    """The client's end of a poll, which may hang up: a killed process is gone from people's screens within seconds.

    Thousands of these rest at the same time, so one that waits is a future and a task that sleeps, and nothing looks at it.
    """

    __slots__ = ("_future", "_receive", "_watch", "is_closed")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._watch: asyncio.Task[None] | None = None
        self._future: asyncio.Future[None] | None = None
        self.is_closed = False

    async def wait_for(self, turn: Turn, seconds: float) -> None:
        """Until the turn is over or the client hangs up, at most so long."""
        loop = asyncio.get_running_loop()
        if self._watch is None:
            # It ends with the request, when the server tells it so.
            self._watch = loop.create_task(self._watch_client())
        future = self._future = loop.create_future()
        timer = loop.call_later(seconds, settle, future)
        turn.add(future)
        try:
            await future
        finally:
            timer.cancel()
            turn.discard(future)

    async def _watch_client(self) -> None:
        message: Message = {"type": ""}
        while message["type"] != "http.disconnect":
            message = await self._receive()
        self.is_closed = True
        if self._future is not None:
            settle(self._future)


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
