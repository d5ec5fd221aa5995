"""The stack of the hit that a thread shows, from the frame that is on top outwards."""

from __future__ import annotations

from livebreak.dap import types
from livebreak.dap.methods import Method
from livebreak.dap.references import FrameView
from livebreak.dap.session import DebugSession, view_of
from livebreak.dap.sources import is_own, source_of
from livebreak.debugger.values import visible
from livebreak.debugger.wording import is_label, whole_stack

MOST_FRAMES = 200
"""Frames of one answer; more than agents capture, and an answer of some 60 KB."""


async def stack_trace(session: DebugSession, arguments: types.StackTraceArguments) -> types.StackTraceResponseBody:
    thread = session.thread(arguments.thread_id)
    hit = await session.hit(thread)
    thread.is_unseen = False
    total = len(whole_stack(hit))
    first = thread.depth + max(arguments.start_frame or 0, 0)
    levels = arguments.levels if arguments.levels is not None and arguments.levels > 0 else MOST_FRAMES
    frames = []
    for index in range(first, min(first + min(levels, MOST_FRAMES), total)):
        view = view_of(hit, thread, index)
        if is_label(view.frame):
            frames.append(_label(session, view))
            continue
        line = max(view.frame.line_number, 1) - 1 + session.client.lines_start_at
        frames.append(
            types.StackFrame(
                id=session.references.add(thread.id, view),
                name=visible(view.frame.function) or "<unknown>",
                source=await source_of(session, view),
                line=line,
                column=session.client.columns_start_at,
                presentation_hint=None if is_own(view) else "subtle",
            )
        )
    return types.StackTraceResponseBody(stack_frames=tuple(frames), total_frames=max(total - thread.depth, 0))


def _label(session: DebugSession, view: FrameView) -> types.StackFrame:
    """A line between the stacks of two tasks."""
    reference = session.references.add(view.thread_id, view)
    return types.StackFrame(id=reference, name=view.frame.function, line=0, column=0, presentation_hint="label")


METHODS = (
    Method(
        command="stackTrace",
        arguments=types.StackTraceArguments,
        answer=stack_trace,
        capabilities=("supports_delayed_stack_trace_loading",),
    ),
)
