"""Whether a breakpoint on a line would bind here, found out from the file alone: nothing of the application runs."""

from __future__ import annotations

import bisect
import os
import warnings
from dataclasses import dataclass

from livebreak_agent.identity import Identity
from livebreak_agent.instrument import lines, sources
from livebreak_agent.instrument.files import Places
from livebreak_agent.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class LineCheck:
    binds: bool
    sentence: str
    """For a person: where it binds, or why not."""
    file: str | None = None
    """The file here."""
    filename: str | None = None
    """Its path in the repository, which a breakpoint is set by; None if its place does not tell it."""
    line: int
    nearest_lines: tuple[int, ...] = ()
    digest: str | None = None
    """The git blob id of the text here: the same as in an editor means the same code."""


def check(asked: str, line: int, chosen: Settings, found: Identity, directory: str) -> LineCheck:
    """Would a breakpoint on this line bind? `asked` is a path here, or in the repository."""
    places = Places(found.root, (*chosen.path_map, *found.path_map))
    path = _find(asked, chosen, found, directory)
    if path is None:
        sentence = (
            f"There is no {asked} here, neither in {directory} nor as a path of the repository, whose root is {found.root}."
        )
        return LineCheck(binds=False, sentence=sentence, line=line)
    filename = None if places.is_library(path) else places.inside(path)
    shown = filename or path
    source = sources.read(path, float("inf"), ())
    digest = source.digests[0] if source.digests else None

    def no(sentence: str, nearest: tuple[int, ...] = ()) -> LineCheck:
        return LineCheck(
            binds=False, sentence=sentence, file=path, filename=filename, line=line, nearest_lines=nearest, digest=digest
        )

    refusal = chosen.policy.refusal_of_file(path, places.inside(path))
    if refusal is not None:
        return no(refusal)
    if source.text is None:
        return no(f"{shown} cannot be read as Python source.")
    try:
        with warnings.catch_warnings(action="ignore"):
            code = compile(source.text, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return no(f"{shown} cannot be compiled by this Python ({type(error).__name__}).")
    on_line = [inner for inner, _ in lines.places_of(code, line)]
    if not on_line:
        live = sorted(lines.with_code([code]))
        index = bisect.bisect_left(live, line)
        nearest = tuple(live[max(0, index - 1) : index + 1])
        hint = f"; the nearest lines with code are {' and '.join(map(str, nearest))}" if nearest else ""
        return no(f"No code on line {line} of {shown}{hint}.", nearest)
    names = ", ".join(dict.fromkeys(inner.co_qualname for inner in on_line))
    sentence = f"Line {line} of {shown} binds, in {names}."
    if all(lines.is_once(inner) for inner in on_line):
        sentence = f"Line {line} of {shown} runs when the file is imported: it binds in processes that have not imported it yet."
    if filename is None:
        why = "belongs to an installed package" if places.is_library(path) else f"is outside of {found.root}"
        sentence += f" The file {why}, so only a breakpoint that an editor set in the same text finds it."
    return LineCheck(binds=True, sentence=sentence, file=path, filename=filename, line=line, digest=digest)


def _find(asked: str, chosen: Settings, found: Identity, directory: str) -> str | None:
    candidates = [os.path.join(directory, asked)]
    wanted = asked.replace(os.sep, "/")
    for deployed, folder in (*chosen.path_map, *found.path_map, (found.root, "")):
        if not folder or wanted.startswith(f"{folder}/"):
            candidates.append(os.path.join(deployed, wanted.removeprefix(f"{folder}/") if folder else wanted))
    return next((os.path.abspath(path) for path in candidates if os.path.isfile(path)), None)
