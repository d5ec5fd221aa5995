"""What the processes make of breakpoints, for somebody who waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from livebreak.debugger.states import is_meant_for
from livebreak.sync.known import Known
from livebreak.sync.remotes import Remote, RemoteError
from livebreak_agent.vocabulary.model import Breakpoint
from livebreak_agent.vocabulary.wire import Pause, PauseChanged, ProcessChanged, ProcessState, Reset


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What is known when the waiting is over."""

    processes: tuple[ProcessState, ...]
    pauses: tuple[Pause, ...]
    problem: str | None = None
    """Why the waiting ended early, in one sentence."""


async def wait_for_answers(remote: Remote, items: Sequence[Breakpoint], patience: float) -> Answers:
    """Wait until every process that one of the breakpoints is meant for has answered, at most `patience` seconds.

    A backend that goes away meanwhile is a `problem`, not an error: the breakpoints are there.
    """
    known = Known()
    problem = None
    try:
        async with asyncio.timeout(patience):
            await _follow(remote, [item for item in items if item.enabled], known)
    except TimeoutError:
        pass
    except RemoteError as error:
        problem = f"What processes make of it is not known: {error}"
    return Answers(processes=known.processes, pauses=known.pauses, problem=problem)


async def _follow(remote: Remote, items: Sequence[Breakpoint], known: Known) -> None:
    async with aclosing(remote.stream(None)) as events:  # type: ignore[type-var]  # every remote's is an async generator
        async for event in events:
            match event.payload:
                case Reset():
                    present = await remote.processes()
                    known.replace_processes(present.results)
                    known.replace_pauses(present.pauses)
                case ProcessChanged(change="left", state=state):
                    known.drop_process(state.process.id)
                case ProcessChanged(state=state):
                    known.put_process(state)
                case PauseChanged(pauses=pauses):
                    known.replace_pauses(pauses)
                case _:
                    continue
            if known.pauses or all(_is_answered(item, known.processes) for item in items):
                return


def _is_answered(item: Breakpoint, processes: tuple[ProcessState, ...]) -> bool:
    meant = (state for state in processes if is_meant_for(item, state))
    return all(any(binding.breakpoint_id == item.id for binding in state.bindings) for state in meant)
