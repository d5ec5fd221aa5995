"""Where a breakpoint's line is in a text that is being edited. Lines are 0-based here, as editors count them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from livebreak_agent.vocabulary import anchor as anchors
from livebreak_agent.vocabulary.model import Breakpoint

MOST_LINES_COMPARED = 4_000
"""Changed lines up to which they are matched one by one; beyond it a rewrite is taken as one, as difflib is quadratic."""


def locate(breakpoint: Breakpoint, text: str) -> int | None:
    """The breakpoint's line in a text, by its anchor; without one, its number. None where it is not surely there."""
    line_count = len(anchors.split_lines(text))
    if breakpoint.anchor is None:
        line = breakpoint.line_number - 1
        return line if 0 <= line < line_count else None
    found = anchors.resolve(
        breakpoint.anchor, breakpoint.line_number, text, anchors.digests_of(text.encode("utf-8", "surrogatepass"))
    )
    return found.line - 1 if isinstance(found, anchors.Found) else None


def runs_otherwise(breakpoint: Breakpoint, text: str, line: int) -> str | None:
    """What a bound breakpoint's line is where it runs, if the text has another statement there; a comment makes no difference."""
    lines = anchors.split_lines(text)
    if breakpoint.anchor is None or not 0 <= line < len(lines):
        return None
    here, there = lines[line].strip(), breakpoint.anchor.text
    shorter, longer = sorted((here, there), key=len)
    is_same = longer.startswith(shorter) and longer[len(shorter) :].lstrip()[:1] in ("", "#")
    return None if is_same else there


def follow(lines: Iterable[int], old: str, new: str) -> Mapping[int, int]:
    """Where each line of the old text is in the new one. A line that was deleted is where it would be: on what follows."""
    wanted = list(lines)
    if old == new or not wanted:
        return {line: line for line in wanted}
    before, after = anchors.split_lines(old), anchors.split_lines(new)
    start = _common_prefix(before, after)
    end = _common_prefix(before[start:][::-1], after[start:][::-1])
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


def _matching_blocks(before: list[str], after: list[str]) -> list[tuple[int, int, int]]:
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


def _common_prefix(one: list[str], other: list[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def frame_line(line_number: int, text_of_line: str | None, source: str) -> int:
    """The 0-based line of a frame in a text as it is now: where its number says, if the line is the same there; else the one
    line that is the same; else where its number says, since a place nearby is of more use than none."""
    lines = anchors.split_lines(source)
    there = max(0, min(line_number - 1, len(lines) - 1))
    wanted = (text_of_line or "").strip()
    if not wanted or (lines and lines[there].strip() == wanted):
        return there
    same = [number for number, line in enumerate(lines) if line.strip() == wanted]
    return same[0] if len(same) == 1 else there
