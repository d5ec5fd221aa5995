"""What a person is told of a breakpoint."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from livebreak.debugger.states import Told, state_of
from livebreak_agent.vocabulary.lsp_messages import State
from livebreak_agent.vocabulary.model import Binding, BindingState, Breakpoint, Process
from livebreak_agent.vocabulary.wire import Pause, ProcessState

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BREAKPOINT = Breakpoint(id="1", repository="acme/shop", filename="cart.py", line_number=3)


def process(
    name: str, binding: BindingState | None, *, repository: str | None = "acme/shop", service: str = "web", **fields: object
) -> ProcessState:
    bindings = (Binding(breakpoint_id="1", state=binding, **fields),) if binding is not None else ()  # type: ignore[arg-type]
    return ProcessState(process=Process(id=name, pid=1, host="box", service=service, repository=repository), bindings=bindings)


def told(*processes: ProcessState, breakpoint: Breakpoint = BREAKPOINT, **known: object) -> Told:
    return state_of(breakpoint, processes, now=NOW, **known)  # type: ignore[arg-type]


def test_bound_counts_the_processes_that_answered_and_groups_them() -> None:
    result = told(process("a", BindingState.BOUND), process("b", BindingState.BOUND), process("c", None))

    assert (State.BOUND, 2, 2) == (result.state, result.bound, result.processes)
    assert "Bound in 2 of 2 processes (2 x web)." == result.message


def test_bound_in_some_says_why_not_in_the_others() -> None:
    result = told(process("a", BindingState.BOUND), process("b", BindingState.FAILED, reason="No code on line 3."))

    assert (State.BOUND, "Bound in 1 of 2 processes (web). Elsewhere: No code on line 3.") == (result.state, result.message)


@pytest.mark.parametrize(("binding", "state"), [(BindingState.PENDING, State.PENDING), (BindingState.FAILED, State.FAILED)])
def test_the_processs_reason_is_passed_on(binding: BindingState, state: State) -> None:
    assert (state, "Because.") == (lambda it: (it.state, it.message))(told(process("a", binding, reason="Because.")))


def test_what_is_wrong_although_it_is_bound_is_told_apart() -> None:
    fine, troubled = told(process("a", BindingState.BOUND)), told(process("a", BindingState.BOUND, dropped=1200))

    assert (None, "1,200 hits were lost on the way.") == (fine.trouble, troubled.trouble)


def test_nobody_there_is_said() -> None:
    assert (State.STORED, "Stored. No process with an agent is connected to this project.") == (
        told().state,
        told().message,
    )


def test_processes_of_another_repository_are_named() -> None:
    message = told(process("a", None, repository="ada/shop")).message

    assert message.startswith(
        "Stored. The connected processes run ada/shop; this file belongs to acme/shop. Set LIVEBREAK_REPOSITORY"
    )


def test_a_process_that_does_not_answer_hides_no_process_of_another_repository() -> None:
    message = told(process("killed", None, repository=None), process("b", None, repository="ada/shop")).message

    assert (
        "Stored. One process has not answered for it yet; the others run ada/shop, and this file belongs to acme/shop." == message
    )


def test_a_process_without_a_repository_is_not_said_to_run_another_one() -> None:
    breakpoint = replace(BREAKPOINT, service="worker")

    message = told(process("a", None, repository=None), process("b", None, repository="ada/shop"), breakpoint=breakpoint).message

    assert "Stored. No connected process is of its service and environment." == message


def test_the_rate_limit_shows_counts_and_says_at_least() -> None:
    result = told(process("a", BindingState.BOUND, hits=60, passes=4812, rate_limited=3, rate_limited_now=True))

    assert State.RATE_LIMITED == result.state
    assert result.message.endswith("Rate-limited: captured 60 of at least 4,812 passes.")


def test_what_was_rate_limited_once_is_bound_again() -> None:
    result = told(process("a", BindingState.BOUND, hits=60, passes=4812, rate_limited=3))

    assert State.BOUND == result.state
    assert result.message.endswith("It was rate-limited: captured 60 of at least 4,812 passes.")


def test_a_failing_condition_is_said_with_its_error() -> None:
    result = told(process("a", BindingState.BOUND, condition_errors=2, condition_error="No variable named 'totl' here."))

    assert result.message.endswith("The condition could not be evaluated 2 times: No variable named 'totl' here.")


def test_a_condition_error_without_a_text_is_said_all_the_same() -> None:
    result = told(process("a", BindingState.BOUND, condition_errors=1))

    assert result.message.endswith("The condition could not be evaluated once: no reason was given.")


def test_without_contact_what_was_last_known_is_said_as_such() -> None:
    result = told(process("a", BindingState.BOUND), offline="The backend is away.")

    assert (State.OFFLINE, "The backend is away. Last known: Bound in 1 of 1 process (web).") == (result.state, result.message)


def test_a_pause_of_the_only_service_is_named() -> None:
    pause = Pause(by="grace", at="noon", service="web", reason="sale")

    assert (State.PAUSED, "Service web is paused by grace since noon: sale.") == (
        told(process("a", None), pauses=(pause,)).state,
        told(process("a", None), pauses=(pause,)).message,
    )
    assert State.BOUND == told(process("a", BindingState.BOUND), process("b", None, service="api"), pauses=(pause,)).state


@pytest.mark.parametrize(
    ("fields", "known", "expected"),
    [
        ({}, {"unsent": True}, State.SENDING),
        ({}, {"unsent": True, "offline": "Nobody answers."}, State.OFFLINE),
        ({}, {"refusal": "No."}, State.FAILED),
        ({"expires_at": "2026-11-23T11:59:59.000000Z"}, {}, State.EXPIRED),
        ({"expires_at": "2026-11-23T12:00:01.000000Z"}, {}, State.BOUND),
        ({"enabled": False}, {}, State.DISABLED),
        ({}, {"pauses": (Pause(by="grace", at="now"),)}, State.PAUSED),
        ({"service": "web"}, {"pauses": (Pause(by="grace", at="now", service="other"),)}, State.BOUND),
    ],
)
def test_what_is_known_on_this_side_comes_first(fields: dict[str, object], known: dict[str, object], expected: State) -> None:
    breakpoint = Breakpoint(id="1", repository="acme/shop", filename="cart.py", line_number=3, **fields)  # type: ignore[arg-type]

    assert expected == told(process("a", BindingState.BOUND), breakpoint=breakpoint, **known).state


@pytest.mark.parametrize(
    ("expires_at", "state"),
    [
        ("2026-11-23T11:59:59Z", State.EXPIRED),
        ("2026-11-23T11:59:59", State.EXPIRED),
        ("2026-11-23T12:00:01Z", State.STORED),
        ("tomorrow", State.STORED),
        ("", State.STORED),
    ],
)
def test_any_expiry_that_an_api_may_answer_has_a_state(expires_at: str, state: State) -> None:
    assert state is told(breakpoint=replace(BREAKPOINT, expires_at=expires_at)).state


def test_an_expired_breakpoint_says_how_it_goes_on() -> None:
    assert "renew it" in told(breakpoint=replace(BREAKPOINT, expires_at="2020-01-01T00:00:00Z")).message


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"condition": "total >"}, "The condition cannot be used: "),
        ({"log_message": "total {"}, "The log message cannot be used: "),
    ],
)
def test_what_no_process_will_take_is_said_before_one_answers(fields: dict[str, str], sentence: str) -> None:
    item = replace(BREAKPOINT, **fields)  # type: ignore[arg-type]
    known = [told(breakpoint=item), told(breakpoint=item, unsent=True), told(breakpoint=item, unsent=True, offline="Away.")]

    assert [State.FAILED] * 3 == [it.state for it in known]
    assert all(it.message.startswith(sentence) for it in known)
    # A process with a newer agent knows better.
    assert State.BOUND is told(process("a", BindingState.BOUND), breakpoint=item).state
