"""What fits behind a line of code: counts, the newest values, a time."""

from __future__ import annotations

from datetime import datetime

from livebreak.debugger.values import summary
from livebreak.debugger.wording import local_time
from livebreak.lsp.page import visible
from livebreak.sync.session import Shown
from livebreak_agent.vocabulary.wire import HitSummary, State

VALUES_WIDTH = 60
"""Characters of values behind a line; with code before it, that still fits a wide window."""

_MARKS = {
    State.BOUND: "○",
    State.RATE_LIMITED: "○",
    State.FAILED: "✕",
    State.DISABLED: "◌",
    State.PAUSED: "◌",
    State.EXPIRED: "◌",
}


def is_in_full(shown: Shown) -> bool:
    """True if the breakpoint is this user's, or followed by a mark of this editor; a teammate's other ones are only counted."""
    return shown.state.mine or shown.state.editor_id is not None


def hint_label(shown: Shown, now: datetime) -> str:
    """The text behind a breakpoint's line."""
    state = shown.state
    by = "" if is_in_full(shown) else f" · {visible(state.owner or 'somebody else')}"
    if not shown.hits:
        trouble = f" · {visible(state.trouble)}" if state.trouble else ""
        return f"{_MARKS.get(state.state, '·')} {_short_state(shown)}{trouble}{by}"
    # What is wrong now comes before what was seen earlier.
    now_wrong = state.trouble or ("" if state.state in (State.BOUND, State.STORED) else state.state.value)
    first = f"{visible(now_wrong)} · " if now_wrong else ""
    return f"● {first}{hits_line(shown, now) if is_in_full(shown) else hits_count(shown)}{by}"


def hits_line(shown: Shown, now: datetime) -> str:
    """`3 hits · total=40, user='ada' · 12:03:04`, of a breakpoint that has hits."""
    newest = shown.hits[0]
    values = values_line(newest)
    return " · ".join(part for part in (hits_count(shown), values, local_time(newest.timestamp, now)) if part)


def hits_count(shown: Shown) -> str:
    count = max(shown.state.hits, len(shown.hits))
    return "1 hit" if count == 1 else f"{count:,} hits"


def values_line(hit: HitSummary, width: int = VALUES_WIDTH) -> str:
    """A hit's message, or its first variables."""
    if hit.message is not None:
        text = visible(hit.message)
        return text if len(text) <= width else text[: width - 1] + "…"
    return summary(hit.variables or {}, width)


def _short_state(shown: Shown) -> str:
    state = shown.state
    if state.state in (State.BOUND, State.RATE_LIMITED):
        return f"{state.state.value} {state.bound}/{state.processes}"
    return state.state.value
