"""What an installed distribution says of where it came from: `direct_url.json` (PEP 610).

Most installed distributions are not the application. The one that counts is that of the started program: the script that it
brought, or one of its modules in the arguments, as in `gunicorn shop.web:app`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from livebreak_agent.git_files import COMMIT, as_repository, read_text

_MODULE = re.compile(r"([A-Za-z_]\w*)(?:\.\w+)*(?::[\w.()]+)?")

_LARGEST_FOLDER = 5_000
"""Entries of a folder of installed packages that are looked at, so that a start takes no time worth mentioning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    name: str
    """Of the distribution's folder, such as `shop-1.2`."""
    repository: str | None = None
    revision: str | None = None
    version: str | None = None
    checkout: str | None = None
    """The folder that an editable installation points to."""


def of_program(argv: Sequence[str], orig_argv: Sequence[str], path: Sequence[str]) -> Installed | None:
    """The distribution of the started program, if it was installed from a repository or is editable.

    `argv`, `orig_argv` and `path` are those of `sys`.
    """
    program = os.path.realpath(argv[0]) if argv and argv[0] not in {"", "-c", "-m"} else None
    modules = {match[1] for argument in (*argv[1:], *_module_asked(orig_argv)) if (match := _MODULE.fullmatch(argument))}
    for folder in dict.fromkeys(path):
        for entry in _distributions(folder):
            origin = _origin(os.path.join(folder, entry))
            if origin is not None and _owns(folder, entry, program, modules):
                return origin
    return None


def _module_asked(orig_argv: Sequence[str]) -> Sequence[str]:
    return orig_argv[orig_argv.index("-m") + 1 :][:1] if "-m" in orig_argv else ()


def _distributions(folder: str) -> Iterator[str]:
    try:
        entries = os.listdir(folder or os.curdir)[:_LARGEST_FOLDER]
    except OSError:
        return
    yield from sorted(entry for entry in entries if entry.endswith(".dist-info"))


def _origin(folder: str) -> Installed | None:
    text = read_text(os.path.join(folder, "direct_url.json"))
    if not text:
        return None
    try:
        content = json.loads(text)
        url = content["url"]
        vcs, directory = content.get("vcs_info"), content.get("dir_info")
        split = urlsplit(url)
    except (ValueError, RecursionError, LookupError, AttributeError, TypeError):
        return None
    name = os.path.basename(folder).removesuffix(".dist-info")
    version = name.partition("-")[2] or None
    if isinstance(vcs, dict) and vcs.get("vcs") == "git":
        commit = vcs.get("commit_id")
        is_commit = isinstance(commit, str) and COMMIT.fullmatch(commit) is not None
        return Installed(name=name, repository=as_repository(url), revision=commit if is_commit else None, version=version)
    if isinstance(directory, dict) and directory.get("editable") is True and split.scheme == "file":
        return Installed(name=name, checkout=unquote(split.path), version=version)
    return None


def _owns(folder: str, entry: str, program: str | None, modules: set[str]) -> bool:
    """Whether the started program, or a module that it was told, was installed with this distribution."""
    name = os.path.basename(program) if program is not None else None
    for line in read_text(os.path.join(folder, entry, "RECORD")).splitlines():
        path = line.partition(",")[0].strip('"')
        first, slash, _ = path.partition("/")
        if (first if slash else path.removesuffix(".py")) in modules:
            return True
        if os.path.basename(path) == name and os.path.realpath(os.path.join(folder, path)) == program:
            return True
    # The files of an editable installation are not recorded; those of its packages that are found are named in this one.
    return not modules.isdisjoint(read_text(os.path.join(folder, entry, "top_level.txt")).split())
