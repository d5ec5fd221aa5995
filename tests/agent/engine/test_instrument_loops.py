"""One hit for each pass over the statement on a line, whatever the interpreter makes of it: loops and comprehensions."""

from __future__ import annotations

import pytest

CASES: dict[str, tuple[str, int]] = {
    "a statement in a loop": (
        """
        def run():
            for i in range(3):
                x = i  # here
        """,
        3,
    ),
    "the same in a loop": (
        """
        def run():
            for i in range(3):
                str(  # here
                    i
                )
        """,
        3,
    ),
    "a for over some items": (
        """
        def run():
            for i in (1, 2, 3):  # here
                x = i
        """,
        4,
    ),
    "a for over several lines": (
        """
        def run():
            for i in list(  # here
                (1, 2, 3)
            ):
                x = i
        """,
        4,
    ),
    "a for in one line": (
        """
        def run():
            for i in (1, 2, 3): str(i)  # here
        """,
        1,
    ),
    "a for that is left": (
        """
        def run():
            for i in (1, 2, 3):  # here
                if i == 2:
                    break
        """,
        2,
    ),
    "a while": (
        """
        def run(n=0):
            while n < 3:  # here
                n += 1
        """,
        4,
    ),
    "a while over several lines": (
        """
        def run(n=0):
            while (n <  # here
                   int(
                       3) and
                   True):
                n += 1
        """,
        4,
    ),
    "a while in one line": (
        """
        def run(n=0):
            while n < 3: n += 1  # here
        """,
        1,
    ),
    "a with in a loop": (
        """
        import threading
        def run():
            lock = threading.Lock()
            for i in range(3):
                with lock:  # here
                    x = i
        """,
        3,
    ),
    "a list comprehension": (
        """
        def run():
            x = [i for i in range(3)]  # here
        """,
        1,
    ),
    "a list comprehension over several lines": (
        """
        def run():
            x = [  # here
                str(
                    i)
                for i in range(3)
                if i
            ]
        """,
        1,
    ),
    "one that begins on the line": (
        """
        def run():
            x = [i  # here
                 for i in range(3)
                 if i]
        """,
        1,
    ),
    "a comprehension's element": (
        """
        def run():
            x = [
                str(i)  # here
                for i in range(3)
            ]
        """,
        3,
    ),
    "a comprehension's element over several lines": (
        """
        def run():
            x = [
                str(  # here
                    i
                )
                for i in range(3)
            ]
        """,
        3,
    ),
    "a comprehension's condition": (
        """
        def run():
            x = [
                i
                for i in range(3)
                if str(i)  # here
            ]
        """,
        3,
    ),
    "comprehensions within each other": (
        """
        def run():
            x = [[(i, j)  # here
                  for j in range(2)]
                 for i in range(3)]
            return x
        """,
        1,
    ),
    "a dict comprehension": (
        """
        def run():
            x = {i:  # here
                 i
                 for i in range(3)}
        """,
        1,
    ),
    "a comprehension in a loop": (
        """
        def run():
            for k in range(2):
                x = [i  # here
                     for i in range(3)
                     if i]
        """,
        2,
    ),
    "a loop around a comprehension": (
        """
        def run():
            for k in range(2):  # here
                x = [i
                     for i in range(3)
                     if i]
        """,
        3,
    ),
    "a display with a star in a loop": (
        """
        def run():
            for k in range(2):
                x = [*range(2),  # here
                     k, str(
                         k)]
        """,
        2,
    ),
    "an async for": (
        """
        import asyncio
        async def inner():
            for i in range(3): yield i
        async def outer():
            async for i in inner():  # here
                str(i)
        def run():
            asyncio.run(outer())
        """,
        4,
    ),
    "a loop's else": (
        """
        def run():
            for i in range(2):
                pass
            else:
                x = 1  # here
        """,
        1,
    ),
    "a branch at the end of a loop": (
        """
        def run():
            for i in range(4):
                if (i and  # here
                        i > 2):
                    str(i)
        """,
        4,
    ),
    "a long jump": ("def run():\n    for i in range(3):  # here\n" + "        x = str(i) + str(i) + str(i) + str(i)\n" * 60, 4),
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
