"""Lines that run at bad moments: in signal handlers, finalizers, imports, at a full stack, while others change what they read."""

from __future__ import annotations

import gc
import signal
import sys
import threading

import pytest

from livebreak_agent.limits import Limits
from livebreak_agent.vocabulary import captured


def load(application, source):
    application.write(source)
    return application.load()


def test_a_line_in_a_signal_handler(application, debugger):
    module = load(application, "def handle(number, frame):\n    seen = number  # here\n")
    debugger.at(condition="number > 0")
    before = signal.signal(signal.SIGUSR1, module.handle)
    try:
        signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert 1 == len(debugger.hits())


def test_a_line_in_a_finalizer(application, debugger):
    module = load(
        application,
        """
        class A:
            def __init__(self):
                self.me = self
            def __del__(self):
                gone = 1  # here
        """,
    )
    debugger.at()
    module.A()
    gc.collect()
    assert "A.__del__" == debugger.hit().function


def test_a_line_that_runs_while_its_module_is_imported(application, debugger):
    application.write("import json\nfor i in range(3):\n    x = i  # here\n")
    debugger.at(condition="i == 1")
    application.load()
    assert 1 == debugger.hit().variables["i"]


@pytest.mark.parametrize(
    "statement", ["sys.exit(3)", "raise ValueError('x')", "raise KeyboardInterrupt", "1 / 0", "raise StopIteration"]
)
def test_a_line_that_ends_in_an_exception(statement, application, debugger):
    module = load(application, f"import sys\ndef run(a):\n    {statement}  # here\n")
    with pytest.raises((Exception, SystemExit, KeyboardInterrupt)) as without:
        module.run(1)
    debugger.at()
    with pytest.raises(type(without.value)) as caught:
        module.run(1)
    assert (without.value.args, 1) == (caught.value.args, debugger.hit().variables["a"])


EXACTLY = """
    class Alarm(Exception):
        pass

    def run(items):
        total = 0
        while True:
            total += 1  # here
"""


def run_with_alarm(module, seconds, count):
    signal.setitimer(signal.ITIMER_REAL, seconds)
    module.run([0] * count)


@pytest.mark.parametrize("condition", ["any(item < 0 for item in items)", "total < 0", "missing > 3"])
def test_an_alarm_that_goes_off_in_a_condition_reaches_the_application(condition, application, debugger):
    """Nearly all of the time of this loop is the condition's, so that is where the signal finds it."""
    module = load(application, EXACTLY)
    debugger.at(condition=condition)

    def alarm(*_):
        raise module.Alarm

    before = signal.signal(signal.SIGALRM, alarm)
    try:
        for _ in range(20):
            with pytest.raises(module.Alarm):
                run_with_alarm(module, 0.005, 5_000)
        passes = debugger.binding().passes
        with pytest.raises(module.Alarm):
            run_with_alarm(module, 0.05, 5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    # No moment of the alarm makes the agent take it that it is still inside a hook.
    assert debugger.binding().passes > passes
    error = debugger.binding().condition_error
    assert error is None or error == "No variable named 'missing' here."


def test_a_built_in_exception_of_a_handler_does_too(application, debugger):
    module = load(application, EXACTLY)
    debugger.at(condition="any(item < 0 for item in items)")

    def alarm(*_):
        raise ValueError("from the handler")

    before = signal.signal(signal.SIGALRM, alarm)
    try:
        for _ in range(20):
            with pytest.raises(ValueError, match="from the handler"):
                run_with_alarm(module, 0.005, 5_000)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert (0, None) == (debugger.binding().condition_errors, debugger.binding().condition_error)


@pytest.mark.parametrize(
    "condition", [None, "n == -1", "n % 2 == 0", "any(x == n for x in items)", "missing == n", "owner.name == 3"]
)
def test_at_any_depth_of_the_stack_the_application_does_what_it_did(condition, application, debugger):
    module = load(
        application,
        """
        def down(n, items):
            if n:  # here
                return down(n - 1, items) + 1
            return 0

        def deepest(items):
            n = 0
            try:
                while True:
                    down(n, items)
                    n += 1
            except RecursionError:
                return n
        """,
    )
    limit = sys.getrecursionlimit()
    depth = len(__import__("inspect").stack())
    try:
        sys.setrecursionlimit(depth + 120)
        without = module.deepest([1, 2])
        debugger.at(condition=condition)
        with_breakpoint = module.deepest([1, 2])
    finally:
        sys.setrecursionlimit(limit)
    # The interpreter itself needs one more frame to call anything at all.
    assert without - 1 <= with_breakpoint <= without


def test_values_of_any_size_and_shape_are_cut(application, make_debugger):
    module = load(application, "def run(a, b, c, d, e):\n    return 0  # here\n")
    nested: list[object] = []
    for _ in range(10_000):
        nested = [nested]
    keyed: dict[str, object] = {}
    for _ in range(10_000):
        keyed = {"k": keyed}
    cyclic: list[object] = []
    cyclic += [cyclic, {"me": cyclic}]
    # But for the time, which a busy machine uses up.
    debugger = make_debugger(limits=Limits(hit_seconds=10.0, longest_hit_seconds=10.0))
    debugger.at(condition="len(a) > 3", watches=("a[0]", "b", "str(c)", "b == b", "d == c"))
    module.run(list(range(2_500_000)), nested, cyclic, keyed, "x" * 10_000_000)
    hit = debugger.hit()
    shown = captured.read(hit.variables["a"])
    assert (2_500_000, "items", 10_000_000) == (shown.size, shown.cut, captured.read(hit.variables["e"]).size)
    while nested:
        nested = nested.pop()  # type: ignore[assignment]


def test_objects_that_other_threads_change_meanwhile(application, debugger):
    module = load(
        application,
        """
        class Thing:
            pass

        def run(table, things, thing):
            return len(table)  # here
        """,
    )
    debugger.at(condition="len(table) >= 0 and 'absent' not in table", watches=("str(things)", "[t for t in things]"))
    table, things, thing = {}, [], module.Thing()
    is_over = threading.Event()

    def change():
        number = 0
        while not is_over.is_set():
            number += 1
            table[number % 500] = number
            table.pop((number * 7) % 500, None)
            things.append(number)
            if len(things) > 300:
                things.clear()
            setattr(thing, f"field{number % 100}", number)
            thing.__dict__.pop(f"field{(number * 3) % 100}", None)

    interval = sys.getswitchinterval()
    threads = [threading.Thread(target=change) for _ in range(2)]
    try:
        sys.setswitchinterval(1e-5)
        for thread in threads:
            thread.start()
        for _ in range(300):
            module.run(table, things, thing)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
    binding = debugger.binding()
    assert (300, None, "bound") == (binding.passes, binding.reason, binding.state)
    assert 300 == binding.hits + binding.condition_errors
