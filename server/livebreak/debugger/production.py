"""What is asked before the first breakpoint of a session reaches production."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from livebreak.debugger.states import is_meant_for
from livebreak.debugger.values import visible
from livebreak_agent.vocabulary.environments import is_production
from livebreak_agent.vocabulary.model import Breakpoint, NewBreakpoint
from livebreak_agent.vocabulary.wire import ProcessState

NOT_CONFIRMED = (
    "Not armed: it would reach production, and nobody said yes. Set or change it again to be asked again, "
    "or start `livebreak lsp` or `livebreak dap` with --yes-production."
)

LONGEST_NAME = 40
"""Characters of an environment's name in the question."""


def arms(new: NewBreakpoint | None, fields: Mapping[str, object] | None, stored: Breakpoint | None) -> NewBreakpoint | None:
    """The breakpoint that an edit arms, whether it makes one, switches one on, or moves one to other processes; None if it arms
    nothing."""
    if new is not None:
        return new if new.enabled else None
    if stored is None or fields is None:
        return None
    repository = fields.get("repository")
    if isinstance(repository, str) and fields.get("enabled", stored.enabled) is True:
        return replace(stored, enabled=True, repository=repository)
    return replace(stored, enabled=True) if fields.get("enabled") is True else None


def question_before(item: NewBreakpoint, processes: Sequence[ProcessState], project: str | None) -> str | None:
    """What to ask before the breakpoint is armed; None if it reaches no process in production."""
    reached = [
        it.process.environment or "" for it in processes if is_production(it.process.environment) and is_meant_for(item, it)
    ]
    if not reached:
        return None
    names = sorted({visible(name[:LONGEST_NAME]) for name in reached})
    where = "/".join([*([project] if project else []), " and ".join(names)])
    return f"Arm live breakpoints in {where}, {len(reached):,} {'process' if len(reached) == 1 else 'processes'}?"
