"""`livebreak why`: why a breakpoint has no hits."""

from __future__ import annotations

from typing import Annotated

import typer

from livebreak.cli import exit_codes
from livebreak.cli.breakpoint_view import place
from livebreak.cli.tables import now, print_json, print_sentence
from livebreak.cli.talking import AsJson, CommandError, Talk, command, talk
from livebreak.cli.target import Name
from livebreak.debugger.hits import HitLog
from livebreak.debugger.values import visible
from livebreak.debugger.why import Known, Outcome, Step, conclusion, why
from livebreak.sync.lookup import find_breakpoint
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import Breakpoint

_MARKS = {Outcome.PASSED: "✓", Outcome.NOTED: "!", Outcome.FAILED: "✕"}


@command
def why_no_hits(
    name: Annotated[str, typer.Argument(metavar="BREAKPOINT", help="Id, beginning of an id, or FILE:LINE.", show_default=False)],
    connection: Name = None,
    as_json: AsJson = False,
) -> None:
    """Tell why a breakpoint has no hits: every step up to the first that fails, and what to do there."""

    async def ask(talk: Talk) -> tuple[Breakpoint, tuple[Step, ...]]:
        if not talk.is_live:
            raise CommandError(
                f"{talk.remote.host} is a plain PostHog API, which does not tell what processes make of a breakpoint.",
                exit_codes.REFUSED,
            )
        listed = await talk.remote.breakpoints()
        item = await find_breakpoint(name, listed.results, talk.repositories)
        present = await talk.remote.processes()
        log = HitLog()
        for it in listed.hits:
            log.add(it.newest, it.total)
        # Those from before the condition was changed do not explain why there are none now.
        hits = log.total_under(item.id, item.condition)
        return item, why(item, Known(processes=present.results, pauses=present.pauses, hits=hits), now())

    item, steps = talk(connection, ask)
    is_failed = any(step.outcome is Outcome.FAILED for step in steps)
    if as_json:
        answer = {"hits_come": not is_failed, "conclusion": conclusion(steps), "steps": to_json(steps)}
        print_json({"breakpoint": item.id, **answer})
    else:
        print_sentence(f"{place(item)} ({item.id[:8]})")
        for step in steps:
            print_sentence(visible(f"{_MARKS[step.outcome]} {step.fact}{f' {step.advice}' if step.advice else ''}"))
    if is_failed:
        raise typer.Exit(exit_codes.FAILED)
