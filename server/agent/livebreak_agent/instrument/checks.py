"""What is called on each pass over a line that has a condition, with the condition written into it.

A condition that is false is what nearly every pass over it comes to, so that each call, each look-up and each attribute on
the way to that answer counts. Here one function is made of all of it; only what comes after a true condition is called.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any

from livebreak_agent.instrument.sites import Written
from livebreak_agent.vocabulary.expressions import FILENAME, EvaluationError, limits

_REMEMBERED = 256
"""Conditions whose code is kept: compiling is most of what arming one takes, and it is armed again when anything else of the
breakpoint changes, and in each code object that its line is in."""


def can_be_written_in(code: types.CodeType) -> bool:
    """Whether a condition can be evaluated in frames of this code by plain look-ups.

    The variables of a module's or a class's body may be kept in an object of the application's.
    """
    return bool(code.co_flags & inspect.CO_OPTIMIZED)


def compile_check(
    written: Written, code: types.CodeType, head: str, *, returns: bool
) -> Callable[[Mapping[str, Any]], Callable[..., Any]]:
    """Makes, of values for the names in `head`, what is called on each pass.

    Beside those it needs `getframe`, `on_true`, called with the frame, and `on_error`, with the frame and the exception.

    Parameters
    ----------
    head
        The signature, and what comes first; it defines `frame`.
    returns
        Whether passes must be told apart from coming `back` to the line within a pass.
    """
    condition = written.condition
    own = {*code.co_varnames, *code.co_cellvars, *code.co_freevars}
    value = condition.source(lambda name: f"{'N' if name in own else 'G'}[{name!r}]")
    lines = [
        *(["if frame.f_lasti in back:", "    return disable"] if returns else []),
        "try:",
        *(["    N = frame.f_locals"] if condition.names & own else []),
        *(["    G = globals_of(frame)"] if condition.names - own else []),
        *([f"    B = [{limits.STEPS}, S]"] if condition.uses_budget else []),
        f"    if not {value if condition.is_bool else f'truth({value})'}:",
        *([f"        counts.steps += {limits.STEPS} - B[0]"] if condition.uses_budget else []),
        "        counts.passes += 1",
        "        return None",
        "    return on_true(frame)",
        # Where the stack is all but full even the next call fails, and that is no exception of the application's.
        "except RecursionError:",
        "    return None",
        "except Exception as error:",
        "    try:",
        "        return on_error(frame, error)",
        "    except RecursionError:",
        "        return None",
    ]
    compiled = _compiled(head + "".join(f"    {line}\n" for line in lines))
    names = {
        **condition.namespace(written.secrets),
        "B": None,
        "RecursionError": RecursionError,
        "globals_of": _globals_of,
        "counts": written.counts,
    }

    def make(values: Mapping[str, Any]) -> Callable[..., Any]:
        namespace = {**names, **values}
        exec(compiled, namespace)  # noqa: S102 - the source is ours, of checked parts only
        made: Callable[..., Any] = namespace["call"]
        return made

    return make


@functools.lru_cache(_REMEMBERED)
def _compiled(source: str) -> types.CodeType:
    return compile(source, FILENAME, "exec")


def _globals_of(frame: types.FrameType) -> dict[str, Any]:
    if type(frame.f_globals) is not dict:
        raise EvaluationError("The names of this module are kept in an object of the application's, which is not read.")
    return frame.f_globals
