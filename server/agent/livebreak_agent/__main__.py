"""`python -m livebreak_agent SCRIPT|-m MODULE ...`: runs a program as Python itself would, with the agent in it."""

from __future__ import annotations

import builtins
import contextlib
import functools
import importlib.machinery
import io
import os
import runpy
import sys
import types
from collections.abc import Callable, Iterator
from typing import cast

import livebreak_agent

USAGE = """\
usage: python -m livebreak_agent SCRIPT [ARGUMENT ...]
       python -m livebreak_agent -m MODULE [ARGUMENT ...]
       python -m livebreak_agent stamp [FOLDER] [--repository R] [--revision R] ...
       python -m livebreak_agent doctor [FILE:LINE] [--json]
       python -m livebreak_agent --version

Runs a Python program with the LiveBreak agent in it. LIVEBREAK_HOST and LIVEBREAK_SECRET_KEY say which backend it
connects to; without a host the program runs as if it had been started without the agent.

`stamp` writes down at build which code an image holds; `doctor` says, inside of it, what the agent would do there.
(A script of such a name is run as ./stamp or ./doctor.)
"""


def main(arguments: list[str]) -> None:
    match arguments:
        case ["-m", module, *rest]:
            _run_module(module, rest)
        case ["stamp", *rest]:
            from livebreak_agent import stamping

            sys.exit(stamping.main(rest))
        case ["doctor", *rest]:
            from livebreak_agent import doctor

            sys.exit(doctor.main(rest))
        case ["--version"]:
            sys.stdout.write(f"livebreak-agent {livebreak_agent.__version__}\n")
        case ["-h" | "--help"]:
            sys.stdout.write(USAGE)
        case [script, *rest] if not script.startswith("-"):
            _run_script(script, rest)
        case _:
            sys.stderr.write(USAGE)
            sys.exit(2)


def _run_module(module: str, arguments: list[str]) -> None:
    sys.argv = [module, *arguments]
    livebreak_agent.start()
    sys.argv[0] = "-m"  # As long as the module is being looked for; then it is the module's path.
    _fresh_main()
    with _own_frames_hidden():
        _run_as_python_does(module, True)  # True: sys.argv[0] becomes the module's path.


def _run_script(script: str, arguments: list[str]) -> None:
    sys.argv = [script, *arguments]
    path = os.path.abspath(script)
    is_container = importlib.machinery.PathFinder.find_spec("__main__", [path]) is not None
    if not sys.flags.safe_path:  # Else Python did not put the working directory there for `-m livebreak_agent`.
        sys.path[0] = path if is_container else os.path.dirname(os.path.realpath(path))
    elif is_container:
        sys.path.insert(0, path)
    livebreak_agent.start()
    module = _fresh_main()
    with _own_frames_hidden():
        if is_container:
            _run_as_python_does("__main__", False)
        else:
            exec(_load(path, module), vars(module))  # noqa: S102 -- running the program is what this is for


_run_as_python_does: Callable[[str, bool], object] = getattr(runpy, "_run_module_as_main")  # noqa: B009 -- not in its stubs
"""What `python -m` itself calls: packages, zip files and the messages for what is not there are exactly the same. The
public functions of `runpy` take `__main__` away when the script ends, under the feet of threads and of `pickle`."""


def _fresh_main() -> types.ModuleType:
    """A main module as Python makes it at start, before it knows what runs in it."""
    module = types.ModuleType("__main__")
    vars(module)["__builtins__"] = builtins
    if sys.version_info < (3, 14):
        module.__annotations__ = {}
    sys.modules["__main__"] = module
    return module


def _load(path: str, module: types.ModuleType) -> types.CodeType:
    """The script's code; `module` gets the names that Python gives a script."""
    compiled = path.endswith(".pyc")
    kind = importlib.machinery.SourcelessFileLoader if compiled else importlib.machinery.SourceFileLoader
    loader = kind("__main__", path)
    vars(module).update(__loader__=loader, __file__=path, __cached__=None)
    try:
        if compiled:
            return cast("types.CodeType", loader.get_code("__main__"))
        with io.open_code(path) as file:
            return compile(file.read(), path, "exec", dont_inherit=True)
    except OSError as error:
        sys.stderr.write(f"{sys.executable}: can't open file {path!r}: [Errno {error.errno}] {error.strerror}\n")
        sys.exit(2)


@contextlib.contextmanager
def _own_frames_hidden() -> Iterator[None]:
    """Let an exception end the program as it would without us, exit code and all, but keep our frames out of its traceback."""
    try:
        yield
    except SystemExit:
        raise
    except BaseException:
        sys.excepthook = functools.partial(_show, sys.excepthook)
        raise


def _show(
    hook: Callable[[type[BaseException], BaseException, types.TracebackType | None], object],
    kind: type[BaseException],
    error: BaseException,
    traceback: types.TracebackType | None,
) -> None:
    kept = traceback
    entry = traceback
    while entry is not None:
        if entry.tb_frame.f_code.co_filename == __file__:
            kept = entry.tb_next
        entry = entry.tb_next
    error.__traceback__ = sys.last_traceback = kept
    sys.excepthook = hook
    hook(kind, error, kept)


if __name__ == "__main__":
    main(sys.argv[1:])
