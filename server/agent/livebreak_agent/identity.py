"""Who this process says it is: repository, revision and root of its code, service, environment and host.

What the owner says goes first (`LIVEBREAK_*`, `start()`), then the `.git` folder around the code, which is read here
without running git, since images rarely have it; then what platforms and CI systems put into the environment. Those are
last because a process started by a CI job may well run other code than the job's.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from livebreak_agent.settings import Settings
from livebreak_agent.vocabulary.repository import repository_name

REPOSITORY_VARIABLES = (
    ("GITHUB_REPOSITORY",),
    ("CI_PROJECT_PATH",),  # GitLab
    ("BITBUCKET_REPO_FULL_NAME",),
    ("BUILD_REPOSITORY_URI",),  # Azure Pipelines
    ("CIRCLE_PROJECT_USERNAME", "CIRCLE_PROJECT_REPONAME"),
    ("RAILWAY_GIT_REPO_OWNER", "RAILWAY_GIT_REPO_NAME"),
    ("RENDER_GIT_REPO_SLUG",),
    ("VERCEL_GIT_REPO_OWNER", "VERCEL_GIT_REPO_SLUG"),
    ("DD_GIT_REPOSITORY_URL",),
)
"""Variables that name the repository: one with a URL or `owner/name`, or one for each half."""

REVISION_VARIABLES = (
    "GITHUB_SHA",
    "CI_COMMIT_SHA",  # GitLab
    "BITBUCKET_COMMIT",
    "BUILD_SOURCEVERSION",  # Azure Pipelines
    "CIRCLE_SHA1",
    "HEROKU_BUILD_COMMIT",
    "HEROKU_SLUG_COMMIT",
    "RAILWAY_GIT_COMMIT_SHA",
    "RENDER_GIT_COMMIT",
    "VERCEL_GIT_COMMIT_SHA",
    "DD_GIT_COMMIT_SHA",
    "SOURCE_VERSION",
    "SOURCE_COMMIT",
    "GIT_COMMIT",
)

SERVICE_VARIABLES = (
    "OTEL_SERVICE_NAME",
    "DD_SERVICE",
    "K_SERVICE",  # Cloud Run, Knative
    "FLY_APP_NAME",
    "HEROKU_APP_NAME",
    "RAILWAY_SERVICE_NAME",
    "RENDER_SERVICE_NAME",
)

ENVIRONMENT_VARIABLES = ("DD_ENV", "SENTRY_ENVIRONMENT", "RAILWAY_ENVIRONMENT_NAME", "VERCEL_ENV")

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_OWNER_AND_NAME = re.compile(r"[^/\s:@]+(?:/[^/\s:@]+)+")
_SECTION = re.compile(r'\[\s*remote\s+"((?:[^"\\]|\\.)*)"\s*\]')

_LARGEST_FILE = 4 * 2**20
"""Bytes of one of git's files: `packed-refs` of large repositories has megabytes, anything beyond is not worth a start's time."""

_MOST_SYMBOLIC_REFS = 5
"""As git itself follows them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    repository: str | None
    """`owner/name`."""
    revision: str | None
    """The commit, 40 or 64 hex digits."""
    root: str
    """Absolute path of the folder that file names are relative to."""
    service: str | None
    environment: str | None
    host: str


def find(settings: Settings, environ: Mapping[str, str], argv: Sequence[str], directory: str) -> Identity:
    """The identity of a process with these arguments (`sys.argv`) and this working directory. Reads files, raises nothing."""
    root = settings.root
    if root is None:
        root = next(filter(None, map(git_root, _code_folders(argv, directory))), None)
    repository, revision = read_git(root) if root is not None else (None, None)
    return Identity(
        repository=as_repository(settings.repository) or repository or _repository_of_platform(environ),
        revision=settings.revision or revision or _revision_of_platform(environ),
        root=root or directory,
        service=settings.service or _first(environ, SERVICE_VARIABLES) or _program(argv),
        environment=settings.environment or _first(environ, ENVIRONMENT_VARIABLES),
        host=os.uname().nodename if hasattr(os, "uname") else environ.get("COMPUTERNAME", ""),
    )


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
    for candidate in _upwards(os.path.abspath(folder)):
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
    shared = os.path.normpath(os.path.join(folder, _read(os.path.join(folder, "commondir")).strip()))
    return _repository_of_config(_read(os.path.join(shared, "config"))), _head(folder, shared)


def _upwards(folder: str) -> Iterator[str]:
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


def _git_folder(work_tree: str) -> str | None:
    path = os.path.join(work_tree, ".git")
    if os.path.isfile(path):  # A submodule or a linked work tree: the file says where the folder is.
        content = _read(path)
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
    content = _read(os.path.join(folder, "HEAD")).strip()
    for _ in range(_MOST_SYMBOLIC_REFS):
        if not content.startswith("ref:"):
            break
        ref = content.removeprefix("ref:").strip()
        if not ref.startswith("refs/") or ".." in ref:
            return None
        content = _read(os.path.join(folder, ref)).strip() or _read(os.path.join(shared, ref)).strip() or _packed(shared, ref)
    return content if _COMMIT.fullmatch(content) else None


def _packed(shared: str, ref: str) -> str:
    for line in _read(os.path.join(shared, "packed-refs")).splitlines():
        commit, _, name = line.partition(" ")
        if name == ref:
            return commit
    return ""


def _read(path: str) -> str:
    """A small text file, or the empty text if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(_LARGEST_FILE).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _code_folders(argv: Sequence[str], directory: str) -> Iterator[str]:
    """Where the application's own code may be, likeliest first.

    Next to the script that was started; but an installed program such as gunicorn says nothing about the code it serves,
    and there the working directory does.
    """
    script = argv[0] if argv else ""
    if script.endswith(".py") and not _is_installed(script):
        yield os.path.dirname(os.path.realpath(os.path.join(directory, script)))
    yield directory


def _is_installed(path: str) -> bool:
    return any(f"{os.sep}{folder}{os.sep}" in path for folder in ("site-packages", "dist-packages")) or path.startswith(
        (sys.prefix + os.sep + "lib", sys.base_prefix + os.sep + "lib")
    )


def _program(argv: Sequence[str]) -> str | None:
    """The started program's name: `shop` of `shop.py`, of `shop/__main__.py` and of `-m shop`."""
    path = argv[0] if argv else ""
    if path == "-m":  # Where the agent starts before the module is found (sitecustomize), this is all there is of it.
        path = next((after for option, after in pairwise(sys.orig_argv) if option == "-m"), "")
    name = os.path.basename(path).removesuffix(".py")
    if name == "__main__":
        name = os.path.basename(os.path.dirname(os.path.abspath(path)))
    return name if name and not name.startswith("-") else None


def _repository_of_platform(environ: Mapping[str, str]) -> str | None:
    for names in REPOSITORY_VARIABLES:
        repository = as_repository("/".join(environ.get(name, "") for name in names))
        if repository is not None:
            return repository
    return None


def _revision_of_platform(environ: Mapping[str, str]) -> str | None:
    return next((value for name in REVISION_VARIABLES if _COMMIT.fullmatch(value := environ.get(name, ""))), None)


def _first(environ: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((value for name in names if (value := environ.get(name, "").strip())), None)
