"""Which repository a local file belongs to: asks git once for each folder, and reads `.livebreak.toml`."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livebreak.debugger.workspace import Location, Repository, to_location, to_path
from livebreak_agent.vocabulary.repository import repository_name

GIT_TIMEOUT = 5.0
"""Seconds; git answers in 2 ms, and in much more only where a network file system hangs."""
PATH_SECONDS = 1.0
"""A file that was there is taken to be there still: the stacks of a file's breakpoints name the same few, again and again."""
PATHS_KEPT = 4_096


class Repositories:
    """The working trees that were met so far, outermost folders first asked."""

    def __init__(self) -> None:
        self._by_folder: dict[Path, Repository] = {}
        self._met: set[Path] = set()
        self._paths: dict[Location, tuple[float, Path | None]] = {}

    async def location(self, path: Path) -> Location | None:
        """Where the file is in its repository; None outside every repository."""
        real = await asyncio.to_thread(_real_path, path)
        folder = real.parent
        home = self._by_folder.get(folder) or await asyncio.to_thread(find_repository, folder)
        if home is None:
            # Not remembered: the user is told to put the file into a repository, and may do so.
            return None
        if folder not in self._by_folder:
            self._paths.clear()
        self._by_folder[folder] = home
        return to_location(real, [home])

    async def meet(self, folder: Path) -> None:
        """Learn of the working tree around a folder, so that files of its repository are found."""
        await self.location(folder / "any.py")

    async def meet_all(self, folder: Path, most: int) -> None:
        """Learn of the working tree around a folder; if there is none, of those of the folders in it, `most` at most. Asked
        again it costs nothing."""
        if folder in self._met:
            return
        self._met.add(folder)
        await self.meet(folder)
        if folder not in self._by_folder and _real_path(folder) not in self._by_folder:
            for inner in await asyncio.to_thread(_repositories_in, folder, most):
                await self.meet(inner)

    def root(self, repository: str | None) -> Path | None:
        """The working tree that was met of a repository, wherever it is."""
        for home in self._by_folder.values():
            if repository in (None, home.name) or home.name is None:
                return Path(home.root)
        return None

    def path(self, location: Location) -> Path | None:
        """The file in a working tree that was met, if it is there, or was a moment ago."""
        now = time.monotonic()
        known = self._paths.get(location)
        if known is not None and now - known[0] < PATH_SECONDS:
            return known[1]
        if len(self._paths) >= PATHS_KEPT:
            self._paths.clear()
        path = self._look_for(location)
        self._paths[location] = now, path
        return path

    def _look_for(self, location: Location) -> Path | None:
        # A list at once, since another thread may ask while the next file is opened.
        homes = {home.root: home for home in list(self._by_folder.values())}
        found = to_path(location, list(homes.values()))
        return Path(found) if found is not None and Path(found).is_file() else None


def find_repository(folder: Path) -> Repository | None:
    """The working tree around a folder; without git, the nearest folder above that holds a `.livebreak.toml`."""
    # A file that was never saved may be in a folder that is not there yet.
    folder = next((home for home in (folder, *folder.parents) if os.path.isdir(home)), folder)  # noqa: PTH112 -- never raises
    top = _git(folder, "rev-parse", "--show-toplevel")
    overrides_home = next((home for home in (folder, *folder.parents) if (home / ".livebreak.toml").is_file()), None)
    root = _real_path(Path(top)) if top else overrides_home
    if root is None:
        return None
    overrides = _overrides(root)
    name = overrides.get("repository")
    path_map = overrides.get("path_map")
    return Repository(
        root=root,
        name=name if isinstance(name, str) else _remote_name(root),
        path_map=tuple((str(here), str(there)) for here, there in path_map.items()) if isinstance(path_map, dict) else (),
    )


def _repositories_in(folder: Path, most: int) -> list[Path]:
    try:
        inner = sorted(path for path in folder.iterdir() if (path / ".git").exists())
    except OSError:
        return []
    return inner[:most]


def git_environment() -> dict[str, str]:
    """No prompt for a password may hang the editor, and no optional lock may disturb the user's own git."""
    return os.environ | {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def _remote_name(root: Path) -> str | None:
    """`origin` if it is there, else the first remote; `get-url` resolves `insteadOf` aliases."""
    remotes = (_git(root, "remote") or "").splitlines()
    for remote in sorted(remotes, key=lambda remote: remote != "origin"):
        if (url := _git(root, "remote", "get-url", "--", remote)) and (name := repository_name(url)):
            return name
    return None


def _overrides(root: Path) -> Mapping[str, Any]:
    """`.livebreak.toml`, else `[tool.livebreak]` in `pyproject.toml`: names only, never a host or a key."""
    for file, keys in ((root / ".livebreak.toml", ()), (root / "pyproject.toml", ("tool", "livebreak"))):
        try:
            table: Any = tomllib.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        for key in keys:
            table = table.get(key, {}) if isinstance(table, dict) else {}
        if isinstance(table, dict) and table:
            return table
    return {}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True, check=False, env=git_environment(), stdin=subprocess.DEVNULL, text=True, timeout=GIT_TIMEOUT,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout.rstrip("\r\n") if done.returncode == 0 else None


def _real_path(path: Path) -> Path:
    return Path(os.path.realpath(path))
