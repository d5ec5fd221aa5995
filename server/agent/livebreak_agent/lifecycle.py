"""The agent in the life of a process: start and stop, forks, the end.

`start()` does only what cannot wait; what takes time to import or to answer happens in the thread.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from livebreak_agent import __version__, identity, settings
from livebreak_agent.uplink.wake import Wake
from livebreak_agent.vocabulary.model import Process

if TYPE_CHECKING:
    from livebreak_agent.work import Work

THREAD_NAME = "livebreak-agent"

FLUSH_SECONDS = 2.0
"""At most so much longer may a process live because of us."""

BUSY_SECONDS = 1.0
"""At most so long does a fork wait for the thread to be between two pieces of work, where it holds no lock."""

CHILD_DELAY_SECONDS = 0.1
"""A forked child that only runs another program, or closes all files to become a daemon, has done so by then."""

_running: Running | None = None
_are_hooks_set = False


def start(**options: Any) -> bool:
    """`livebreak_agent.start()`, where a host is named."""
    global _running
    if _running is not None:
        return True
    try:
        chosen = settings.read(os.environ, **options)
        found = identity.find(chosen, os.environ, sys.argv, _working_directory())
        running = Running(chosen, found)
        running.begin()
    except Exception as error:  # noqa: BLE001 -- whatever it is, the application is to start
        is_understood = isinstance(error, settings.SettingsError)
        _warn(str(error) if is_understood else f"The agent cannot start ({type(error).__name__}: {error}).")
        return False
    for sentence in chosen.warnings:
        _warn(sentence)
    _running = running
    _set_hooks()
    return True


def stop() -> None:
    """`livebreak_agent.stop()`."""
    global _running
    running, _running = _running, None
    if running is not None:
        running.end()


class Running:
    """A started agent: its thread, and what the thread works on."""

    def __init__(self, chosen: settings.Settings, found: identity.Identity) -> None:
        self._settings = chosen
        self._identity = found
        self._wake = Wake()
        self._work: Work | None = None
        """Made in the thread."""
        self._busy = threading.Lock()
        """Held by the thread whenever it is at work on anything but the network."""
        self._fork_in: int | None = None
        """The thread that forks and holds `_busy` for it."""
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        self._begin(_new_process(self._identity), delay=0.0)

    def end(self) -> None:
        """Restore all code at once, then flush within the bound."""
        self._ending.set()
        work = self._work
        if work is not None:
            work.end(FLUSH_SECONDS)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(FLUSH_SECONDS)

    def before_fork(self) -> None:
        if self._busy.acquire(timeout=BUSY_SECONDS):
            self._fork_in = threading.get_ident()

    def after_fork_in_parent(self) -> None:
        if self._fork_in == threading.get_ident():
            self._fork_in = None
            self._busy.release()

    def after_fork_in_child(self) -> None:
        """The thread is gone, and its pipe and sockets are the parent's: begin anew, as another process."""
        self._busy, self._fork_in, self._ending = threading.Lock(), None, threading.Event()
        self._wake.forget()
        process = _new_process(self._identity)
        if self._work is not None:
            self._work.after_fork(process, self._busy)
        self._begin(process, CHILD_DELAY_SECONDS)

    def _begin(self, process: Process, delay: float) -> None:
        thread = threading.Thread(target=self._main, args=(process, delay), name=THREAD_NAME, daemon=True)
        thread.start()
        self._thread = thread

    def _main(self, process: Process, delay: float) -> None:
        self._ending.wait(delay)
        try:
            with self._busy:
                # Here, because TLS, HTTP and JSON take tens of milliseconds to import, which are not the application's.
                from livebreak_agent import work

                if self._work is None:  # Else it is of before the fork.
                    self._work = work.Work(self._settings, self._identity.root, process, self._wake, self._busy)
            if self._ending.is_set():
                self._work.end(FLUSH_SECONDS)
            self._work.run()
        except Exception as error:  # noqa: BLE001 -- a fault of ours is not to become one of the application's
            _warn(
                f"The agent has ended itself because of an error of its own ({type(error).__name__} in {_place(error)}); "
                "please report it."
            )


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # It was removed.
        return os.sep


_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy"}


def _new_process(found: identity.Identity) -> Process:
    implementation = sys.implementation.name
    return Process(
        id=str(uuid.uuid4()),
        pid=os.getpid(),
        host=found.host,
        service=found.service,
        environment=found.environment,
        repository=found.repository,
        revision=found.revision,
        runtime=f"{_IMPLEMENTATIONS.get(implementation, implementation)} {sys.version.split()[0]}",
        agent_version=__version__,
        started_at=datetime.now(UTC).isoformat(),
    )


def _set_hooks() -> None:
    """Once in the life of a process: what is registered here cannot be taken back, and does nothing while nothing runs."""
    global _are_hooks_set
    if _are_hooks_set:
        return
    _are_hooks_set = True
    atexit.register(stop)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)


def _before_fork() -> None:
    if _running is not None:
        _running.before_fork()


def _after_fork_in_parent() -> None:
    if _running is not None:
        _running.after_fork_in_parent()


def _after_fork_in_child() -> None:
    if _running is None:
        return
    try:
        _running.after_fork_in_child()
        # Its children end without `atexit`, and say so to their own kind of finalizers only.
        util = sys.modules.get("multiprocessing.util")
        if util is not None:
            util.register_after_fork(_running, _end_with_multiprocessing)
    except Exception as error:  # noqa: BLE001 -- the child is to run, whatever it is
        _warn(f"The agent cannot go on after a fork ({type(error).__name__}: {error}).")


def _end_with_multiprocessing(_: object) -> None:
    util = sys.modules["multiprocessing.util"]
    # The number orders it after all finalizers that have one, which are the application's.
    util.Finalize(None, stop, exitpriority=-100)


def _place(error: Exception) -> str:
    """Where an exception comes from. Its text is left out: it may hold what was captured."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return f"{os.path.basename(traceback.tb_frame.f_code.co_filename)}:{traceback.tb_lineno}" if traceback is not None else "?"


def _warn(sentence: str) -> None:
    import logging

    logging.getLogger("livebreak").warning("LiveBreak: %s", sentence)
