"""Breakpoints as commands print them: with what the processes make of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from livebreak.cli.tables import Cell, Column, id_cell, now, print_sentence, print_table, row_line, say
from livebreak.cli.talking import Talk
from livebreak.debugger.states import Told, state_of
from livebreak.sync.answers import Answers
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.environments import NOT_PRODUCTION
from livebreak_agent.vocabulary.lsp_messages import State
from livebreak_agent.vocabulary.model import Breakpoint
from livebreak_agent.vocabulary.wire import Pause, ProcessState

STYLES = {
    State.BOUND: "green",
    State.RATE_LIMITED: "yellow",
    State.PENDING: "yellow",
    State.FAILED: "red",
    State.PAUSED: "magenta",
    State.DISABLED: "dim",
    State.EXPIRED: "dim",
}

_COLUMNS = (
    Column(name="ID"),
    Column(name="PLACE", gives_way=True, keeps_end=True),
    Column(name="STATE"),
    Column(name="HITS", right=True),
    Column(name="OWNER", gives_way=True),
    Column(name="SETTINGS", gives_way=True),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    breakpoint: Breakpoint
    told: Told
    mine: bool
    hits: int | None = None
    """None where they were not asked for."""


def describe(
    item: Breakpoint, talk: Talk, processes: Sequence[ProcessState], pauses: Sequence[Pause], hits: int | None = None
) -> Described:
    told = state_of(item, processes, now=now(), pauses=pauses)
    return Described(breakpoint=item, told=told, mine=is_yours(item, talk), hits=hits)


def describe_all(items: Sequence[Breakpoint], talk: Talk, answers: Answers) -> list[Described]:
    if answers.problem is not None:
        say(answers.problem)
    return [describe(item, talk, answers.processes, answers.pauses) for item in items]


def is_yours(item: Breakpoint, talk: Talk) -> bool:
    """True if this person may change it without a further word. A plain PostHog API knows no owners."""
    return not talk.is_live or item.owner in (None, talk.owner)


def document(described: Described) -> dict[str, Any]:
    """The breakpoint with its state, for `--json`."""
    told = described.told
    state = {
        "mine": described.mine,
        "state": told.state.value,
        "message": told.message,
        "bound": told.bound,
        "processes": told.processes,
        "nearest_lines": list(told.nearest_lines),
    }
    return {**to_json(described.breakpoint), **state, **({} if described.hits is None else {"hits": described.hits})}


def print_list(all_described: Sequence[Described]) -> None:
    is_terminal = sys.stdout.isatty()
    rows = []
    for described in all_described:
        item, told = described.breakpoint, described.told
        state = f"{told.state.value} {told.bound}/{told.processes}" if told.bound else told.state.value
        row = [
            id_cell(item.id),
            Cell(text=place(item), whole=":".join((*([item.repository] if item.repository else []), place(item)))),
            Cell(text=state, style=STYLES.get(told.state, "")),
            Cell(text=f"{described.hits or 0:,}", whole=str(described.hits or 0)),
            Cell(text=item.owner or "", style="" if described.mine else "magenta"),
            Cell(text=settings_line(item)),
        ]
        rows.append(row if is_terminal else [*row, Cell(text=told.message)])
    print_table(_COLUMNS, rows)
    if is_terminal:
        _explain(all_described)


def print_each(all_described: Sequence[Described], verb: str) -> None:
    """What became of each: `Added 0199a1b2 at shop/pricing.py:19. Bound in 1 of 1 process (shop).`"""
    for described in all_described:
        item, told = described.breakpoint, described.told
        if sys.stdout.isatty():
            print_sentence(f"{verb} {item.id[:8]} at {place(item)}. {message(told)}")
        else:
            print(row_line([id_cell(item.id), Cell(text=place(item)), Cell(text=told.state.value), Cell(text=told.message)]))


def message(told: Told) -> str:
    """The sentence of a state, with the nearest lines where it does not name them."""
    lines = [str(line) for line in told.nearest_lines if str(line) not in told.message]
    return f"{told.message} Nearest lines with code: {' and '.join(lines)}." if lines else told.message


def place(item: Breakpoint) -> str:
    return f"{item.filename}:{item.line_number}"


def settings_line(item: Breakpoint) -> str:
    """What a breakpoint does beside capturing: `if total < 0, log {total}, at most 5 hits, only web`."""
    parts = [
        f"if {item.condition}" if item.condition else None,
        f"log {item.log_message}" if item.log_message else None,
        f"watch {'; '.join(item.watches)}" if item.watches else None,
        f"at most {item.hit_limit:,} hits" if item.hit_limit is not None else None,
        f"only {' '.join(filter(None, (item.service, _environment(item))))}" if item.service or item.environment else None,
    ]
    return ", ".join(part for part in parts if part)


def _environment(item: Breakpoint) -> str | None:
    return "outside production" if item.environment == NOT_PRODUCTION else item.environment


def _explain(all_described: Sequence[Described]) -> None:
    """The sentences of those that do not simply work."""
    unclear = [it for it in all_described if it.told.trouble or it.told.state not in (State.BOUND, State.DISABLED)]
    if unclear:
        print()
    for described in unclear:
        print_sentence(f"{described.breakpoint.id[:8]}  {message(described.told)}")
