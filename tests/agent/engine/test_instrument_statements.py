"""One hit for each pass over the statement on a line, whatever the interpreter makes of it: simple and compound statements."""

from __future__ import annotations

import pytest

CASES: dict[str, tuple[str, int]] = {
    "a statement": (
        """
        def run():
            x = 1  # here
        """,
        1,
    ),
    "a call over several lines": (
        """
        def run():
            print(  # here
                1,
                2,
                end='',
            )
        """,
        1,
    ),
    "calls within calls": (
        """
        def run():
            x = max(  # here
                min(
                    1,
                    2), abs(
                    3),
            )
            return x
        """,
        1,
    ),
    "an argument's line": (
        """
        def run():
            x = max(
                min(  # here
                    1,
                    2), abs(
                    3),
            )
        """,
        1,
    ),
    "a chain of calls": (
        """
        def run():
            x = (
                'a'  # here
                .upper()
                .lower()
            )
        """,
        1,
    ),
    "a return over several lines": (
        """
        def run():
            return (
                max(  # here
                    1,
                    2)
            )
        """,
        1,
    ),
    "an operator over several lines": (
        """
        def run(a=1, b=2):
            x = (a +  # here
                 b +
                 a)
        """,
        1,
    ),
    "a condition over several lines": (
        """
        def run(a=1, b=0):
            if (a and  # here
                    str(
                        b) and
                    b):
                pass
        """,
        1,
    ),
    "a choice over several lines": (
        """
        def run(a=1):
            x = (1 if a  # here
                 else 2)
            return x
        """,
        1,
    ),
    "a part that is skipped to": (
        """
        def run(a=0):
            x = (a and
                 str(1) or str(  # here
                     2))
            return x
        """,
        1,
    ),
    "a with": (
        """
        import io
        def run():
            with io.StringIO() as f:  # here
                f.write('')
            return f
        """,
        1,
    ),
    "a with over several lines": (
        """
        import io
        def run():
            with io.StringIO(  # here
                'x'
            ) as f, io.StringIO(
                'y'):
                f.read()
        """,
        1,
    ),
    "a with that is left by an exception": (
        """
        import contextlib
        def run():
            with contextlib.suppress(KeyError):  # here
                raise KeyError
        """,
        1,
    ),
    "a with that is left by return": (
        """
        import io
        def run():
            with io.StringIO() as f:  # here
                return f
        """,
        1,
    ),
    "a try": (
        """
        def run():
            try:  # here
                x = 1
            finally:
                x = 2
        """,
        1,
    ),
    "a finally": (
        """
        def run():
            try:
                x = 1
            finally:
                x = str(  # here
                    2)
        """,
        1,
    ),
    "a finally after an exception": (
        """
        def run():
            try:
                try:
                    raise KeyError
                finally:
                    x = str(  # here
                        2)
            except KeyError:
                pass
        """,
        1,
    ),
    "a finally after return": (
        """
        def run():
            for i in range(2):
                try:
                    if i: return
                finally:
                    x = i  # here
        """,
        2,
    ),
    "an except": (
        """
        def run():
            try:
                int('x')
            except (KeyError, ValueError) as error:  # here
                str(error)
        """,
        1,
    ),
    "a raise over several lines": (
        """
        def run():
            try:
                raise ValueError(  # here
                    1)
            except ValueError:
                pass
        """,
        1,
    ),
    "an assert": (
        """
        def run():
            assert str(  # here
                1), 'no'
        """,
        1,
    ),
    "an assignment to an item": (
        """
        def run():
            x = {}
            x[str(  # here
                1)] = str(
                2)
        """,
        1,
    ),
    "an f-string over several lines": (
        """
        def run(a=1):
            x = f'''{a}  # no
            {a}'''.join(  # here
                'ab')
        """,
        1,
    ),
    "a match": (
        """
        def run(a=(1, 2)):
            match a:  # here
                case (1, x):
                    return x
        """,
        1,
    ),
    "a case": (
        """
        def run(a=(1, 2)):
            match a:
                case (2, _):
                    pass
                case (1, x):  # here
                    return x
        """,
        1,
    ),
    "two statements on a line": (
        """
        def run():
            x = 1; y = str(  # here
                2); z = 3
        """,
        1,
    ),
    "a line that is skipped": (
        """
        def run(a=0):
            if a:
                x = 1  # here
        """,
        0,
    ),
    "an elif": (
        """
        def run(a=2):
            if a == 1:
                pass
            elif a == str(  # here
                    2):
                pass
        """,
        1,
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
