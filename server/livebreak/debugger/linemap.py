"""Where a breakpoint's line is in a text that is being edited. Lines are 0-based here, as editors count them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

from livebreak_agent.vocabulary import anchor as anchors
from livebreak_agent.vocabulary.model import Breakpoint

MOST_LINES_COMPARED = 4_000
"""Changed lines up to which they are matched one by one; beyond it a rewrite is taken as one, as difflib is quadratic."""
TEXTS_KEPT = 4
"""Texts of which the lines are kept: of 20,000 lines they take 4 MB, and splitting them takes 3 ms."""


class Text:
    """A source text with what is worked out of it once, for all the breakpoints that are looked for in it."""

    def __init__(self, source: str) -> None:
        self._source = source

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return tuple(anchors.split_lines(self._source))

    @cached_property
    def stripped(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.lines)

    @cached_property
    def digests(self) -> tuple[str, ...]:
        return anchors.digests_of(self._source.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=TEXTS_KEPT)
def text_of(source: str) -> Text:
    """The text, worked out once."""
    return Text(source)


def locate(breakpoint: Breakpoint, source: str) -> int | None:
    """The breakpoint's line in a text, by its anchor; without one, its number. None where it is not surely there."""
    text = text_of(source)
    if breakpoint.anchor is None:
        line = breakpoint.line_number - 1
        return line if 0 <= line < len(text.lines) else None
    found = anchors.resolve_in(breakpoint.anchor, breakpoint.line_number, text.stripped, text.digests)
    return found.line - 1 if isinstance(found, anchors.Found) else None


def nearest_line(line_number: int, source: str) -> int:
    """The 0-based line of a number in a text that may be shorter."""
    return max(0, min(line_number - 1, len(text_of(source).lines) - 1))


def runs_otherwise(breakpoint: Breakpoint, source: str, line: int) -> str | None:
    """What a bound breakpoint's line is where it runs, if the text has another statement there; a comment makes no difference."""
    lines = text_of(source).stripped
    if breakpoint.anchor is None or not 0 <= line < len(lines):
        return None
    here, there = lines[line], breakpoint.anchor.text
    shorter, longer = sorted((here, there), key=len)
    is_same = longer.startswith(shorter) and longer[len(shorter) :].lstrip()[:1] in ("", "#")
    return None if is_same else there


def follow(lines: Iterable[int], old: str, new: str) -> Mapping[int, int]:
    """Where each line of the old text is in the new one. A line that was deleted is where it would be: on what follows."""
    wanted = list(lines)
    if old == new or not wanted:
        return {line: line for line in wanted}
    before, after = text_of(old).lines, text_of(new).lines
    start = _common_length(before, after)
    end = _common_length(before[start:][::-1], after[start:][::-1])
    shift = len(after) - len(before)
    blocks = _matching_blocks(before[start : len(before) - end], after[start : len(after) - end])
    moved = {}
    for line in wanted:
        if line < start:
            target = line
        elif line >= len(before) - end:
            target = line + shift
        else:
            target = start + _within(line - start, blocks, len(after) - start - end)
        moved[line] = max(0, min(target, len(after) - 1))
    return moved


def _matching_blocks(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int, int]]:
    if len(before) + len(after) > MOST_LINES_COMPARED:
        return []
    # Lines that stand everywhere, such as closing brackets, are no landmarks, and comparing each with each takes minutes.
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=True)
    return [(match.a, match.b, match.size) for match in matcher.get_matching_blocks() if match.size]


def _within(line: int, blocks: list[tuple[int, int, int]], line_count: int) -> int:
    """The place of a line inside the changed part: with its block, else as far behind the block before it as it was."""
    last_a, last_b = 0, 0
    for a, b, size in blocks:
        if line < a:
            return min(last_b + line - last_a, b)
        if line < a + size:
            return b + line - a
        last_a, last_b = a + size, b + size
    return min(last_b + line - last_a, max(line_count - 1, 0))


def _common_length(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines two texts begin with alike. Halves are compared as a whole, which is quick; a keystroke waits for it."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def frame_line(line_number: int, text_of_line: str | None, source: str) -> int:
    """The 0-based line of a frame in a text as it is now: where its number says, if the line is the same there; else the one
    line that is the same; else where its number says, since a place nearby is of more use than none."""
    lines = text_of(source).stripped
    there = nearest_line(line_number, source)
    wanted = (text_of_line or "").strip()
    if not wanted or (lines and lines[there] == wanted):
        return there
    same = [number for number, line in enumerate(lines) if line == wanted]
    return same[0] if len(same) == 1 else there
