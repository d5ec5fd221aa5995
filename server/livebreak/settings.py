"""The settings of the IDE side: parsed once, at the edge, from the environment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_state_path


class SettingsError(ValueError):
    """One sentence: which setting is wrong, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What a command of the IDE side is told about where to connect."""

    host: str | None = None
    """Origin of the backend, such as `https://livebreak.example`; None leaves live mode off."""
    project: str = "@current"
    """The project's number; by default the key's own."""
    api_key: str | None = field(default=None, repr=False)
    """A `phx_` key. It is left out of `repr`, so that no log can hold it."""
    state_folder: Path
    """For queued edits and logs; never inside a workspace."""

    @property
    def outbox_folder(self) -> Path | None:
        """Where edits wait; None while live mode is off: nothing is kept. One for each host, project and key, so that
        nobody's edits reach another place or are sent in another person's name."""
        if self.host is None or self.api_key is None:
            return None
        target = hashlib.sha256(f"{self.host}\n{self.project}\n{self.api_key}".encode()).hexdigest()[:16]
        return self.state_folder / "outbox" / target

    @property
    def log_folder(self) -> Path:
        """Where each language server has its log."""
        return self.state_folder / "logs"

    @property
    def off_reason(self) -> str:
        """Why live mode is off, where it is."""
        if self.host is None:
            return "Live mode is off: LIVEBREAK_HOST is not set."
        return "Live mode is off: LIVEBREAK_API_KEY is not set. `livebreak keys create` makes a key."


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read `LIVEBREAK_HOST`, `LIVEBREAK_PROJECT`, `LIVEBREAK_API_KEY`, `LIVEBREAK_STATE_DIR`. Raises `SettingsError`."""
    host = environment.get("LIVEBREAK_HOST", "").strip().rstrip("/") or None
    if host is not None and (urlsplit(host).scheme not in ("http", "https") or not urlsplit(host).hostname):
        raise SettingsError(f"LIVEBREAK_HOST is {host!r}; it must be an address such as https://livebreak.example.")
    project = environment.get("LIVEBREAK_PROJECT", "").strip() or "@current"
    if project != "@current" and not project.isdigit():
        raise SettingsError(f"LIVEBREAK_PROJECT is {project!r}; it must be the project's number.")
    api_key = environment.get("LIVEBREAK_API_KEY", "").strip() or None
    if api_key is not None and not (api_key.isascii() and api_key.isprintable()):
        raise SettingsError("LIVEBREAK_API_KEY holds characters that no key has; copy it again.")
    state = environment.get("LIVEBREAK_STATE_DIR")
    return Settings(
        host=host,
        project=project,
        api_key=api_key,
        state_folder=Path(state) if state else user_state_path("livebreak", appauthor=False),
    )
