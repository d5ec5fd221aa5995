"""A thread of the operating system, whatever the application made of `threading`.

gevent and the like put greenlets in the place of threads, before or after the agent has started. A greenlet gets its turn only
when the application waits; and a `threading.Thread` that was there before ends with an error after it, because its number is
another then. So the agent's thread is made of what is below `threading`, and is not on its lists.
"""

from __future__ import annotations

import _thread
import importlib.util
import select
import selectors
import sys
from collections.abc import Callable
from typing import Any


def original(module: Any, name: str) -> Any:
    """What a module has under the name, or had before gevent replaced it."""
    # While gevent is being imported by another thread, it has not replaced anything and may lack the function.
    get_original = getattr(sys.modules.get("gevent.monkey"), "get_original", None)
    return getattr(module, name) if get_original is None else get_original(module.__name__, name)


def new_lock() -> Any:
    """What `threading.Lock()` gives where nobody has replaced it."""
    return original(_thread, "allocate_lock")()


def new_reentrant_lock() -> Any:
    """The same for `threading.RLock()`: its owner is a thread, never a greenlet."""
    return original(_thread, "RLock")()


def new_selector() -> selectors.BaseSelector:
    """One that waits in the kernel. Not epoll: its set would be shared with forked children.

    gevent's makes a hub for the thread, and importing what that needs beside another thread's first one can hang both.
    """
    if not hasattr(selectors, "PollSelector"):  # On Windows.
        return selectors.SelectSelector()
    kind = type("Poll", (selectors.PollSelector,), {"_selector_cls": original(select, "poll")})
    selector: selectors.BaseSelector = kind()
    return selector


def may_be_patched_later() -> bool:
    """Whether `threading` may still be replaced in this process.

    While that happens nothing else may import: a lock of the import system that is taken before it and given back after it
    has changed its owner, so it stays taken for ever, and whoever imports the same module hangs.
    """
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None:
        is_patched = getattr(monkey, "is_module_patched", None)
        return is_patched is None or not is_patched("threading")
    return importlib.util.find_spec("gevent") is not None


class Thread:
    """A daemon thread that is running."""

    def __init__(self, target: Callable[[], object], name: str) -> None:
        self._target = target
        self._name = name
        self._ended = new_lock()
        self._ended.acquire()
        self.native_id: int | None = None
        """The system's number of the thread, once it runs."""
        self._is_alive = True
        self.ident = 0
        self.ident = original(_thread, "start_new_thread")(self._run, ())

    def join(self, seconds: float) -> bool:
        """Wait for its end, at most so long; True if it has ended. By another thread."""
        if self._is_alive and self._ended.acquire(timeout=seconds):
            self._ended.release()
        return not self._is_alive

    def is_alive(self) -> bool:
        return self._is_alive

    def is_current(self) -> bool:
        return bool(original(_thread, "get_ident")() == self.ident)

    def _run(self) -> None:
        self.native_id = _thread.get_native_id()
        if hasattr(_thread, "set_name"):  # From Python 3.14 on: what the system's tools show.
            _thread.set_name(self._name)
        try:
            self._target()
        finally:
            self._is_alive = False
            self._ended.release()


class Nap:
    """What `threading.Event` is, for a thread that is none of `threading`."""

    def __init__(self) -> None:
        self._lock = new_lock()
        self._lock.acquire()
        self._is_over = False

    def end(self) -> None:
        """End the nap of the one who sleeps, now or later on. By any thread."""
        if not self._is_over:
            self._is_over = True
            self._lock.release()

    def take(self, seconds: float) -> bool:
        """Sleep for so long; True if somebody ended it."""
        if not self._is_over and self._lock.acquire(timeout=seconds):
            self._lock.release()
        return self._is_over
