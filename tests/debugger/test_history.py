"""A variable over hits."""

from __future__ import annotations

from typing import Any

from livebreak.debugger.history import UNNAMED, by_process, values_before
from livebreak_agent.vocabulary.wire import HitSummary


def hit(number: int, variables: dict[str, object] | None = None, **fields: Any) -> HitSummary:
    return HitSummary(
        id=str(number), breakpoint_id="b", timestamp=str(number), filename="a.py", line_number=1, variables=variables, **fields
    )


def test_changes_are_told_from_one_known_value_to_the_next() -> None:
    older = [hit(5, {"a": 2}), hit(4), hit(3, {"a": 2}), hit(2, {"a": 1}), hit(1, {"a": True})]

    found = values_before("a", 2, older, limit=10)

    assert [("5", False), ("3", False), ("2", True), ("1", True)] == [(past.hit.id, past.changed) for past in found]
    assert 2 == len(values_before("a", 2, older, limit=2))


def test_hits_are_counted_by_process_and_namesakes_are_told_apart() -> None:
    web = {"service": "web", "environment": "prod"}
    hits = [
        hit(1, process_id="aaaaaaaa-1", **web),
        hit(2, process_id="bbbbbbbb-2", **web),
        hit(3, process_id="bbbbbbbb-2", **web),
    ]

    assert (("web prod bbbbbbbb", 2), ("web prod aaaaaaaa", 1)) == by_process(hits)
    assert (("web prod", 1), (UNNAMED, 1)) == by_process([hits[0], hit(4)])
