"""A thread that loses the processor inside of a hook: what it decided is out of date by the time that it says so."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import pytest

from livebreak_agent.instrument.injection import Injection
from livebreak_agent.instrument.lines import Passes
from livebreak_agent.instrument.monitoring import Monitoring
from livebreak_agent.instrument.sites import OnPass, Site, Watched

monitored = pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.11 has no sys.monitoring")


@pytest.fixture
def instrument() -> Iterator[Any]:
    made = (
        Monitoring(lambda _: None, lambda _: False, lambda _: False)
        if sys.version_info >= (3, 12)
        else Injection(lambda _: None, lambda _: False)
    )
    assert made.open() is None
    yield made
    made.close()


def a_function() -> FunctionType:
    namespace: dict[str, Any] = {}
    exec(compile("def run(x):\n    a = x\n    b = a\n    return b\n", "/app/shop.py", "exec"), namespace)
    run: FunctionType = namespace["run"]
    return run


def site(line: int, on_pass: OnPass, **passes: Any) -> Site:
    return Site(line=line, passes=Passes(**passes), on_pass=on_pass)


def woken_meanwhile(instrument: Any, code: Any, line: int, calls: list[int]) -> Callable[[Any], bool]:
    """A hook that decides to have its line left alone; before it can say so, the first time, others wake the line."""

    def on_pass(_: Any) -> bool:
        calls.append(line)
        if len(calls) == 1:
            instrument.wake(code, {line})
        return True

    return on_pass


@pytest.mark.parametrize("others", [(), (3,)], ids=["alone", "beside another line"])
def test_a_line_that_is_woken_while_a_thread_decides_to_leave_it_alone_stays_awake(instrument, others) -> None:
    run, calls = a_function(), []
    code = run.__code__
    watched = [site(2, woken_meanwhile(instrument, code, 2, calls)), *(site(line, lambda _: False) for line in others)]
    instrument.apply({id(code): Watched(code=code, sites=tuple(watched))}, {}, [run])

    run(1)
    run(1)
    run(1)  # By now it is left alone, as was asked.

    assert [2, 2] == calls


@monitored
def test_a_start_that_is_woken_while_a_thread_decides_to_leave_it_alone_stays_awake(instrument) -> None:
    run, calls = a_function(), []
    code = run.__code__
    start = site(1, woken_meanwhile(instrument, code, 1, calls), at_start=True, elsewhere=False)
    instrument.apply({id(code): Watched(code=code, sites=(start,))}, {}, [run])

    run(1)
    run(1)
    run(1)

    assert [1, 1] == calls


@monitored
def test_a_thread_that_knows_only_the_lines_from_before_switches_none_of_the_new_ones_off(instrument) -> None:
    run = a_function()
    code = run.__code__
    tool = next(number for number in range(6) if sys.monitoring.get_tool(number) == "livebreak")
    first, second = site(2, lambda _: False), site(3, lambda _: False)
    before = {id(code): Watched(code=code, sites=(first,))}
    instrument.apply(before, {}, [run])
    event = sys.monitoring.events.LINE
    callback = sys.monitoring.register_callback(tool, event, None)
    sys.monitoring.register_callback(tool, event, callback)
    assert sys.monitoring.DISABLE is callback(code, 3)

    instrument.apply({id(code): Watched(code=code, sites=(first, second))}, before, [run])

    assert callback(code, 3) is None
