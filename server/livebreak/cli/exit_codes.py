"""With which status a command ends; docs/commands.md has the same table. Every failure is one sentence on standard error."""

from __future__ import annotations

FAILED = 1
"""Anything that is none of the others: a file that cannot be written, a port in use."""
USAGE = 2
"""The command was called in a way that it does not understand; the command line's own library uses the same number."""
NOT_CONNECTED = 3
"""No backend is known, or the one that is known cannot be reached: the same command may work later."""
REFUSED = 4
"""The backend answered and said no: a wrong key, a missing scope, an unknown project."""
NOT_FOUND = 5
"""What was named is not there, or several things are meant: a breakpoint, a hit, a file, a line with code."""
INTERRUPTED = 130
"""Ctrl-C, as every shell counts it: 128 and the number of the signal."""
PIPE_CLOSED = 141
"""Whoever read the output has gone, as `head` does; the same for that signal."""
