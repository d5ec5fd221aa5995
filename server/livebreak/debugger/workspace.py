"""A local path and the (repository, filename) it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath


@dataclass(frozen=True, kw_only=True, slots=True)
class Repository:
    """A working tree on this machine."""

    root: PurePath
    """Absolute, symlinks resolved."""
    name: str | None = None
    """`owner/name`; None if it has no remote on a host, and then its breakpoints match any repository."""
    path_map: tuple[tuple[str, str], ...] = ()
    """Local prefix to repository prefix, both POSIX and relative, where the checkout is laid out differently."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """A file as the backend and the agents name it."""

    repository: str | None
    filename: str


def to_location(path: PurePath, repositories: Iterable[Repository]) -> Location | None:
    """The file's place in the innermost repository that holds it; None outside every repository."""
    homes = [repository for repository in repositories if path.is_relative_to(repository.root)]
    if not homes:
        return None
    home = max(homes, key=lambda repository: len(repository.root.parts))
    filename = path.relative_to(home.root).as_posix()
    return Location(repository=home.name, filename=_map(filename, home.path_map))


def to_path(location: Location, repositories: Sequence[Repository]) -> PurePath | None:
    """Where the file is in this workspace, or None if its repository is not open here, or the name would leave its root."""
    parts = PurePosixPath(location.filename).parts
    if not parts or ".." in parts or parts[0] == "/":
        return None
    for repository in repositories:
        if location.repository in (None, repository.name) or repository.name is None:
            reverse = tuple((there, here) for here, there in repository.path_map)
            return repository.root.joinpath(*PurePosixPath(_map(location.filename, reverse)).parts)
    return None


def _map(filename: str, path_map: tuple[tuple[str, str], ...]) -> str:
    for here, there in path_map:
        prefix = here.strip("/")
        if filename == prefix or filename.startswith(prefix + "/"):
            return "/".join(part for part in (there.strip("/"), filename[len(prefix) :].strip("/")) if part)
    return filename
