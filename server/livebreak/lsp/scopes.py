"""What stands under the cursor in Python source: a dotted name, and the function around it."""

from __future__ import annotations

import ast
import functools
import re
import warnings

_DOTTED_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*(?:\.[^\W\d]\w*)*")
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


def in_same_function(text: str, one: int, other: int) -> bool:
    """True if the innermost function around both 0-based lines is the same, or there is none around either.

    False where the text cannot be parsed: a value of another function's variable would mislead.
    """
    functions = _functions(text)
    return functions is not None and _innermost(functions, one) == _innermost(functions, other)


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
