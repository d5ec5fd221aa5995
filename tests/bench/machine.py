"""Where and of what figures were measured: they mean nothing without it."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from tests.bench.rows import Skipped

ROOT = Path(__file__).resolve().parents[2]


def facts() -> dict[str, object]:
    """Of the machine, the commit and this environment."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "HEAD"),
        "changed": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_mb": _memory_mb(),
        "kernel": f"{platform.system()} {platform.release()}",
        "load": round(os.getloadavg()[0], 2),
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in ("livebreak", "posthog", "pygls")},
            "ddtrace": _locked("ddtrace"),
        },
    }


def peak_mb(pid: int) -> float:
    """The most memory that a process has held so far, in MB (10^6 bytes)."""
    return _status_mb(pid, "VmHWM")


def memory_mb(pid: int) -> float:
    """The memory that a process holds now, in MB."""
    return _status_mb(pid, "VmRSS")


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has taken so far, all its threads together, to a hundredth of a second."""
    status = Path(f"/proc/{pid}/stat")
    if not status.exists():
        raise Skipped("processor time is read from /proc, which only Linux has")
    # Behind the name, which may hold anything: the fields from the third one on.
    fields = status.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _status_mb(pid: int, field: str) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        raise Skipped("memory is read from /proc, which only Linux has")
    lines = status.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(field + ":"))


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory_mb() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6)


def _locked(name: str) -> str:
    """The version of a peer that gets an environment of its own."""
    lines = (ROOT / "requirements" / "bench.txt").read_text().splitlines()
    return next(line.split()[0].partition("==")[2] for line in lines if line.startswith(f"{name}=="))


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip()
