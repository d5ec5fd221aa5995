"""A breakpoint that costs too much is switched off in this process for a while, and says so."""

from __future__ import annotations

import time

import pytest

from livebreak_agent import breaker, passing
from livebreak_agent.limits import Limits

SOURCE = """
    NUMBERS = list(range(10_000))
    def run(n):
        x = 0
        for i in range(n):
            x = i  # here
        return x
"""


@pytest.fixture
def module(application):
    application.write(SOURCE)
    return application.load()


def test_a_condition_on_a_hot_line_is_switched_off_and_comes_back(module, make_debugger, monkeypatch):
    monkeypatch.setattr(breaker, "WINDOW_SECONDS", 0.0)
    debugger = make_debugger(limits=Limits(cpu_share=0.000_01))
    debugger.at(condition="i < 0")
    debugger.engine.tick()
    module.run(1000)
    debugger.engine.tick()
    binding = debugger.binding()
    assert ("pending", 1000) == (binding.state, binding.passes)
    assert binding.reason.startswith("Switched off in this process for 30 s, because it took ")
    module.run(1000)
    assert 1000 == debugger.binding().passes
    monkeypatch.setattr(time, "monotonic", lambda real=time.monotonic: real() + 31.0)
    debugger.engine.tick()
    assert "bound" == debugger.binding().state
    module.run(10)
    assert 1010 == debugger.binding().passes


def test_it_is_off_for_longer_each_time(module, make_debugger, monkeypatch):
    monkeypatch.setattr(breaker, "WINDOW_SECONDS", 0.0)
    debugger = make_debugger(limits=Limits(cpu_share=0.000_01))
    debugger.at(condition="i < 0")
    reasons = []
    for _ in range(2):
        monkeypatch.setattr(time, "monotonic", lambda real=time.monotonic: real() + 40.0)
        debugger.engine.tick()
        module.run(1000)
        debugger.engine.tick()
        reasons.append(debugger.binding().reason.partition(",")[0])
    assert ["Switched off in this process for 30 s", "Switched off in this process for 60 s"] == reasons


def test_a_condition_that_goes_through_much_is_paid_by_its_steps(module, make_debugger, monkeypatch):
    monkeypatch.setattr(breaker, "WINDOW_SECONDS", 0.0)
    debugger = make_debugger(limits=Limits())
    debugger.at(condition="any(n < 0 for n in NUMBERS)")
    debugger.engine.tick()
    module.run(20)
    debugger.engine.tick()
    assert "pending" == debugger.binding().state


def test_a_hit_that_takes_too_long_is_the_last_for_a_while(module, make_debugger, monkeypatch):
    debugger = make_debugger(limits=Limits(longest_hit_seconds=0.0))
    debugger.at()
    module.run(10)
    assert 1 == debugger.binding().hits
    debugger.engine.tick()
    assert "one hit took" in debugger.binding().reason


def test_all_breakpoints_of_the_process_share_a_limit_and_the_dearest_goes_first(module, application, make_debugger, monkeypatch):
    monkeypatch.setattr(breaker, "WINDOW_SECONDS", 0.0)
    debugger = make_debugger(limits=Limits(cpu_share=1000.0, process_cpu_share=0.000_1))
    dear = debugger.at(condition="i < 0")
    cheap = debugger.at(6, condition="x < 0")
    debugger.engine.tick()
    module.run(100_000)
    debugger.engine.tick()
    assert "for all breakpoints together" in debugger.binding(dear).reason
    assert "bound" == debugger.binding(cheap).state


def test_what_costs_little_stays(module, make_debugger, monkeypatch):
    monkeypatch.setattr(breaker, "WINDOW_SECONDS", 0.0)
    debugger = make_debugger()
    debugger.at(condition="i < 0")
    debugger.engine.tick()
    module.run(100)
    debugger.engine.tick()
    assert "bound" == debugger.binding().state


def test_a_condition_that_always_fails_leaves_the_line_alone(module, make_debugger):
    debugger = make_debugger(limits=Limits(errors_at_once=5, errors_per_second=0.001))
    debugger.at(condition="missing > 3")
    module.run(1000)
    binding = debugger.binding()
    assert (6, 6, 0) == (binding.condition_errors, binding.passes, binding.hits)
    assert (True, "No variable named 'missing' here.") == (binding.rate_limited_now, binding.condition_error)


def test_that_it_is_limited_is_said_while_it_is(module, make_debugger, monkeypatch):
    debugger = make_debugger(limits=Limits(hits_at_once=1, hits_per_second=1000.0))
    debugger.at()
    module.run(10_000)
    assert debugger.binding().rate_limited_now
    debugger.engine.tick()
    changes = debugger.changes
    monkeypatch.setattr(time, "monotonic", lambda real=time.monotonic: real() + 6.0)
    for _ in range(2):
        debugger.engine.tick()
    assert (False, True, True) == (
        debugger.binding().rate_limited_now,
        debugger.binding().rate_limited > 0,
        debugger.changes > changes,
    )


def test_a_fault_of_the_clock_is_none_of_the_application(module, debugger, monkeypatch):
    debugger.at()
    monkeypatch.setattr(passing.time, "time_ns", None)
    module.run(1)
    debugger.engine.tick()
    assert "failed" == debugger.binding().state
