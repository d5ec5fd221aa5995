"""Stepping: through time with the keys that go forward and back, through the stack with those that go in and out."""

from __future__ import annotations

from typing import Protocol

from livebreak.dap import types
from livebreak.dap.methods import Method
from livebreak.dap.session import DebugSession, Thread
from livebreak.dap.threads import tell_stop
from livebreak.debugger.time_axis import Moment
from livebreak.debugger.wording import frames_of


class OfThread(Protocol):
    """Arguments of every request that steps."""

    @property
    def thread_id(self) -> int: ...


async def next_hit(session: DebugSession, arguments: OfThread) -> None:
    """The newer hit."""
    thread = session.thread(arguments.thread_id)
    newer = await session.feed.newer(thread.lane, thread.current)
    _go(session, thread, newer, "This is the newest hit; `continue` waits for a newer one.")


async def step_back(session: DebugSession, arguments: OfThread) -> None:
    """The older hit."""
    thread = session.thread(arguments.thread_id)
    thread.is_held = True
    older = await session.feed.older(thread.lane, thread.current)
    _go(session, thread, older, "This is the oldest hit that is stored.")


async def reverse_continue(session: DebugSession, arguments: OfThread) -> None:
    """The oldest hit that is known; beyond it one steps back."""
    thread = session.thread(arguments.thread_id)
    thread.is_held = True
    if thread.axis.oldest() == thread.current:
        await session.feed.older(thread.lane, thread.current)
    oldest = thread.axis.oldest()
    _go(session, thread, oldest if oldest != thread.current else None, "This is the oldest hit that is stored.")


async def go_on(session: DebugSession, arguments: OfThread) -> types.ContinueResponseBody:
    """The newest hit; from there, the next one that comes."""
    thread = session.thread(arguments.thread_id)
    if thread.is_unseen:
        # Some clients send a thread on by themselves that stops while another one is looked at; nobody wants to leave it.
        return types.ContinueResponseBody(all_threads_continued=False)
    newest = thread.axis.newest()
    thread.is_held = False
    if newest.key > thread.current.key:
        _go(session, thread, newest, "")
    elif session.attached.session is None:
        _go(session, thread, None, "This is the newest hit of the file.")
    else:
        thread.is_waiting = True
        session.references.forget(thread.id)
    return types.ContinueResponseBody(all_threads_continued=False)


async def step_out(session: DebugSession, arguments: OfThread) -> None:
    """The caller's frame."""
    thread = session.thread(arguments.thread_id)
    frames = frames_of(await session.hit(thread))
    _climb(session, thread, min(thread.depth + 1, len(frames) - 1), "This is the outermost frame that was captured.")


async def step_in(session: DebugSession, arguments: OfThread) -> None:
    """The frame that the shown one called."""
    thread = session.thread(arguments.thread_id)
    _climb(session, thread, max(thread.depth - 1, 0), "This is the frame of the line itself; it called nothing yet.")


async def pause(session: DebugSession, arguments: OfThread) -> None:
    """Wait no longer."""
    thread = session.thread(arguments.thread_id)
    thread.is_waiting = False
    tell_stop(session, thread, "pause")


async def step_in_targets(_: DebugSession, __: None) -> types.StepInTargetsResponseBody:
    return types.StepInTargetsResponseBody(targets=())


METHODS = (
    Method(command="next", arguments=types.NextArguments, answer=next_hit),
    Method(command="stepBack", arguments=types.StepBackArguments, answer=step_back, capabilities=("supports_step_back",)),
    Method(command="reverseContinue", arguments=types.ReverseContinueArguments, answer=reverse_continue),
    Method(command="continue", arguments=types.ContinueArguments, answer=go_on),
    Method(command="stepIn", arguments=types.StepInArguments, answer=step_in),
    Method(command="stepOut", arguments=types.StepOutArguments, answer=step_out),
    Method(command="pause", arguments=types.PauseArguments, answer=pause),
    Method(command="stepInTargets", arguments=None, answer=step_in_targets),
)


def _go(session: DebugSession, thread: Thread, moment: Moment | None, otherwise: str) -> None:
    """Show a moment; where there is none the thread stops where it is, as a debugger does at a program's end."""
    session.move(thread, moment or thread.current)
    tell_stop(session, thread, "step", "" if moment is not None else otherwise)


def _climb(session: DebugSession, thread: Thread, depth: int, otherwise: str) -> None:
    is_same = depth == thread.depth
    session.references.forget(thread.id)
    thread.depth = depth
    tell_stop(session, thread, "step", otherwise if is_same else "")
