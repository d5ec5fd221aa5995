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
    found = _DIRECTIVE.match(line, comment)
    code = line[:comment].rstrip()
    if found is None or not code:
        return None
    kind: Literal["condition", "log"] = "condition" if found["kind"] == "if" else "log"
    return Directive(start=len(code), kind=kind, text=found["text"], text_start=found.start("text"))


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
