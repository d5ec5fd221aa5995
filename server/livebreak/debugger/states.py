"""What a person is told of a breakpoint: derived from what is known, stored nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

from livebreak.debugger.wording import count_of_hits, pause_sentence
from livebreak_agent.vocabulary.environments import NOT_PRODUCTION, is_asked_for, is_production
from livebreak_agent.vocabulary.expressions import ExpressionError, compile_expression, compile_message
from livebreak_agent.vocabulary.lsp_messages import State
from livebreak_agent.vocabulary.model import Binding, BindingState, Breakpoint, NewBreakpoint
from livebreak_agent.vocabulary.wire import Pause, ProcessState


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A state, and the sentence that goes with it."""

    state: State
    message: str
    bound: int = 0
    processes: int = 0
    """Processes that have answered for it."""
    nearest_lines: tuple[int, ...] = ()
    """1-based, in the text of the process that failed."""
    trouble: str | None = None
    """What is wrong although it is bound."""
    brief: str | None = None
    """The state in a few words, where its name alone says too little."""


def state_of(
    breakpoint: Breakpoint,
    processes: Sequence[ProcessState],
    *,
    now: datetime,
    answers: Sequence[tuple[ProcessState, Binding]] | None = None,
    pauses: Sequence[Pause] = (),
    unsent: bool = False,
    offline: str | None = None,
    refusal: str | None = None,
) -> Told:
    """The state of a breakpoint.

    Parameters
    ----------
    now
        With a time zone.
    answers
        The bindings that are for it, where somebody has sorted them already.
    unsent, offline
        It has not reached the backend; and why it cannot, where it cannot now.
    refusal
        The sentence with which the backend refused it.
    """
    if refusal is not None:
        return Told(state=State.FAILED, message=refusal)
    if unsent and (mistake := mistake_in(breakpoint.condition, breakpoint.log_message)) is not None:
        return Told(state=State.FAILED, message=mistake)
    if unsent and offline is not None:
        return Told(state=State.OFFLINE, message=f"Not sent yet. {offline}")
    if unsent:
        return Told(state=State.SENDING, message="On its way to the backend.")
    if answers is None:
        answers = [
            (state, binding) for state in processes for binding in state.bindings if binding.breakpoint_id == breakpoint.id
        ]
    told = _stored_state(breakpoint, processes, answers, now, pauses)
    if offline is not None:
        # What the processes do now cannot be known; without contact they disarm themselves after a while.
        return replace(told, state=State.OFFLINE, message=f"{offline} Last known: {told.message}")
    return told


def _stored_state(
    breakpoint: Breakpoint,
    processes: Sequence[ProcessState],
    answers: Sequence[tuple[ProcessState, Binding]],
    now: datetime,
    pauses: Sequence[Pause],
) -> Told:
    if _is_over(breakpoint.expires_at, now):
        return Told(state=State.EXPIRED, message="It has expired; renew it, by a code action or in its menu, to go on.")
    if not breakpoint.enabled:
        limit = (
            f" It has a limit of {count_of_hits(breakpoint.hit_limit)}, counted anew once enabled."
            if breakpoint.hit_limit
            else ""
        )
        return Told(state=State.DISABLED, message=f"Disabled.{limit}")
    meant = [state for state in processes if is_meant_for(breakpoint, state)]
    if (pause := _pause_of(breakpoint, meant, pauses)) is not None:
        reason = f": {pause.reason}" if pause.reason else ""
        return Told(
            state=State.PAUSED,
            message=pause_sentence(pause, now),
            brief=f"paused by {pause.by}{reason}",
        )
    answers = [(state, binding) for state, binding in answers if is_meant_for(breakpoint, state)]
    if not answers and (mistake := mistake_in(breakpoint.condition, breakpoint.log_message)) is not None:
        return Told(state=State.FAILED, message=mistake)
    if not answers:
        told = Told(state=State.STORED, message=_why_nobody_answers(breakpoint, processes), processes=0)
    else:
        told = _from_bindings(answers)
    if (left_out := left_out_of(breakpoint, processes)) is not None:
        return replace(told, message=f"{told.message} {left_out}")
    return told


@lru_cache(maxsize=1024)
def mistake_in(condition: str | None, log_message: str | None) -> str | None:
    """Why no process will take a condition or a log message, as far as can be said without asking one."""
    try:
        if condition:
            compile_expression(condition)
    except ExpressionError as error:
        return f"The condition cannot be used: {error.message}"
    try:
        if log_message:
            compile_message(log_message)
    except ExpressionError as error:
        return f"The log message cannot be used: {error.message}"
    return None


def is_meant_for(breakpoint: NewBreakpoint, state: ProcessState) -> bool:
    """True if the process is one of those that the breakpoint asks."""
    process = state.process
    return (
        breakpoint.service in (None, process.service)
        and is_asked_for(process.environment, breakpoint.environment)
        and _is_of_its_repository(breakpoint, state)
    )


def left_out_of(breakpoint: NewBreakpoint, processes: Sequence[ProcessState]) -> str | None:
    """Says that it keeps out of production, if there is one to keep out of."""
    if breakpoint.environment != NOT_PRODUCTION:
        return None
    everywhere = replace(breakpoint, environment=None)
    left_out = [it for it in processes if is_production(it.process.environment) and is_meant_for(everywhere, it)]
    if not left_out:
        return None
    count = "1 process" if len(left_out) == 1 else f"{len(left_out):,} processes"
    return f"It keeps out of production ({count}), to which nobody has said yes; enable it again to be asked."


def _is_over(expires_at: str | None, now: datetime) -> bool:
    """False, too, for what is no time: a breakpoint that is shown as living, and is not, is sooner noticed."""
    try:
        moment = datetime.fromisoformat(expires_at or "")
    except ValueError:
        return False
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)) <= now


def _is_of_its_repository(breakpoint: NewBreakpoint, state: ProcessState) -> bool:
    """Whether both are of one repository, or one of them does not know: then path and text decide."""
    return None in (breakpoint.repository, state.process.repository) or breakpoint.repository == state.process.repository


def _from_bindings(answers: Sequence[tuple[ProcessState, Binding]]) -> Told:
    bound = [(state, binding) for state, binding in answers if binding.state is BindingState.BOUND]
    waiting = [(state, binding) for state, binding in answers if binding.state is BindingState.PENDING]
    failed = [(state, binding) for state, binding in answers if binding.state is BindingState.FAILED]
    counts = f"{len(bound)} of {len(answers)} {'process' if len(answers) == 1 else 'processes'}"
    if bound:
        parts = [f"Bound in {counts} ({_places(bound)})."]
        parts += [f"Elsewhere: {_first_reason(failed or waiting)}"] if failed or waiting else []
        trouble = _trouble([binding for _, binding in bound])
        parts += [*_rate([binding for _, binding in bound]), *trouble]
        limited = any(binding.rate_limited_now for _, binding in bound)
        return Told(
            state=State.RATE_LIMITED if limited else State.BOUND,
            message=" ".join(parts),
            bound=len(bound),
            processes=len(answers),
            trouble=" ".join(trouble) or None,
        )
    if waiting:
        return Told(state=State.PENDING, message=_first_reason(waiting), processes=len(answers))
    nearest = next((binding.nearest_lines for _, binding in failed if binding.nearest_lines), ())
    return Told(state=State.FAILED, message=_first_reason(failed), processes=len(answers), nearest_lines=nearest)


def _rate(bindings: Sequence[Binding]) -> list[str]:
    if not any(binding.rate_limited for binding in bindings):
        return []
    hits, passes = sum(binding.hits for binding in bindings), sum(binding.passes for binding in bindings)
    when = "Rate-limited" if any(binding.rate_limited_now for binding in bindings) else "It was rate-limited"
    return [f"{when}: captured {hits:,} of at least {passes:,} passes."]


def _trouble(bindings: Sequence[Binding]) -> list[str]:
    parts = []
    if errors := sum(binding.condition_errors for binding in bindings):
        newest = next((binding.condition_error for binding in bindings if binding.condition_error), "no reason was given.")
        parts.append(f"The condition could not be evaluated {_times(errors)}: {newest}")
    if dropped := sum(binding.dropped for binding in bindings):
        parts.append(f"{dropped:,} hits were lost on the way.")
    if any(binding.source_changed for binding in bindings):
        parts.append("The file on disk has changed since the process started.")
    return parts


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _places(answers: Sequence[tuple[ProcessState, Binding]]) -> str:
    """The processes grouped by service, environment and revision, the way people tell deployments apart."""
    groups: dict[str, int] = {}
    for state, _ in answers:
        process = state.process
        revision = process.revision[:8] if process.revision else None
        name = " ".join(part for part in (process.service or process.host, process.environment, revision) if part)
        groups[name] = groups.get(name, 0) + 1
    return ", ".join(f"{count} x {name}" if count > 1 else name for name, count in groups.items())


def _first_reason(answers: Sequence[tuple[ProcessState, Binding]]) -> str:
    return next((binding.reason for _, binding in answers if binding.reason), "The process gave no reason.")


def _why_nobody_answers(breakpoint: Breakpoint, processes: Sequence[ProcessState]) -> str:
    if not processes:
        return "Stored. No process with an agent is connected to this project."
    foreign = [state for state in processes if not _is_of_its_repository(breakpoint, state)]
    others = ", ".join(sorted({state.process.repository or "" for state in foreign}))
    this_file = f"this file belongs to {breakpoint.repository}"
    if len(foreign) == len(processes):
        remedy = "Set LIVEBREAK_REPOSITORY there or repository in .livebreak.toml here if they are the same code."
        return f"Stored. The connected processes run {others}; {this_file}. {remedy}"
    meant = sum(is_meant_for(breakpoint, state) for state in processes)
    if not meant:
        return "Stored. No connected process is of its service and environment."
    if foreign:
        # One that has just been killed is still among those that are to answer, and would hide why the living do not.
        silent = "One process has" if meant == 1 else f"{meant} processes have"
        return f"Stored. {silent} not answered for it yet; the others run {others}, and {this_file}."
    return "Stored. The processes have not answered for it yet."


def _pause_of(breakpoint: Breakpoint, meant: Sequence[ProcessState], pauses: Sequence[Pause]) -> Pause | None:
    """The pause that keeps all of the breakpoint's processes from capturing."""
    by_service = {pause.service: pause for pause in pauses}
    if None in by_service:
        return by_service[None]
    services = {state.process.service for state in meant} or {breakpoint.service}
    if not services <= by_service.keys():
        return None
    return next((by_service[service] for service in services), None)
