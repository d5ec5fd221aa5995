"""What a client says, in our own words."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pygls.uris import to_fs_path


class Surface(StrEnum):
    """A place where an editor can show things; a client with a plugin turns off what the plugin shows better."""

    DIAGNOSTICS = "diagnostics"
    INLAY_HINTS = "inlayHints"
    HOVER = "hover"
    CODE_ACTIONS = "codeActions"
    COMPLETION = "completion"
    CODE_LENS = "codeLens"
    """The same as an inlay hint, on a line of its own."""
    OVERVIEW = "overview"
    """A view of all breakpoints of the project: what changes in it is told."""


UNASKED = frozenset(Surface) - {Surface.OVERVIEW, Surface.CODE_LENS}
"""What a client gets that names no surfaces."""


def surfaces_of(options: object) -> frozenset[Surface] | None:
    """The surfaces named in `initializationOptions`; None if it names none, and then `UNASKED` are wanted.

    Names that a newer client knows and we do not are ignored.
    """
    names = options.get("surfaces") if isinstance(options, dict) else None
    if not isinstance(names, list):
        return None
    return frozenset(surface for surface in Surface if surface.value in names)


def says_yes_to_production(options: object) -> bool:
    """True if `initializationOptions` say in so many words that production needs no question."""
    return isinstance(options, dict) and options.get("yesProduction") is True


def waits_to_connect(options: object) -> bool:
    """True if `initializationOptions` say that the session is off until `livebreak/connect`."""
    return isinstance(options, dict) and options.get("connect") is False


def path_of(uri: str) -> Path | None:
    """The path of a `file:` URI on this machine; None for every other URI."""
    # pygls takes what follows a semicolon for a URL parameter, and a host for a Windows share.
    path = to_fs_path(uri.replace(";", "%3B").replace("file://localhost/", "file:///", 1))
    if path is None or "\0" in path or not Path(path).is_absolute():
        return None
    return Path(path)
