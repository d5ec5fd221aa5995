"""An interpreter that the application, or another tool in it, has made strange."""

from __future__ import annotations

import gc
import sys
import types

import pytest

RUN = "def run(n):\n    return n + 1  # here\n"

with_tools = pytest.mark.skipif(sys.version_info < (3, 12), reason="There are no tools in Python 3.11.")


def load(application, source=RUN):
    application.write(source)
    return application.load()


def calls():
    return run(3)  # noqa: F821 -- it is given this name as a global


ran = []


class Evil(str):
    """A text whose methods are the application's."""

    __slots__ = ()

    def _fail(self, *_):
        ran.append(self)
        raise ValueError("evil")

    __eq__ = __hash__ = __contains__ = replace = startswith = endswith = rpartition = partition = split = _fail


@pytest.mark.parametrize("name", ["a\0b/shop.py", "\udcff/shop.py", "", "x" * 100_000 + "/shop.py", Evil("/evil/shop.py")])
def test_code_may_say_that_its_file_is_called_anything(name, application, debugger):
    module = load(application)
    debugger.at()
    call = types.FunctionType(calls.__code__.replace(co_filename=name), {"run": module.run})

    assert 4 == call()
    debugger.engine.tick()
    assert {"n": 3} == debugger.hit().variables
    assert (1, "bound") == (debugger.binding().hits, debugger.binding().state)
    assert [] == ran


def test_the_table_of_modules_may_hold_anything_and_nothing(application, debugger):
    module = load(application)
    kept = dict(sys.modules)
    sys.modules |= {5: object(), ("a",): None}
    try:
        debugger.at()
        module.run(1)
        for name in [name for name in sys.modules if type(name) is not str or name.startswith(application.package)]:
            del sys.modules[name]
        debugger.at(1)
        module.run(2)
        debugger.engine.tick()
    finally:
        sys.modules.update(kept)

    assert [1, 2] == [hit.variables["n"] for hit in debugger.hits() if hit.breakpoint_id == "shop-here-0"]


@with_tools
def test_places_for_tools_that_are_all_taken_are_waited_for(application, debugger):
    module = load(application)
    monitoring = sys.monitoring
    taken = [tool for tool in range(6) if monitoring.get_tool(tool) is None]
    for tool in taken:
        monitoring.use_tool_id(tool, "another")
    try:
        debugger.at()
        debugger.engine.tick()
        module.run(1)
        refused = debugger.binding()
    finally:
        for tool in taken:
            monitoring.free_tool_id(tool)
    debugger.engine.tick()
    module.run(2)

    assert ("failed", 0) == (refused.state, refused.hits)
    assert "Other tools (another and another) hold both places" in refused.reason
    assert ("bound", 1) == (debugger.binding().state, debugger.binding().hits)


@with_tools
@pytest.mark.parametrize("is_noticed_by", ["tick", "arm"])
def test_a_place_that_is_taken_away_is_replaced(is_noticed_by, application, debugger):
    module = load(application, "def run(n):\n    x = n  # one\n    return x  # two\n")
    one = debugger.at("one")
    monitoring = sys.monitoring
    (ours,) = [tool for tool in range(6) if monitoring.get_tool(tool) == "livebreak"]
    module.run(1)
    monitoring.set_local_events(ours, module.run.__code__, 0)
    monitoring.free_tool_id(ours)
    monitoring.use_tool_id(ours, "another")
    try:
        module.run(2)
        if is_noticed_by == "arm":
            debugger.at("two")
        debugger.engine.tick()
        module.run(3)
        debugger.engine.close()
        module.run(4)

        assert "another" == monitoring.get_tool(ours)
    finally:
        monitoring.free_tool_id(ours)
    assert [1, 3] == [hit.variables["n"] for hit in debugger.hits() if hit.breakpoint_id == one]


def test_callbacks_of_the_garbage_collector_that_hold_lines(application, debugger):
    module = load(
        application,
        """
        seen = []
        def callback(phase, info):
            seen.append(phase)  # callback
        class Node:
            def __del__(self):
                self.me = self  # finalizer
        def run(n):
            node = Node()
            node.me = node
            return [{"n": i} for i in range(n)]  # here
        """,
    )
    for mark in ("callback", "finalizer", "here"):
        debugger.at(mark)
    before = gc.get_threshold()
    gc.callbacks.append(module.callback)
    gc.set_threshold(1, 1, 1)
    try:
        returned = [len(module.run(n)) for n in range(30)]
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(module.callback)

    assert list(range(30)) == returned
    assert 30 == debugger.binding("shop-here-2").hits
    assert module.seen
