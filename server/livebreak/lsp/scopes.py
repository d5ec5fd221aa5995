"""What stands under the cursor in Python source: a dotted name, and the function around it."""

from __future__ import annotations

import ast
import functools
import re
import warnings
from collections.abc import Sequence

_DOTTED_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_DEFINITION = re.compile(r"(?:async\s+def|def|class)\b|@")
_SOURCES_KEPT = 4
"""Parsed texts kept, since hovers come in rows on the same few files, and parsing 5,000 lines takes 50 ms."""


def name_at(line: str, column: int) -> tuple[str, ...] | None:
    """The dotted name under a column, up to the part that the column is in: `cart.items` on `items`, `cart` on `cart`."""
    for found in _DOTTED_NAME.finditer(line):
        if found.start() <= column <= found.end():
            end = column
            while end < found.end() and line[end] != ".":
                end += 1
            if column < found.end() and line[column] == ".":
                return None
            return tuple(found.group()[: end - found.start()].split("."))
    return None


def lines_of_function(lines: Sequence[str], line: int) -> frozenset[int]:
    """The lines whose innermost function is that of a 0-based line; for a line of the module, all that are in no function.

    `lines` have their ends. Empty where the text cannot be parsed: a value of another function's variable would mislead.
    """
    # Parsing a long file on each key that is typed takes too long, and a part of it is seldom misunderstood.
    block = _block_around(lines, line)
    for part in (block, range(len(lines))):
        functions = _functions("".join(lines[part.start : part.stop]))
        around = _innermost(functions, line - part.start) if functions is not None else None
        if functions is not None and (around is not None or part.stop - part.start == len(lines)):
            first, last = around or (0, len(lines))
            inner = {it for start, end in functions if (start, end) != around and start >= first for it in range(start, end + 1)}
            return frozenset(number + part.start for number in range(first, last + 1) if number not in inner)
    return frozenset()


def _block_around(lines: Sequence[str], line: int) -> range:
    """The lines from the last definition in the first column up to the next one. A text in quotes may look like one, so what is
    found need not be a whole."""
    first = next((index for index in range(min(line, len(lines) - 1), -1, -1) if _DEFINITION.match(lines[index])), 0)
    last = next((index for index in range(line + 1, len(lines)) if _DEFINITION.match(lines[index])), len(lines))
    return range(first, last)


def _innermost(functions: tuple[tuple[int, int], ...], line: int) -> tuple[int, int] | None:
    """Functions are nested or apart, so the innermost one around a line is the one that begins last."""
    return max((around for around in functions if around[0] <= line <= around[1]), default=None)


@functools.lru_cache(maxsize=_SOURCES_KEPT)
def _functions(text: str) -> tuple[tuple[int, int], ...] | None:
    """First and last line of each function, 0-based."""
    try:
        with warnings.catch_warnings():
            # What Python thinks of the escapes in the user's strings is no concern of the editor's log.
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tuple(
        (node.lineno - 1, (node.end_lineno or node.lineno) - 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
