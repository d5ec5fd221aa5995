"""Hits along their time axes, and which of them are wanted."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livebreak.debugger.arguments import arguments_at, find_function, handled_exception
from livebreak.debugger.hit_choice import HitChoice, chooser
from livebreak.debugger.time_axis import Lane, Moment, TimeAxis, lane_name, process_names
from livebreak_agent.vocabulary.model import Hit


def moment(number: int, **more: object) -> Moment:
    given = {"hit_id": f"h{number}", "timestamp": f"2026-01-05T12:00:{number:02}+00:00", "filename": "a/b.py", "line_number": 3}
    return Moment(**(given | more))


@given(st.lists(st.integers(0, 59)), st.integers(0, 59))
def test_neighbours_are_those_of_the_sorted_hits(numbers, here) -> None:
    axis = TimeAxis()
    added = [axis.add(moment(number)) for number in numbers]

    assert sum(added) == len(axis) == len(set(numbers))
    older = max((number for number in numbers if number < here), default=None)
    newer = min((number for number in numbers if number > here), default=None)
    assert (moment(older) if older is not None else None) == axis.older(moment(here))
    assert (moment(newer) if newer is not None else None) == axis.newer(moment(here))
    assert len({number for number in numbers if number > here}) == axis.newer_count(moment(here))
    assert [moment(number) for number in sorted({n for n in numbers if n > here})] == axis.after(moment(here).key)


def test_hits_of_one_microsecond_are_told_apart() -> None:
    first, second = moment(1, hit_id="a"), moment(1, hit_id="b")
    axis = TimeAxis([second, first])

    assert (first, second) == (axis.oldest(), axis.newest())
    assert second == axis.newer(first)


def test_processes_are_named_by_what_tells_them_apart() -> None:
    newest = {
        Lane(breakpoint_id="b", process_id="p1"): moment(1, service="web", pid=1),
        Lane(breakpoint_id="b", process_id="p2"): moment(2, service="web", pid=2),
        Lane(breakpoint_id="c", process_id="p2"): moment(2, service="web", pid=2),
        Lane(breakpoint_id="b", process_id="p3-and-more"): moment(3, service="web"),
        Lane(breakpoint_id="b", process_id="p4"): moment(4, host="h\x1b"),
        Lane(breakpoint_id="b"): moment(5),
    }

    names = process_names(newest)

    assert {"p1": "web:1", "p2": "web:2", "p3-and-more": "web:p3-and-m", "p4": r"h\x1b", "": "a process"} == names


def test_a_name_begins_with_what_differs() -> None:
    now = datetime.fromisoformat("2026-01-05T13:00:00+00:00").astimezone()

    name = lane_name(moment(7), "web-1", now)

    assert name.endswith(":00:07 web-1 b.py:3")


HIT = Hit(
    id="h", breakpoint_id="b", timestamp="2026-01-05T12:00:00+00:00", filename="a.py", line_number=1, variables={"n": 5},
    process_id="abcd-1", service="web", host="h1", pid=41,
)  # fmt: skip


@pytest.mark.parametrize(
    ("choice", "is_wanted"),
    [
        ({}, True),
        ({"breakpoint_ids": frozenset({"b"})}, True),
        ({"breakpoint_ids": frozenset()}, False),
        ({"process": "web"}, True),
        ({"process": "41"}, True),
        ({"process": "h1:41"}, True),
        ({"process": "abcd"}, True),
        ({"process": "abc"}, False),
        ({"process": "mail"}, False),
        ({"since": "2026-01-05T12:00:00+00:00"}, True),
        ({"since": "2026-01-05T12:00:01+00:00"}, False),
        ({"until": "2026-01-05T11:59:59+00:00"}, False),
        ({"where": "n == 5 and service == 'web'"}, True),
        ({"where": "n == 6"}, False),
        ({"where": "missing"}, False),
    ],
)
def test_a_choice_holds_in_all_of_its_parts(choice, is_wanted) -> None:
    assert is_wanted == chooser(HitChoice(**choice))(HIT)


SOURCE = """\
class Cart:
    def total(self, items, /, *more, rate=1, **rest):
        try:
            pay()
        except OSError as error:
            try:
                log(error)
            except ValueError as inner:
                log(inner)
        return 1


total = 0
"""


@pytest.mark.parametrize(
    ("line", "arguments", "exception"),
    [
        (3, {"self", "items", "more", "rate", "rest"}, None),
        (6, {"self", "items", "more", "rate", "rest"}, "error"),
        (8, {"self", "items", "more", "rate", "rest"}, "inner"),
        (9, {"self", "items", "more", "rate", "rest"}, None),
        (12, set(), None),
    ],
)
def test_the_source_tells_arguments_and_the_handled_exception(line, arguments, exception) -> None:
    assert arguments == arguments_at(SOURCE, line)
    assert exception == handled_exception(SOURCE, line)


@pytest.mark.parametrize("broken", ["def f(:", "\0", "(" * 1000])
def test_a_source_that_cannot_be_parsed_tells_nothing(broken) -> None:
    assert arguments_at(broken, 0) is None
    assert handled_exception(broken, 0) is None
    assert () == find_function(broken, "f")
