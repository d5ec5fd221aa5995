"""Removing a breakpoint leaves the application as it was."""

from __future__ import annotations

import sys
import types

import pytest

SOURCE = """
    import functools
    def wrap(f):
        @functools.wraps(f)
        def inner(*a):
            return f(*a)
        return inner
    class A:
        @property
        def size(self):
            return len([x for x in range(3)])  # property
        @wrap
        def wrapped(self):
            try:
                for i in range(3):
                    with open(__file__) as f:  # wrapped
                        pass
            finally:
                i = 0
            return i
    def make(n):
        def inner(x):
            return x + n  # closure
        return inner
    made = make(1)
    async def wait():
        return [x async for x in numbers()]  # async
    async def numbers():
        for i in range(3):
            yield i  # generator
"""


def code_of(module):
    """Every code object that the functions of a module hold, nested ones included."""
    found = []
    waiting = [
        module.wrap, module.A.size.fget, module.A.wrapped, module.A.wrapped.__wrapped__, module.make, module.made, module.wait,
        module.numbers,
    ]  # fmt: skip
    codes = [function.__code__ for function in waiting]
    while codes:
        code = codes.pop()
        found.append(code)
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return found


def events_of(codes):
    if sys.version_info < (3, 12):
        return []
    tools = [tool for tool in range(6) if sys.monitoring.get_tool(tool) == "livebreak"]
    events = [sys.monitoring.get_local_events(tool, code) for tool in tools for code in codes]
    return [event for event in events if event]


def arm_everything(debugger):
    return [debugger.at(mark) for mark in ("property", "wrapped", "closure", "async", "generator")]


@pytest.mark.parametrize("way", ["remove", "close"])
def test_all_code_is_the_very_same_again(way, application, debugger):
    application.write(SOURCE)
    module = application.load()
    before = code_of(module)
    identities = arm_everything(debugger)
    assert {"bound"} == {binding.state for binding in debugger.engine.bindings()}
    assert [id(code) for code in before] != [id(code) for code in code_of(module)] or events_of(before)
    if way == "remove":
        debugger.remove(*identities)
    else:
        debugger.engine.close()
    assert [id(code) for code in before] == [id(code) for code in code_of(module)]
    assert [] == events_of(before)
    module.made(1)
    assert [] == debugger.hits()


def test_code_that_was_imported_while_breakpoints_waited_is_as_if_they_had_not(application, debugger):
    application.write(SOURCE)
    identities = arm_everything(debugger)
    module = application.load()
    later = module.make(2)
    assert {"bound"} == {binding.state for binding in debugger.engine.bindings()}
    debugger.remove(*identities)
    assert [] == events_of(code_of(module))
    path = str(application.root / application.filename())
    fresh = types.ModuleType("fresh")
    fresh.__file__ = path
    exec(compile(application.sources["shop"], path, "exec", dont_inherit=True), fresh.__dict__)
    assert code_of(fresh) == code_of(module)
    assert 3 == later(1)
    assert [] == debugger.hits()


def test_removing_one_of_two_breakpoints_leaves_the_other(application, debugger):
    application.write("def run():\n    x = 1  # first\n    return x  # second\n")
    module = application.load()
    first, second = debugger.at("first"), debugger.at("second")
    module.run()
    debugger.remove(first)
    module.run()
    assert [first, second, second] == [hit.breakpoint_id for hit in debugger.hits()]
    assert 2 == debugger.binding(second).hits


def test_a_closed_engine_lets_another_take_its_place(application, make_debugger):
    application.write("def run():\n    return 1  # here\n")
    module = application.load()
    for _ in range(3):
        debugger = make_debugger()
        debugger.at()
        module.run()
        assert 1 == debugger.binding().hits
        debugger.engine.close()
    assert debugger.engine.bindings() == ()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="There are no tools in Python 3.11.")
def test_it_lives_beside_other_tools_and_says_when_there_is_no_place_left(application, make_debugger):
    application.write("def run():\n    return 1  # here\n")
    module = application.load()
    monitoring = sys.monitoring
    seen = []
    for tool in (monitoring.COVERAGE_ID, monitoring.DEBUGGER_ID, 4):
        monitoring.use_tool_id(tool, f"other {tool}")
    monitoring.register_callback(monitoring.COVERAGE_ID, monitoring.events.LINE, lambda *event: seen.append(event[1]))
    monitoring.set_local_events(monitoring.COVERAGE_ID, module.run.__code__, monitoring.events.LINE)
    try:
        debugger = make_debugger()
        debugger.at()
        module.run()
        monitoring.set_local_events(monitoring.COVERAGE_ID, module.run.__code__, 0)
        assert ([2], 1) == (seen, debugger.binding().hits)
        assert monitoring.get_tool(3) == "livebreak"
        debugger.engine.close()
        assert monitoring.get_tool(3) is None
        monitoring.use_tool_id(3, "other 3")
        debugger = make_debugger()
        debugger.at()
        assert debugger.binding().state == "failed"
        assert "Other tools (other 4 and other 3) hold both places" in debugger.binding().reason
    finally:
        for tool in (monitoring.COVERAGE_ID, monitoring.DEBUGGER_ID, 3, 4):
            monitoring.free_tool_id(tool)
