"""Threads: a breakpoint in a process each, at one of its hits; and how a stop is told."""

from __future__ import annotations

from collections.abc import Collection

from livebreak.dap import types
from livebreak.dap.methods import Method
from livebreak.dap.session import DebugSession, Thread
from livebreak.debugger.time_axis import Lane, Moment, lane_name
from livebreak.debugger.values import visible

MOST_MESSAGES = 200
"""Messages of one logpoint told at once; when a session begins, so many of the past ones."""


async def threads(session: DebugSession, _: None) -> types.ThreadsResponseBody:
    if session.attachment is None:
        return types.ThreadsResponseBody(threads=())
    return types.ThreadsResponseBody(threads=tuple(types.Thread(id=it.id, name=session.name_of(it)) for it in session.by_time()))


METHODS = (Method(command="threads", arguments=None, answer=threads, before_attach=True),)


def tell_stop(session: DebugSession, thread: Thread, reason: str, remark: str = "", *, in_background: bool = False) -> None:
    """Tell the client that a thread shows a hit. In the background nobody's view is moved to it."""
    thread.is_unseen = in_background
    if not in_background:
        session.focus = thread.id
    newer = thread.axis.newer_count(thread.current)
    place = f"{newer} newer" if newer else "the newest"
    item = session.feed.breakpoint(thread.lane.breakpoint_id)
    condition = f", if {visible(item.condition)}" if item is not None and item.condition else ""
    session.send_event(
        "stopped",
        types.StoppedEventBody(
            reason=reason,
            description=f"Hit ({place})",
            thread_id=thread.id,
            preserve_focus_hint=in_background,
            text=remark or f"{session.name_of(thread)}{condition} ({place})",
            # Some clients let only the first thread be browsed if others are said to run.
            all_threads_stopped=True,
        ),
    )


def take_hits(session: DebugSession, lanes: Collection[Lane]) -> None:
    """New hits came. Whoever looks at a hit is not moved away from it, unless the session was told to follow."""
    if not session.is_configured or session.is_over:
        return
    admitted = session.admit(lanes)
    for lane in lanes:
        _log(session, session.thread_of(lane))
    # Logpoints stop nothing; their hits can be browsed all the same, once something has.
    admitted = [thread for thread in admitted if not _is_logpoint(session, thread)]
    if admitted and session.focus is None:
        # At the first stop the client asks for all threads; to tell of each would be thousands of messages.
        tell_stop(session, admitted[0], "breakpoint")
    else:
        for thread in admitted:
            session.send_event("thread", types.ThreadEventBody(reason="started", thread_id=thread.id))
            tell_stop(session, thread, "breakpoint", in_background=True)
    for lane in lanes:
        known = session.thread_of(lane)
        if known is not None and known not in admitted and not (_is_logpoint(session, known) and session.focus != known.id):
            _advance(session, known)


def begin_at(session: DebugSession, lane: Lane, moment: Moment, lanes: Collection[Lane]) -> None:
    """The first stop is at a hit that was named; new ones do not move its thread. Its lane is the first thread, so that there
    is one for it, however many there are."""
    [thread] = session.admit([lane])
    session.admit(lanes)
    session.move(thread, moment)
    thread.is_held = True
    for other in lanes:
        _log(session, session.thread_of(other))
    tell_stop(session, thread, "breakpoint")


def _advance(session: DebugSession, thread: Thread) -> None:
    newest = thread.axis.newest()
    if newest.key <= thread.current.key:
        return
    is_looked_at = session.focus == thread.id
    was_waiting = thread.is_waiting
    if not was_waiting and (thread.is_held or (is_looked_at and not session.follows)):
        return
    # Who waits for a newer hit wants the next one, as a program that goes on stops at the next.
    session.move(thread, (thread.axis.newer(thread.current) or newest) if was_waiting and not session.follows else newest)
    tell_stop(session, thread, "breakpoint", in_background=not (is_looked_at or was_waiting))


def _is_logpoint(session: DebugSession, thread: Thread) -> bool:
    item = session.feed.breakpoint(thread.lane.breakpoint_id)
    return thread.current.message is not None or (item is not None and item.log_message is not None)


def _log(session: DebugSession, thread: Thread | None) -> None:
    """What logpoints say goes to the console, in order."""
    if thread is None or thread.axis.newest().message is None:
        return
    moments = [moment for moment in thread.axis.after(thread.logged) if moment.message is not None]
    process = session.process_name(thread)
    for moment in moments[-MOST_MESSAGES:]:
        text = f"{lane_name(moment, process, session.now())}: {visible(moment.message or '')}\n"
        session.send_event("output", types.OutputEventBody(category="stdout", output=text))
    thread.logged = thread.axis.newest().key
