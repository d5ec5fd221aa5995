"""A local path and the (repository, filename) it stands for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePath, PurePosixPath

_OUTWARD = frozenset("\\:\0")
"""What a part of a path holds only to become another path, or none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Repository:
    """A working tree on this machine."""

    root: PurePath
    """Absolute, symlinks resolved."""
    name: str | None = None
    """`owner/name`; None if it has no remote on a host, and then its breakpoints match any repository."""
    remotes: tuple[str, ...] = ()
    """The names of all its remotes, of which `name` is one; empty where the name is said in a file."""
    path_map: tuple[tuple[str, str], ...] = ()
    """Local prefix to repository prefix, both POSIX and relative, where the checkout is laid out differently."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """A file as the backend and the agents name it."""

    repository: str | None
    filename: str
    also: tuple[str, ...] = field(default=(), compare=False)
    """Other names of the repository, such as that of the fork: what is stored under them is of this file, too."""


def to_location(path: PurePath, repositories: Iterable[Repository]) -> Location | None:
    """The file's place in the innermost repository that holds it; None outside every repository."""
    homes = [repository for repository in repositories if path.is_relative_to(repository.root)]
    if not homes:
        return None
    home = max(homes, key=lambda repository: len(repository.root.parts))
    filename = path.relative_to(home.root).as_posix()
    also = tuple(name for name in home.remotes if name != home.name)
    return Location(repository=home.name, filename=_map(filename, home.path_map), also=also)


def preferring(home: Repository, running: Collection[str]) -> Repository:
    """The working tree under the name by which connected processes know it: theirs may be the upstream of a fork, the fork, or
    either in another spelling, since hosts take upper and lower case for the same.

    It keeps its name where that is one of theirs, or none of its remotes is.
    """
    if home.name in running:
        return home
    exact = next((name for name in home.remotes if name in running), None)
    spelled = {name.casefold(): name for name in sorted(running)}
    alike = next((spelled[name.casefold()] for name in home.remotes if name.casefold() in spelled), None)
    return replace(home, name=exact or alike or home.name)


def to_paths(location: Location, repositories: Iterable[Repository]) -> Iterator[PurePath]:
    """Where the file may be in this workspace, likeliest first: in working trees of its very repository, then in those whose
    repository is not known. A name that would leave the working tree is in none."""
    for repository in by_name(location.repository, repositories):
        reverse = tuple((there, here) for here, there in repository.path_map)
        parts = _parts(_map(location.filename, reverse)) if _parts(location.filename) else ()
        if parts:
            yield repository.root.joinpath(*parts)


def by_name(name: str | None, repositories: Iterable[Repository]) -> list[Repository]:
    """Those that may be the repository of this name, the very one first."""
    fitting = [home for home in repositories if name is None or home.name in (None, name) or name in home.remotes]
    return sorted(fitting, key=lambda home: (home.name != name, name not in home.remotes))


def _parts(filename: str) -> tuple[str, ...]:
    """The parts of a path that stays below whatever it is joined to, on any system; none of one that does not.

    Names come from processes and the backend, and Windows takes a drive and what has backslashes for more than one part.
    """
    if filename.startswith("/"):
        return ()
    parts = PurePosixPath(filename).parts
    is_inside = not any(part == ".." or _OUTWARD.intersection(part) for part in parts)
    return parts if is_inside else ()


def _map(filename: str, path_map: tuple[tuple[str, str], ...]) -> str:
    """By the entry that says most of the path; one of nothing, or of a dot, is the root and so all of them."""
    fitting = [(prefix, there) for here, there in path_map if _is_below(filename, prefix := _folder(here))]
    if not fitting:
        return filename
    prefix, there = max(fitting, key=lambda entry: len(entry[0]))
    return "/".join(part for part in (_folder(there), filename[len(prefix) :].strip("/")) if part)


def _folder(prefix: str) -> str:
    return prefix.strip("/").removeprefix("./") if prefix.strip("/") != "." else ""


def _is_below(filename: str, prefix: str) -> bool:
    return not prefix or filename == prefix or filename.startswith(prefix + "/")
