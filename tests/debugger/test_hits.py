"""The log of hits."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from livebreak.debugger.hits import SUMMARIES_PER_BREAKPOINT, WHOLE_HITS, HitLog
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.wire import HitSummary


def summary(number: int, breakpoint_id: str = "b") -> HitSummary:
    timestamp = f"2026-11-23T12:{number // 60 % 60:02}:{number % 60:02}.000000Z"
    return HitSummary(id=str(number), breakpoint_id=breakpoint_id, timestamp=timestamp, filename="a.py", line_number=1)


@given(st.permutations(range(20)))
def test_hits_are_newest_first_in_whatever_order_they_come(order: list[int]) -> None:
    log = HitLog()
    for number in order:
        log.add(summary(number))

    assert [str(number) for number in range(19, -1, -1)] == [item.id for item in log.of("b")]


def test_a_hit_counts_once() -> None:
    log = HitLog()

    assert [True, False] == [log.add(summary(1)), log.add(summary(1))]
    assert 1 == log.total("b")


def test_the_log_is_bounded_and_keeps_the_newest() -> None:
    log = HitLog()
    for number in range(SUMMARIES_PER_BREAKPOINT + 50):
        log.add(summary(number))

    assert SUMMARIES_PER_BREAKPOINT == len(log.of("b"))
    assert str(SUMMARIES_PER_BREAKPOINT + 49) == log.of("b")[0].id
    assert not log.add(summary(0))


def test_hits_from_before_the_condition_was_changed_are_not_of_the_condition_of_now() -> None:
    log = HitLog()
    for number, condition in enumerate(["a > 1", "a > 1", "a > 2"]):
        log.add(replace(summary(number), process_id="p", condition=condition), total=31)

    assert [1, 2, 0] == [log.total_under("b", condition) for condition in ("a > 2", "a > 1", "a > 3")]
    assert 31 == log.total("b")


def test_the_total_is_the_backends_where_it_is_larger() -> None:
    log = HitLog()
    log.add(summary(1), total=4812)

    assert 4812 == log.total("b")


def test_whole_hits_are_bounded_and_the_last_looked_at_stay() -> None:
    log = HitLog()
    for number in range(WHOLE_HITS + 1):
        log.keep(Hit(id=str(number), breakpoint_id="b", timestamp="", filename="a.py", line_number=1))

    assert log.whole("0") is None
    assert log.whole(str(WHOLE_HITS)) is not None
