"""What a debugger can do and a hit that is over cannot: answered with a sentence, and never with a dialog."""

from __future__ import annotations

from livebreak.dap import types
from livebreak.dap.failures import ErrorId, RequestError
from livebreak.dap.methods import Method
from livebreak.dap.session import DebugSession


async def refuse(_: DebugSession, __: None) -> None:
    raise RequestError(ErrorId.READ_ONLY, "A hit is over: it can be looked at, not changed, and no process is stopped.")


async def no_modules(_: DebugSession, __: None) -> types.ModulesResponseBody:
    return types.ModulesResponseBody(modules=(), total_modules=0)


REFUSED = (
    "setVariable", "setExpression", "goto", "restartFrame", "restart", "terminateThreads", "writeMemory", "dataBreakpointInfo",
    "setDataBreakpoints", "setInstructionBreakpoints",
)  # fmt: skip

METHODS = (
    *(Method(command=command, arguments=None, answer=refuse) for command in REFUSED),
    Method(command="modules", arguments=None, answer=no_modules),
)
