"""Which environments are production, and what is asked."""

from __future__ import annotations

import pytest

from livebreak.debugger.production import question_before
from livebreak_agent.vocabulary.environments import is_production
from livebreak_agent.vocabulary.model import NewBreakpoint, Process
from livebreak_agent.vocabulary.wire import ProcessState


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ("prod", True),
        ("Production", True),
        ("eu-prod-1", True),
        ("live", True),
        ("preprod", False),
        ("pre-prod", False),
        ("non_prod", False),
        ("staging", False),
        ("products", False),
        ("", False),
        (None, False),
    ],
)
def test_production_is_what_people_call_it(environment: str | None, expected: bool) -> None:
    assert expected is is_production(environment)


def test_only_processes_that_the_breakpoint_reaches_are_asked_for() -> None:
    item = NewBreakpoint(id="b", filename="a.py", line_number=1, repository="acme/shop", service="web")
    others = [
        ("web", "prod", "acme/shop"),
        ("web", "prod", "acme/shop"),
        ("jobs", "prod", "acme/shop"),
        ("web", "dev", "acme/shop"),
    ]
    processes = [
        ProcessState(
            process=Process(id=str(n), pid=n, host="box", service=service, environment=environment, repository=repository)
        )
        for n, (service, environment, repository) in enumerate(others)
    ]

    assert "Arm live breakpoints in acme/prod, 2 processes?" == question_before(item, processes, "acme")
    assert None is question_before(item, processes[2:], "acme")
