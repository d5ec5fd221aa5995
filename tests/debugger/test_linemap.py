"""Following lines through edits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livebreak.debugger.linemap import follow, locate, runs_otherwise
from livebreak_agent.vocabulary import anchor as anchors
from livebreak_agent.vocabulary.model import Breakpoint

BEFORE = "a\nb\nc\nd\ne"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("a\nb\nc\nd\ne", 2),
        ("new\na\nb\nc\nd\ne", 3),
        ("b\nc\nd\ne", 1),
        ("a\nb\nc\nd\ne\nmore", 2),
        ("a\nb\nc changed\nd\ne", 2),
        ("a\nb\nd\ne", 2),
        ("x\ny\na\nb\nc\nz\nd\ne", 4),
        ("a\nb\r\nc\nd\ne", 2),
        ("", 0),
    ],
)  # fmt: skip
def test_the_third_line_is_found_after_an_edit(after: str, expected: int) -> None:
    assert expected == follow([2], BEFORE, after)[2]


def test_a_rewritten_table_of_equal_lines_is_followed_in_no_time() -> None:
    before = [text for number in range(900) for text in ("(", f"    {number},", "),")]
    after = [text for number in range(900) for text in ("    (", f"        {number},", "    ),")]

    # Without bounds this takes half a minute, longer than a test may.
    assert 5 == follow([5], "\n".join(before), "\n".join(after))[5]


def test_a_form_feed_is_not_a_line_end() -> None:
    assert {1: 2} == follow([1], "a\x0cb\nc", "new\na\x0cb\nc")


LINES = st.lists(st.sampled_from("abcdef"), max_size=12)


@given(LINES, LINES)
def test_every_line_stays_inside_the_new_text(before: list[str], after: list[str]) -> None:
    old, new = "\n".join(before), "\n".join(after)
    lines = range(len(anchors.split_lines(old)))

    moved = follow(lines, old, new)

    assert list(lines) == list(moved)
    assert all(0 <= line < len(anchors.split_lines(new)) for line in moved.values())


@given(LINES, LINES, LINES)
def test_lines_around_an_inserted_block_keep_their_text(head: list[str], block: list[str], tail: list[str]) -> None:
    old, new = [*head, "|", *tail], [*head, *block, "|", *tail]

    moved = follow(range(len(old)), "\n".join(old), "\n".join(new))

    assert old == [new[moved[line]] for line in range(len(old))]


def test_a_breakpoint_without_an_anchor_is_its_number() -> None:
    plain = Breakpoint(id="1", filename="a.py", line_number=3)

    assert (2, None) == (locate(plain, BEFORE), locate(plain, "a"))


def test_a_breakpoint_is_found_by_its_anchor_in_another_text() -> None:
    anchor = anchors.make(BEFORE, 3, anchors.digests_of(BEFORE.encode()))
    pinned = Breakpoint(id="1", filename="a.py", line_number=3, anchor=anchor)

    assert 5 == locate(pinned, "x\ny\nz\n" + BEFORE)
    assert locate(pinned, "quite\nanother\ntext") is None


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("total = a + b", None),
        ("    total = a + b  # livebreak: if total > 100", None),
        ("total = a - b", "total = a + b"),
        ("total = a + bc", "total = a + b"),
        ("", "total = a + b"),
    ],
)
def test_a_line_differs_from_what_runs_by_more_than_a_comment(line: str, runs: str | None) -> None:
    text = "total = a + b\n"
    item = Breakpoint(id="1", filename="a.py", line_number=1, anchor=anchors.make(text, 1, anchors.digests_of(text.encode())))

    assert runs == runs_otherwise(item, f"{line}\nb\n", 0)
    assert None is runs_otherwise(item, "total = a + b", 7)
