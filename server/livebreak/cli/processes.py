"""`livebreak processes`: who is there, and what they made of the breakpoints."""

from __future__ import annotations

import typer

from livebreak.cli.tables import Cell, Column, id_cell, now, print_json, print_table, say
from livebreak.cli.talking import AsJson, Talk, command, talk
from livebreak.cli.target import Name
from livebreak.debugger.wording import pause_sentence, read_time, span
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import BindingState
from livebreak_agent.vocabulary.wire import Processes, ProcessState

app = typer.Typer(no_args_is_help=True, help="Processes that run with the agent.")

_COLUMNS = (
    Column(name="ID"),
    Column(name="SERVICE", gives_way=True),
    Column(name="ENVIRONMENT", gives_way=True),
    Column(name="PROCESS", gives_way=True),
    Column(name="CODE", gives_way=True, keeps_end=True),
    Column(name="RUNTIME", gives_way=True),
    Column(name="BOUND"),
    Column(name="SEEN"),
)


@app.callback()
def processes() -> None:
    """Processes that run with the agent."""


@app.command("list")
@command
def list_processes(connection: Name = None, as_json: AsJson = False) -> None:
    """List the processes that are connected, with how many of their breakpoints are bound."""

    async def ask(talk: Talk) -> Processes:
        return await talk.remote.processes()

    present = talk(connection, ask)
    if as_json:
        print_json({"processes": [to_json(state) for state in present.results], "pauses": to_json(present.pauses)})
        return
    order = sorted(present.results, key=lambda it: (it.process.service or "", it.process.environment or "", it.process.host))
    if order:
        print_table(_COLUMNS, [_row(state) for state in order])
    else:
        say("No process with an agent is connected to this project.")
    for pause in present.pauses:
        say(pause_sentence(pause, now()))


def _row(state: ProcessState) -> list[Cell]:
    process = state.process
    bound = sum(binding.state is BindingState.BOUND for binding in state.bindings)
    counts = f"{bound}/{len(state.bindings)}"
    seen = read_time(state.seen_at) if state.seen_at else None
    revision = f"@{process.revision[:8]}" if process.revision else ""
    return [
        id_cell(process.id),
        Cell(text=process.service or ""),
        Cell(text=process.environment or ""),
        Cell(text=f"{process.host}:{process.pid}"),
        Cell(text=f"{process.repository or ''}{revision}", whole=f"{process.repository or ''}@{process.revision or ''}"),
        Cell(text=process.runtime or "", style="dim"),
        Cell(text=counts, style="green" if bound == len(state.bindings) else "yellow"),
        Cell(text=span((now() - seen).total_seconds()) if seen else "", whole=state.seen_at or "", style="dim"),
    ]
