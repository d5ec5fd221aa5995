"""Which breakpoint somebody means who names one by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from livebreak.debugger.breakpoints import is_in
from livebreak.debugger.linemap import locate
from livebreak.debugger.workspace import Location
from livebreak_agent.vocabulary.model import Breakpoint

_PLACE = re.compile(r"(?P<file>.+):(?P<line>[0-9]{1,9})\Z", re.DOTALL)
_REFERENCE = "livebreak://hit/"
_ID_PART = re.compile(r"[0-9a-fA-F-]{1,36}\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """FILE:LINE as it was written."""

    file: str
    line: int
    """1-based."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalText:
    """The file of this machine that a place names, where there is one."""

    location: Location
    text: str


def read_place(text: str) -> Place | None:
    """FILE:LINE, or None if the text is not of this form."""
    match = _PLACE.match(text)
    return Place(file=match["file"], line=int(match["line"])) if match else None


def reference_to(hit_id: str) -> str:
    """What a person sends to a teammate: `livebreak hits show` and the editors open it."""
    return f"{_REFERENCE}{hit_id}"


def read_reference(text: str) -> str:
    """The id in a reference to a hit; any other text as it is."""
    return text.strip().removeprefix(_REFERENCE).strip("/") if text.strip().startswith(_REFERENCE) else text


def is_id_part(text: str) -> bool:
    """True if an id could begin like this."""
    return bool(_ID_PART.match(text))


def with_id(breakpoints: Iterable[Breakpoint], prefix: str) -> tuple[Breakpoint, ...]:
    """Those whose id begins so; the one whose id it is, if it is whole."""
    prefix = prefix.lower()
    found = tuple(item for item in breakpoints if item.id.lower().startswith(prefix))
    whole = tuple(item for item in found if item.id.lower() == prefix)
    return whole or found


def at_place(breakpoints: Iterable[Breakpoint], place: Place, local: LocalText | None) -> tuple[Breakpoint, ...]:
    """Those on a line: of the local text, to which anchors are followed; else by the names that the backend has."""
    candidates = tuple(breakpoints)
    if local is not None:
        here = (item for item in candidates if is_in(item, local.location))
        return tuple(item for item in here if locate(item, local.text) == place.line - 1)
    return tuple(item for item in of_file(candidates, place.file, None) if item.line_number == place.line)


def of_file(breakpoints: Iterable[Breakpoint], file: str, location: Location | None) -> tuple[Breakpoint, ...]:
    """Those in a file: a local one; else one whose path in its repository is, or ends with, what was written."""
    if location is not None:
        return tuple(item for item in breakpoints if is_in(item, location))
    wanted = file.replace("\\", "/").removeprefix("./").strip("/")
    return tuple(item for item in breakpoints if item.filename == wanted or item.filename.endswith(f"/{wanted}"))
