"""How one breakpoint is shown in a file: what is stored, what the processes say, and what is still on its way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from livebreak.debugger.breakpoints import Link, as_stored, is_mine
from livebreak.debugger.linemap import nearest_line, runs_otherwise
from livebreak.debugger.states import state_of
from livebreak.debugger.why import Known as Facts
from livebreak.sync.followed import Followed
from livebreak.sync.known import Known
from livebreak.sync.outbox import Outbox
from livebreak_agent.vocabulary.lsp_messages import BreakpointState, EditorBreakpoint, State
from livebreak_agent.vocabulary.model import Breakpoint
from livebreak_agent.vocabulary.wire import HitSummary


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One breakpoint as it is shown in a file."""

    breakpoint: Breakpoint
    state: BreakpointState
    hits: tuple[HitSummary, ...]
    """Newest first; `state.hits` is the number stored."""


def in_order(shown: Shown) -> tuple[int, str]:
    """The order of a file's breakpoints: by line."""
    return shown.state.line, shown.state.id


def stored_and_queued(known: Known, outbox: Outbox) -> dict[str, Breakpoint]:
    """What the backend has, with the edits that are on their way laid over it."""
    stored = dict(known.breakpoints)
    for refused in known.refused.values():
        stored.setdefault(refused.new.id, as_stored(refused.new, known.owner))
    for edit in outbox.edits:
        if edit.kind == "create" and edit.new is not None:
            stored[edit.breakpoint_id] = as_stored(edit.new, known.owner)
        elif edit.kind == "change" and edit.breakpoint_id in stored:
            stored[edit.breakpoint_id] = replace(stored[edit.breakpoint_id], **(edit.fields or {}))  # type: ignore[arg-type]
        elif edit.kind == "remove":
            stored.pop(edit.breakpoint_id, None)
    return stored


def show(
    item: Breakpoint, *, text: str | None, line: int | None, link: Link | None, known: Known, outbox: Outbox, followed: Followed
) -> Shown:
    """The breakpoint in a file of this text; `line` is None where it is not surely in it. `text` is None of a file that is not
    here: then the line is the one that it was set on."""
    refused = known.refused.get(item.id)
    is_unsent = item.id in outbox.pending_ids()
    told = state_of(
        item,
        known.processes,
        answers=known.answers_for(item.id),
        now=datetime.now(UTC),
        pauses=known.pauses,
        unsent=is_unsent,
        offline=known.why_unsent if is_unsent else known.message if known.is_offline else None,
        refusal=refused.message if refused is not None else None,
    )
    if told.state is State.SENDING and known.question is not None:
        told = replace(told, message=f"Not sent yet: it waits for your answer. {known.question}")
    message = told.message
    if text is None:
        line = max(item.line_number - 1, 0)
    elif line is None:
        line = nearest_line(item.line_number, text)
        message = f"The text here differs from the one it was set in, so its line is not certain. {message}"
    runs = runs_otherwise(item, text, line) if told.bound and text is not None else None
    if runs is not None:
        message = f"{message} This line differs from what runs: {runs}"
    mine = is_mine(item, known.owner)
    state = BreakpointState(
        id=item.id,
        line=line,
        state=told.state,
        message=message,
        trouble=told.trouble,
        brief=told.brief,
        editor_id=link.mark.id if link is not None else None,
        mine=mine,
        followed=not mine and item.id in followed,
        owner=item.owner,
        condition=item.condition,
        log_message=item.log_message,
        enabled=item.enabled,
        bound=told.bound,
        processes=told.processes,
        hits=known.hits.total(item.id),
        nearest_lines=tuple(line - 1 for line in told.nearest_lines),
        runs=runs,
    )
    return Shown(breakpoint=item, state=state, hits=tuple(known.hits.of(item.id)))


def facts_of(item: Breakpoint, known: Known, outbox: Outbox) -> Facts:
    """What this side knows when somebody asks why a breakpoint has no hits."""
    refused = known.refused.get(item.id)
    return Facts(
        processes=known.processes,
        pauses=known.pauses,
        # Those from before the condition was changed do not explain why there are none now.
        hits=known.hits.total_under(item.id, item.condition),
        unsent=item.id in outbox.pending_ids(),
        refusal=refused.message if refused is not None else None,
        offline=known.message if known.is_offline else None,
    )


def show_homeless(path: Path, mark: EditorBreakpoint) -> Shown:
    """A mark in a file that no process could be asked for."""
    message = (
        "This file is in no git repository, so no process can be asked for it. Put it into one, or name it in .livebreak.toml."
    )
    state = BreakpointState(id=mark.id, line=mark.line, state=State.FAILED, message=message, editor_id=mark.id)
    return Shown(breakpoint=Breakpoint(id=mark.id, filename=path.name, line_number=mark.line + 1), state=state, hits=())
