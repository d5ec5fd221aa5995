"""What git's files say of a work tree, read without running git, since images rarely have it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from livebreak_agent.vocabulary.repository import repository_name

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_OWNER_AND_NAME = re.compile(r"[^/\s:@]+(?:/[^/\s:@]+)+")
_SECTION = re.compile(r'\[\s*remote\s+"((?:[^"\\]|\\.)*)"\s*\]')

_LARGEST_FILE = 4 * 2**20
"""Bytes of one of git's files: `packed-refs` of large repositories has megabytes, anything beyond is not worth a start's time."""

_MOST_SYMBOLIC_REFS = 5
"""As git itself follows them."""


def as_repository(text: str | None) -> str | None:
    """`owner/name` of a URL, or of a text that is in this form already."""
    if not text:
        return None
    name = repository_name(text)
    if name is None and _OWNER_AND_NAME.fullmatch(text.strip("/")):
        name = text.strip("/").removesuffix(".git")
    return name


def git_root(folder: str) -> str | None:
    """The nearest folder from this one upwards that git has a work tree in."""
    for candidate in upwards(os.path.abspath(folder)):
        if _git_folder(candidate) is not None:
            return candidate
    return None


def read_git(root: str) -> tuple[str | None, str | None]:
    """Repository and revision of the work tree at or above `root`; None for what git's files do not say."""
    work_tree = git_root(root)
    folder = _git_folder(work_tree) if work_tree is not None else None
    if folder is None:
        return None, None
    # A linked work tree keeps its own HEAD, and shares everything else with the repository it belongs to.
    shared = os.path.normpath(os.path.join(folder, read_text(os.path.join(folder, "commondir")).strip()))
    return _repository_of_config(read_text(os.path.join(shared, "config"))), _head(folder, shared)


def upwards(folder: str) -> Iterator[str]:
    """The folder and all above it."""
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


def _git_folder(work_tree: str) -> str | None:
    path = os.path.join(work_tree, ".git")
    if os.path.isfile(path):  # A submodule or a linked work tree: the file says where the folder is.
        content = read_text(path)
        if not content.startswith("gitdir:"):
            return None
        path = os.path.normpath(os.path.join(work_tree, content.removeprefix("gitdir:").strip()))
    return path if os.path.isfile(os.path.join(path, "HEAD")) else None


def _repository_of_config(config: str) -> str | None:
    """The repository of `origin`, or else of the first remote that is on a host."""
    remotes: dict[str, str] = {}
    remote = None
    for line in config.splitlines():
        stripped = line.strip()
        if stripped.startswith("["):
            section = _SECTION.match(stripped)
            remote = section[1] if section else None
            continue
        key, equals, value = stripped.partition("=")
        if remote is not None and equals and key.strip().lower() == "url":
            name = repository_name(re.sub(r'^"(.*)"$', r"\1", value.strip()))
            if name is not None:
                remotes.setdefault(remote, name)
    return remotes.get("origin") or next(iter(remotes.values()), None)


def _head(folder: str, shared: str) -> str | None:
    content = read_text(os.path.join(folder, "HEAD")).strip()
    for _ in range(_MOST_SYMBOLIC_REFS):
        if not content.startswith("ref:"):
            break
        ref = content.removeprefix("ref:").strip()
        if not ref.startswith("refs/") or ".." in ref:
            return None
        content = (
            read_text(os.path.join(folder, ref)).strip() or read_text(os.path.join(shared, ref)).strip() or _packed(shared, ref)
        )
    return content if COMMIT.fullmatch(content) else None


def _packed(shared: str, ref: str) -> str:
    for line in read_text(os.path.join(shared, "packed-refs")).splitlines():
        commit, _, name = line.partition(" ")
        if name == ref:
            return commit
    return ""


def read_text(path: str) -> str:
    """A small text file, or the empty text if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(_LARGEST_FILE).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""
