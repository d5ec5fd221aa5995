"""Reconciling a file's marks with what is stored."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livebreak.debugger.breakpoints import Difference, Link, as_stored, is_mine, reconcile, reunite
from livebreak.debugger.workspace import Location
from livebreak_agent.vocabulary.lsp_messages import EditorBreakpoint
from livebreak_agent.vocabulary.model import Breakpoint

TEXT = "".join(f"line_{number} = {number}\n" for number in range(20))
HERE = Location(repository="acme/shop", filename="shop/cart.py")


def mark(id: str, line: int, **fields: object) -> EditorBreakpoint:
    return EditorBreakpoint(id=id, line=line, **fields)  # type: ignore[arg-type]


def difference(
    marks: Sequence[EditorBreakpoint],
    links: Sequence[Link] = (),
    stored: Mapping[str, Breakpoint] | None = None,
    text: str = TEXT,
) -> Difference:
    ids = (f"new-{number}" for number in itertools.count())
    return reconcile(HERE, text, marks, links, stored or {}, owner="ada", new_id=lambda: next(ids))


def after(result: Difference, stored: Mapping[str, Breakpoint] | None = None, owner: str = "ada") -> dict[str, Breakpoint]:
    """What the backend has once it has carried out a difference."""
    now = dict(stored or {}) | {new.id: as_stored(new, owner) for new in result.added}
    for change in result.changed:
        now[change.breakpoint_id] = replace(now[change.breakpoint_id], **change.fields)
    return {id: item for id, item in now.items() if id not in result.removed}


def test_a_new_mark_becomes_a_breakpoint_with_an_anchor_on_its_line() -> None:
    result = difference([mark("a", 4, condition="x > 1")])

    (new,) = result.added
    assert (5, "x > 1", "shop/cart.py", "acme/shop") == (new.line_number, new.condition, new.filename, new.repository)
    assert new.anchor is not None
    assert ("line_4 = 4", "line_3 = 3", "line_5 = 5") == (new.anchor.text, new.anchor.before[-1], new.anchor.after[0])


def test_repeating_a_list_changes_nothing() -> None:
    first = difference([mark("a", 4), mark("b", 7, condition="x")])

    again = difference([mark("a", 4), mark("b", 7, condition="x")], first.links, after(first))

    assert Difference(links=first.links) == again


def test_a_mark_that_leaves_the_list_removes_its_breakpoint() -> None:
    first = difference([mark("a", 4), mark("b", 7)])

    second = difference([mark("b", 7)], first.links, after(first))

    assert (("new-0",), (), ()) == (second.removed, second.added, second.changed)


def test_the_first_list_of_a_session_removes_nothing() -> None:
    stored = after(difference([mark("a", 4), mark("b", 7)]))

    assert Difference() == difference([], (), stored)


def test_the_first_list_of_a_session_finds_its_breakpoints_again() -> None:
    stored = after(difference([mark("a", 4)]))

    result = difference([mark("other-id", 4)], (), stored)

    assert ((), (), ()) == (result.added, result.changed, result.removed)
    assert "new-0" == result.links[0].breakpoint_id


def test_the_same_mark_on_another_line_moves_the_mark_and_not_the_anchor() -> None:
    first = difference([mark("a", 4)])

    moved = difference([mark("a", 9)], first.links, after(first), text="# a comment\n" * 5 + TEXT)

    assert ((), (), ()) == (moved.added, moved.changed, moved.removed)
    assert 9 == moved.links[0].mark.line


def test_an_edited_condition_is_a_change_and_an_empty_one_clears() -> None:
    first = difference([mark("a", 4, condition="x")])
    stored = after(first)

    edited = difference([mark("a", 4, condition="y")], first.links, stored)
    cleared = difference([mark("a", 4, condition="")], first.links, stored)

    assert [{"condition": "y"}] == [dict(change.fields) for change in edited.changed]
    assert [{"condition": None}] == [dict(change.fields) for change in cleared.changed]


def test_a_teammates_breakpoint_is_followed_and_neither_changed_nor_removed() -> None:
    stored = after(difference([mark("a", 4, condition="theirs")]), owner="grace")

    followed = difference([mark("b", 4, condition="mine")], (), stored)
    left = difference([], followed.links, stored)

    assert ((), (), ()) == (followed.added, followed.changed, followed.removed)
    assert not followed.links[0].mine
    assert () == left.removed


def test_a_breakpoint_that_was_deleted_elsewhere_is_not_raised_again_by_a_repeated_mark() -> None:
    first = difference([mark("a", 4)])

    again = difference([mark("a", 4)], first.links, {})

    assert ((), (), ()) == (again.added, again.changed, again.removed)


def test_of_two_marks_on_one_line_the_first_stands() -> None:
    assert 1 == len(difference([mark("a", 4), mark("b", 4)]).added)


@pytest.mark.parametrize(
    "elsewhere", [{"enabled": False}, {"condition": "added by another window"}, {"hit_limit": 5}, {"watches": ("x",)}]
)
def test_a_repeated_list_does_not_undo_what_happened_elsewhere(elsewhere: dict[str, object]) -> None:
    first = difference([mark("a", 4)])
    stored = {id: replace(item, **elsewhere) for id, item in after(first).items()}  # type: ignore[arg-type]

    again = difference([mark("a", 4), mark("b", 9)], first.links, stored)

    assert () == again.changed


def test_a_mark_that_finds_its_breakpoint_changes_only_what_it_says() -> None:
    stored = after(difference([mark("a", 4, condition="x", enabled=False)]))

    silent, speaking = difference([mark("b", 4)], (), stored), difference([mark("b", 4, condition="y")], (), stored)

    assert () == silent.changed
    assert [{"condition": "y"}] == [dict(change.fields) for change in speaking.changed]


def test_two_marks_that_meet_on_one_line_keep_their_breakpoints() -> None:
    first = difference([mark("a", 4), mark("b", 7)])
    met = difference([mark("a", 4), mark("b", 4)], first.links, after(first))
    apart = difference([mark("a", 4), mark("b", 7)], met.links, after(first))

    assert ((), (), ()) == (met.added, met.changed, met.removed)
    assert first.links == apart.links


def test_a_removal_is_sent_though_the_breakpoint_is_not_known_to_be_stored() -> None:
    first = difference([mark("a", 4)])

    assert ("new-0",) == difference([], first.links, {}).removed


def test_an_unsent_mark_becomes_the_breakpoint_that_turns_out_to_be_there() -> None:
    there = after(difference([mark("a", 4, condition="x")]))
    unsent = difference([mark("b", 4), mark("c", 9)]).links

    result = reunite(HERE, TEXT, [replace(link, breakpoint_id=f"unsent-{link.mark.id}") for link in unsent],
                     {"unsent-b", "unsent-c"}, there, owner="ada")  # fmt: skip

    assert (("unsent-b",), ()) == (result.removed, result.changed)
    assert ["new-0", "unsent-c"] == [link.breakpoint_id for link in result.links]


MARKS = st.lists(
    st.builds(
        mark, st.sampled_from("abcdef"), st.integers(0, 19), enabled=st.booleans(), condition=st.sampled_from([None, "x", "y"])
    ),
    unique_by=(lambda item: item.id, lambda item: item.line),
)


@given(st.lists(MARKS, min_size=1, max_size=6))
def test_after_any_lists_the_backend_has_exactly_the_marks_of_the_last(lists: list[list[EditorBreakpoint]]) -> None:
    stored: dict[str, Breakpoint] = {}
    links: tuple[Link, ...] = ()
    numbers = itertools.count()
    for marks in lists:
        result = reconcile(HERE, TEXT, marks, links, stored, owner="ada", new_id=lambda: f"id-{next(numbers)}")
        stored, links = after(result, stored), result.links

    expected = sorted((str(item.enabled), str(item.condition)) for item in lists[-1])

    assert expected == sorted((str(item.enabled), str(item.condition)) for item in stored.values())
    assert {link.breakpoint_id for link in links} == set(stored)


@pytest.mark.parametrize(
    ("owner", "me", "mine"),
    [("ada", "ada", True), ("ada", "grace", False), (None, "ada", True), (None, None, True), ("ada", None, False)],
)
def test_nobody_owns_what_has_an_owner(owner: str | None, me: str | None, mine: bool) -> None:
    item = Breakpoint(id="b", filename="a.py", line_number=1, owner=owner)

    assert mine == is_mine(item, me)


def test_a_key_of_nobody_removes_no_teammates_breakpoint_by_silence() -> None:
    theirs = after(difference([mark("a", 4)]), owner="grace")
    shown = reconcile(HERE, TEXT, [mark("x", 4, condition="n > 5")], (), theirs, owner=None, new_id=lambda: "new")
    silent = reconcile(HERE, TEXT, [], shown.links, theirs, owner=None, new_id=lambda: "new")

    assert ((), ()) == (shown.changed, silent.removed)
