"""The agent in the life of a process: start and stop, forks, the end.

`start()` does only what cannot wait; what takes time to import or to answer happens in the thread.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import os
import sys
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from livebreak_agent import __version__, identity, native, roles, settings
from livebreak_agent.uplink.wake import Wake
from livebreak_agent.vocabulary.model import Process

if TYPE_CHECKING:
    from livebreak_agent.work import Work

THREAD_NAME = "livebreak-agent"

FLUSH_SECONDS = 2.0
"""At most so much longer may a process live because of us."""

PAUSE_SECONDS = 0.25
"""At most so long does a fork wait for the thread to pause: between two pieces of work it takes a millisecond, while the
network hangs it may take longer."""

GONE_SECONDS = 0.02
"""At most so long does a fork wait until the kernel has forgotten the thread; usually it is a thousandth of that."""

CHILD_DELAY_SECONDS = 0.1
"""A forked child that only runs another program, or closes all files to become a daemon, has done so by then."""

CONFIGURED_SECONDS = 3.0
"""A program that may be a supervisor has read its configuration by then, or has forked, which ends the wait."""

_running: Running | None = None
_are_hooks_set = False


def start(**options: Any) -> bool:
    """`livebreak_agent.start()`, where a host is named."""
    problem = try_to_start(**options)
    if problem is not None:
        _warn(problem)
    return problem is None


def try_to_start(**options: Any) -> str | None:
    """Start, or say in a sentence why not."""
    global _running
    if _running is not None:
        _running.wait_for_uwsgi()
        return None
    missing = roles.missing_flag()
    if missing is not None:
        return missing
    try:
        chosen = settings.read(os.environ, **options)
        found = identity.find(chosen, os.environ, sys.argv, _working_directory())
        running = Running(chosen, found)
        if _is_supervisor():
            running.wait()
        else:
            running.begin()
    except settings.SettingsError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the application is to start
        return f"The agent cannot start ({type(error).__name__}: {error})."
    for sentence in chosen.warnings:
        _warn(sentence)
    _running = running
    _set_hooks()
    return None


def is_running() -> bool:
    """Whether it was started in this process, and not stopped."""
    return _running is not None


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
        self._process = _new_process(found)
        self._wake = Wake()
        self._work: Work | None = None
        """Made in the thread."""
        self._thread: native.Thread | None = None
        self._nap = native.Nap()
        """Set to end the delay of a child's thread."""
        self._is_ending = False
        self._gate = native.new_lock()
        self._forks = 0
        """Forks that are under way, by any threads."""
        self._is_parked = False
        """Whether the thread has ended for a fork, to be started again after it."""
        self._is_waiting = False
        """Whether this process is a supervisor: only its children are told of, and have a thread."""
        self._is_uwsgi_told = False

    def wait(self) -> None:
        """Do nothing until a fork makes a worker, whose beginning this is."""
        self._is_waiting = True
        self.wait_for_uwsgi()
        if native.may_be_patched_later():
            # A worker replaces `threading` first of all; what is imported by then is not imported beside that.
            importlib.import_module("livebreak_agent.work")
        if roles.is_known_later(sys.argv, sys.orig_argv):
            self._nap = native.Nap()
            self._thread = native.Thread(self._begin_unless_supervisor, THREAD_NAME)

    def wait_for_uwsgi(self) -> None:
        """uWSGI, which may have come to be known only now, says itself when there is a worker."""
        if self._is_waiting and not self._is_uwsgi_told and "uwsgi" in sys.modules:
            self._is_uwsgi_told = True
            roles.after_uwsgi_forks(_after_fork_in_child)

    def begin(self, delay: float = 0.0) -> None:
        """Start the thread, which first lets the delay pass."""
        if self._work is None and not delay and native.may_be_patched_later():
            self._make_work()
        self._thread = native.Thread(functools.partial(self._main, delay), THREAD_NAME)

    def end(self) -> None:
        """Restore all code at once, then flush within the bound."""
        self._is_ending = True
        self._nap.end()
        if self._work is not None:
            self._work.end(FLUSH_SECONDS)
        if self._thread is not None and not self._thread.is_current():
            self._thread.join(FLUSH_SECONDS)

    def before_fork(self) -> None:
        """Let the thread end between two pieces of work.

        So nothing in the child waits for a lock that a thread held which is not there, and Python, which from 3.12 on warns of
        a fork with threads, has nothing to warn of because of us.
        """
        with self._gate:
            self._forks += 1
            if self._work is not None:
                self._work.pause(wanted=True)
        self._nap.end()
        if self._thread is not None and not self._thread.is_current():
            self._thread.join(PAUSE_SECONDS)
            _wait_until_gone(self._thread)

    def after_fork_in_parent(self) -> None:
        with self._gate:
            self._forks -= 1
            if self._forks:
                return
            if self._work is not None:
                self._work.pause(wanted=False)
            is_parked, self._is_parked = self._is_parked, False
        if is_parked:
            self.begin()
        elif self._is_waiting:
            self.wait()

    def after_fork_in_child(self) -> None:
        """Begin anew as another process; the pipe and the connections are the parent's."""
        if not self._is_waiting and self._process.pid == os.getpid():
            return  # uWSGI may say so in more than one way.
        if self._is_waiting and _is_supervisor(is_forked=True):
            return  # It has only detached itself from the terminal.
        self._is_waiting = False
        self._gate, self._forks, self._is_parked, self._nap = native.new_lock(), 0, False, native.Nap()
        self._process = _new_process(self._identity)
        self._wake.forget()
        if self._work is not None:
            self._work.after_fork(self._process)
        self.begin(CHILD_DELAY_SECONDS)

    def _begin_unless_supervisor(self) -> None:
        if not self._nap.take(CONFIGURED_SECONDS) and self._is_waiting and not self._is_ending and not _is_supervisor():
            self._is_waiting = False
            self.begin()

    def _main(self, delay: float) -> None:
        try:
            if delay:
                self._nap.take(delay)
                self._wait_for_greenlets()
                _end_with_celery()
            work = self._work or self._make_work()
            if self._is_ending:
                work.end(FLUSH_SECONDS)
            while not work.run(_watches_others):
                with self._gate:
                    if self._forks:
                        self._is_parked = True
                        return
                    # Nothing is hit here any more, so it says goodbye; what it forks begins anew.
                    if _watches_others():
                        self._is_waiting, self._work = True, None
                        work.end(FLUSH_SECONDS)
        except Exception as error:  # noqa: BLE001 -- a fault of ours is not to become one of the application's
            _warn(
                f"The agent has ended itself because of an error of its own ({type(error).__name__} in {_place(error)}); "
                "please report it."
            )

    def _wait_for_greenlets(self) -> None:
        """A worker of gunicorn's for gevent replaces `threading` when it begins; until that is done nothing is begun here.

        Beside it, modules are half of one kind and half of the other, and it holds all objects in a list: a tuple that grows
        then, as one of a generator does, fails with a `SystemError`.
        """
        end = time.monotonic() + CONFIGURED_SECONDS
        # In this order: what was about to begin by the first question is seen by the second.
        while (_is_about_to_patch() and time.monotonic() < end) or roles.is_patching():
            if self._nap.take(CHILD_DELAY_SECONDS):
                return

    def _make_work(self) -> Work:
        # Here, because TLS, HTTP and JSON take tens of milliseconds to import, which are not the application's.
        from livebreak_agent.work import Work

        work = Work(self._settings, self._identity, self._process, self._wake)
        with self._gate:
            self._work = work
            work.pause(wanted=self._forks > 0)
        return work


def _is_supervisor(*, is_forked: bool = False) -> bool:
    return roles.is_supervisor(sys.argv, sys.orig_argv, os.environ, roles.main_frame(), is_forked=is_forked)


def _watches_others() -> bool:
    return roles.watches_others(roles.main_frame())


def _is_about_to_patch() -> bool:
    return "gunicorn.workers.ggevent" in sys.modules and native.may_be_patched_later()


def _wait_until_gone(thread: native.Thread) -> None:
    """A thread that was joined is counted by the kernel for some microseconds more, and Python asks the kernel."""
    task = f"/proc/self/task/{thread.native_id}"
    end = time.monotonic() + GONE_SECONDS
    while not thread.is_alive() and os.path.exists(task) and time.monotonic() < end:
        time.sleep(GONE_SECONDS / 100)


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


def _end_with_celery() -> None:
    """The children of its pool end without `atexit` and without finalizers; they say so by a signal of Celery's own."""
    signals = sys.modules.get("celery.signals")
    if signals is not None:
        signals.worker_process_shutdown.connect(_stop_for_celery, weak=False)


def _stop_for_celery(**_: object) -> None:
    stop()


def _place(error: Exception) -> str:
    """Where an exception comes from. Its text is left out: it may hold what was captured."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return f"{os.path.basename(traceback.tb_frame.f_code.co_filename)}:{traceback.tb_lineno}" if traceback is not None else "?"


def _warn(sentence: str) -> None:
    import logging

    logging.getLogger("livebreak").warning("LiveBreak: %s", sentence)
