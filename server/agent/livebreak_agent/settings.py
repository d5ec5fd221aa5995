"""What the agent is told: the `LIVEBREAK_*` environment and the arguments of `start()`, parsed once.

`POSTHOG_*` is never read: an application that has those for analytics must not start sending locals there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from livebreak_agent import policy

OWN_PROJECT = "@current"
"""The project that the secret key belongs to."""

POLL_SECONDS = 30.0
"""Between two polls of a plain PostHog API: its own agent's interval. 40 processes already use up the hourly limit of a key."""

_LEAST_POLL_SECONDS = 1.0
"""A shorter interval is a typing error that a rate limit would punish."""

_SECRET_KEY = re.compile(r"phs_[A-Za-z0-9]+")
_PROJECT_TOKEN = re.compile(r"[!-~]{1,64}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class SettingsError(ValueError):
    """The agent cannot be started with what it was told; the text is a sentence for a person, without any key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where the backend is."""

    secure: bool
    """True for https."""
    host: str
    port: int
    prefix: str = ""
    """A path that the backend lives under, without a slash at its end."""

    @property
    def netloc(self) -> str:
        """As it stands in a URL and in the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"http{'s' if self.secure else ''}://{self.netloc}{self.prefix}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything that can be chosen, in its final form."""

    address: Address
    secret_key: str = field(repr=False)
    """`phs_`; opens the agent's routes of its own project."""
    project: str = OWN_PROJECT
    project_token: str | None = field(default=None, repr=False)
    """`phc_`; only where the backend does not tell it, which is a plain PostHog API."""
    repository: str | None = None
    """As given: a URL or `owner/name`."""
    revision: str | None = None
    """40 (or 64) hex digits."""
    root: str | None = None
    """The folder that the breakpoints' file names are relative to."""
    service: str | None = None
    environment: str | None = None
    path_map: tuple[tuple[str, str], ...] = ()
    """Pairs of a deployed folder and the repository's folder that was copied there; the repository's root is the empty text."""
    poll_seconds: float = POLL_SECONDS
    policy: policy.Policy = field(default_factory=policy.Policy)
    """What is allowed in this process."""
    quiet: bool = False
    """Whether the line of a start goes to the log alone, even if nobody set up logging."""
    warnings: tuple[str, ...] = ()
    """Sentences about values that were not understood and left out, because the agent does without them."""


def read(
    environ: Mapping[str, str],
    *,
    host: str | None = None,
    secret_key: str | None = None,
    project: str | int | None = None,
    project_token: str | None = None,
    repository: str | None = None,
    revision: str | None = None,
    root: str | None = None,
    service: str | None = None,
    environment: str | None = None,
    path_map: Mapping[str, str] | None = None,
    poll_interval: float | None = None,
    quiet: bool = False,
    **rules: Any,
) -> Settings:
    """The settings; an argument goes before its variable. `SettingsError` says what makes a start impossible.

    `rules` are the arguments of `policy.read`.
    """

    def text(argument: str | None, name: str) -> str | None:
        value = argument if argument is not None else environ.get(f"LIVEBREAK_{name}")
        return (value or "").strip() or None

    key = text(secret_key, "SECRET_KEY")
    if key is None:
        raise SettingsError(
            "LIVEBREAK_SECRET_KEY is not set; `livebreak projects create NAME` shows the secret key (phs_) of a project."
        )
    if not _SECRET_KEY.fullmatch(key):
        raise SettingsError("LIVEBREAK_SECRET_KEY is not a project's secret key, which is `phs_` and then letters and digits.")
    token = text(project_token, "PROJECT_TOKEN")
    if token is not None and not _PROJECT_TOKEN.fullmatch(token):
        raise SettingsError("LIVEBREAK_PROJECT_TOKEN is not a project token, which is `phc_` and then letters and digits.")
    warnings: list[str] = []
    commit = text(revision, "REVISION")
    if commit is not None and not _COMMIT.fullmatch(commit.lower()):
        warnings.append("LIVEBREAK_REVISION is not a commit id of 40 hex digits, so it is left out.")
        commit = None
    given_root = text(root, "ROOT")
    try:
        allowed = policy.read(environ, **rules)
    except policy.PolicyError as error:
        raise SettingsError(str(error)) from None
    return Settings(
        address=parse_address(text(host, "HOST") or ""),
        secret_key=key,
        project=text(str(project) if project is not None else None, "PROJECT") or OWN_PROJECT,
        project_token=token,
        repository=text(repository, "REPOSITORY"),
        revision=commit.lower() if commit is not None else None,
        root=os.path.abspath(given_root) if given_root is not None else None,
        service=text(service, "SERVICE"),
        environment=text(environment, "ENVIRONMENT"),
        path_map=_path_map(path_map, text(None, "PATH_MAP"), warnings),
        poll_seconds=_poll_seconds(poll_interval, text(None, "POLL_INTERVAL"), warnings),
        policy=allowed,
        quiet=quiet,
        warnings=tuple(warnings),
    )


def parse_address(url: str) -> Address:
    """The address in `LIVEBREAK_HOST`; `SettingsError` if it is none that a key may be sent to."""
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        raise SettingsError(f"LIVEBREAK_HOST is not a URL; write it as https://livebreak.example, not {_shown(url)}.") from None
    if split.scheme not in {"http", "https"} or not split.hostname or not split.hostname.isascii():
        raise SettingsError(f"LIVEBREAK_HOST is not a URL; write it as https://livebreak.example, not {_shown(url)}.")
    if "@" in split.netloc:
        raise SettingsError(
            "LIVEBREAK_HOST holds a user name or a password; the secret key is all that the backend takes, so remove them."
        )
    if split.query or split.fragment or any(character <= " " or character > "~" for character in url):
        raise SettingsError(f"LIVEBREAK_HOST is more than an address; write it as https://livebreak.example, not {_shown(url)}.")
    secure = split.scheme == "https"
    return Address(secure=secure, host=split.hostname, port=port or (443 if secure else 80), prefix=split.path.rstrip("/"))


def _shown(url: str) -> str:
    """The text as a log may show it: whatever stands before an `@` may be a password."""
    return repr(url.rpartition("@")[2][:80])


def _path_map(argument: Mapping[str, str] | None, text: str | None, warnings: list[str]) -> tuple[tuple[str, str], ...]:
    if argument is not None:
        pairs = list(argument.items())
    else:
        pairs = []
        for part in (text or "").split(","):
            deployed, equals, folder = part.partition("=")
            if equals and deployed.strip():
                pairs.append((deployed.strip(), folder.strip()))
            elif part.strip():
                warnings.append(f"LIVEBREAK_PATH_MAP has a part without `=`, so it is left out: {part.strip()[:80]!r}.")
    return tuple((os.path.abspath(deployed), folder.strip("/").removeprefix("./")) for deployed, folder in pairs)


def _poll_seconds(argument: float | None, text: str | None, warnings: list[str]) -> float:
    if argument is None and text is None:
        return POLL_SECONDS
    try:
        seconds = float(argument if argument is not None else text or "")
    except ValueError:
        seconds = float("nan")
    if not _LEAST_POLL_SECONDS <= seconds < float("inf"):
        warnings.append(
            f"LIVEBREAK_POLL_INTERVAL is not a number of seconds from {_LEAST_POLL_SECONDS:g} on, so it is {POLL_SECONDS:g}."
        )
        return POLL_SECONDS
    return seconds
