"""A small page of text, as Markdown or as plain text.

What it says comes in two kinds: our own words, and words that came from outside: captured values, names of functions,
files and services, reasons that a process gave. The second kind is hostile. It is quoted so that no renderer makes a link,
an image, HTML or a list of it, and so that no control or bidirectional character reaches the screen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from livebreak.debugger import values


@dataclass(frozen=True, slots=True)
class Words:
    """Prose of any origin."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """One line of code of any origin."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a file of this workspace. The address is ours: it never holds anything captured."""

    label: str
    uri: str


Part = Words | Code | Link


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of one line."""

    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: Sequence[Sequence[Part]]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Lines in a fixed-width font."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""


Piece = Line | Items | Block | Rule


def to_markdown(page: Sequence[Piece]) -> str:
    """The page as Markdown that says the same to CommonMark, GFM and older readers."""
    return "\n\n".join(_markdown_piece(piece) for piece in page)


def to_plain(page: Sequence[Piece]) -> str:
    """The page as plain text."""
    return "\n\n".join(_plain_piece(piece) for piece in page)


def visible(text: str) -> str:
    """The text on one line: line ends become blanks, and what would be invisible or reorder the line becomes its escape."""
    return values.visible(_BLANKS.sub(" ", text))


def quote_words(text: str) -> str:
    """Prose as Markdown that shows just these words.

    Only what could mean something inside a line is escaped, since some editors show the backslashes. `://`, `www.` and `@`
    are broken up because GFM links bare addresses.
    """
    return _WWW.sub(r"\1\\.", _SPECIAL.sub(r"\\\g<0>", visible(text)).replace("://", ":\\//"))


def quote_code(text: str) -> str:
    """A line of code as a Markdown code span, whatever backticks it holds."""
    line = visible(text)
    if not line.strip():
        return "` `"
    fence = "`" * (_longest_run(line) + 1)
    # The blanks are stripped by the reader, if the code itself begins and ends with one.
    pad = " " if line[0] in " `" or line[-1] in " `" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def quote_block(lines: Sequence[str]) -> str:
    """Lines as a fenced Markdown block whose fence is longer than any run of backticks inside."""
    shown = [visible(line) for line in lines]
    fence = "`" * max(3, *(_longest_run(line) + 1 for line in shown), 3)
    return "\n".join([f"{fence}text", *shown, fence])


_SPECIAL = re.compile(r"[\\`*\[\]<>&~|@{}]|(?<![^\W_])_|_(?![^\W_])|!\Z")
_START = re.compile(r"^(\d+(?=[.)])|(?=[#+\-=:]))(.)")
"""What begins a heading, a list, a rule or a definition at the start of a line."""
_WWW = re.compile(r"\b(www)\.", re.IGNORECASE)
_BACKTICKS = re.compile("`+")
_BLANKS = re.compile(r"\r\n|[\t\n\r\v\f]")


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)


def _markdown_piece(piece: Piece) -> str:
    match piece:
        case Line(parts):
            return _markdown_parts(parts)
        case Items(items, numbered):
            return "\n".join(f"{f'{n}.' if numbered else '-'} {_markdown_parts(parts)}" for n, parts in enumerate(items, start=1))
        case Block(lines):
            return quote_block(lines)
        case Rule():
            return "---"


def _markdown_parts(parts: Sequence[Part]) -> str:
    line = "".join(map(_markdown_part, parts)).lstrip()
    return _START.sub(r"\1\\\2", line)


def _markdown_part(part: Part) -> str:
    match part:
        case Words(text, strong):
            return f"**{quote_words(text)}**" if strong else quote_words(text)
        case Code(text):
            return quote_code(text)
        case Link(label, uri):
            return f"[{quote_words(label)}]({uri})"


def _plain_piece(piece: Piece) -> str:
    match piece:
        case Line(parts):
            return _plain_parts(parts)
        case Items(items, numbered):
            return "\n".join(f"{f'{n}.' if numbered else '-'} {_plain_parts(parts)}" for n, parts in enumerate(items, start=1))
        case Block(lines):
            return "\n".join(f"  {visible(line)}" for line in lines)
        case Rule():
            return "-" * 8


def _plain_parts(parts: Sequence[Part]) -> str:
    return "".join(visible(part.label if isinstance(part, Link) else part.text) for part in parts)
