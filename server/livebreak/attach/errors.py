"""Why the agent could not be brought into a process."""

from __future__ import annotations


class AttachError(Exception):
    """The text is one sentence: what is wrong, and what to do."""
