"""The set of breakpoints, replaced as a whole."""

from __future__ import annotations

import dataclasses

from livebreak_agent.vocabulary.model import Process

SIMPLE = """
    LIMIT = 10
    def run(a, *rest, key=None, **options):
        total = a + 1
        return total  # here
"""


def load(application, source=SIMPLE):
    application.write(source)
    return application.load()


def test_what_stays_the_same_keeps_its_counters_and_what_changes_begins_anew(application, debugger):
    module = load(application)
    identity = debugger.at()
    module.run(1)
    other = debugger.at(3, owner="ada")
    module.run(1)
    assert (2, 1) == (debugger.binding(identity).hits, debugger.binding(other).hits)
    same = debugger._breakpoints[identity]
    debugger._breakpoints[identity] = dataclasses.replace(same, updated_at="2026-11-23T00:00:00Z", owner="bob")
    debugger.engine.arm(tuple(debugger._breakpoints.values()))
    assert 2 == debugger.binding(identity).hits
    debugger._breakpoints[identity] = dataclasses.replace(same, condition="a == 5")
    debugger.engine.arm(tuple(debugger._breakpoints.values()))
    module.run(1)
    assert (0, 1) == (debugger.binding(identity).hits, debugger.binding(identity).passes)
    debugger._breakpoints[identity] = dataclasses.replace(same, enabled=False)
    debugger.engine.arm(tuple(debugger._breakpoints.values()))
    assert [other] == [binding.breakpoint_id for binding in debugger.engine.bindings()]


def test_several_breakpoints_on_one_line_are_all_hit(application, debugger):
    module = load(application)
    first, second, third = debugger.at(), debugger.at(condition="a == 2"), debugger.at(log_message="{a}")
    module.run(1)
    module.run(2)
    assert [first, third, first, second, third] == [hit.breakpoint_id for hit in debugger.hits()]
    debugger.remove(first)
    module.run(2)
    assert {second, third} == {hit.breakpoint_id for hit in debugger.hits()}


def test_one_that_is_limited_leaves_others_on_its_line_alone(application, debugger):
    module = load(application)
    limited, other = debugger.at(hit_limit=1), debugger.at()
    for a in range(5):
        module.run(a)
    assert (1, 5) == (debugger.binding(limited).hits, debugger.binding(other).hits)


def test_it_is_told_when_a_binding_changes(application, debugger):
    load(application)
    debugger.at()
    changes = debugger.changes
    assert changes > 0
    debugger.engine.arm(tuple(debugger._breakpoints.values()))
    debugger.engine.tick()
    assert changes == debugger.changes


def test_after_a_fork_it_is_another_process_with_the_same_breakpoints(application, debugger):
    module = load(application)
    debugger.at()
    module.run(1)
    debugger.engine._lock.acquire()
    debugger.engine.after_fork(Process(id="child", pid=8, host="here"))
    assert 0 == debugger.binding().hits
    module.run(2)
    debugger.engine.tick()
    hit = debugger.hit()
    assert ("child", 8, 2) == (hit.process_id, hit.pid, hit.variables["a"])
