"""Whether this process serves, or only starts and watches others that do: a master of workers, or a reloader.

A supervisor loads the application's code at most to hand it down, so it is no process that a breakpoint can be waited for in: it
would be the one in *bound in 4 of 5* for ever. What a process is follows from what it was started as, from its environment, and
from where in the supervisor's code its main thread is.
"""

from __future__ import annotations

import importlib
import os
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any

_TRUE = frozenset({"1", "true", "yes", "on"})

_DEEPEST = 2_000
"""Frames that are looked through; supervisors are near the bottom of far shorter stacks."""


def is_supervisor(
    argv: Sequence[str],
    orig_argv: Sequence[str],
    environ: Mapping[str, str],
    frame: types.FrameType | None,
    *,
    is_forked: bool = False,
) -> bool:
    """Whether this process is one that only starts others.

    Parameters
    ----------
    argv, orig_argv
        `sys.argv` and `sys.orig_argv`.
    frame
        Where the main thread is.
    is_forked
        Whether a supervisor has just made it by a fork.
    """
    if any(_is_server_of_forks(argument) for argument in orig_argv):
        return not is_forked
    if any(argument.endswith("debugpy/adapter") for argument in orig_argv):
        return True  # Between an editor and the program; it runs nothing of the application.
    if "uwsgi" in sys.modules:
        return int(sys.modules["uwsgi"].worker_id()) == 0
    if _is_spawned_by_multiprocessing(orig_argv):
        return False
    arguments = list(argv[1:])
    match program_of(argv, orig_argv):
        case "gunicorn":
            return not _is_in(frame, "gunicorn.arbiter", "spawn_worker")
        case "uwsgi" | "pyuwsgi":
            return True
        case "uvicorn":
            return "--reload" in arguments or _number(_option(arguments, "--workers") or environ.get("WEB_CONCURRENCY")) > 1
        case "celery":
            return "worker" in arguments and _celery_forks(arguments) and not _is_in(frame, "billiard.popen_fork", "_launch")
        case "flask":
            reloads = {"--debug", "--reload"} & {*arguments} or environ.get("FLASK_DEBUG", "").lower() in _TRUE
            is_wanted = "run" in arguments and bool(reloads) and "--no-reload" not in arguments
            return is_wanted and environ.get("WERKZEUG_RUN_MAIN") != "true"
        case "manage" | "django" | "django-admin":
            is_wanted = "runserver" in arguments and "--noreload" not in arguments
            return is_wanted and environ.get("RUN_MAIN") != "true"
    return False


def watches_others(frame: types.FrameType | None) -> bool:
    """Whether the main thread, which is at this frame, has come to do nothing but watch the processes that serve.

    A program may call its server with workers or a reloader by itself, which its start does not show.
    """
    found = {(module, function) for module, function in _WATCHING if _is_in(frame, module, function)}
    return bool(found - {_ARBITER}) or (_ARBITER in found and not _is_in(frame, "gunicorn.arbiter", "spawn_worker"))


_ARBITER = ("gunicorn.arbiter", "run")
"""The workers of gunicorn are forked deep inside of it."""

_WATCHING = (
    _ARBITER,
    ("uvicorn.supervisors.multiprocess", "run"),
    ("uvicorn.supervisors.basereload", "run"),
    ("werkzeug._reloader", "restart_with_reloader"),
    ("django.utils.autoreload", "restart_with_reloader"),
)


def is_known_later(argv: Sequence[str], orig_argv: Sequence[str]) -> bool:
    """Whether what this process is may be told only after it has read its configuration: Celery's pool may stand there."""
    return program_of(argv, orig_argv) == "celery" and _pool(argv) is None


def program_of(argv: Sequence[str], orig_argv: Sequence[str]) -> str:
    """The started program's name: `gunicorn` of `/usr/bin/gunicorn`, of `-m gunicorn` and of `gunicorn/__main__.py`."""
    path = argv[0] if argv else ""
    if path == "-m":  # The module is only looked for.
        index = orig_argv.index("-m") + 1 if "-m" in orig_argv else len(orig_argv)
        return orig_argv[index].partition(".")[0] if index < len(orig_argv) else ""
    name = os.path.basename(path).removesuffix(".py").removesuffix(".exe")
    return os.path.basename(os.path.dirname(os.path.abspath(path))) if name == "__main__" else name.partition(".")[0]


def is_patching() -> bool:
    """Whether a thread is replacing the standard library's modules by gevent's at this moment.

    All threads are looked at: which one is the main thread cannot be told in the midst of it, when `threading` already has a
    greenlet's number for it.
    """
    return "gevent.monkey" in sys.modules and any(_is_in_patch(frame) for frame in list(sys._current_frames().values()))  # noqa: SLF001 -- how CPython names its public function


def _is_in_patch(frame: types.FrameType | None) -> bool:
    for _ in range(_DEEPEST):
        if frame is None:
            return False
        name, function = frame.f_globals.get("__name__"), frame.f_code.co_name
        # `python -m gevent.monkey` runs the whole program below its `main`.
        if type(name) is str and f"{name}.".startswith("gevent.monkey.") and function != "main":
            return True
        # gunicorn's worker makes its thread's hub in there, too: of two threads that make their first at once, both may hang,
        # because each waits for a lock of the import system, and to wait takes a hub.
        if name == "gunicorn.workers.ggevent" and function == "patch":
            return True
        frame = frame.f_back
    return False


def main_frame() -> types.FrameType | None:
    """Where the main thread is; in a forked child, where the fork was asked for."""
    import threading

    # gevent gives a greenlet's number for it, and then it is this thread that asks.
    return sys._current_frames().get(threading.main_thread().ident or 0, sys._getframe())  # noqa: SLF001 -- how CPython names its public function


def missing_flag() -> str | None:
    """The sentence about what this process needs for a thread of ours to run at all, or None."""
    uwsgi = sys.modules.get("uwsgi")
    if uwsgi is None:
        return None
    options = {name.decode() if isinstance(name, bytes) else name for name in uwsgi.opt}
    if options & {"enable-threads", "threads", "gevent"}:
        return None
    return "uWSGI runs no threads of Python here, so the agent cannot run; start uWSGI with --enable-threads."


def after_uwsgi_forks(call: Any) -> None:
    """Have uWSGI call it in each worker: its forks are made in C, past Python's own hooks."""
    uwsgi = sys.modules["uwsgi"]
    try:
        # Its own registry: whoever imports it later on would replace a hook that was set without it.
        uwsgidecorators = importlib.import_module("uwsgidecorators")
        uwsgidecorators.postfork(call)
    except Exception:  # noqa: BLE001 -- it refuses to be imported without a master process, with a bare Exception
        former = getattr(uwsgi, "post_fork_hook", None)

        def hook() -> None:
            if former is not None:
                former()
            call()

        vars(uwsgi)["post_fork_hook"] = hook


def _is_server_of_forks(argument: str) -> bool:
    return "multiprocessing.forkserver import main" in argument


def _is_spawned_by_multiprocessing(orig_argv: Sequence[str]) -> bool:
    """A child has its parent's `sys.argv`, but not its part."""
    return "--multiprocessing-fork" in orig_argv


def _is_in(frame: types.FrameType | None, module: str, function: str) -> bool:
    for _ in range(_DEEPEST):
        if frame is None:
            return False
        if frame.f_code.co_name == function and frame.f_globals.get("__name__") == module:
            return True
        frame = frame.f_back
    return False


def _celery_forks(arguments: Sequence[str]) -> bool:
    pool = _pool(["", *arguments])
    if pool is not None:
        return pool in {"prefork", "processes"}
    loaded = {name for name in ("prefork", "solo", "thread", "gevent", "eventlet") if f"celery.concurrency.{name}" in sys.modules}
    # Celery imports the one that it was configured with; until then the usual one is the likeliest.
    return not loaded or "prefork" in loaded


def _pool(argv: Sequence[str]) -> str | None:
    arguments = list(argv[1:])
    glued = next((one[2:] for one in arguments if one.startswith("-P") and len(one) > len("-P")), None)
    return _option(arguments, "--pool") or _option(arguments, "-P") or glued


def _option(arguments: Sequence[str], name: str) -> str | None:
    for index, argument in enumerate(arguments):
        if argument == name and index + 1 < len(arguments):
            return arguments[index + 1]
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return None


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() else 0
