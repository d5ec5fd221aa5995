"""The settings of the IDE side: parsed once, at the edge, from the environment and from what is stored on this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_state_path

from livebreak.connections.origins import HostError, origin_of

OWN_PROJECT = "@current"
"""The project that the key belongs to."""


class SettingsError(ValueError):
    """One sentence: which setting is wrong, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What a command of the IDE side is told about where to connect."""

    host: str | None = None
    """Origin of the backend, such as `https://livebreak.example`; None leaves live mode off."""
    project: str = OWN_PROJECT
    """The project's number; by default the key's own."""
    api_key: str | None = field(default=None, repr=False)
    """A `phx_` key. It is left out of `repr`, so that no log can hold it."""
    state_folder: Path
    """For queued edits and logs; never inside a workspace."""

    @property
    def outbox_folder(self) -> Path | None:
        """Where edits wait; None while live mode is off: nothing is kept. One for each host, project and key, so that
        nobody's edits reach another place or are sent in another person's name; those of one host and project are beside each
        other, since a person's key may be replaced by another."""
        if self.host is None or self.api_key is None:
            return None
        place = f"{self.host}\n{self.project}"
        names = (hashlib.sha256(text.encode()).hexdigest()[:16] for text in (place, f"{place}\n{self.api_key}"))
        return self.state_folder.joinpath("outbox", *names)

    @property
    def log_folder(self) -> Path:
        """Where each language server has its log."""
        return self.state_folder / "logs"

    @property
    def hits_folder(self) -> Path:
        """Where an editor's exported hits are written."""
        return self.state_folder / "hits"

    @property
    def lack(self) -> str | None:
        """What is missing for a connection, and what to do; None if nothing is."""
        if self.host is None and self.api_key is not None:
            return "LIVEBREAK_API_KEY is set, but LIVEBREAK_HOST is not, so it is not known where the key belongs."
        if self.host is None:
            return "No backend is known. Start one here with `livebreak serve`, or connect to one with `livebreak connect HOST`."
        if self.api_key is None:
            return f"There is no API key for {self.host}. `livebreak connect {self.host}` asks for it and keeps it."
        return None


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read `LIVEBREAK_HOST`, `LIVEBREAK_PROJECT`, `LIVEBREAK_API_KEY`, `LIVEBREAK_STATE_DIR`. Raises `SettingsError`."""
    host = environment.get("LIVEBREAK_HOST", "").strip().rstrip("/") or None
    if host is not None and "@" in host:
        raise SettingsError("LIVEBREAK_HOST holds a user name or a password; the API key is all that is needed, so remove them.")
    if host is not None:
        try:
            origin_of(host)
        except HostError:
            raise SettingsError(f"LIVEBREAK_HOST is {host!r}; it must be an address such as https://livebreak.example.") from None
    project = environment.get("LIVEBREAK_PROJECT", "").strip() or OWN_PROJECT
    if project != OWN_PROJECT and not (project.isascii() and project.isdigit()):
        raise SettingsError(f"LIVEBREAK_PROJECT is {project!r}; it must be the project's number.")
    api_key = environment.get("LIVEBREAK_API_KEY", "").strip() or None
    if api_key is not None and not is_sendable(api_key):
        raise SettingsError("LIVEBREAK_API_KEY holds characters that no key has; copy it again.")
    state = environment.get("LIVEBREAK_STATE_DIR")
    return Settings(
        host=host,
        project=project,
        api_key=api_key,
        state_folder=Path(state) if state else user_state_path("livebreak", appauthor=False),
    )


def is_sendable(key: str) -> bool:
    """Whether a text can be a key at all: anything else would not even fit into a header."""
    return bool(key) and key.isascii() and key.isprintable() and " " not in key
