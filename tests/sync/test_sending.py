"""What becomes of an edit while another one is being answered."""

from __future__ import annotations

import asyncio

import pytest

from livebreak.sync.known import Known
from livebreak.sync.outbox import Outbox
from livebreak.sync.remotes import Missing, Occupied, Rejected
from livebreak.sync.sending import Sender
from livebreak_agent.vocabulary.model import Breakpoint, NewBreakpoint, Process
from livebreak_agent.vocabulary.wire import Breakpoints, ProcessState


class Teammates:
    """A backend on which the line of b.py is taken; while it lists what it has, the user says yes."""

    host = "http://backend.example"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.said_yes = asyncio.Event()

    async def create(self, new: NewBreakpoint) -> Breakpoint:
        self.asked.append(new.id)
        if new.filename == "b.py":
            raise Occupied("Somebody else has a breakpoint there.")
        return Breakpoint(id=new.id, filename=new.filename, line_number=new.line_number, owner="ada")

    async def breakpoints(self) -> Breakpoints:
        self.said_yes.set()
        for _ in range(20):
            await asyncio.sleep(0)
        return Breakpoints(results=())


class Told:
    def __init__(self, remote: Teammates) -> None:
        self._remote = remote

    def occupied(self, _: str) -> bool:
        return False

    def renamed(self, *_: str) -> None: ...

    async def confirm(self, _: str) -> bool:
        return await self._remote.said_yes.wait()

    def breakpoints_changed(self, _: frozenset[str]) -> None: ...

    def notice(self, message: str) -> None:
        raise AssertionError(message)


async def test_what_waited_for_a_yes_is_sent_though_another_is_refused_at_that_moment() -> None:
    remote, known, outbox, connected = Teammates(), Known(host=Teammates.host), Outbox(None), asyncio.Event()
    process = Process(id="p", service="web", environment="production", host="box", pid=1)
    known.replace_processes([ProcessState(process=process)])
    outbox.create(NewBreakpoint(id="a", filename="a.py", line_number=1))
    outbox.create(NewBreakpoint(id="b", filename="b.py", line_number=1, enabled=False))
    connected.set()
    sender = Sender(remote=remote, known=known, outbox=outbox, told=Told(remote), connected=connected)  # type: ignore[arg-type]
    sender.wake()
    running = asyncio.create_task(sender.run())
    await sender.stop(seconds=20)
    running.cancel()

    assert ["b", "a"] == remote.asked
    assert (["a"], ["b"]) == (list(known.breakpoints), list(known.refused))


class Refusing(Teammates):
    """A backend that takes no addition but one with a condition, which the user writes while the first is on its way."""

    def __init__(self, outbox: Outbox, *, accepted: str) -> None:
        super().__init__()
        self._outbox = outbox
        self._accepted = accepted

    async def create(self, new: NewBreakpoint) -> Breakpoint:
        self.asked.append(new.condition or "")
        if new.condition == self._accepted:
            return Breakpoint(id=new.id, filename=new.filename, line_number=1, condition=new.condition)
        if new.condition is None:
            self._outbox.change(new.id, {"condition": "total > 1"})
        raise Rejected("It is too broad.")

    async def change(self, breakpoint_id: str, fields: object) -> Breakpoint:
        raise Missing(f"There is no {breakpoint_id} to set {fields} of.")


@pytest.mark.parametrize(
    ("accepted", "stored", "refused"), [("total > 1", ["total > 1"], []), ("total > 2", [], [("total > 1", "It is too broad.")])]
)
async def test_an_addition_that_was_changed_on_its_way_and_refused_is_sent_again_and_keeps_the_reason(
    accepted: str, stored: list[str], refused: list[tuple[str, str]]
) -> None:
    outbox, known, connected = Outbox(None), Known(host=Teammates.host), asyncio.Event()
    remote = Refusing(outbox, accepted=accepted)
    outbox.create(NewBreakpoint(id="a", filename="a.py", line_number=1))
    connected.set()
    sender = Sender(remote=remote, known=known, outbox=outbox, told=Told(remote), connected=connected)  # type: ignore[arg-type]
    sender.wake()
    running = asyncio.create_task(sender.run())
    await sender.stop(seconds=20)
    running.cancel()

    assert ["", "total > 1"] == remote.asked
    assert stored == [item.condition for item in known.breakpoints.values()]
    assert refused == [(edit.new.condition, edit.message) for edit in known.refused.values()]
