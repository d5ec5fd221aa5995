"""The real language server over a session whose backend is this process's memory; the tests say what the backend knows.

Methods that begin with `test/` fill it. Everything else is the product: the session, git, the files, the wire.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livebreak.lsp.logs import open_log
from livebreak.lsp.server import create_server
from livebreak.lsp.stdio import run
from livebreak.sync.known import Known
from livebreak.sync.listener import Listener
from livebreak.sync.outbox import Outbox
from livebreak.sync.remotes import Missing, Unreachable
from livebreak.sync.repositories import Repositories
from livebreak.sync.session import Session
from livebreak_agent.vocabulary.codec import from_json
from livebreak_agent.vocabulary.lsp_messages import Connection
from livebreak_agent.vocabulary.model import Breakpoint, Hit
from livebreak_agent.vocabulary.summary import summarise
from livebreak_agent.vocabulary.where import compile_where
from livebreak_agent.vocabulary.wire import Hits, HitsQuery, Pause, PauseRequest, Pauses, ProcessState


class Memory:
    """As much of a remote as a session asks of it without a connection: whole hits."""

    def __init__(self) -> None:
        self.whole: dict[str, Hit] = {}
        self.asked: list[str] = []
        self.is_away = False
        self.answers = asyncio.Event()
        self.answers.set()

    async def hit(self, hit_id: str) -> Hit:
        self.asked.append(hit_id)
        await self.answers.wait()
        if self.is_away:
            raise Unreachable("The backend does not answer.")
        if hit_id not in self.whole:
            raise Missing("There is no such hit.")
        return self.whole[hit_id]

    async def hits(self, query: HitsQuery) -> Hits:
        matches = compile_where(query.where or "True")
        found = [hit for hit in self.whole.values() if hit.breakpoint_id == query.breakpoint_id and matches(hit)]
        return Hits(results=tuple(found))

    async def pause(self, request: PauseRequest) -> Pauses:
        return Pauses(results=(Pause(by="ada", at="2026-11-23T12:00:00+00:00", service=request.service, reason=request.reason),))

    async def resume(self, request: PauseRequest) -> Pauses:
        del request
        return Pauses(results=())


class InMemory:
    """A session, its listener, and what the tests put into it."""

    def __init__(self, listener: Listener) -> None:
        self.remote = Memory()
        self.known = Known(host="http://memory")
        self.known.owner = "ada"
        self.known.connection = Connection.CONNECTED
        self.outbox = Outbox(None)
        self.session = Session(
            remote=self.remote,  # type: ignore[arg-type]
            repositories=Repositories(),
            outbox=self.outbox,
            known=self.known,
        )
        self._listener = listener
        self.known.on_touched = lambda ids: listener.breakpoints_changed(self.session.paths_of(ids))

    async def start(self) -> None:
        print("started")  # to standard output: it must not get into the stream of messages

    async def stop(self) -> None:
        print("stopped", file=sys.stderr, flush=True)

    def put(self, breakpoint: Mapping[str, Any]) -> None:
        self.known.put_breakpoint(from_json(Breakpoint, breakpoint))

    def process(self, state: Mapping[str, Any]) -> None:
        self.known.put_process(from_json(ProcessState, state))

    def left(self, process_id: str) -> None:
        self.known.drop_process(process_id)

    def hit(self, hit: Mapping[str, Any], total: int | None = None) -> None:
        whole = from_json(Hit, hit)
        self.remote.whole[whole.id] = whole
        self.known.hits.add(summarise(whole), total)
        self._listener.hits_changed(self.session.paths_of(frozenset({whole.breakpoint_id})))

    async def ask(self, question: str) -> bool:
        return await self._listener.confirm(question)

    def away(self, *, is_away: bool) -> None:
        self.remote.is_away = is_away

    def slow(self, *, is_slow: bool) -> None:
        if is_slow:
            self.remote.answers.clear()
        else:
            self.remote.answers.set()

    def connection(self, state: str, message: str) -> None:
        self.known.connection, self.known.message = Connection(state), message
        self._listener.status_changed()

    def edits(self) -> list[list[object]]:
        return [[edit.kind, edit.breakpoint_id, edit.fields] for edit in self.outbox.edits]

    def anchors(self) -> list[str | None]:
        return [edit.new.anchor.text for edit in self.outbox.edits if edit.new is not None and edit.new.anchor is not None]

    def asked(self) -> list[str]:
        return self.remote.asked


def main() -> int:
    made: list[InMemory] = []

    def connect(listener: Listener) -> InMemory:
        made.append(InMemory(listener))
        return made[0]

    open_log(None)
    server = create_server(connect, Path(os.environ["LIVEBREAK_STATE_DIR"]) / "hits")
    for name in ("put", "process", "left", "hit", "away", "slow", "connection", "edits", "anchors", "asked"):
        server.feature(f"test/{name}")(lambda params, name=name: getattr(made[0], name)(**(params or {})))

    async def ask(params: Any) -> bool:
        return await made[0].ask(**params)

    server.feature("test/ask")(ask)
    return run(server)


if __name__ == "__main__":
    sys.exit(main())
