"""`python -m livebreak_agent stamp`: at build, writes down which code the image holds."""

from __future__ import annotations

import argparse
import os
import posixpath
import sys
import tomllib
from collections.abc import Mapping, Sequence

from livebreak_agent import identity, stamp
from livebreak_agent.git_files import COMMIT, as_repository, git_root, read_git, read_text

DONE, FAILED = 0, 1

_DESCRIPTION = f"""\
Writes {stamp.NAME}, from which the agent learns repository and revision where there is no .git. Run it at build, in the
folder that is copied into the image. What no option says comes from LIVEBREAK_REPOSITORY and LIVEBREAK_REVISION, from .git, or
from the variables of the CI system."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("python -m livebreak_agent stamp", description=_DESCRIPTION)
    parser.add_argument(
        "folder", nargs="?", default=os.curdir, help="the folder that is copied; the working directory by default"
    )
    parser.add_argument("--repository", help="its URL, or owner/name")
    parser.add_argument("--revision", help="the commit, 40 hex digits")
    parser.add_argument("--version", help="the application's own version; by default that of pyproject.toml")
    parser.add_argument("--inside", metavar="PATH", help="the folder's path in the repository, where .git does not tell it")
    asked = parser.parse_args(arguments)
    try:
        found = _collect(asked, os.environ)
        path = stamp.write(asked.folder, found)
    except ValueError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{stamp.NAME} cannot be written into {asked.folder} ({error.strerror}).")
    named = f"{found.repository or 'a repository that is not known'}@{found.revision or 'a revision that is not known'}"
    sys.stdout.write(f"{path}: {named}{f', version {found.version}' if found.version else ''}\n")
    return DONE


def _collect(asked: argparse.Namespace, environ: Mapping[str, str]) -> stamp.Stamp:
    """`ValueError` is a sentence about what cannot be used."""
    root = git_root(asked.folder)
    of_git = read_git(root) if root is not None else (None, None)
    of_platform = identity.of_platform(environ)
    repository_asked = asked.repository or environ.get("LIVEBREAK_REPOSITORY")
    revision_asked = asked.revision or environ.get("LIVEBREAK_REVISION")
    repository = as_repository(repository_asked)
    if repository_asked and repository is None:
        raise ValueError("The repository is neither a URL nor owner/name; write it as acme/shop.")
    revision = revision_asked.strip().lower() if revision_asked else None
    if revision is not None and not COMMIT.fullmatch(revision):
        raise ValueError("The revision is not a commit id of 40 hex digits; `git rev-parse HEAD` shows it.")
    repository = repository or of_git[0] or of_platform[0]
    revision = revision or of_git[1] or of_platform[1]
    if repository is None and revision is None:
        raise ValueError(
            "Neither repository nor revision is known here; say --repository and --revision, or run it where .git is."
        )
    return stamp.Stamp(
        repository=repository, revision=revision, version=asked.version or _version(asked.folder), folder=_inside(asked, root)
    )


def _inside(asked: argparse.Namespace, root: str | None) -> str:
    if asked.inside is not None:
        path = posixpath.normpath(asked.inside.replace(os.sep, "/").strip("/") or ".")
        if path.startswith(".."):
            raise ValueError("--inside is a path in the repository, such as services/api.")
    elif root is not None:
        path = os.path.relpath(os.path.realpath(asked.folder), os.path.realpath(root)).replace(os.sep, "/")
    else:
        return ""
    return "" if path == "." else path


def _version(folder: str) -> str | None:
    try:
        project = tomllib.loads(read_text(os.path.join(folder, "pyproject.toml"))).get("project")
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    version = project.get("version") if isinstance(project, dict) else None
    return version if isinstance(version, str) else None


def _fail(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return FAILED
