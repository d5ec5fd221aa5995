"""By its number: `sys.remote_exec` of Python 3.14, called by the very interpreter that the process runs."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from livebreak.attach import payload
from livebreak.attach.errors import AttachError
from livebreak.attach.payload import Payload

ANSWER_SECONDS = 10.0
"""The main thread comes by Python code within milliseconds, unless it waits in a system call."""

_LONGEST_ANSWER = 2**16
"""Characters; it is a word or a sentence."""

_ASK_SECONDS = 20.0
"""For the interpreter to start and to say its version, or to hand over; a loaded machine takes a second."""

_VERSION = "import sys; print(*sys.version_info[:3], hasattr(sys, 'remote_exec'))"
_HAND_OVER = """\
import sys
try:
    sys.remote_exec(int(sys.argv[1]), sys.argv[2])
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    pid: int
    interpreter: str
    version: str


def attach(pid: int, text: Payload) -> str:
    """Run it in the process; the answer. `AttachError` says why it cannot be."""
    target = find(pid)
    with _private_folder() as folder:
        script, answer = folder / "attach.py", folder / "answer.json"
        script.touch(0o600)
        script.write_text(text.script(answer), "utf-8")
        # The folder last: from then on its new owner decides what the names in it stand for.
        _give(script, pid)
        _give(folder, pid)
        _hand_over(target, script)
        end = time.monotonic() + ANSWER_SECONDS
        while not answer.exists():
            if time.monotonic() > end:
                raise AttachError(
                    f"Process {pid} did not come to any Python code within {ANSWER_SECONDS:g} seconds, because its main thread "
                    "waits in a system call or in C code; try again while it works."
                )
            if not _is_alive(pid):
                raise AttachError(f"Process {pid} has ended meanwhile.")
            time.sleep(0.01)
        return _read(answer)


def find(pid: int) -> Target:
    """The process, with the interpreter that it runs; `AttachError` if the agent cannot be brought into it."""
    if sys.platform == "win32":
        raise AttachError(
            f"On Windows process {pid} cannot be attached to by its number; start it with `livebreak run`, or use "
            "debugpy://HOST:PORT if debugpy listens in it."
        )
    if not _is_alive(pid):
        raise AttachError(f"There is no process {pid}; check the number.")
    try:
        interpreter = str(Path(f"/proc/{pid}/exe").readlink())
        for kind in ("mnt", "pid"):
            if Path(f"/proc/{pid}/ns/{kind}").readlink() != Path(f"/proc/self/ns/{kind}").readlink():
                raise AttachError(
                    f"Process {pid} runs in a container of its own{_number_inside(pid)}; "
                    "run `livebreak attach` inside of that container."
                )
    except PermissionError:
        raise AttachError(_not_permitted(pid)) from None
    except FileNotFoundError:
        raise AttachError(
            f"Process {pid} has no entry in /proc, so its interpreter cannot be found; this needs Linux, or use debugpy://HOST:PORT."
        ) from None
    name = Path(interpreter).name.lower()
    if "python" not in name:
        raise AttachError(f"Process {pid} runs {Path(interpreter).name}, which is no Python interpreter; check the number.")
    if interpreter.endswith(" (deleted)"):
        raise AttachError(f"The Python of process {pid} was replaced on disk since it started; restart the process.")
    owner, _ = _owner(pid)
    if os.getuid() == 0 and owner != 0 and not _is_roots_alone(Path(interpreter)):
        raise AttachError(
            f"{interpreter} can be changed by others than root, so it is not run as root; run `livebreak attach` as the user "
            f"of process {pid} (number {owner})."
        )
    *version, is_able = _ask(interpreter, "-c", _VERSION).stdout.split() or ["", "", "", "False"]
    shown = ".".join(version)
    if is_able != "True":
        raise AttachError(
            f"Process {pid} runs Python {shown}, and only Python 3.14 and newer can be attached to by number; start it with "
            "`livebreak run`, or use debugpy://HOST:PORT if debugpy listens in it."
        )
    return Target(pid=pid, interpreter=interpreter, version=shown)


def _hand_over(target: Target, script: Path) -> None:
    done = _ask(target.interpreter, "-c", _HAND_OVER, str(target.pid), str(script))
    if done.returncode == 0:
        return
    said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    if "PermissionError" in said or "not permitted" in said.lower():
        raise AttachError(_not_permitted(target.pid))
    if "ProcessLookupError" in said:
        raise AttachError(f"Process {target.pid} has ended meanwhile.")
    raise AttachError(
        f"Process {target.pid} cannot be attached to ({said[:200]}); perhaps it was started with PYTHON_DISABLE_REMOTE_DEBUG."
    )


def _ask(interpreter: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            [interpreter, "-I", *arguments], capture_output=True, text=True, check=False, timeout=_ASK_SECONDS,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AttachError(f"Its interpreter {interpreter} cannot be run here ({type(error).__name__}).") from None


def _not_permitted(pid: int) -> str:
    try:
        owner = Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        owner = os.getuid()
    if owner != os.getuid():
        return f"Process {pid} belongs to another user (number {owner}); run `livebreak attach` as that user or as root."
    return (
        f"The system does not permit to attach to process {pid}; run as root, give the container CAP_SYS_PTRACE, or set "
        "kernel.yama.ptrace_scope to 0."
    )


def _is_alive(pid: int) -> bool:
    if pid > 0 and Path(f"/proc/{pid}").exists():
        return True
    try:
        # Asks without a signal, but on Windows, where 0 is Ctrl-C and nobody comes to here.
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return pid > 0


def _number_inside(pid: int) -> str:
    """Its number where it runs, which the last entry of `NSpid` is."""
    with contextlib.suppress(OSError, IndexError):
        for line in Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines():
            if line.startswith("NSpid:") and len(line.split()) > 2:
                return f", where its number is {line.split()[-1]}"
    return ""


def _owner(pid: int) -> tuple[int, int]:
    """User and group that it acts as. Those of its folder in /proc are root's where the process wants it so."""
    numbers = {}
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines()
    except OSError:
        raise AttachError(f"Process {pid} has ended meanwhile.") from None
    for line in lines:
        name, _, values = line.partition(":")
        if name in {"Uid", "Gid"}:
            numbers[name] = int(values.split()[1])
    return numbers["Uid"], numbers["Gid"]


def _is_roots_alone(path: Path) -> bool:
    """Whether nobody but root can put another program at this path."""
    entries = [entry.stat() for entry in (path, *path.parents)]
    return all(entry.st_uid == 0 and not entry.st_mode & (stat.S_IWGRP | stat.S_IWOTH) for entry in entries)


@contextlib.contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder that only this user, and later the owner of the process, can look into: the key is in it for a moment."""
    folder = Path(tempfile.mkdtemp(prefix="livebreak-attach-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _give(path: Path, pid: int) -> None:
    user, group = _owner(pid)
    if user != os.getuid() and os.getuid() == 0:
        os.chown(path, user, group)


def _read(answer: Path) -> str:
    """What the process wrote, and nothing that it only points to."""
    try:
        with os.fdopen(os.open(answer, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), encoding="utf-8", errors="replace") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return payload.read(file.read(_LONGEST_ANSWER))
    except (OSError, ValueError, RecursionError):
        pass
    return "It answered in an unknown form."
