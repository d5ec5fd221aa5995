"""What runs the line: methods, closures, wrapped and registered functions, generators, threads, calls that have begun already.

Python 3.11 cannot reach all of it; there the binding must say so.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import types

HAS_EVENTS = sys.version_info >= (3, 12)


def test_a_function_that_no_name_leads_to(application, debugger):
    application.write("def register(keep):\n    def handler():\n        return 1  # here\n    keep(handler)\n")
    module = application.load()
    kept = []
    module.register(kept.append)
    debugger.at()
    assert kept[0]() == 1
    debugger.engine.tick()
    if HAS_EVENTS:
        assert (1, "bound") == (debugger.binding().hits, debugger.binding().state)
        return
    binding = debugger.binding()
    assert (0, "pending") == (binding.hits, binding.state)
    assert "Python 3.11 reaches only those made from now on" in binding.reason
    module.register(kept.append)
    assert kept[1]() == 1
    debugger.engine.tick()
    assert (1, "bound", None) == (debugger.binding().hits, debugger.binding().state, debugger.binding().reason)


def test_a_function_whose_name_is_gone(application, debugger):
    application.write("def handler():\n    return 1  # here\n")
    module = application.load()
    handler = module.handler
    del module.handler
    debugger.at()
    binding = debugger.binding()
    assert binding.state == "pending"
    assert "was not found in this process" in binding.reason or "is not imported" in binding.reason
    handler()
    debugger.engine.tick()
    assert ("bound" if HAS_EVENTS else "pending") == debugger.binding().state


def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "It did not happen within 30 seconds."
        time.sleep(0.01)


def test_a_loop_that_runs_already(application, debugger):
    application.write("def loop(state):\n    while state['go']:\n        state['turns'] += 1  # here\n")
    module = application.load()
    state = {"go": True, "turns": 0}
    thread = threading.Thread(target=module.loop, args=(state,))
    thread.start()
    try:
        wait_until(lambda: state["turns"])
        debugger.at(hit_limit=3)
        if HAS_EVENTS:
            assert debugger.binding().state == "bound"
            wait_until(lambda: debugger.binding().hits == 3)
        else:
            binding = debugger.binding()
            assert binding.state == "pending"
            assert "loop is running now, and Python 3.11 cannot stop in a call that has already begun" in binding.reason
    finally:
        state["go"] = False
        thread.join()
    if not HAS_EVENTS:
        state["go"] = True
        again = threading.Thread(target=module.loop, args=(state,))
        again.start()
        wait_until(lambda: debugger.binding().hits == 3)
        state["go"] = False
        again.join()
        debugger.engine.tick()
        assert debugger.binding().state == "bound"


def test_a_main_program_that_runs_already(application, debugger):
    """The body of a module, which no name leads to, in a thread that is in it."""
    filename = application.write("while state['go']:\n    state['turns'] += 1  # here\n")
    path = application.root / filename
    module = types.ModuleType("program")
    state = {"go": True, "turns": 0}
    module.__dict__.update(state=state, __file__=str(path))
    sys.modules["program"] = module
    thread = threading.Thread(target=exec, args=(compile(path.read_text(), str(path), "exec"), module.__dict__))
    thread.start()
    try:
        wait_until(lambda: state["turns"])
        debugger.at(hit_limit=3)
        if HAS_EVENTS:
            wait_until(lambda: debugger.binding().hits == 3)
            assert debugger.binding().state == "bound"
        else:
            binding = debugger.binding()
            assert binding.state == "pending"
            assert "<module> is running now, and Python 3.11 cannot stop in a call that has already begun" in binding.reason
            assert "It runs once in a process" in binding.reason
            assert "next call" not in binding.reason
    finally:
        state["go"] = False
        thread.join()
        del sys.modules["program"]


def test_a_generator_that_is_suspended(application, debugger):
    application.write("def numbers():\n    for i in range(10):\n        x = yield i  # here\n")
    module = application.load()
    suspended = module.numbers()
    next(suspended)
    debugger.at()
    assert debugger.binding().state == "bound"
    next(suspended)
    next(suspended)
    assert (2 if HAS_EVENTS else 0) == debugger.binding().hits
    list(module.numbers())
    assert (12 if HAS_EVENTS else 10) == debugger.binding().hits


def test_a_coroutine_that_waits(application, debugger):
    application.write(
        "async def work(queue, done):\n    while True:\n        item = await queue.get()\n        done.append(item)  # here\n"
    )
    module = application.load()

    async def reached(done, count):
        for _ in range(1_000):
            if len(done) >= count:
                return
            await asyncio.sleep(0)
        raise AssertionError(f"{len(done)} of {count} items are done.")

    async def main():
        queue, done, begun = asyncio.Queue(), [], []
        task = asyncio.create_task(module.work(queue, done), name="worker-1")
        await queue.put(1)
        await reached(done, 1)
        debugger.at()
        await queue.put(2)
        await reached(done, 2)
        if not HAS_EVENTS:
            begun.append(asyncio.create_task(module.work(queue, done), name="worker-1"))
            await queue.put(3)
            await queue.put(3)
            await reached(done, 4)
        for one in (task, *begun):
            one.cancel()

    asyncio.run(main())
    assert debugger.hits()[0].task == "worker-1"


def test_many_threads_at_once(application, debugger):
    application.write("def work(n):\n    for i in range(n):\n        x = i  # here\n    return x\n")
    module = application.load()
    debugger.at()
    threads = [threading.Thread(target=module.work, args=(100,), name=f"thread {number}") for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hits = debugger.hits()
    assert 800 == len(hits) == debugger.binding().hits
    assert {f"thread {number}" for number in range(8)} == {hit.thread for hit in hits}


def test_a_closure_that_is_made_later(application, debugger):
    application.write("def make(n):\n    def inner(x):\n        return x + n  # here\n    return inner\n")
    module = application.load()
    debugger.at()
    assert [module.make(n)(1) for n in range(3)] == [1, 2, 3]
    debugger.engine.tick()
    assert (3, "bound") == (debugger.binding().hits, debugger.binding().state)


def test_functions_that_are_defined_while_the_program_runs(application, debugger):
    application.write("def first():\n    return 1\n")
    module = application.load()
    debugger.at(5)
    assert debugger.binding().state == "failed"
    path = application.root / application.filename()
    exec(compile("\n\n\ndef second():\n    return 2\n", str(path), "exec"), module.__dict__)
    module.second()
    debugger.engine.tick()
    module.second()
    assert debugger.binding().state == "bound"
    assert (2 if HAS_EVENTS else 1) == debugger.binding().hits


def test_nobody_is_asked_on_the_way_to_a_function(application, debugger):
    """Neither objects nor classes nor modules of the application answer to the search."""
    application.write(
        """
        import types
        asked = []
        class Meta(type):
            def __getattribute__(cls, name):
                asked.append(name)
                return super().__getattribute__(name)
            def __hash__(cls):
                asked.append("hash")
                return 1
            def __instancecheck__(cls, other):
                asked.append("instance")
                return False
        class Evil(metaclass=Meta):
            def __getattribute__(self, name):
                asked.append(name)
                return object.__getattribute__(self, name)
            def __iter__(self):
                asked.append("iter")
                return iter(())
            def __eq__(self, other):
                asked.append("eq")
                return True
            __hash__ = None
        class Lazy(types.ModuleType):
            def __getattribute__(self, name):
                asked.append(name)
                return super().__getattribute__(name)
        evil = Evil()
        lazy = Lazy("lazy")
        everything = [evil, {1: evil}, (lazy,)]
        def run():
            return evil  # here
        asked.clear()
        """
    )
    module = application.load()
    sys.modules["lazy"] = module.lazy
    module.asked.clear()
    try:
        debugger.at()
    finally:
        del sys.modules["lazy"]
    module.run()
    assert [] == module.asked
    assert debugger.hit().variables == {}
