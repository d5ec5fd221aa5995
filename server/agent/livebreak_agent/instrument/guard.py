"""Which exceptions may leave a hook.

A hook's own mistakes must never reach the application. But a signal handler, a time-out or another thread can raise an
exception in the application's thread while a hook happens to run; such an exception belongs to the application, as if it
had come a moment later.
"""

from __future__ import annotations

import os

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep


def is_for_the_application(error: Exception) -> bool:
    """Whether it came from outside of the agent: raised in a signal handler, or of a class that only the application has."""
    if isinstance(error, RecursionError | MemoryError):
        return False
    if type(error).__module__ != "builtins" and not type(error).__module__.startswith("livebreak_agent."):
        return True
    innermost = error.__traceback__
    while innermost is not None and innermost.tb_next is not None:
        innermost = innermost.tb_next
    if innermost is None:
        return False
    filename = innermost.tb_frame.f_code.co_filename
    if filename.startswith(("<", _PACKAGE)):
        return False
    # What the agent calls of the standard library can fail for the agent's own reasons.
    return not filename.startswith(_STANDARD_LIBRARY) or f"{os.sep}site-packages{os.sep}" in filename
