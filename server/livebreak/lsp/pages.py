"""What a hover says: of a breakpoint and its newest hit, and of one variable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from livebreak.debugger.history import by_process, values_before
from livebreak.debugger.values import one_line
from livebreak.debugger.values import shown as shown_variable
from livebreak.debugger.why import Outcome, Step
from livebreak.debugger.wording import age, frames_of, local_time, process_line
from livebreak.lsp.labels import hits_count, values_line
from livebreak.lsp.page import Block, Code, Items, Line, Link, Part, Piece, Words
from livebreak.sync.shown import Shown
from livebreak_agent.vocabulary.anchor import split_lines
from livebreak_agent.vocabulary.lsp_messages import ShownVariable
from livebreak_agent.vocabulary.model import Frame, Hit
from livebreak_agent.vocabulary.summary import by_interest
from livebreak_agent.vocabulary.wire import HitSummary

TABLE_ROWS = 40
"""Rows of a table of variables: more do not fit a hover; the debug view and the command line show all."""
TABLE_DEPTH = 3
"""Levels of nested values, the variable itself included."""
TABLE_NODES = 64
"""Values of one variable that are rendered for a table."""
CHILDREN = 8
"""Rows for the parts of one value, so that one long list does not push the other variables out."""
NAME_WIDTH, TYPE_WIDTH, VALUE_WIDTH = 24, 24, 80
MESSAGE_LINES, MESSAGE_WIDTH = 12, 200
"""Of a logpoint's message."""
FRAMES = 12
"""Frames of a stack: the framework's below are seldom what one looks for."""
AWAITERS, AWAITER_FRAMES = 3, 4
"""Tasks that wait for the hit's, and frames of each: who called across them is in the first ones."""
OLDER_HITS = 5
PROCESSES = 5
"""Of which a hover says how many hits came from each."""

_OUTCOMES = {Outcome.PASSED: "✓", Outcome.NOTED: "!", Outcome.FAILED: "✕"}

LinkOf = Callable[[Hit, Frame], str | None]
"""The URI, with its line, of the local file that a frame is in; None if it is not in this workspace."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One look at a breakpoint."""

    shown: Shown
    hit: Hit | None
    """Its newest hit, if it could be had."""
    problem: str | None = None
    """Why the newest hit could not be had, in one sentence."""
    why: str | None = None
    """Why there are no hits under the condition of now, in a sentence or two; None if there are, or the state says it already."""


def breakpoint_page(look: Look, link_of: LinkOf, now: datetime) -> list[Piece]:
    """All there is to say about a breakpoint: its state, its newest hit in full, older ones in a line each."""
    shown = look.shown
    page: list[Piece] = [_head(shown)]
    page += _settings(shown)
    if shown.hits:
        newest = shown.hits[0]
        time = f" · newest {local_time(newest.timestamp, now)}, {age(newest.timestamp, now)}"
        page.append(Line([Words(hits_count(shown), strong=True), Words(time)]))
    if look.why is not None:
        condition = " under this condition" if shown.hits else ""
        page.append(Line([Words(f"No hits yet{condition}", strong=True), Words(f": {look.why}")]))
    if look.hit is not None:
        page += _hit_pieces(look.hit, link_of)
    elif shown.hits:
        values = values_line(shown.hits[0], VALUE_WIDTH)
        page += [Block([values])] if values else []
    if look.problem is not None:
        page.append(Line([Words(f"The whole hit could not be fetched: {look.problem}")]))
    if len(processes := by_process(shown.hits)) > 1:
        counts = " · ".join(f"{name}: {count:,}" for name, count in processes[:PROCESSES])
        page.append(Line([Words("By process", strong=True), Words(f" of the newest {len(shown.hits):,}: {counts}")]))
    if len(shown.hits) > 1:
        page += [Line([Words("Older", strong=True)]), Items([_older(hit, now) for hit in shown.hits[1 : OLDER_HITS + 1]])]
    return page


def why_page(steps: Sequence[Step]) -> Items:
    """The steps from a mark to its hits, and what to do where they end."""
    return Items(
        [[Words(f"{_OUTCOMES[step.outcome]} {step.fact}{f' {step.advice}' if step.advice else ''}")] for step in steps],
        numbered=True,
    )


def variable_page(name: Sequence[str], hit: Hit, older: Sequence[HitSummary], now: datetime) -> list[Piece] | None:
    """The captured value of a variable, or of a field below one, with its age and its values before; None if not captured."""
    if name[0] not in hit.variables:
        return None
    variable: ShownVariable | None = shown_variable(name[0], hit.variables[name[0]])
    for field in name[1:]:
        variable = next((child for child in variable.children if child.name == field), None) if variable else None
    if variable is None:
        return None
    when = f" · captured {local_time(hit.timestamp, now)}, {age(hit.timestamp, now)}"
    page: list[Piece] = [Line([Words("LiveBreak", strong=True), Words(" "), Code(".".join(name)), Words(when)])]
    page.append(Block(list(_table([variable]))))
    before = [] if len(name) > 1 else _values_before(name[0], hit, older, now)
    return [*page, Line([Words("Before", strong=True)]), Items(before)] if before else page


def _head(shown: Shown) -> Line:
    state = shown.state
    by = "" if state.mine else f" ({state.owner or 'somebody else'}'s)"
    # Most sentences begin with the state themselves, or a later one does.
    says = f". {state.message}".lower()
    name = "" if f". {state.state.value}" in says else f" {state.state.value.capitalize()}:"
    return Line([Words("LiveBreak", strong=True), Words(f"{by}{name} {state.message}")])


def _settings(shown: Shown) -> list[Piece]:
    parts: list[Part] = []
    if shown.state.condition:
        parts += [Words("if "), Code(shown.state.condition)]
    if shown.state.log_message:
        parts += [Words(", log " if parts else "log "), Code(shown.state.log_message)]
    return [Line(parts)] if parts else []


def _hit_pieces(hit: Hit, link_of: LinkOf) -> Iterator[Piece]:
    if hit.message is not None:
        yield Block([_cut(line, MESSAGE_WIDTH) for line in split_lines(hit.message)[:MESSAGE_LINES]])
    if hit.variables:
        yield Block(list(_table_of({name: hit.variables[name] for name in by_interest(hit)})))
    if hit.watches:
        yield Line([Words("Watches", strong=True)])
        yield Block(list(_table_of(hit.watches)))
    if hit.exception is not None:
        yield Line([Words("Handling", strong=True), Words(" "), Code(one_line(hit.exception, VALUE_WIDTH))])
    if hit.globals:
        yield Line([Words("Globals", strong=True)])
        yield Block(list(_table_of(hit.globals)))
    if hit.truncated is not None:
        yield Line([Words(f"Variables are missing: {hit.truncated}")])
    frames = frames_of(hit)
    yield Line([Words("Stack", strong=True)])
    yield Items([_frame(hit, frame, link_of) for frame in frames[:FRAMES]], numbered=True)
    if len(frames) > FRAMES:
        yield Line([Words(f"and {len(frames) - FRAMES} more frames")])
    for awaiter in hit.awaiters[:AWAITERS]:
        yield Line([Words("Awaited by", strong=True), Words(f" {awaiter.task or 'a task'}")])
        yield Items([_frame(hit, frame, link_of) for frame in awaiter.stack[:AWAITER_FRAMES]], numbered=True)
    where = [Words("Process", strong=True), Words(f" {process}")] if (process := process_line(hit)) else []
    request: list[Part] = [Words(" · "), Code(_cut(hit.request, VALUE_WIDTH))] if hit.request else []
    if where or request:
        yield Line([*where, *request] if where else request[1:])
    if not hit.verified:
        yield Line([Words("It came with the public project token alone, so that anybody may have sent it.")])


def _frame(hit: Hit, frame: Frame, link_of: LinkOf) -> list[Part]:
    uri = link_of(hit, frame)
    if uri is not None:
        place: Part = Link(f"{PurePosixPath(frame.filename).name}:{frame.line_number}", uri)
    else:
        # The end of a path says more than its beginning.
        place = Code(f"{frame.filename[-VALUE_WIDTH:]}:{frame.line_number}")
    return [place, Words(" "), Code(_cut(frame.function, VALUE_WIDTH))] if frame.function else [place]


def _older(hit: HitSummary, now: datetime) -> list[Part]:
    values = values_line(hit, VALUE_WIDTH)
    time = Words(local_time(hit.timestamp, now))
    return [time, Words(" "), Code(values)] if values else [time]


def _values_before(name: str, hit: Hit, older: Sequence[HitSummary], now: datetime) -> list[list[Part]]:
    known = [summary for summary in older if summary.id != hit.id]
    return [
        [
            Words(local_time(past.hit.timestamp, now)),
            Words(" "),
            Code(one_line(past.value, VALUE_WIDTH)),
            *([Words(" changed after it")] if past.changed else []),
        ]
        for past in values_before(name, hit.variables[name], known, OLDER_HITS)
    ]


def _table_of(variables: Mapping[str, object]) -> Iterator[str]:
    return _table([shown_variable(name, value, TABLE_NODES) for name, value in variables.items()])


def _table(variables: Sequence[ShownVariable]) -> Iterator[str]:
    """Name, type and value in columns, parts of values indented below them."""
    rows = [row for variable in variables for row in _rows(variable, 0)]
    shown = rows[:TABLE_ROWS]
    names = min(NAME_WIDTH, max(len(name) for name, _, _ in shown))
    types = min(TYPE_WIDTH, max(len(kind) for _, kind, _ in shown))
    for name, kind, value in shown:
        yield f"{_cut(name, names):<{names}}  {_cut(kind, types):<{types}}  {_cut(value, VALUE_WIDTH)}".rstrip()
    if len(rows) > TABLE_ROWS:
        yield f"… {len(rows) - TABLE_ROWS} more rows"


def _rows(variable: ShownVariable, depth: int) -> Iterator[tuple[str, str, str]]:
    note = f" ({variable.note})" if variable.note else ""
    yield f"{'  ' * depth}{variable.name}", variable.type, f"{_cut(variable.text, VALUE_WIDTH - len(note))}{note}"
    if depth + 1 < TABLE_DEPTH:
        for child in variable.children[:CHILDREN]:
            yield from _rows(child, depth + 1)
        if len(variable.children) > CHILDREN:
            yield f"{'  ' * (depth + 1)}…", "", f"{len(variable.children) - CHILDREN} more"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"
