"""`livebreak/replay`: the script that debugs a hit again here. A request of our own; without it there is the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from livebreak.dap.failures import ErrorId, RequestError
from livebreak.dap.methods import Method
from livebreak.dap.session import DebugSession, view_of
from livebreak.dap.sources import local_file
from livebreak.debugger.replay import NotReplayable, replay_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplayArguments:
    thread_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplayResponseBody:
    script: str
    """Python, to be run by a debugger or by itself."""
    missing: tuple[str, ...]
    """A sentence for each thing that could not be rebuilt."""


async def replay(session: DebugSession, arguments: ReplayArguments) -> ReplayResponseBody:
    thread = session.thread(arguments.thread_id)
    hit = await session.hit(thread)
    local = local_file(session, view_of(hit, thread, 0))
    if local is None:
        raise RequestError(ErrorId.NO_REPLAY, f"{hit.filename} is not on this machine, so its function cannot be called here.")
    root = local.path
    for _ in hit.filename.split("/"):
        root = root.parent
    try:
        made = replay_of(hit, local.text, path=str(local.path), root=str(root))
    except NotReplayable as error:
        raise RequestError(ErrorId.NO_REPLAY, str(error)) from None
    return ReplayResponseBody(script=made.script, missing=made.missing)


METHODS = (Method(command="livebreak/replay", arguments=ReplayArguments, answer=replay),)
