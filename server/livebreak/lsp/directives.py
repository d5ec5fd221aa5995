"""The directive `# livebreak: if CONDITION` or `# livebreak: log MESSAGE` behind a line of code.

It is how a condition is typed in an editor that has no input box of ours: a code action takes it over and removes it.
"""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass
from typing import Literal

_DIRECTIVE = re.compile(r"#\s*livebreak:\s*(?P<kind>if|log)\s+(?P<text>\S.*?)\s*\Z")

_BEGINNING = re.compile(r"#\s*livebreak:")

MARK = "livebreak:"
"""What every directive holds; to look for it first is quick."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Directive:
    """What a comment asks for."""

    start: int
    """Column, in characters, where the blanks before the comment begin: what is behind goes when it is taken over."""
    kind: Literal["condition", "log"]
    text: str
    text_start: int
    """Column, in characters, where the text begins."""


def directive_of(line: str) -> Directive | None:
    """The directive behind the code of a line; None if there is none, or no code before it."""
    if MARK not in line or (comment := comment_start(line)) is None:
        return None
    # It may stand behind another comment, which stays.
    found = _DIRECTIVE.search(line, comment)
    if found is None or not line[:comment].strip():
        return None
    kind: Literal["condition", "log"] = "condition" if found["kind"] == "if" else "log"
    return Directive(start=len(line[: found.start()].rstrip()), kind=kind, text=found["text"], text_start=found.start("text"))


def misunderstanding(line: str) -> tuple[int, str] | None:
    """Where a comment begins that was meant for a directive and is none, as a column in characters, and what is wrong with it."""
    if MARK not in line or directive_of(line) is not None or (comment := comment_start(line)) is None:
        return None
    if (begun := _BEGINNING.search(line, comment)) is None:
        return None
    if line[:comment].strip():
        return begun.start(), "LiveBreak takes `# livebreak: if CONDITION` or `# livebreak: log MESSAGE`."
    if _DIRECTIVE.search(line, comment) is not None:
        return begun.start(), "Write this behind the line of code that it is for; on a line of its own it is for none."
    return None


def directive_for(line: str, condition: str | None, log_message: str | None) -> str | None:
    """What to write behind a line so that it says this, `None` where the line takes no comment: it goes on in the next one,
    or ends inside of a string."""
    text = f"log {log_message}" if log_message and not condition else f"if {condition or 'True'}"
    written = f"  # livebreak: {' '.join(text.split())}"
    code = line.rstrip()
    if code.endswith("\\") or directive_of(code) is not None or directive_of(code + written) is None:
        return None
    return written


def comment_start(line: str) -> int | None:
    """Where the line's comment begins: a number sign inside a string begins none."""
    indentation = len(line) - len(line.lstrip())
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.lstrip()).readline):
            if token.type == tokenize.COMMENT:
                return indentation + token.start[1]
            if token.type == tokenize.ERRORTOKEN and token.string in ("'", '"'):
                # A string without an end: newer Pythons raise here, older ones go on into it.
                return None
    except (tokenize.TokenError, SyntaxError):
        # The line is a part of a longer statement; its own tokens came before the error.
        pass
    return None
