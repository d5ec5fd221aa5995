"""One hit for each pass over the statement on a line: functions, lambdas, generators and coroutines."""

from __future__ import annotations

import pytest

CASES: dict[str, tuple[str, int]] = {
    "a generator expression": (
        """
        def run():
            x = sum(i for i in range(3))  # here
        """,
        1,
    ),
    "a generator expression's element": (
        """
        def run():
            x = sum(
                int(i)  # here
                for i in range(3)
            )
        """,
        3,
    ),
    "a lambda that is made and called": (
        """
        def run():
            f = (
                lambda: 1)  # here
            f(), f(), f()
        """,
        4,
    ),
    "a lambda over several lines": (
        """
        def run():
            f = (
                lambda: str(  # here
                    1))
            f(), f(), f()
        """,
        4,
    ),
    "a lambda's second line": (
        """
        def run():
            f = lambda: str(
                1)  # here
            f(), f(), f()
        """,
        3,
    ),
    "a def": (
        """
        def inner(a):  # here
            return a
        def run():
            inner(1), inner(2)
        """,
        2,
    ),
    "a def in one line": (
        """
        def inner(a): return a  # here
        def run():
            for i in range(50): inner(i)
        """,
        50,
    ),
    "a default's line": (
        """
        def inner(
            a=str(1),  # here
        ):
            return a
        def run():
            inner()
        """,
        1,
    ),
    "a decorator's line": (
        """
        import functools
        @functools.lru_cache(0)  # here
        @functools.lru_cache(0)
        def inner(a):
            return a
        def run():
            inner(1), inner(2)
        """,
        2,
    ),
    "the def below a decorator": (
        """
        import functools
        @functools.lru_cache(0)
        def inner(a):  # here
            return a
        def run():
            inner(1), inner(2)
        """,
        2,
    ),
    "a generator's def": (
        """
        def inner():  # here
            yield 1
            yield 2
        def run():
            list(inner())
        """,
        1,
    ),
    "a yield": (
        """
        def inner():
            for i in range(3):
                x = yield i  # here
        def run():
            list(inner())
        """,
        3,
    ),
    "a yield over several lines": (
        """
        def inner():
            for i in range(3):
                x = yield str(  # here
                    i)
        def run():
            list(inner())
        """,
        3,
    ),
    "a yield from": (
        """
        def inner():
            x = yield from range(3)  # here
        def run():
            list(inner())
        """,
        1,
    ),
    "an await that waits": (
        """
        import asyncio
        async def inner():
            for i in range(3): await asyncio.sleep(0)
        async def outer():
            x = await inner()  # here
        def run():
            asyncio.run(outer())
        """,
        1,
    ),
    "an await over several lines": (
        """
        import asyncio
        async def inner(a):
            for i in range(3): await asyncio.sleep(0)
        async def outer():
            x = await inner(  # here
                1)
            return x
        def run():
            asyncio.run(outer())
        """,
        1,
    ),
    "an async with": (
        """
        import asyncio
        async def outer():
            async with asyncio.Lock():  # here
                await asyncio.sleep(0)
        def run():
            asyncio.run(outer())
        """,
        1,
    ),
    "a recursion": (
        """
        def run(n=5):
            if n:
                run(  # here
                    n - 1)
        """,
        5,
    ),
    "a nested function": (
        """
        def run():
            def inner(x):
                y = x  # here
                return y
            inner(1), inner(2)
        """,
        2,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_line_of_a_loaded_module_is_hit_once_a_pass(case, passes):
    passes.check_loaded(*CASES[case])


@pytest.mark.parametrize("case", CASES)
def test_the_same_is_true_of_a_module_that_is_imported_later(case, passes):
    passes.check_imported_later(*CASES[case])


@pytest.mark.parametrize("case", CASES)
def test_what_the_code_does_is_the_same_with_a_breakpoint_on_every_line(case, passes):
    passes.check_same_behaviour(CASES[case][0])


def test_a_line_is_hit_each_time_though_others_around_it_are_switched_off(application, debugger):
    application.write("def run():\n    for i in range(500):\n        x = i  # here\n        y = i\n")
    module = application.load()
    debugger.at()
    module.run()
    assert debugger.binding().hits == 500


def test_a_lambda_that_has_become_warm_is_hit_each_time(application, debugger):
    application.write("f = lambda x: x  # here\ndef run(n):\n    for i in range(n): f(i)\n")
    module = application.load()
    module.run(200)
    debugger.at()
    module.run(100)
    assert debugger.binding().hits == 100
