"""How much and how often is captured."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from livebreak_agent.limits import Limits
from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.model import CaptureLimits

SIMPLE = """
    LIMIT = 10
    def run(a, *rest, key=None, **options):
        total = a + 1
        return total  # here
"""


def load(application, source=SIMPLE):
    application.write(source)
    return application.load()


def test_hits_are_limited_by_rate_and_the_line_is_watched_again(application, make_debugger):
    module = load(application, "def run(n):\n    for i in range(n):\n        x = i  # here\n")
    debugger = make_debugger(limits=Limits(hits_at_once=3, hits_per_second=20.0))
    debugger.at()
    module.run(1000)
    binding = debugger.binding()
    assert 3 <= binding.hits < 20
    assert (binding.hits + 1, 1, "bound") == (binding.passes, binding.rate_limited, binding.state)
    end = time.monotonic() + 30
    before = binding.hits
    while debugger.binding().hits == before and time.monotonic() < end:
        debugger.engine.tick()
        module.run(1)
    assert debugger.binding().hits > before


def test_a_limited_lambda_is_watched_again(application, make_debugger):
    module = load(application, "f = lambda x: x  # here\n")
    debugger = make_debugger(limits=Limits(hits_at_once=2, hits_per_second=20.0))
    debugger.at()
    for i in range(100):
        module.f(i)
    before = debugger.binding().hits
    assert 2 <= before < 50
    end = time.monotonic() + 30
    while debugger.binding().hits == before and time.monotonic() < end:
        debugger.engine.tick()
        module.f(1)
    assert debugger.binding().hits > before


def test_passes_with_a_false_condition_spend_nothing(application, make_debugger):
    module = load(application)
    debugger = make_debugger(limits=Limits(hits_at_once=1, hits_per_second=0.001))
    debugger.at(condition="a == 99")
    for a in range(100):
        module.run(a)
    assert ([99], 100, 0) == (
        [hit.variables["a"] for hit in debugger.hits()],
        debugger.binding().passes,
        debugger.binding().rate_limited,
    )


def test_all_breakpoints_share_the_limit_of_the_process(application, make_debugger):
    module = load(application, "def run():\n    x = 1  # one\n    x = 2  # two\n    x = 3  # three\n")
    debugger = make_debugger(limits=Limits(process_hits_at_once=2, process_hits_per_second=0.001))
    for mark in ("one", "two", "three"):
        debugger.at(mark)
    module.run()
    assert [1, 1, 0] == [binding.hits for binding in debugger.engine.bindings()]


def test_breakpoints_of_one_function_take_turns_at_the_limit_of_the_process(application, make_debugger):
    module = load(application, "def run(n):\n" + "".join(f"    x = n + {n}  # l{n}\n" for n in range(6)))
    debugger = make_debugger(limits=Limits(process_hits_at_once=2, process_hits_per_second=40.0))
    for n in range(6):
        debugger.at(f"l{n}")
    end = time.monotonic() + 30
    while min(binding.hits for binding in debugger.engine.bindings()) < 3 and time.monotonic() < end:
        for n in range(20):
            module.run(n)
        debugger.engine.tick()
        time.sleep(0.05)
    assert all(binding.hits >= 3 and binding.rate_limited > 0 for binding in debugger.engine.bindings())


def test_a_logpoint_takes_less_than_a_hit_from_the_limit_of_the_process(application, make_debugger):
    module = load(application)
    debugger = make_debugger(limits=Limits(process_hits_at_once=2, process_hits_per_second=0.001))
    debugger.at(log_message="{a}")
    for a in range(20):
        module.run(a)
    assert 2 < debugger.binding().hits <= 10


def test_a_hit_that_takes_long_counts_as_several(application, make_debugger):
    module = load(application)
    debugger = make_debugger(limits=Limits(process_hits_at_once=20, process_hits_per_second=0.001))
    debugger.at()
    for _ in range(20):
        module.run(1, *[[{"id": number, "name": "x" * 100} for number in range(50)]] * 50)
    assert 1 <= debugger.binding().hits < 10


@pytest.mark.parametrize("is_imported_later", [False, True])
def test_a_function_whose_lines_are_all_limited_has_its_own_code_until_they_are_woken(
    is_imported_later, application, make_debugger
):
    source = "def run(n):\n    x = n  # one\n    return x  # two\n"
    application.write(source)
    debugger = make_debugger(limits=Limits(hits_at_once=3, hits_per_second=20.0))
    if is_imported_later:
        debugger.at("one")
        debugger.at("two")
        module = application.load()
    else:
        module = application.load()
        original = module.run.__code__
        debugger.at("one")
        debugger.at("two")
    end = time.monotonic() + 30
    counts = set()
    while len(counts) < 4 and time.monotonic() < end:
        for n in range(10):
            module.run(n)
        counts.add(tuple(binding.hits for binding in debugger.engine.bindings()))
        debugger.engine.tick()
    assert 4 == len(counts)
    assert all(binding.rate_limited > 0 for binding in debugger.engine.bindings())
    debugger.engine.close()
    assert 7 == module.run(7)
    if not is_imported_later:
        assert module.run.__code__ is original


def test_a_rested_function_is_as_it_was_at_the_end_and_a_new_breakpoint_in_it_is_hit(application, make_debugger):
    module = load(application, "def run(n):\n    x = n  # one\n    return x  # two\n")
    original = module.run.__code__
    debugger = make_debugger(limits=Limits(hits_at_once=1, hits_per_second=0.001))
    debugger.at("one")
    for n in range(3):
        module.run(n)
    debugger.engine.tick()
    rested = module.run.__code__
    two = debugger.at("two")
    module.run(4)
    module.run(5)
    debugger.engine.tick()
    again = module.run.__code__
    debugger.engine.close()

    assert (original, original) == (rested, again)
    assert rested is again is module.run.__code__ is original
    assert ["shop-one-0", two] == [hit.breakpoint_id for hit in debugger.hits()]


def test_a_hit_limit_holds_in_the_process_too(application, debugger):
    module = load(application)
    debugger.at(hit_limit=2)
    for a in range(10):
        module.run(a)
        debugger.engine.tick()
    assert (2, 2) == (len(debugger.hits()), debugger.binding().hits)


def test_a_hit_limit_holds_for_threads_that_come_at_once(application, make_debugger):
    module = load(application, "def run(x):\n    return x  # here\n")
    debugger = make_debugger(limits=Limits(hits_at_once=100, hits_per_second=100.0))
    together = threading.Barrier(4)
    values = [list(range(50))] * 50
    # What is captured takes long against this, so that several threads are in the middle of it.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for _ in range(5):
            identity = debugger.at(hit_limit=1)
            threads = [threading.Thread(target=lambda: (together.wait(), module.run(values))) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert (1, 1) == (len(debugger.hits()), debugger.binding().hits)
            debugger.remove(identity)
    finally:
        sys.setswitchinterval(interval)


def test_a_breakpoint_may_ask_for_less_and_for_more_up_to_the_ceiling(application, make_debugger):
    module = load(application, "def run(x):\n    return x  # here\n")
    debugger = make_debugger(limits=Limits(items=5, ceiling=CaptureLimits(items=8, depth=3)))
    for asked, expected in ((None, 5), (2, 2), (7, 7), (99, 8)):
        identity = debugger.at(limits=CaptureLimits(items=asked))
        module.run(list(range(100)))
        shown = captured.read(debugger.hit().variables["x"])
        assert (expected, captured.Cut.ITEMS, 100) == (len(shown.items), shown.cut, shown.size)
        debugger.remove(identity)


def test_hits_that_are_dropped_from_the_queue_are_counted(application, debugger):
    module = load(application)
    debugger.at()
    debugger.queue._limit = 50_000  # some hits, however deep the stack that runs this
    for a in range(50):
        module.run(a)
    kept = debugger.hits()
    assert 50 == len(kept) + debugger.queue.dropped == len(kept) + debugger.binding().dropped
    assert debugger.queue.dropped
    assert 49 == kept[-1].variables["a"]
    debugger.engine.refused([debugger.binding().breakpoint_id])
    assert 51 == len(kept) + debugger.binding().dropped
