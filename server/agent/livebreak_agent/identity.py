"""Who this process says it is: repository, revision and root of its code, service, environment and host.

What the owner says goes first (`LIVEBREAK_*`, `start()`), then the `.git` folder around the code; where there is none, the
stamp that was written at build, or what the started program's distribution says of its origin; then what platforms and CI
systems put into the environment. Those are last because a process started by a CI job may well run other code than the job's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from livebreak_agent import installed, stamp
from livebreak_agent.git_files import COMMIT, as_repository, git_root, read_git
from livebreak_agent.settings import Settings

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
    version: str | None = None
    """The application's own, where a stamp or its distribution says it."""
    path_map: tuple[tuple[str, str], ...] = ()
    """As in `Settings`, by the stamp."""
    told_by: Mapping[str, str] = field(default_factory=dict)
    """What says each of these, for people: `{"repository": "LIVEBREAK_REPOSITORY", "revision": ".git", ...}`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Code:
    """What the code's surroundings say of it."""

    told_by: str
    root: str | None = None
    repository: str | None = None
    revision: str | None = None
    version: str | None = None
    path_map: tuple[tuple[str, str], ...] = ()


def find(settings: Settings, environ: Mapping[str, str], argv: Sequence[str], directory: str) -> Identity:
    """The identity of a process with these arguments (`sys.argv`) and this working directory. Reads files, raises nothing."""
    folders = [settings.root] if settings.root is not None else list(_code_folders(argv, directory))
    code = _in_git(folders) or _stamped(folders) or _installed(argv) or _Code(told_by="")
    told = {
        "repository": [
            (as_repository(settings.repository), "LIVEBREAK_REPOSITORY"),
            (code.repository, code.told_by),
            _repository_of_platform(environ),
        ],
        "revision": [
            (settings.revision, "LIVEBREAK_REVISION"),
            (code.revision, code.told_by),
            _first(environ, [name for name in REVISION_VARIABLES if COMMIT.fullmatch(environ.get(name, ""))]),
        ],
        "root": [(settings.root, "LIVEBREAK_ROOT"), (code.root, code.told_by), (directory, "the working directory")],
        "service": [
            (settings.service, "LIVEBREAK_SERVICE"),
            _first(environ, SERVICE_VARIABLES),
            (_program(argv), "the program's name"),
        ],
        "environment": [(settings.environment, "LIVEBREAK_ENVIRONMENT"), _first(environ, ENVIRONMENT_VARIABLES)],
        "version": [(code.version, code.told_by)],
    }
    chosen = {name: next(((value, by) for value, by in pairs if value), (None, "")) for name, pairs in told.items()}
    return Identity(
        repository=chosen["repository"][0],
        revision=chosen["revision"][0],
        root=chosen["root"][0] or directory,
        service=chosen["service"][0],
        environment=chosen["environment"][0],
        host=os.uname().nodename if hasattr(os, "uname") else environ.get("COMPUTERNAME", ""),
        version=chosen["version"][0],
        path_map=code.path_map,
        told_by={name: by for name, (value, by) in chosen.items() if value},
    )


def of_platform(environ: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Repository and revision as CI systems and platforms have them in the environment."""
    commits = [name for name in REVISION_VARIABLES if COMMIT.fullmatch(environ.get(name, ""))]
    return _repository_of_platform(environ)[0], _first(environ, commits)[0]


def _in_git(folders: Iterable[str]) -> _Code | None:
    root = next(filter(None, map(git_root, folders)), None)
    if root is None:
        return None
    repository, revision = read_git(root)
    return _Code(told_by=f".git in {root}", root=root, repository=repository, revision=revision)


def _stamped(folders: Iterable[str]) -> _Code | None:
    found = stamp.find(folders)
    if found is None:
        return None
    folder, read = found
    return _Code(
        told_by=f"{stamp.NAME} in {folder}",
        root=folder,
        repository=read.repository,
        revision=read.revision,
        version=read.version,
        path_map=((folder, read.folder),) if read.folder else (),
    )


def _installed(argv: Sequence[str]) -> _Code | None:
    found = installed.of_program(argv, sys.orig_argv, sys.path)
    if found is None:
        return None
    if found.checkout is not None:
        return _in_git([found.checkout]) or _stamped([found.checkout])
    return _Code(
        told_by=f"direct_url.json of {found.name}",
        repository=found.repository,
        revision=found.revision,
        version=found.version,
    )


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


def _repository_of_platform(environ: Mapping[str, str]) -> tuple[str | None, str]:
    for names in REPOSITORY_VARIABLES:
        repository = as_repository("/".join(environ.get(name, "") for name in names))
        if repository is not None:
            return repository, names[0]
    return None, ""


def _first(environ: Mapping[str, str], names: Sequence[str]) -> tuple[str | None, str]:
    return next(((value, name) for name in names if (value := environ.get(name, "").strip())), (None, ""))
