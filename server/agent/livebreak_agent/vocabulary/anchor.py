"""What pins a breakpoint to code, and `resolve`, the one function with which every side finds the line again.

A line number alone points at other code as soon as somebody edits the file or another revision is deployed. So a
breakpoint carries the digest of the text it was set in, the text of its line, and some lines of context.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from livebreak_agent.vocabulary.model import Anchor

CONTEXT_LINES = 3
"""Lines kept above and below: enough to tell equal lines of two branches apart, few enough to survive edits nearby."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The anchor's line in a text."""

    line: int
    exact: bool
    """True if the text is, by digest, the very text that the breakpoint was set in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotFound:
    """No line of the text is surely the anchor's; `candidates` are the lines with the same text."""

    candidates: tuple[int, ...] = ()

    @property
    def ambiguous(self) -> bool:
        return len(self.candidates) > 1


def split_lines(source: str) -> list[str]:
    """The lines of a source text, without their ends.

    Only ``\\r\\n``, ``\\n`` and ``\\r`` end a line, as for Python's tokenizer and for LSP; `str.splitlines` also breaks
    at form feeds and five other characters, and so numbers lines differently from both.
    """
    # A regular expression does the same and takes ten times as long.
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def blob_id(content: bytes) -> str:
    """The id that git gives a file with this content: 40 hex digits."""
    digest = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()


def digests_of(content: bytes) -> tuple[str, ...]:
    """The blob ids of a file: as it is, and with LF line ends where that is another text."""
    raw = blob_id(content)
    normalised = blob_id(content.replace(b"\r\n", b"\n"))
    return (raw,) if raw == normalised else (raw, normalised)


def make(source: str, line: int, digests: tuple[str, ...]) -> Anchor | None:
    """The anchor of a 1-based line of a text whose blob ids are `digests`, or None if the text has no such line."""
    lines = [text.strip() for text in split_lines(source)]
    if not 1 <= line <= len(lines):
        return None
    above, below = _context(lines, line)
    return Anchor(text=lines[line - 1], before=tuple(reversed(above)), after=below, digests=digests)


def resolve(anchor: Anchor, line: int, source: str, digests: tuple[str, ...]) -> Found | NotFound:
    """The line of `source` that the anchor means.

    Parameters
    ----------
    anchor, line
        The anchor, and the line number it was made for.
    source, digests
        The text to search, and its blob ids (`digests_of` its bytes).

    The same text by digest: the same line. Else the line's exact text must stand in one place whose surroundings agree
    with the anchor's better than those of any other. It is never a guess: no line, two that are equally good, or one
    among strange neighbours, is `NotFound`.
    """
    if not set(anchor.digests).isdisjoint(digests) and 1 <= line <= source.count("\n") + 1:
        # There may be more lines than these, and most anchors are asked for in the very text they were made in.
        return Found(line=line, exact=True)
    return resolve_in(anchor, line, [text.strip() for text in split_lines(source)], digests)


def resolve_in(anchor: Anchor, line: int, lines: Sequence[str], digests: tuple[str, ...]) -> Found | NotFound:
    """`resolve` in a text that was split already; `lines` are without surrounding blanks."""
    if not set(anchor.digests).isdisjoint(digests) and 1 <= line <= len(lines):
        return Found(line=line, exact=True)
    candidates = [number for number, text in enumerate(lines, start=1) if anchor.text and text == anchor.text]
    agreements = {number: _agreement(anchor, lines, number) for number in candidates}
    best = max(agreements.values(), default=(0, 0))
    winners = [number for number, agreement in agreements.items() if agreement == best]
    if len(winners) == 1 and _is_enough(anchor, best):
        return Found(line=winners[0], exact=False)
    return NotFound(candidates=tuple(candidates))


def _context(lines: Sequence[str], number: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The nearest lines above and below that are not blank, nearest first: blank lines come and go with formatters."""
    above = (lines[index] for index in range(number - 2, -1, -1) if lines[index])
    below = (lines[index] for index in range(number, len(lines)) if lines[index])
    return tuple(islice(above, CONTEXT_LINES)), tuple(islice(below, CONTEXT_LINES))


def _agreement(anchor: Anchor, lines: Sequence[str], number: int) -> tuple[int, int]:
    """How many neighbours agree: without a break from the line outwards, and at all."""
    above, below = _context(lines, number)
    unbroken = _common_prefix(above, anchor.before[::-1]) + _common_prefix(below, anchor.after)
    anywhere = sum(text in above for text in anchor.before) + sum(text in below for text in anchor.after)
    return unbroken, anywhere


def _is_enough(anchor: Anchor, agreement: tuple[int, int]) -> bool:
    unbroken, anywhere = agreement
    neighbours = len(anchor.before) + len(anchor.after)
    return unbroken >= min(2, neighbours) or 2 * anywhere >= neighbours


def _common_prefix(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
