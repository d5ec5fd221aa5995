"""Why there are no hits: the way from a mark to its hits, each step with its fact, and what to do at the first that fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from livebreak.debugger.states import is_meant_for, left_out_of
from livebreak.debugger.wording import count_of_hits, local_time, pause_sentence
from livebreak_agent.vocabulary.model import Binding, BindingState, Breakpoint
from livebreak_agent.vocabulary.wire import Pause, ProcessState

NAMED = 3
"""Processes, or repositories, that a sentence names: more is a list and no sentence."""


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    """It stops here."""
    NOTED = "noted"
    """It goes on, but not as well as it could."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of the way."""

    name: str
    outcome: Outcome
    fact: str
    advice: str | None = None
    """What to do, where something is to be done."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What this side knows when somebody asks."""

    processes: Sequence[ProcessState] = ()
    """All processes of the project whose lease is running."""
    pauses: Sequence[Pause] = ()
    hits: int = 0
    """Hits that the backend has stored."""
    unsent: bool = False
    refusal: str | None = None
    """The sentence with which the backend refused the breakpoint."""
    offline: str | None = None
    """Why the backend cannot be asked."""


def why(breakpoint: Breakpoint, known: Known, now: datetime) -> tuple[Step, ...]:
    """The steps up to the first that failed, or all of them. `now` has a time zone."""
    steps: list[Step] = []
    for step in _steps(breakpoint, known, now):
        steps.append(step)
        if step.outcome is Outcome.FAILED:
            break
    return tuple(steps)


def conclusion(steps: Sequence[Step]) -> str:
    """One or two sentences: the first step that failed, else what was noted, else that all is well."""
    telling = next((step for step in steps if step.outcome is Outcome.FAILED), None)
    telling = telling or next((step for step in steps if step.outcome is Outcome.NOTED), None) or steps[-1]
    return f"{telling.fact} {telling.advice}" if telling.advice else telling.fact


def _steps(breakpoint: Breakpoint, known: Known, now: datetime) -> Iterator[Step]:
    yield _backend(known)
    yield _stored(breakpoint, known)
    yield _enabled(breakpoint, known, now)
    meant = [state for state in known.processes if is_meant_for(breakpoint, state)]
    yield _processes(breakpoint, known.processes, meant)
    answers = [(state, binding) for state in meant for binding in state.bindings if binding.breakpoint_id == breakpoint.id]
    yield _seen(meant, answers, now)
    yield _loaded(breakpoint, answers)
    yield _bound(answers)
    bound = [(state, binding) for state, binding in answers if binding.state is BindingState.BOUND]
    bindings = [binding for _, binding in bound]
    # Hits that are there prove the steps before them, whatever the counters of processes that live now say.
    yield _executed(bound, known.hits)
    if breakpoint.condition is not None:
        yield _condition(breakpoint.condition, bindings, known.hits)
    yield from _limits(breakpoint, bindings)
    yield from _sent(bindings, known.hits)
    yield _received(bindings, known.hits)


def _backend(known: Known) -> Step:
    if known.offline is not None:
        return _failed("backend", known.offline, "`livebreak doctor` tells more about the connection.")
    return _passed("backend", "The backend answers.")


def _stored(breakpoint: Breakpoint, known: Known) -> Step:
    if known.refusal is not None:
        return _failed("stored", f"The backend refused the breakpoint: {known.refusal}")
    if known.unsent:
        return _failed("stored", "The breakpoint is on its way to the backend.", "Ask again in a moment.")
    return _passed("stored", f"The backend has it, as {breakpoint.filename}:{breakpoint.line_number}.")


def _enabled(breakpoint: Breakpoint, known: Known, now: datetime) -> Step:
    if breakpoint.expires_at is not None and datetime.fromisoformat(breakpoint.expires_at) <= now:
        return _failed("enabled", f"It expired at {local_time(breakpoint.expires_at, now)}.", "Renew it.")
    if not breakpoint.enabled:
        if breakpoint.hit_limit is not None and known.hits >= breakpoint.hit_limit:
            return _failed("enabled", f"It reached its limit of {count_of_hits(breakpoint.hit_limit)}.", "Renew it to go on.")
        return _failed("enabled", "It is disabled.", "Enable it.")
    services = {state.process.service for state in known.processes if is_meant_for(breakpoint, state)} or {breakpoint.service}
    by_service = {pause.service: pause for pause in known.pauses}
    if None in by_service or services <= by_service.keys():
        pause = by_service.get(None) or next(by_service[service] for service in services)
        return _failed("enabled", pause_sentence(pause, now), "`livebreak resume` ends it.")
    return _passed("enabled", "It is enabled.")


def _processes(breakpoint: Breakpoint, processes: Sequence[ProcessState], meant: Sequence[ProcessState]) -> Step:
    if not processes:
        return _failed(
            "processes",
            "No process with an agent is connected to this project.",
            "Start the application with `livebreak run`; if it does run, the agent's first log line says why it cannot connect.",
        )
    left_out = left_out_of(breakpoint, processes)
    if meant:
        fact = f"{_count(len(meant), 'process')} of this code connected: {_names(meant)}."
        if left_out is not None:
            return Step(name="processes", outcome=Outcome.NOTED, fact=fact, advice=left_out)
        return _passed("processes", fact)
    if left_out is not None:
        return _failed("processes", left_out)
    repositories = sorted({state.process.repository for state in processes if state.process.repository is not None})
    if breakpoint.repository is not None and repositories and breakpoint.repository not in repositories:
        return _failed(
            "processes",
            f"The connected processes run {_first(repositories)}; this file belongs to {breakpoint.repository}.",
            "Set LIVEBREAK_REPOSITORY for the application, or `repository` in .livebreak.toml, so that both say the same.",
        )
    wanted = " and ".join(
        f"{name} {value}" for name, value in (("service", breakpoint.service), ("environment", breakpoint.environment)) if value
    )
    there = sorted(
        {f"{state.process.service or 'no service'}/{state.process.environment or 'no environment'}" for state in processes}
    )
    return _failed(
        "processes",
        f"The breakpoint asks for {wanted or 'other processes'}; connected are {_first(there)}.",
        "Change its service or environment, or start such a process.",
    )


def _seen(meant: Sequence[ProcessState], answers: Sequence[tuple[ProcessState, Binding]], now: datetime) -> Step:
    if not answers:
        last = max((state.seen_at for state in meant if state.seen_at), default=None)
        ago = f", heard of {_ago(last, now)}" if last else ""
        return _failed(
            "seen",
            f"None of them has answered for the breakpoint yet ({_names(meant)}{ago}).",
            "An agent answers within a second; if this stays, look into the application's log for lines of livebreak_agent.",
        )
    silent = len(meant) - len(answers)
    last = max((state.seen_at for state, _ in answers if state.seen_at), default=None)
    ago = f", last heard of {_ago(last, now)}" if last else ""
    fact = f"{_count(len(answers), 'process')} took the breakpoint over{ago}."
    return (
        Step(name="seen", outcome=Outcome.NOTED, fact=f"{fact} {silent:,} did not answer.") if silent else _passed("seen", fact)
    )


def _loaded(breakpoint: Breakpoint, answers: Sequence[tuple[ProcessState, Binding]]) -> Step:
    loaded = [binding for _, binding in answers if binding.digest is not None or binding.state is BindingState.BOUND]
    if loaded or not any(binding.state is BindingState.PENDING for _, binding in answers):
        changed = any(binding.source_changed for binding in loaded)
        fact = f"{breakpoint.filename} is loaded in {_count(len(loaded), 'process')}."
        if changed:
            return Step(
                name="loaded",
                outcome=Outcome.NOTED,
                fact=f"{fact} On disk it has changed since the process started.",
                advice="Restart the process to debug the newer text.",
            )
        return _passed("loaded", fact)
    reason = _reason(binding for _, binding in answers if binding.state is BindingState.PENDING)
    return _failed("loaded", reason, "Do in the application what makes it run this code, and check that it is this file.")


def _bound(answers: Sequence[tuple[ProcessState, Binding]]) -> Step:
    bound = [state for state, binding in answers if binding.state is BindingState.BOUND]
    others = [binding for _, binding in answers if binding.state is not BindingState.BOUND]
    if not bound:
        nearest = next((binding.nearest_lines for binding in others if binding.nearest_lines), ())
        advice = f"Lines near it that have code: {', '.join(map(str, nearest))}." if nearest else None
        return _failed("bound", _reason(others), advice)
    fact = f"The line is watched in {len(bound):,} of {_count(len(answers), 'process')}: {_names(bound)}."
    if others:
        return Step(name="bound", outcome=Outcome.NOTED, fact=fact, advice=f"Elsewhere: {_reason(others)}")
    return _passed("bound", fact)


def _executed(bound: Sequence[tuple[ProcessState, Binding]], hits: int) -> Step:
    passes = sum(binding.passes for _, binding in bound)
    if passes == 0 and hits == 0:
        return _failed(
            "executed",
            f"The line has not run since it was bound in {_names([state for state, _ in bound])}.",
            "Do in the application what makes it run; a process without an agent may be the one that runs it.",
        )
    at_least = "at least " if any(binding.rate_limited for _, binding in bound) else ""
    return _passed("executed", f"The line ran {at_least}{_count(passes, 'time')} since it was bound.")


def _condition(condition: str, bindings: Sequence[Binding], hits: int) -> Step:
    passes, taken = sum(binding.passes for binding in bindings), sum(binding.hits for binding in bindings)
    errors = sum(binding.condition_errors for binding in bindings)
    newest = next((binding.condition_error for binding in bindings if binding.condition_error), None)
    error = f"the condition `{condition}` could not be evaluated {_count(errors, 'time')}" + (f": {newest}" if newest else ".")
    if taken == 0 and hits == 0 and errors:
        return _failed("condition", error[0].upper() + error[1:], "Change the condition, so that it fits what is there.")
    if taken == 0 and hits == 0:
        return _failed(
            "condition",
            f"The condition `{condition}` was false all {_count(passes, 'time')}.",
            "Take a hit without the condition to see the values.",
        )
    if errors:
        return Step(name="condition", outcome=Outcome.NOTED, fact=f"It was met, but {error}")
    return _passed("condition", f"The condition `{condition}` was met.")


def _limits(breakpoint: Breakpoint, bindings: Sequence[Binding]) -> Iterator[Step]:
    if any(binding.rate_limited for binding in bindings):
        passes, taken = sum(binding.passes for binding in bindings), sum(binding.hits for binding in bindings)
        yield Step(
            name="limits",
            outcome=Outcome.NOTED,
            fact=f"The line runs more often than hits are taken: {taken:,} of at least {passes:,} passes.",
            advice=None if breakpoint.condition is not None else "A condition picks the passes that matter.",
        )


def _sent(bindings: Sequence[Binding], hits: int) -> Iterator[Step]:
    dropped, taken = sum(binding.dropped for binding in bindings), sum(binding.hits for binding in bindings)
    if not dropped:
        return
    fact = f"{dropped:,} of {_count(taken, 'hit')} were lost on the way to the backend."
    advice = "The application's log says why livebreak_agent could not send them."
    outcome = Outcome.NOTED if hits else Outcome.FAILED
    yield Step(name="sent", outcome=outcome, fact=fact, advice=advice)


def _received(bindings: Sequence[Binding], hits: int) -> Step:
    if hits:
        return _passed("received", f"The backend has {_count(hits, 'hit')}.")
    taken = sum(binding.hits for binding in bindings)
    if taken:
        return _failed(
            "received",
            f"Captured so far: {_count(taken, 'hit')}. The backend has none: they are on their way, or older than it keeps them.",
            "Ask again in a moment.",
        )
    return _failed("received", "Nothing was captured yet.", "Ask again in a moment.")


def _passed(name: str, fact: str) -> Step:
    return Step(name=name, outcome=Outcome.PASSED, fact=fact)


def _failed(name: str, fact: str, advice: str | None = None) -> Step:
    return Step(name=name, outcome=Outcome.FAILED, fact=fact, advice=advice)


def _reason(bindings: Iterator[Binding] | Sequence[Binding]) -> str:
    return next((binding.reason for binding in bindings if binding.reason), "The process gave no reason.")


_PLURALS: Mapping[str, str] = {"process": "processes"}


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {_PLURALS.get(noun, f'{noun}s')}"


def _names(states: Sequence[ProcessState]) -> str:
    names = []
    for state in states:
        process = state.process
        parts = (process.service, process.environment, process.revision[:8] if process.revision else None)
        names.append(" ".join([part for part in parts if part] or [process.host]) + f" (pid {process.pid})")
    return _first(names)


def _first(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _ago(timestamp: str, now: datetime) -> str:
    try:
        seconds = max((now - datetime.fromisoformat(timestamp)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        # The time is what the backend says; one without a zone, or none, tells nothing.
        return "at an unknown time"
    return f"{seconds:.0f} s ago"
