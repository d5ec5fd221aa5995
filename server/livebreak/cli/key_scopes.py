"""What a person's key has to open so that it is of use."""

from __future__ import annotations

from livebreak_agent.vocabulary.wire import Capabilities

_READ = frozenset({"*", "live_debugger:read", "live_debugger:write"})
_WRITE = frozenset({"*", "live_debugger:write"})


def may_read(answer: Capabilities) -> bool:
    """Whether the key may look. A plain PostHog API does not tell; that it answered shows it."""
    return not answer.api or not _READ.isdisjoint(answer.scopes)


def may_write(answer: Capabilities) -> bool:
    """Whether the key may set breakpoints, as far as the backend tells."""
    return not answer.api or not _WRITE.isdisjoint(answer.scopes)
