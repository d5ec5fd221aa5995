"""Which loaded file a breakpoint's path means, and what a loaded file is called in the repository."""

from __future__ import annotations

import functools
import os
import posixpath
import sysconfig
from collections.abc import Sequence
from pathlib import PurePath

EXACT = 2_000
"""The rank of a file that is the repository's by its place."""

WHOLE = 1_000
"""The rank of a file whose path ends with the breakpoint's whole path; below it is the number of names that agree."""

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LIBRARY_FOLDERS = frozenset({"site-packages", "dist-packages"})


class Places:
    """Where files are here, and where they are in the repository.

    Parameters
    ----------
    root
        Absolute directory of the repository's working tree in this process, None if that is not known.
    path_map
        Pairs of a deployed directory and the repository's directory that was copied there, which is empty for its root.
    """

    def __init__(self, root: str | None, path_map: Sequence[tuple[str, str]]) -> None:
        pairs = [(deployed, posixpath.normpath(repository) if repository.strip("/") else "") for deployed, repository in path_map]
        # The longest directory first, because it says most about the files in it.
        self._pairs = sorted(
            ((_real(deployed), repository.strip("/")) for deployed, repository in pairs), key=lambda pair: -len(pair[0])
        )
        if root is not None:
            self._pairs.append((_real(root), ""))
        libraries = [path for name in ("stdlib", "platstdlib") if (path := sysconfig.get_path(name))]
        self._library_names = tuple([f"{path}{os.sep}" for path in libraries])
        self._libraries = tuple({_real(path) for path in libraries})
        self._learned: dict[str, str] = {}
        self._own: dict[str, bool] = {}
        self._names: dict[str, tuple[str, bool]] = {}

    @property
    def knows_root(self) -> bool:
        return bool(self._pairs)

    def is_own(self, filename: str) -> bool:
        """Whether it is a file of the agent."""
        return filename.startswith(_PACKAGE + os.sep)

    def is_library(self, filename: str) -> bool:
        """Whether it belongs to the standard library or to an installed package: then its path alone says nothing."""
        real = _real(filename)
        return not _LIBRARY_FOLDERS.isdisjoint(PurePath(real).parts) or any(_is_under(real, folder) for folder in self._libraries)

    def is_library_by_name(self, filename: str) -> bool:
        """The same without asking the file system: right but where links lead to libraries."""
        return any(name in filename for name in _LIBRARY_FOLDERS) or filename.startswith(self._library_names)

    def is_of_app(self, filename: str) -> bool:
        """Whether it is the application's own code, not a library's. Asked on its threads, so answers are kept."""
        answer = self._own.get(filename)
        if answer is None:
            answer = not filename.startswith("<") and not self.is_own(filename) and not self.is_library(filename)
            if len(self._own) >= _REMEMBERED_FILES:
                self._own.clear()
            self._own[filename] = answer
        return answer

    def rank(self, filename: str, wanted: str) -> int:
        """How well a loaded file fits a path of the repository: `EXACT`, `WHOLE`, the number of last names that agree, or 0."""
        inside = self.inside(filename)
        if inside == wanted:
            return EXACT
        here, there = PurePath(_real(filename)).parts[::-1], wanted.split("/")[::-1]
        agreeing = 0
        for one, other in zip(here, there, strict=False):
            if one != other:
                break
            agreeing += 1
        return WHOLE if agreeing == len(there) else agreeing

    def learn(self, filename: str, repository_path: str) -> None:
        """A breakpoint was bound in this file, so its name in the repository is known."""
        self._learned[filename] = repository_path
        self._names.pop(filename, None)

    def shown(self, filename: str) -> tuple[str, bool]:
        """The file's name for a person, and whether that is its path in the repository."""
        name = self._names.get(filename)
        if name is None:
            inside = self._learned.get(filename) or (None if self.is_library(filename) else self.inside(filename))
            name = (filename, False) if inside is None else (inside, True)
            if len(self._names) >= _REMEMBERED_FILES:
                self._names.clear()
            self._names[filename] = name
        return name

    def inside(self, filename: str) -> str | None:
        """The path in the repository by the directory that the file is in."""
        if filename.startswith("<"):
            return None
        real = _real(filename)
        for folder, repository in self._pairs:
            if _is_under(real, folder):
                below = PurePath(os.path.relpath(real, folder)).as_posix()
                return f"{repository}/{below}" if repository else below
        return None


_REMEMBERED_FILES = 10_000
"""File names whose answer is kept; code made at run time may have any number of them."""


@functools.lru_cache(_REMEMBERED_FILES)
def _real(path: str) -> str:
    try:
        return os.path.normcase(os.path.realpath(path))
    except (OSError, ValueError):  # No file can be called so, and code may say that its file is.
        return path


def _is_under(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)
