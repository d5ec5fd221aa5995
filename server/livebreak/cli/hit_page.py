"""One whole hit on a terminal: what it was, the variables of one frame, the stack."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from rich.table import Table
from rich.text import Text

from livebreak.cli.tables import console, now
from livebreak.debugger.values import shown, visible
from livebreak.debugger.wording import age, frames_of, local_time, process_line
from livebreak_agent.vocabulary.lsp_messages import ShownVariable
from livebreak_agent.vocabulary.model import Frame, Hit
from livebreak_agent.vocabulary.summary import by_interest

DEPTH = 3
"""Levels of nested values, the variable itself included, without `--full`."""
CHILDREN = 10
"""Rows for the parts of one value without `--full`, so that one long list does not push the other variables out."""
FULL_DEPTH = 64
"""As many as are read of a captured value."""
STACK_FRAMES = 20
"""Without `--full`; the framework's below are seldom what one looks for."""
AWAITERS = 3
"""Tasks that wait for the hit's without `--full`: those beyond are the server's own."""
UNCUT = 1_000_000
"""Columns of a line in a pipe: nothing there is cut or wrapped."""
TEXT_LINE = 400
"""Characters of one value on a terminal without `--full`; beyond it a text fills the screen."""


def print_hit(hit: Hit, *, frame: int, full: bool) -> None:
    """`frame` is an index of `frames_of(hit)`."""
    is_terminal = sys.stdout.isatty()
    screen = console()
    width = screen.width if is_terminal else UNCUT
    for line in _head(hit):
        screen.print(line, width=width, soft_wrap=True)
    frames = frames_of(hit)
    sections = [(f"Locals of frame {frame}, {frames[frame].function}" if frame else "Locals", _variables(hit, frames, frame))]
    if hit.watches and frame == 0:
        sections.append(("Watches", hit.watches))
    if frame == 0:
        handled = {"exception": hit.exception} if hit.exception is not None else {}
        more = (("Exception being handled", handled), ("Globals", hit.globals), ("Context variables", hit.context_variables))
        sections += [(title, variables) for title, variables in more if variables]
    for title, variables in sections:
        screen.print(Text(f"\n{visible(title)}", style="bold"), width=width)
        if variables is None:
            screen.print("  The locals of this frame were not captured: only those of the innermost frames are.", soft_wrap=True)
        elif not variables:
            screen.print("  (none)")
        elif is_terminal:
            screen.print(_table(variables, full))
        else:
            for row in _rows_of(variables, full):
                print("  " + "\t".join(part for part in row if part))
    if hit.truncated is not None:
        screen.print(Text(f"  Variables are missing: {visible(hit.truncated)}", style="yellow"), width=width, soft_wrap=True)
    screen.print(Text("\nStack", style="bold"))
    most = len(frames) if full else STACK_FRAMES
    for index, item in enumerate(frames[:most]):
        screen.print(
            _frame(index, item, is_shown=index == frame), width=width, no_wrap=is_terminal, overflow="ellipsis", crop=False
        )
    if len(frames) > most:
        screen.print(f"     and {len(frames) - most} more frames; --full shows them")
    for awaiter in hit.awaiters if full else hit.awaiters[:AWAITERS]:
        screen.print(Text(f"\nAwaited by {visible(awaiter.task or 'a task')}", style="bold"), width=width)
        for index, item in enumerate(awaiter.stack if full else awaiter.stack[:STACK_FRAMES]):
            screen.print(_frame(index, item, is_shown=False), width=width, no_wrap=is_terminal, overflow="ellipsis", crop=False)
    if not full and len(hit.awaiters) > AWAITERS:
        screen.print(f"     and {len(hit.awaiters) - AWAITERS} more tasks; --full shows them")


def _variables(hit: Hit, frames: tuple[Frame, ...], frame: int) -> Mapping[str, object] | None:
    # The innermost frame's variables are the hit's own.
    return {name: hit.variables[name] for name in by_interest(hit)} if frame == 0 else frames[frame].variables


def _head(hit: Hit) -> Iterator[Text]:
    place = f"{hit.filename}:{hit.line_number}"
    within = f" in {hit.function}" if hit.function else ""
    time = local_time(hit.timestamp, now().astimezone())
    yield Text.assemble((visible(place), "bold"), visible(within), (f"  {time}, {age(hit.timestamp, now())}", "dim"))
    condition = f"  if {hit.condition}" if hit.condition else ""
    facts = {
        "message": hit.message,
        "hit": hit.id,
        "breakpoint": f"{hit.breakpoint_id}{condition}",
        "process": process_line(hit),
        "request": " · ".join(part for part in (hit.request, hit.request_id) if part),
        "thread": " · ".join(part for part in (hit.thread, hit.task) if part),
        "trace": hit.trace_id,
    }
    for name, value in facts.items():
        if value:
            yield Text.assemble((f"{name:<11}", "dim"), visible(value))
    if not hit.verified:
        yield Text("It came with the public project token alone, so that anybody may have sent it.", style="yellow")


def _frame(index: int, frame: Frame, *, is_shown: bool) -> Text:
    place = visible(f"{frame.filename}:{frame.line_number}")
    line = Text.assemble("→ " if is_shown else "  ", (f"{index:>2} ", "dim"), (place, "bold" if frame.in_repository else "dim"))
    line.append(f"  {visible(frame.function)}")
    if frame.text:
        line.append(f"  {visible(frame.text.strip())}", style="dim")
    return line


def _table(variables: Mapping[str, object], full: bool) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=32)
    table.add_column(style="dim", no_wrap=True, overflow="ellipsis", max_width=20)
    table.add_column(overflow="fold")
    for name, kind, value, note in _rows_of(variables, full):
        # A long text in the middle of others is read as one line; who wants all of it says --full.
        text = value if full or len(value) <= TEXT_LINE else f"{value[: TEXT_LINE - 1]}…"
        table.add_row(Text(f"  {name}"), Text(kind), Text.assemble(text, (f"  ({note})", "yellow") if note else ""))
    return table


def _rows_of(variables: Mapping[str, object], full: bool) -> Iterator[tuple[str, str, str, str]]:
    for name, value in variables.items():
        yield from _rows(shown(name, value), 0, FULL_DEPTH if full else DEPTH, len(str(value)) if full else CHILDREN)


def _rows(variable: ShownVariable, depth: int, most_depth: int, most_children: int) -> Iterator[tuple[str, str, str, str]]:
    """Name, type, value, and what is missing of it; all printable."""
    # Two texts that say the same are one too many.
    note = variable.note if variable.note and variable.note not in variable.text.strip("<>") else None
    yield f"{'  ' * depth}{variable.name}", variable.type, variable.text, note or ""
    if depth + 1 < most_depth:
        for child in variable.children[:most_children]:
            yield from _rows(child, depth + 1, most_depth, most_children)
        if len(variable.children) > most_children:
            yield f"{'  ' * (depth + 1)}…", "", f"{len(variable.children) - most_children} more; --full shows them", ""
