"""Why there are no hits: the first step that fails names itself, with its fact and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from livebreak.debugger.why import Known, Outcome, conclusion, why
from livebreak_agent.vocabulary.model import Binding, BindingState, Breakpoint, Process
from livebreak_agent.vocabulary.wire import Pause, ProcessState

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BREAKPOINT = Breakpoint(id="1", repository="acme/shop", filename="cart.py", line_number=3)
WITH_CONDITION = replace(BREAKPOINT, condition="total < 0")
BOUND, PENDING, FAILED = BindingState.BOUND, BindingState.PENDING, BindingState.FAILED


def process(state: BindingState | None = None, *, service: str = "web", repository: str | None = "acme/shop", **fields: Any):
    binding = (Binding(breakpoint_id="1", state=state, **fields),) if state is not None else ()
    described = Process(id="p", pid=7, host="box", service=service, repository=repository, environment="production")
    return ProcessState(process=described, bindings=binding, seen_at="2026-11-23T11:59:58+00:00")


def asked(breakpoint: Breakpoint = BREAKPOINT, *processes: ProcessState, **known: Any) -> tuple[str, str]:
    """The name of the last step, and the conclusion."""
    steps = why(breakpoint, Known(processes=processes, **known), NOW)
    assert all(step.outcome is not Outcome.FAILED for step in steps[:-1])
    return steps[-1].name, conclusion(steps)


@pytest.mark.parametrize(
    ("breakpoint", "processes", "known", "name", "fact"),
    [
        (BREAKPOINT, [], {"offline": "The backend does not answer."}, "backend", "The backend does not answer."),
        (BREAKPOINT, [], {"refusal": "Too long."}, "stored", "refused the breakpoint: Too long."),
        (BREAKPOINT, [], {"unsent": True}, "stored", "on its way"),
        (replace(BREAKPOINT, enabled=False), [], {}, "enabled", "It is disabled. Enable it."),
        (replace(BREAKPOINT, enabled=False, hit_limit=5), [], {"hits": 5}, "enabled", "its limit of 5 hits"),
        (replace(BREAKPOINT, enabled=False, hit_limit=1), [], {"hits": 1}, "enabled", "its limit of 1 hit."),
        (replace(BREAKPOINT, expires_at="2026-11-23T11:00:00+00:00"), [], {}, "enabled", "It expired at "),
        (BREAKPOINT, [], {"pauses": [Pause(by="bob", at="now", reason="deploy")]}, "enabled", "paused by bob since now: deploy."),
        (BREAKPOINT, [process()], {"pauses": [Pause(by="bob", at="now", service="web")]}, "enabled", "Service web is paused"),
        (BREAKPOINT, [], {}, "processes", "No process with an agent is connected"),
        (BREAKPOINT, [process(repository="ada/shop")], {}, "processes", "run ada/shop; this file belongs to acme/shop."),
        (replace(BREAKPOINT, service="api"), [process()], {}, "processes", "asks for service api; connected are web/production."),
        (BREAKPOINT, [process()], {}, "seen", "(web production (pid 7), heard of 2 s ago)"),
        (BREAKPOINT, [process(PENDING, reason="cart.py is not imported yet.")], {}, "loaded", "cart.py is not imported yet."),
        (BREAKPOINT, [process(FAILED, reason="No code.", nearest_lines=(2, 4))], {}, "bound", "No code. Lines near it"),
        (BREAKPOINT, [process(PENDING, digest="a", reason="The code differs.")], {}, "bound", "The code differs."),
        (BREAKPOINT, [process(BOUND)], {}, "executed", "The line has not run since it was bound in web production (pid 7)."),
        (WITH_CONDITION, [process(BOUND, passes=12)], {}, "condition", "The condition `total < 0` was false all 12 times."),
        (WITH_CONDITION, [process(BOUND, passes=2, condition_errors=2, condition_error="No.")], {}, "condition", "2 times: No."),
        (BREAKPOINT, [process(BOUND, passes=9, hits=9, dropped=9)], {}, "sent", "9 of 9 hits were lost"),
        (BREAKPOINT, [process(BOUND, passes=9, hits=1)], {}, "received", "Captured so far: 1 hit. The backend has none"),
    ],
)  # fmt: skip
def test_it_stops_at_the_first_step_that_fails(
    breakpoint: Breakpoint, processes: list[ProcessState], known: dict[str, Any], name: str, fact: str
) -> None:
    found, said = asked(breakpoint, *processes, **known)

    assert name == found
    assert fact in said


def test_with_hits_every_step_passed() -> None:
    assert ("received", "The backend has 3 hits.") == asked(WITH_CONDITION, process(BOUND, passes=9, hits=3), hits=3)


def test_hits_of_a_process_that_is_gone_are_no_riddle() -> None:
    assert "received" == asked(WITH_CONDITION, process(BOUND), hits=3)[0]


def test_what_goes_on_but_not_well_is_the_conclusion() -> None:
    busy = process(BOUND, passes=900, hits=60, rate_limited=2)

    assert "60 of at least 900 passes. A condition picks the passes that matter." in asked(BREAKPOINT, busy, hits=60)[1]
    assert "could not be evaluated once" not in asked(WITH_CONDITION, process(BOUND, passes=3, hits=1), hits=1)[1]


def test_a_process_that_cannot_is_named_beside_those_that_can() -> None:
    steps = why(BREAKPOINT, Known(processes=[process(BOUND, passes=1, hits=1), process(FAILED, reason="No code.")], hits=1), NOW)

    (bound,) = [step for step in steps if step.name == "bound"]
    assert (Outcome.NOTED, "Elsewhere: No code.") == (bound.outcome, bound.advice)


@pytest.mark.parametrize("seen_at", ["never", "2026-11-23T11:59:58", None])
def test_a_time_that_is_none_breaks_nothing(seen_at: str | None) -> None:
    assert "seen" == asked(BREAKPOINT, replace(process(), seen_at=seen_at))[0]
