"""What fits behind a line of code: counts, the newest values, a time."""

from __future__ import annotations

from datetime import datetime

from livebreak.debugger.hits import is_of_condition
from livebreak.debugger.values import summary
from livebreak.debugger.wording import count_of_hits, local_time
from livebreak.lsp.page import visible
from livebreak.sync.shown import Shown
from livebreak_agent.vocabulary.lsp_messages import BreakpointState, State
from livebreak_agent.vocabulary.wire import HitSummary

CONDITION_WIDTH = 30
"""Characters of a condition or log message behind a line: enough to tell it by."""
VALUES_WIDTH = 60
"""Characters of values behind a line; with code before it, that still fits a wide window."""

VALUES_LINES_KEPT = 2_048
"""Lines of hits that are kept: each surface shows the same, and a file has hundreds."""
_values_lines: dict[tuple[str, int], tuple[HitSummary, str]] = {}

DIFFERS = "differs from what runs"

_MARKS = {
    State.BOUND: "○",
    State.RATE_LIMITED: "○",
    State.FAILED: "✕",
    State.DISABLED: "◌",
    State.PAUSED: "◌",
    State.EXPIRED: "◌",
}


def is_in_full(shown: Shown) -> bool:
    """True if the breakpoint is this user's or followed, by name or by a mark of this editor; a teammate's other ones are only
    counted."""
    return shown.state.mine or shown.state.followed or shown.state.editor_id is not None


def hint_label(shown: Shown, now: datetime) -> str:
    """The text behind a breakpoint's line."""
    state = shown.state
    by = "" if state.mine else f" · {visible(state.owner or 'somebody else')}"
    setting = f"{text} · " if (text := setting_of(shown)) else ""
    trouble = state.trouble or (DIFFERS if state.runs is not None else None)
    if not shown.hits:
        wrong = f" · {visible(trouble)}" if trouble else ""
        return f"{_MARKS.get(state.state, '·')} {setting}{_short_state(shown)}{wrong}{by}"
    # What is wrong now comes before what was seen earlier.
    now_wrong = trouble or ("" if state.state in (State.BOUND, State.STORED) else state.brief or state.state.value)
    first = f"{visible(now_wrong)} · " if now_wrong else ""
    return f"● {setting}{first}{hits_line(shown, now) if is_in_full(shown) else hits_count(shown)}{by}"


def lasting_label(shown: Shown) -> str:
    """What stays true of `hint_label` until the user changes it, for clients that show a hint for as long as the text stays."""
    state = shown.state
    by = "" if state.mine else f" · {visible(state.owner or 'somebody else')}"
    what = setting_of(shown) or ("live" if state.enabled else State.DISABLED.value)
    return f"{'●' if state.enabled else '◌'} {what}{by}"


def setting_of(shown: Shown) -> str:
    """`if total > 100`, or `log …`; empty where there is neither, and of a breakpoint that is only counted."""
    return _setting(shown.state) if is_in_full(shown) else ""


def hits_line(shown: Shown, now: datetime) -> str:
    """`3 hits · total=40, user='ada' · 12:03:04`, of a breakpoint that has hits."""
    newest = shown.hits[0]
    values = values_line(newest)
    return " · ".join(part for part in (hits_count(shown), values, local_time(newest.timestamp, now)) if part)


def hits_count(shown: Shown) -> str:
    """How many hits are stored; those from before the condition was changed are told apart."""
    total = max(shown.state.hits, len(shown.hits))
    current = sum(is_of_condition(hit, shown.state.condition) for hit in shown.hits)
    if current == len(shown.hits):
        return count_of_hits(total)
    # Hits are held newest first, so all those under the condition of now are among them.
    return f"{count_of_hits(current)}, {total - current:,} before the condition changed"


def has_hits(shown: Shown) -> bool:
    """True if there are hits under the condition of now: only those leave no question why there are none."""
    if not shown.hits:
        return shown.state.hits > 0
    return any(is_of_condition(hit, shown.state.condition) for hit in shown.hits)


def _setting(state: BreakpointState) -> str:
    text = f"if {state.condition}" if state.condition else f"log {state.log_message}" if state.log_message else ""
    line = visible(text)
    return line if len(line) <= CONDITION_WIDTH + 3 else line[: CONDITION_WIDTH + 2] + "…"


def values_line(hit: HitSummary, width: int = VALUES_WIDTH) -> str:
    """A hit's message, or its first variables."""
    known = _values_lines.get((hit.id, width))
    # Compared by identity, since nothing that comes from outside is sure to keep its word.
    if known is not None and known[0] is hit:
        return known[1]
    if len(_values_lines) >= VALUES_LINES_KEPT:
        _values_lines.clear()
    text = _values_line(hit, width)
    _values_lines[hit.id, width] = hit, text
    return text


def _values_line(hit: HitSummary, width: int) -> str:
    if hit.message is not None:
        text = visible(hit.message)
        return text if len(text) <= width else text[: width - 1] + "…"
    return summary(hit.variables or {}, width)


def _short_state(shown: Shown) -> str:
    state = shown.state
    if state.state in (State.BOUND, State.RATE_LIMITED):
        return f"{state.state.value} {state.bound}/{state.processes}"
    return visible(state.brief) if state.brief is not None else state.state.value
