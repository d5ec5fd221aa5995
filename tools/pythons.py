"""Lists every CPython 3.11 or newer on this machine, as JSON, oldest first: `python tools/pythons.py`.

Looks on the PATH, in pyenv's folder, and in `.editors/`, which `make editors` fills. Standard library only.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)

ANSWER_TIMEOUT = 20
"""Seconds for an interpreter to say what it is: a slow disk's first start takes some."""

_NAME = re.compile(r"python3(\.\d+)?")
_QUESTION = """
import json, os, sys, sysconfig
json.dump({
    "implementation": sys.implementation.name,
    "version": list(sys.version_info[:3]),
    "released": sys.version_info.releaselevel == "final",
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "home": os.path.realpath(sys.base_prefix),
    "executable": getattr(sys, "_base_executable", sys.executable),
}, sys.stdout)
"""


@dataclass(frozen=True, kw_only=True)
class Python:
    version: str
    """Such as `3.13.0`."""
    minor: str
    """Such as `3.13`."""
    path: str
    """Never one of a virtual environment, but that from which it was made."""
    released: bool
    """False for alphas, betas and release candidates."""
    free_threaded: bool


def find_pythons() -> list[Python]:
    """Each installation once, oldest version first."""
    pythons: dict[tuple[str, str], Python] = {}
    seen: set[Path] = set()
    for candidate in _candidates():
        target = candidate.resolve()
        if target in seen:
            continue
        seen.add(target)
        if (answer := _ask(candidate)) and answer["implementation"] == "cpython" and tuple(answer["version"]) >= OLDEST:
            version = ".".join(map(str, answer["version"]))
            pythons.setdefault(
                (answer["home"], version),
                Python(
                    version=version,
                    minor=version.rpartition(".")[0],
                    path=answer["executable"],
                    released=answer["released"],
                    free_threaded=answer["free_threaded"],
                ),
            )
    return sorted(pythons.values(), key=lambda python: [int(part) for part in python.version.split(".")])


def _candidates() -> Iterator[Path]:
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    folders += sorted(pyenv.glob("versions/*/bin"))
    folders += sorted(ROOT.glob(".editors/python-*/bin"))
    yield Path(sys.executable)
    for folder in folders:
        if folder.is_dir():
            yield from sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name) and os.access(path, os.X_OK))


def _ask(executable: Path) -> dict | None:
    """What an interpreter says of itself; None if it is none, or does not start (as pyenv's stand-ins may not)."""
    try:
        done = subprocess.run(
            [executable, "-I", "-c", _QUESTION], capture_output=True, timeout=ANSWER_TIMEOUT, check=True, stdin=subprocess.DEVNULL
        )
        return json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


if __name__ == "__main__":
    json.dump([asdict(python) for python in find_pythons()], sys.stdout, indent=2)
    sys.stdout.write("\n")
