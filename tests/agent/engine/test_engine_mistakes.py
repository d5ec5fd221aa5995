"""What must never reach the application, or leave it."""

from __future__ import annotations

import json
import signal

import pytest

from livebreak_agent import passing
from livebreak_agent.redaction import Mode, Redaction

SIMPLE = """
    LIMIT = 10
    def run(a, *rest, key=None, **options):
        total = a + 1
        return total  # here
"""


def load(application, source=SIMPLE):
    application.write(source)
    return application.load()


def test_strict_redaction_keeps_numbers_and_booleans_only(application, make_debugger):
    module = load(application)
    debugger = make_debugger(redaction=Redaction(mode=Mode.STRICT))
    refused = debugger.at(log_message="{total}")
    assert "Redaction is strict in this process" in debugger.binding(refused).reason
    debugger.at()
    module.run(1, "text", 2.5, True, key={"name": "ada", "age": 36}, token=5)
    variables = debugger.hit().variables
    assert "ada" not in json.dumps(variables)
    assert "text" not in json.dumps(variables)
    assert (1, 2) == (variables["a"], variables["total"])
    assert [{"py/object": "str", "$cut": "redacted"}, 2.5, True] == variables["rest"]["items"]
    assert 36 == variables["key"]["entries"][1][1]


def test_a_mistake_of_the_agent_s_switches_the_breakpoint_off_and_says_so(application, debugger, monkeypatch):
    module = load(application)
    debugger.at()
    monkeypatch.setattr(passing.frames, "stack_of", None)
    assert 2 == module.run(1)
    monkeypatch.undo()
    assert 2 == module.run(1)
    debugger.engine.tick()
    binding = debugger.binding()
    assert ("failed", 0) == (binding.state, binding.hits)
    assert "The agent made a mistake on this line (TypeError)" in binding.reason


class Timeout(Exception):
    """As a time-out of the application would raise it from a signal handler."""


@pytest.mark.parametrize("error", [Timeout, TimeoutError, KeyboardInterrupt])
def test_an_exception_of_a_signal_handler_reaches_the_application(error, application, debugger, monkeypatch):
    module = load(application)
    debugger.at()

    def handler(*_):
        raise error

    def during_the_hook(frame, limit):
        signal.raise_signal(signal.SIGUSR1)
        return []

    before = signal.signal(signal.SIGUSR1, handler)
    monkeypatch.setattr(passing.frames, "stack_of", during_the_hook)
    try:
        with pytest.raises(error):
            module.run(1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    monkeypatch.undo()
    module.run(1)
    assert 1 == len(debugger.hits())


def test_a_finalizer_that_runs_during_a_hit_starts_no_other(application, debugger, monkeypatch):
    module = load(application)
    debugger.at()
    stack_of = passing.frames.stack_of

    def during_the_hook(frame, limit):
        module.run(5)
        return stack_of(frame, limit)

    monkeypatch.setattr(passing.frames, "stack_of", during_the_hook)
    module.run(1)
    assert 1 == debugger.hit().variables["a"]
