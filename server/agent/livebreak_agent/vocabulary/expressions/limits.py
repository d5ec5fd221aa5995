"""How much an expression may be and do. It runs on the application's own threads, so every way to grow has an end."""

EXPRESSION_LENGTH = 2_000
"""Characters of an expression or a log message: far more than anybody types, few enough for Python's parser."""

NODES = 500
"""Parts of an expression; each is a few instructions, so one evaluation without loops stays below some 50 microseconds."""

NESTING = 50
"""Levels of an expression, and of data that one comparison or text goes into: well inside the recursion limit of a thread."""

STEPS = 100_000
"""Units of work of one evaluation, each below some 100 nanoseconds: about 10 ms on the application's thread at worst."""

INTEGER_BITS = 4_096
"""Integers that are calculated with or written as text: all of cryptography's, and still a matter of microseconds."""

TEXT_LENGTH = 100_000
"""Characters of a text that an expression makes."""

SEARCHED_LENGTH = 1_000_000
"""Characters of a text of the application that an expression reads through: about a millisecond."""

CHARACTERS_PER_STEP_MADE = 10
"""Making text takes memory too, so all texts of one evaluation are at most a million characters."""

CHARACTERS_PER_STEP_READ = 100
"""Reading text is done in C, at more than a character per nanosecond."""

KEYS_PER_STEP = 4
"""Checking a dict's keys is done in C, at some 30 ns each."""

FORMAT_WIDTH = 200
"""Width and precision in a format specification: a line of a log, not a way to fill the memory."""

NUMBER_LENGTH = 1_300
"""Characters that `int` and `float` take: `INTEGER_BITS` in decimal; longer ones take quadratic time."""

MESSAGE_LENGTH = 4_000
"""Characters of a rendered log message: some fifty lines of a terminal."""
