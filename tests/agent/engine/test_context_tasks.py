"""The tasks that wait for the one of a hit, by every means that asyncio has for it."""

from __future__ import annotations

import asyncio

import pytest

from livebreak_agent.capture import tasks
from livebreak_agent.limits import Limits

SOURCE = """
    import asyncio

    async def leaf(x):
        await asyncio.sleep(0)
        return x  # here

    async def awaited(x):
        return await asyncio.create_task(leaf(x), name="leaf")

    async def gathered(x):
        return await asyncio.gather(asyncio.sleep(0), asyncio.create_task(leaf(x), name="leaf"))

    async def grouped(x):
        async with asyncio.TaskGroup() as group:
            group.create_task(leaf(x), name="leaf")

    async def waited(x):
        return await asyncio.wait([asyncio.create_task(leaf(x), name="leaf")])

    async def shielded(x):
        return await asyncio.shield(asyncio.create_task(leaf(x), name="leaf"))

    async def both(x):
        return await asyncio.gather(asyncio.shield(asyncio.create_task(leaf(x), name="leaf")))

    async def deep(function, x):
        return await function(x)

    async def root(function, x):
        return await asyncio.create_task(deep(function, x), name="middle")

    async def alone(x):
        task = asyncio.create_task(leaf(x), name="leaf")
        while not task.done():
            await asyncio.sleep(0)

    async def chained(depth, x):
        return await (asyncio.create_task(chained(depth - 1, x)) if depth else leaf(x))

    ran = []

    class Odd(asyncio.Task):
        def get_name(self):
            ran.append("get_name")

        def get_coro(self):
            ran.append("get_coro")

        @property
        def _callbacks(self):
            ran.append("_callbacks")

    async def odd(x):
        inner = asyncio.create_task(leaf(x), name="leaf")

        async def wait():
            await inner

        await Odd(wait())
"""


@pytest.fixture
def module(application):
    application.write(SOURCE)
    return application.load()


@pytest.mark.parametrize("way", ["awaited", "gathered", "grouped", "waited", "shielded", "both"])
def test_the_tasks_that_wait_are_told_with_where_they_wait(way, module, application, debugger):
    debugger.at()
    asyncio.run(module.root(getattr(module, way), 1))
    hit = debugger.hit()
    inner, outer = hit.awaiters
    assert ("leaf", "middle") == (hit.task, inner.task)
    of_app = [(frame.function, frame.text) for frame in inner.stack if frame.in_repository]
    assert [way, "deep"] == [function for function, _ in of_app]
    assert "leaf(x)" in of_app[0][1] or "async with" in of_app[0][1]
    assert "return await function(x)" == of_app[1][1]
    assert ["root"] == [frame.function for frame in outer.stack]
    assert application.filename() == outer.stack[0].filename


def test_a_task_that_nobody_waits_for_has_no_awaiters(module, debugger):
    debugger.at()
    asyncio.run(module.alone(1))
    hit = debugger.hit()
    assert ("leaf", ()) == (hit.task, hit.awaiters)


def test_outside_of_asyncio_there_are_none(application, debugger):
    application.write("def run(x):\n    return x  # here\n")
    module = application.load()
    debugger.at()
    module.run(1)
    hit = debugger.hit()
    assert (None, ()) == (hit.task, hit.awaiters)


def test_a_long_chain_is_cut(module, make_debugger):
    debugger = make_debugger(limits=Limits(awaiters=4))
    debugger.at()
    asyncio.run(module.chained(8, 1))
    assert 4 == len(debugger.hit().awaiters)


def test_a_task_of_a_class_of_the_application_s_own_ends_the_chain(module, debugger):
    debugger.at()
    asyncio.run(module.odd(1))
    hit = debugger.hit()
    assert ("leaf", (), []) == (hit.task, hit.awaiters, module.ran)


def test_an_event_loop_that_is_compared_by_code_of_its_own_is_not_looked_up():
    ran = []

    class Loop(asyncio.SelectorEventLoop):
        def __hash__(self):
            ran.append("__hash__")
            return 1

    async def look():
        ran.clear()  # asyncio itself has looked it up
        return tasks.running(), list(ran)

    loop = Loop()
    try:
        assert (None, []) == loop.run_until_complete(look())
    finally:
        loop.close()
