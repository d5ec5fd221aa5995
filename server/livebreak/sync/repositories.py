"""Which repository a local file belongs to: asks git once for each folder, and reads `.livebreak.toml`."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import Any

from livebreak.debugger.workspace import Location, Repository, by_name, preferring, to_location, to_paths
from livebreak_agent.vocabulary.repository import repository_name

GIT_TIMEOUT = 5.0
"""Seconds; git answers in 2 ms, and in much more only where a network file system hangs."""
PATH_SECONDS = 1.0
"""A file that was there is taken to be there still: the stacks of a file's breakpoints name the same few, again and again."""
PATHS_KEPT = 4_096

_OVERRIDES: tuple[tuple[str, tuple[str, ...]], ...] = ((".livebreak.toml", ()), ("pyproject.toml", ("tool", "livebreak")))
"""Files at the root of a working tree, and the table in each; the first that says something counts."""

_TOLD_IN = (*(name for name, _ in _OVERRIDES), ".git/config")
"""Below the root, the files that say how a working tree is called. Of a linked one the last is elsewhere, and seldom changes."""

_MOST_REMOTES = 16
"""Each takes git 2 ms to tell; who has added a remote for every colleague's fork must not wait for all of them."""

_LONGEST_CAUSE = 200
"""Characters of what a library says of a file, which may quote any of it."""

_REPOSITORY_VARIABLES = frozenset({
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
})  # fmt: skip
"""What `git rev-parse --local-env-vars` lists, but for `git -c`'s settings, by which containers say which folders are safe."""


class Repositories:
    """The working trees that were met so far, outermost folders first asked."""

    def __init__(self) -> None:
        self._by_folder: dict[Path, Repository] = {}
        self._told: dict[PurePath, tuple[int | None, ...]] = {}
        """When what says the names of a working tree was changed last, by its root."""
        self._met: set[Path] = set()
        self._paths: dict[Location, tuple[float, Path | None]] = {}
        self._running: frozenset[str] = frozenset()

    async def location(self, path: Path) -> Location | None:
        """Where the file is in its repository; None outside every repository."""
        real = await asyncio.to_thread(_real_path, path)
        folder = real.parent
        home = self._by_folder.get(folder)
        if home is None or self._told.get(home.root) != await asyncio.to_thread(_changed_at, home.root):
            home = await asyncio.to_thread(find_repository, folder)
            if home is None:
                # Not remembered: the user is told to put the file into a repository, and may do so.
                return None
            self._told[home.root] = await asyncio.to_thread(_changed_at, home.root)
            others = [met for met, known in self._by_folder.items() if known.root == home.root]
            self._by_folder |= dict.fromkeys((*others, folder), preferring(home, self._running))
            self._paths.clear()
        return to_location(real, [self._by_folder[folder]])

    def prefer(self, running: Iterable[str | None]) -> bool:
        """Call working trees with several remotes as connected processes do from now on. True if one changed its name."""
        self._running = frozenset(name for name in running if name is not None)
        renamed = {folder: preferring(home, self._running) for folder, home in list(self._by_folder.items())}
        is_changed = renamed != self._by_folder
        if is_changed:
            self._by_folder.update(renamed)
            self._paths.clear()
        return is_changed

    def location_again(self, path: Path) -> Location | None:
        """`location` of a file in a folder that was met, at once."""
        real = _real_path(path)
        home = self._by_folder.get(real.parent)
        return to_location(real, [home]) if home is not None else None

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
        found = by_name(repository, self._homes())
        return Path(found[0].root) if found else None

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
        return next((Path(path) for path in to_paths(location, self._homes()) if Path(path).is_file()), None)

    def _homes(self) -> list[Repository]:
        # A list at once, since another thread may ask while the next file is opened.
        return list({home.root: home for home in list(self._by_folder.values())}.values())


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
    remotes = () if isinstance(name, str) else _remote_names(root)
    return Repository(
        root=root,
        name=name if isinstance(name, str) else next(iter(remotes), None),
        remotes=remotes,
        path_map=tuple((str(here), str(there)) for here, there in path_map.items()) if isinstance(path_map, dict) else (),
    )


def _changed_at(root: PurePath) -> tuple[int | None, ...]:
    return tuple(_modified(Path(root, name)) for name in _TOLD_IN)


def _modified(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def _repositories_in(folder: Path, most: int) -> list[Path]:
    try:
        inner = sorted(path for path in folder.iterdir() if (path / ".git").exists())
    except OSError:
        return []
    return inner[:most]


def git_environment() -> dict[str, str]:
    """No prompt for a password may hang the editor, and no optional lock may disturb the user's own git.

    Nor is a repository taken from the environment: an editor that git started, for a message or in a hook, was told one.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _REPOSITORY_VARIABLES}
    return kept | {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def _remote_names(root: Path) -> tuple[str, ...]:
    """That of `origin` first, if it is there; `get-url` resolves `insteadOf` aliases."""
    remotes = (_git(root, "remote") or "").splitlines()
    in_order = sorted(remotes, key=lambda remote: remote != "origin")[:_MOST_REMOTES]
    urls = (_git(root, "remote", "get-url", "--", remote) for remote in in_order)
    return tuple(dict.fromkeys(name for url in urls if url and (name := repository_name(url))))


def _overrides(root: Path) -> Mapping[str, Any]:
    """`.livebreak.toml`, else `[tool.livebreak]` in `pyproject.toml`: names only, never a host or a key."""
    for name, keys in _OVERRIDES:
        try:
            table = _table(root / name)
        except (OSError, ValueError):
            continue
        for key in keys:
            table = table.get(key, {}) if isinstance(table, dict) else {}
        if isinstance(table, dict) and table:
            return table
    return {}


def unreadable_overrides(root: Path) -> str | None:
    """Which file of a working tree could say its repository and cannot be read, in a sentence; None if all can."""
    for name, _ in _OVERRIDES:
        try:
            _table(root / name)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            return f"{root / name} cannot be read ({str(error)[:_LONGEST_CAUSE]}), so what it says of LiveBreak does not count."
    return None


def _table(file: Path) -> Any:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


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
