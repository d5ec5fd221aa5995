"""The pure parts: documents, directives, names under the cursor, places and paths."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp

from livebreak.debugger.wording import age, local_time
from livebreak.lsp.directives import directive_of
from livebreak.lsp.documents import make_document
from livebreak.lsp.from_proto import Surface, path_of, surfaces_of
from livebreak.lsp.pushes import Pushes
from livebreak.lsp.scopes import lines_of_function, name_at
from livebreak.lsp.to_proto import end_of_line, message, position
from livebreak_agent.vocabulary.anchor import split_lines
from livebreak_agent.vocabulary.wire import HitSummary

ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
UNIT = {"utf-8": 1, "utf-16": 2, "utf-32": 4}

texts = st.text(alphabet="ab é😀\n\r\f\x0b\x1c\x85\u2028", max_size=30)


@given(texts)
def test_a_document_has_the_lines_that_python_and_the_protocol_count(text: str) -> None:
    document = make_document("file:///a.py", text, "utf-16")

    assert split_lines(text) == [document.content(line) for line in range(len(document.lines))]
    assert text == "".join(document.lines)


@given(st.text(alphabet="ab é😀\u0301", max_size=20), st.sampled_from(sorted(ENCODINGS)), st.data())
def test_columns_are_counted_in_the_clients_units_both_ways(text: str, encoding: str, data: st.DataObject) -> None:
    document = make_document("file:///a.py", f"\n{text}\r\nend", encoding)
    column = data.draw(st.integers(0, len(text)))

    units = len(text[:column].encode(ENCODINGS[encoding])) // UNIT[encoding]

    assert units == position(document, 1, column).character
    assert column == document.column_of(lsp.Position(1, units))
    assert len(text.encode(ENCODINGS[encoding])) // UNIT[encoding] == end_of_line(document, 1).character


@given(texts, texts, st.data())
def test_an_edit_replaces_what_is_between_its_positions(text: str, new: str, data: st.DataObject) -> None:
    document = make_document("file:///a.py", text, "utf-32")
    lines = split_lines(text)
    start = data.draw(st.tuples(st.integers(0, len(lines) - 1), st.integers(0, 12)))
    end = data.draw(st.tuples(st.integers(start[0], len(lines) - 1), st.integers(0, 12)))
    if end < start:
        start, end = end, start
    offsets = [sum(map(len, document.lines[:line])) + min(column, len(lines[line])) for line, column in (start, end)]

    document.apply_change(
        lsp.TextDocumentContentChangePartial(range=lsp.Range(lsp.Position(*start), lsp.Position(*end)), text=new)
    )

    assert text[: offsets[0]] + new + text[offsets[1] :] == document.source


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x = f()  # livebreak: if total > 100", (7, "condition", "total > 100")),
        ("x = f() #livebreak:  log  {x} # y  ", (7, "log", "{x} # y")),
        ("    foo(a,  # livebreak: if a", (10, "condition", "a")),
        ("é = '#'  # livebreak: if é", (7, "condition", "é")),
        ("x = '# livebreak: if total > 100'", None),
        ('x = f"{y}# livebreak: if a"  # other', None),
        ("# livebreak: if total > 100", None),
        ("x = 1  # livebreak: if", None),
        ("x = 1  # livebreak: until 3", None),
        ("x = 'unterminated  # livebreak: if a", None),
        ("", None),
    ],
)
def test_a_directive_is_found_in_a_comment_behind_code(line: str, expected: tuple[int, str, str] | None) -> None:
    found = directive_of(line)

    assert expected == (None if found is None else (found.start, found.kind, found.text))


@given(st.text(max_size=40))
def test_any_line_may_be_asked_for_its_directive(line: str) -> None:
    directive_of(line.replace("\n", "") + " # livebreak: if a")


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("a.b.c + d", 0, ("a",)),
        ("a.b.c + d", 2, ("a", "b")),
        ("a.b.c + d", 5, ("a", "b", "c")),
        ("a.b.c + d", 8, ("d",)),
        ("a.b.c + d", 7, None),
        ("f(a).b", 5, None),
        ("x[0].y", 5, None),
        ("größe = 1", 3, ("größe",)),
        ("12abc", 3, None),
        ("", 0, None),
    ],
)
def test_the_name_under_a_column(line: str, column: int, expected: tuple[str, ...] | None) -> None:
    assert expected == name_at(line, column)


def test_lines_are_in_the_same_function_if_the_innermost_one_is_the_same() -> None:
    text = (
        "x = 1\ndef f():\n    a = 1\n    def g():\n        b = 1\n    return a\n"
        "class C:\n    def m(self):\n        pass\n    y = 1\n"
    )

    def in_same_function(text: str, one: int, other: int) -> bool:
        return one in lines_of_function(text.splitlines(keepends=True), other)

    assert in_same_function(text, 2, 5)
    assert in_same_function(text, 0, 9)
    assert not in_same_function(text, 2, 4)
    assert not in_same_function(text, 0, 2)
    assert not in_same_function(text, 2, 8)
    assert not in_same_function("def f(:\n  a\n", 1, 1)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b%20c.py", "/a/b c.py"),
        ("file:///a/b;c.py", "/a/b;c.py"),
        ("file:///a/b%23%3Fc.py", "/a/b#?c.py"),
        ("file://localhost/a.py", "/a.py"),
        ("untitled:Untitled-1", None),
        ("vscode-notebook-cell:/a.ipynb#x", None),
        ("file:///a%00.py", None),
        ("/a.py", None),
        ("", None),
    ],
)
def test_only_files_have_paths(uri: str, path: str | None) -> None:
    assert (Path(path) if path else None) == path_of(uri)


def test_surfaces_that_are_not_known_are_ignored() -> None:
    assert frozenset({Surface.HOVER}) == surfaces_of({"surfaces": ["hover", "telepathy", 3]})
    assert None is surfaces_of({"surfaces": None})
    assert None is surfaces_of(["hover"])
    assert None is surfaces_of(None)


def test_our_messages_are_json_to_the_strictest_reader() -> None:
    hit = HitSummary(
        id="1", breakpoint_id="2", timestamp="", filename="", line_number=1, variables={"\ud800": ["\udfff", float("nan"), 1]}
    )

    written = message(hit)

    assert {"\ufffd": ["\ufffd", "nan", 1]} == written["variables"]
    json.dumps(written, allow_nan=False).encode()


async def until_async(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)


async def test_pushes_of_one_key_are_spread_out_and_the_last_is_never_lost() -> None:
    pushed: list[tuple[str, int]] = []
    now = 0
    pushes: Pushes[str] = Pushes(lambda key: pushed.append((key, now)), per_second=20, burst=2)
    for now in range(50):  # noqa: B007 - the pushes read it
        pushes.touch("a")
        await asyncio.sleep(0)
    pushes.touch("b")
    await until_async(lambda: ("a", 49) in pushed and ("b", 49) in pushed)

    assert ("a", 1) >= pushed[0]
    assert len(pushed) <= 5


async def test_a_push_that_fails_does_not_silence_the_next() -> None:
    pushed: list[str] = []

    def push(key: str) -> None:
        pushed.append(key)
        raise ValueError(key)

    pushes = Pushes(push, per_second=1000)
    for _ in range(2):
        pushes.touch("a")
        await until_async(lambda: pushed)
        assert ["a"] == pushed
        pushed.clear()


@given(st.text(max_size=30) | st.datetimes().map(str))
def test_any_time_that_a_process_sends_can_be_shown(timestamp: str) -> None:
    now = datetime.now(UTC)

    assert local_time(timestamp, now).isprintable()
    assert age(timestamp, now).endswith(("ago", "unknown time"))


def test_a_time_of_today_is_shown_without_its_date() -> None:
    now = datetime.now().astimezone()

    assert now.strftime("%H:%M:%S") == local_time(now.astimezone(UTC).isoformat(), now)
    assert "0 s ago" == age(now.isoformat(), now)
    assert "2 h ago" == age((now - timedelta(minutes=179)).isoformat(), now)


_TEXTS = st.text(alphabet="ab\n\r\f", max_size=20)
_PLACES = st.tuples(st.integers(0, 8), st.integers(0, 5))


@given(_TEXTS, st.lists(st.tuples(_PLACES, _PLACES, _TEXTS), max_size=4))
def test_lines_that_are_kept_through_edits_are_those_of_the_text(text: str, edits: list[Any]) -> None:
    document = make_document("file:///a.py", text, "utf-16")
    for one, other, typed in edits:
        start, end = (lsp.Position(*place) for place in sorted((one, other)))
        before, first, last = document.source, document.offset_of(start), max(document.offset_of(start), document.offset_of(end))
        document.apply_change(lsp.TextDocumentContentChangePartial(range=lsp.Range(start, end), text=typed))

        assert before[:first] + typed + before[last:] == document.source
        assert make_document("file:///a.py", document.source, "utf-16").lines == document.lines
