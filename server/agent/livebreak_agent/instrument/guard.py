"""Which exceptions may leave a hook.

A hook's own mistakes must never reach the application. But a signal handler, a time-out or another thread can raise an
exception in the application's thread while a hook happens to run; such an exception belongs to the application, as if it
had come a moment later.
"""

from __future__ import annotations

import os
import types
from typing import Any

from livebreak_agent.capture import raw
from livebreak_agent.vocabulary.expressions import FILENAME

_module_of: Any = type.__dict__["__module__"].__get__
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep


def is_for_the_application(error: Exception) -> bool:
    """Whether it came from outside of the agent: raised in a signal handler, or of a class that only the application has."""
    if isinstance(error, RecursionError | MemoryError):
        return False
    module = _module_of(type(error))
    if type(module) is not str or (module != "builtins" and not module.startswith("livebreak_agent.")):
        return True
    # A hook runs nothing of the application's, so any code of its on the way to the error is that of a signal handler.
    traceback = error.__traceback__
    while traceback is not None:
        if not _is_known(traceback.tb_frame):
            return True
        traceback = traceback.tb_next
    return False


def _is_known(frame: types.FrameType) -> bool:
    """Whether it is the agent's, or the standard library's, which can fail for the agent's own reasons."""
    filename = raw.filename_of(frame.f_code)
    if filename == FILENAME or filename.startswith((_PACKAGE, "<frozen ")):
        return True
    if filename.startswith(_STANDARD_LIBRARY):
        return f"{os.sep}site-packages{os.sep}" not in filename
    # The standard library makes code for dataclasses, the agent's among them.
    name = dict.get(frame.f_globals, "__name__")
    return filename == "<string>" and type(name) is str and name.startswith("livebreak_agent.")
