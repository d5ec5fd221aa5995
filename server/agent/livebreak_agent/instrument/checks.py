"""What is called on each pass over a line that has a condition, with the condition written into it.

A condition that is false is what nearly every pass over it comes to, so that each call, each look-up and each attribute on
the way to that answer counts. Here one function is made of all of it; only what comes after a true condition is called.
"""

from __future__ import annotations

import inspect
import types
from typing import Any

from livebreak_agent.vocabulary.expressions import FILENAME, Checked, EvaluationError, Secrets, limits


def can_be_written_in(code: types.CodeType) -> bool:
    """Whether a condition can be evaluated in frames of this code by plain look-ups.

    The variables of a module's or a class's body may be kept in an object of the application's.
    """
    return bool(code.co_flags & inspect.CO_OPTIMIZED)


def compile_check(condition: Checked, code: types.CodeType, secrets: Secrets | None, kind: str, *, returns: bool) -> Any:
    """The function that makes such a function of what its signature in `_HEADS` names.

    Parameters
    ----------
    kind
        A key of `_HEADS`.
    returns
        Whether passes must be told apart from coming back to the line within a pass.
    """
    own = {*code.co_varnames, *code.co_cellvars, *code.co_freevars}
    value = condition.source(lambda name: f"{'N' if name in own else 'G'}[{name!r}]")
    lines = [
        *(["if frame.f_lasti in returns:", "    return disable"] if returns else []),
        "try:",
        "    try:",
        *(["        N = frame.f_locals"] if condition.names & own else []),
        *(["        G = globals_of(frame)"] if condition.names - own else []),
        f"        B = {f'[{limits.STEPS}, S]' if condition.uses_budget else None}",
        f"        if not {value if condition.is_bool else f'truth({value})'}:",
        *([f"            counts.steps += {limits.STEPS} - B[0]"] if condition.uses_budget else []),
        "            counts.passes += 1",
        "            return None",
        "    except Exception as error:",
        "        return on_error(frame, error)",
        "    return on_true(frame)",
        # Where the stack is all but full even these calls fail, and that is no exception of the application's.
        "except RecursionError:",
        "    return None",
    ]
    source = _HEADS[kind] + "".join(f"        {line}\n" for line in lines) + "    return call\n"
    namespace = {**condition.namespace(secrets), "globals_of": _globals_of}
    exec(compile(source, FILENAME, "exec"), namespace)  # noqa: S102 - the source is ours, of checked parts only
    return namespace["make"]


def _globals_of(frame: types.FrameType) -> dict[str, Any]:
    if type(frame.f_globals) is not dict:
        raise EvaluationError("The names of this module are kept in an object of the application's, which is not read.")
    return frame.f_globals


_HEADS = {
    "line": """\
def make(target, number, depth, returns, counts, on_true, on_error, getframe, disable):
    def call(code, line):
        if line != number or code is not target:
            return disable
        frame = getframe(depth)
""",
    "hook": """\
def make(number, asleep, counts, on_true, on_error, getframe):
    def call():
        if number in asleep:
            return None
        frame = getframe(1)
""",
}
"""`line` is the callback of `sys.monitoring`, `hook` what injected bytecode calls."""
