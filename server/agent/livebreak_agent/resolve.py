"""What one loaded file has for a breakpoint: its line, the code that the line is in, or why there is none."""

from __future__ import annotations

import bisect
import dataclasses
import types
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from livebreak_agent.instrument import files, lines, sources
from livebreak_agent.instrument.files import Places
from livebreak_agent.instrument.lines import Passes
from livebreak_agent.instrument.loaded import LoadedFile
from livebreak_agent.instrument.sites import Instrument
from livebreak_agent.vocabulary import anchor
from livebreak_agent.vocabulary.model import BindingState, Breakpoint


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A code object that the line is in."""

    code: types.CodeType
    passes: Passes


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a breakpoint comes to in one file. Without `places` there is nothing to watch."""

    state: BindingState
    reason: str | None = None
    line: int | None = None
    places: tuple[Place, ...] = ()
    nearest_lines: tuple[int, ...] = ()
    digest: str | None = None
    source_changed: bool = False


def is_this_file(breakpoint: Breakpoint, loaded: LoadedFile, places: Places) -> bool:
    """Whether the breakpoint means this file.

    Its place says so; or its path ends alike and, since the same name may stand anywhere, the breakpoint's text is in it.
    """
    rank = places.rank(loaded.filename, breakpoint.filename)
    is_placed = rank == files.EXACT or (rank == files.WHOLE and not places.knows_root)
    if is_placed and not places.is_library(loaded.filename):
        return True
    return rank > 0 and breakpoint.anchor is not None and type(_line(breakpoint, loaded)) is int


def in_file(breakpoint: Breakpoint, loaded: LoadedFile, instrument: Instrument, watched: Iterable[types.CodeType]) -> Outcome:
    """What the breakpoint comes to in a file that it means; `watched` is the code in which its line is watched already."""
    source = loaded.source()
    line = _line(breakpoint, loaded)
    digest = source.digests[0] if source.digests else None
    if isinstance(line, str):
        return Outcome(state=BindingState.PENDING, reason=line, digest=digest, source_changed=source.changed)
    roots = loaded.roots_around(line)
    around = {id(code): owners for root in roots for code, owners in lines.tree(root)}
    may_run = {id(code) for code in (*watched, *loaded.running, loaded.beginning) if code is not None}
    found = [
        (code, passes)
        for root in roots
        for code, passes in lines.places_of(root, line)
        # The body of a module that was imported is known, but it is over.
        if not _is_for_import(code, around[id(code)]) or not may_run.isdisjoint(map(id, (code, *around[id(code)])))
        if not _is_of_annotations(code)
    ]
    if not found:
        compiled = sources.compiled(source)
        anew = _Anew.of(compiled, line)
        found = _live(anew, loaded)
        around = {id(code): owners for root in loaded.roots.values() for code, owners in lines.tree(root)}
    if not found:
        return _without_code(breakpoint, loaded, line, source, compiled, anew)
    notes = [instrument.unreached(code, around[id(code)], loaded.functions, loaded.running) for code, _ in found]
    # If any of the code is surely reached, the breakpoint works, and that other code may be missed is only added.
    is_reached = None in notes
    return Outcome(
        state=BindingState.BOUND if is_reached else BindingState.PENDING,
        reason=None if is_reached else notes[0],
        line=line,
        places=tuple({id(code): Place(code=code, passes=passes) for code, passes in found}.values()),
        digest=digest,
        source_changed=source.changed,
    )


def proved(outcome: Outcome) -> Outcome:
    """The same, once a pass has shown that the code is reached."""
    return dataclasses.replace(outcome, state=BindingState.BOUND, reason=None)


def not_loaded(breakpoint: Breakpoint, alike: Sequence[str]) -> str:
    """Why no file is meant; `alike` are loaded files whose paths end alike."""
    reason = f"{breakpoint.filename} is not imported in this process yet."
    if not alike:
        return reason
    difference = (
        "its code differs from what the breakpoint was set in"
        if breakpoint.anchor is not None
        else "whether it is the same file cannot be told; LIVEBREAK_PATH_MAP says where deployed folders belong"
    )
    return f"{reason} {alike[0]} ends alike, but {difference}."


def _line(breakpoint: Breakpoint, loaded: LoadedFile) -> int | str:
    """The breakpoint's line in the text that was loaded, or why it has none there."""
    if breakpoint.anchor is None:
        return breakpoint.line_number
    source = loaded.source()
    if source.text is None:
        return (
            f"{breakpoint.filename} was changed on disk after this process loaded it, so the line cannot be found; "
            "restart the process."
            if source.changed
            else f"The text of {breakpoint.filename} cannot be read in this process, so the line cannot be found."
        )
    found = anchor.resolve(breakpoint.anchor, breakpoint.line_number, source.text, source.digests)
    if isinstance(found, anchor.Found):
        return found.line
    if not breakpoint.anchor.text:
        return "The breakpoint is on a blank line, which never runs; set it on a line with code."
    shown = breakpoint.anchor.text if len(breakpoint.anchor.text) <= _SHOWN else breakpoint.anchor.text[:_SHOWN] + "…"
    if not found.candidates:
        return f"The deployed code differs here: {breakpoint.filename} has no line `{shown}`."
    if found.ambiguous:
        return (
            f"The deployed code differs here: `{shown}` stands on lines {_listed(found.candidates)}, and none is surely the one."
        )
    return f"The deployed code differs here: `{shown}` stands on line {found.candidates[0]}, but among other lines than it did."


_SHOWN = 60
"""Characters of a line of code in a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Anew:
    """The code that the line is in when the file is compiled anew."""

    later: tuple[tuple[types.CodeType, Passes], ...] = ()
    """What runs after the import, too."""
    at_import: tuple[types.CodeType, ...] = ()
    annotations: tuple[types.CodeType, ...] = ()

    @classmethod
    def of(cls, compiled: types.CodeType | None, line: int) -> _Anew:
        if compiled is None:
            return cls()
        around = {id(code): owners for code, owners in lines.tree(compiled)}
        found = lines.places_of(compiled, line)
        return cls(
            later=tuple(
                (code, passes)
                for code, passes in found
                if not _is_for_import(code, around[id(code)]) and not _is_of_annotations(code)
            ),
            at_import=tuple(code for code, _ in found if _is_for_import(code, around[id(code)])),
            annotations=tuple(code for code, _ in found if _is_of_annotations(code)),
        )


def _is_for_import(code: types.CodeType, around: Sequence[types.CodeType]) -> bool:
    """Whether it runs when the file is imported; the body of a class in a function runs with each call."""
    return all(map(lines.is_once, (code, *around)))


def _is_of_annotations(code: types.CodeType) -> bool:
    """Whether Python 3.14 and newer made it of annotations: it runs only if somebody asks for them."""
    return code.co_name == "__annotate__"


def _live(anew: _Anew, loaded: LoadedFile) -> list[tuple[types.CodeType, Passes]]:
    """The code that runs, for the same code compiled anew, which shows what is around a function, such as its decorators."""
    live = {(code.co_qualname, code.co_firstlineno): code for root in loaded.roots.values() for code, _ in lines.tree(root)}
    pairs = ((live.get((code.co_qualname, code.co_firstlineno)), passes) for code, passes in anew.later)
    return [(code, passes) for code, passes in pairs if code is not None]


def _without_code(
    breakpoint: Breakpoint,
    loaded: LoadedFile,
    line: int,
    source: sources.Source,
    compiled: types.CodeType | None,
    anew: _Anew,
) -> Outcome:
    """The line is not in any code that was found: it has none, or its code has run for the last time, or was not found."""
    digest = source.digests[0] if source.digests else None
    live = sorted(lines.with_code(loaded.roots.values()) or (lines.with_code([compiled]) if compiled is not None else ()))
    nearest = _nearest(live, line)
    state = BindingState.FAILED
    if anew.later:
        name = anew.later[0][0].co_qualname
        state = BindingState.PENDING
        nearest = ()
        reason = (
            f"{name}, which line {line} of {breakpoint.filename} is in, was not found in this process; it is looked for again."
        )
    elif anew.at_import:
        reason = f"Line {line} of {breakpoint.filename} runs when the file is imported, and in this process that is over."
    elif anew.annotations:
        reason = f"Line {line} of {breakpoint.filename} is an annotation, which Python evaluates only when it is asked for."
    else:
        where = {0: "", 1: "; the nearest line with code is {}", 2: "; the nearest lines with code are {} and {}"}[len(nearest)]
        reason = f"No code on line {line} of {breakpoint.filename}{where.format(*nearest)}."
    return Outcome(state=state, reason=reason, line=line, nearest_lines=nearest, digest=digest, source_changed=source.changed)


def _nearest(with_code: Sequence[int], line: int) -> tuple[int, ...]:
    """The next lines with code before and after."""
    index = bisect.bisect_left(with_code, line)
    return tuple(with_code[max(0, index - 1) : index + 1])


def _listed(numbers: Iterable[int]) -> str:
    *most, last = [str(number) for number in numbers]
    return f"{', '.join(most)} and {last}" if most else last
