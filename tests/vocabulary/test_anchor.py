"""Where a breakpoint's line is in another text, or that nobody can say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livebreak_agent.vocabulary import anchor
from livebreak_agent.vocabulary.anchor import Found, NotFound
from livebreak_agent.vocabulary.model import Anchor

SOURCE = """\
def total(items):
    result = 0
    for item in items:
        result += item.price
    return result


def count(items):
    result = 0
    for item in items:
        result += 1
    return result
"""


def anchor_of(source: str, line: int) -> Anchor:
    made = anchor.make(source, line, anchor.digests_of(source.encode()))
    assert made is not None
    return made


def resolve(of: str, line: int, other: str) -> Found | NotFound:
    return anchor.resolve(anchor_of(of, line), line, other, anchor.digests_of(other.encode()))


@pytest.mark.parametrize("content", [b"", b"a\n", b"a\r\nb\r\n", "ä\n".encode(), bytes(range(256))])
def test_the_blob_id_is_the_one_that_git_gives(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    command = ["git", "-c", "core.autocrlf=false", "hash-object", "--no-filters", str(file)]
    expected = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert expected == anchor.blob_id(content)


def test_a_file_with_windows_line_ends_has_the_id_of_its_unix_form_too() -> None:
    assert set(anchor.digests_of(b"a\nb\n")) < set(anchor.digests_of(b"a\r\nb\r\n"))
    assert 1 == len(anchor.digests_of(b"a\nb\n"))


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("a\x0cb\x0bc\x1cd\x85e\u2028f\u2029g", ["a\x0cb\x0bc\x1cd\x85e\u2028f\u2029g"]),
        ("\n\r\n\r", ["", "", "", ""]),
    ],
)
def test_lines_end_where_python_ends_them(source: str, lines: list[str]) -> None:
    assert lines == anchor.split_lines(source)


def test_an_anchor_has_the_line_and_the_nearest_lines_that_are_not_blank() -> None:
    made = anchor_of(SOURCE, 9)

    assert "result = 0" == made.text
    assert ("result += item.price", "return result", "def count(items):") == made.before
    assert ("for item in items:", "result += 1", "return result") == made.after


@pytest.mark.parametrize("line", [0, -1, 14, 1000])
def test_a_line_that_is_not_there_has_no_anchor(line: int) -> None:
    assert anchor.make(SOURCE, line, ()) is None


@pytest.mark.parametrize("line", range(1, 13))
def test_in_the_same_text_every_line_is_itself(line: int) -> None:
    assert Found(line=line, exact=True) == resolve(SOURCE, line, SOURCE)


def test_windows_line_ends_make_it_no_other_text() -> None:
    assert Found(line=4, exact=True) == resolve(SOURCE, 4, SOURCE.replace("\n", "\r\n"))
    assert Found(line=4, exact=True) == resolve(SOURCE.replace("\n", "\r\n"), 4, SOURCE)


@pytest.mark.parametrize("line", [line for line in range(1, 13) if line not in (6, 7)])
def test_lines_added_above_move_it(line: int) -> None:
    assert Found(line=line + 3, exact=False) == resolve(SOURCE, line, "import os\n\nLIMIT = 3\n" + SOURCE)


def test_of_equal_lines_the_surroundings_decide() -> None:
    swapped = "\n".join(SOURCE.split("\n")[7:] + SOURCE.split("\n")[:5])

    assert Found(line=2, exact=False) == resolve(SOURCE, 9, swapped)
    assert Found(line=8, exact=False) == resolve(SOURCE, 2, swapped)


def test_another_indentation_is_the_same_line() -> None:
    other = "class Cart:\n" + "\n".join("    " + line if line else "" for line in SOURCE.split("\n"))

    assert Found(line=5, exact=False) == resolve(SOURCE, 4, other)


def test_a_changed_line_is_not_found() -> None:
    other = SOURCE.replace("result += item.price", "result += item.price * item.count")

    assert NotFound() == resolve(SOURCE, 4, other)


def test_two_equally_good_places_are_ambiguous() -> None:
    twice = SOURCE.replace("def count", "def total").replace("result += 1", "result += item.price")
    found = resolve(SOURCE, 4, "# changed\n" + twice + SOURCE[: SOURCE.index("\n\n\n") + 3] * 2)

    assert isinstance(found, NotFound)
    assert found.ambiguous
    assert set(found.candidates) >= {5, 12}


def test_the_same_text_among_strange_neighbours_is_not_taken() -> None:
    other = "while True:\n    x = 1\n    return result\nprint(3)\n"

    assert NotFound(candidates=(3,)) == resolve(SOURCE, 5, other)


def test_a_blank_line_is_only_found_in_the_same_text() -> None:
    assert Found(line=6, exact=True) == resolve(SOURCE, 6, SOURCE)
    assert NotFound() == resolve(SOURCE, 6, SOURCE + "\n# more\n")


def test_a_digest_that_agrees_does_not_help_beyond_the_end() -> None:
    made = anchor_of(SOURCE, 4)

    assert Found(line=4, exact=False) == anchor.resolve(made, 400, SOURCE, made.digests)


def test_an_anchor_from_outside_may_hold_anything() -> None:
    odd = Anchor(text="x", before=("a",) * 50, after=("b",) * 50, digests=("", "no digest"))

    assert NotFound(candidates=(1,)) == anchor.resolve(odd, -5, "x\n", anchor.digests_of(b"x\n"))


line_texts = st.sampled_from(["a = 1", "b = 2", "return", "}", "", "    x()", "if y:"])


@settings(max_examples=3 * settings().max_examples)
@given(st.lists(line_texts, min_size=1, max_size=12), st.lists(line_texts, max_size=12), st.data())
def test_what_is_found_has_the_line_s_text(lines: list[str], others: list[str], data: st.DataObject) -> None:
    line = data.draw(st.integers(1, len(lines)))
    source, other = "\n".join(lines), "\n".join(others)

    found = resolve(source, line, other)

    if isinstance(found, Found):
        assert lines[line - 1].strip() == anchor.split_lines(other)[found.line - 1].strip()
        assert found.exact is (source == other)
    else:
        assert all(lines[line - 1].strip() == anchor.split_lines(other)[number - 1].strip() for number in found.candidates)


@settings(max_examples=2 * settings().max_examples)
@given(st.lists(line_texts, max_size=8), st.data())
def test_lines_put_before_a_text_of_unlike_lines_move_every_line(added: list[str], data: st.DataObject) -> None:
    lines = [f"statement_{number}()" for number in range(20)]
    line = data.draw(st.integers(1, 20))

    found = resolve("\n".join(lines), line, "\n".join([*added, *lines]))

    assert Found(line=line + len(added), exact=not added) == found
