"""Whether a line of a local file has code: found out as the agent does, before anything is sent."""

from __future__ import annotations

import bisect
import warnings

from livebreak_agent.instrument import lines
from livebreak_agent.vocabulary.anchor import split_lines


def line_problem(filename: str, text: str, line: int) -> str | None:
    """One sentence if no breakpoint can be on this 1-based line; None also where it cannot be told here."""
    *whole, rest = split_lines(text)
    # A line end at the end of a text ends its last line, and begins none.
    count = len(whole) + bool(rest)
    if not 1 <= line <= count:
        return f"{filename} has {count:,} lines, so there is no line {line:,}."
    if not filename.endswith(".py"):
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            code = compile(text, filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The deployed text, or the deployed Python, may be another one.
        return None
    if lines.places_of(code, line):
        return None
    with_code = sorted(lines.with_code([code]))
    index = bisect.bisect_left(with_code, line)
    nearest = " and ".join(str(number) for number in with_code[max(0, index - 1) : index + 1])
    return f"There is no code on line {line} of {filename}" + (f"; the nearest with code: {nearest}." if nearest else ".")
