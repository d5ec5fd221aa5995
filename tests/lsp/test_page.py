"""Pages: whatever was captured, a reader of Markdown sees text, and all of it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from livebreak.lsp.page import Block, Code, Items, Line, Link, Rule, Words, to_markdown, to_plain, visible

_RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_RENDERER.validateLink = lambda _: True  # type: ignore[method-assign]  # so that no scheme is safe but by our doing
_OURS = {"p", "ul", "ol", "li", "code", "pre", "strong", "hr"}
_BARE_ADDRESS = re.compile(r"(?:https?|ftp)://|\bwww\.|\w@\w", re.IGNORECASE)
"""What GFM makes a link of, without any brackets."""

hostile = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="`|\\[]()<>!*_~#-+=&;:/@ \n\r\t1.a{}$^\x1b\u202e\u2028\ud800", max_size=40),
    st.sampled_from(
        [
            "[click](command:evil)", "![x](http://evil/x.png)", "<img src=x onerror=alert(1)>", "<http://evil>", "http://evil",
            "www.evil.example", "x@evil.example", "```\n# heading", "~~~\n", "a|b\n-|-\nc|d", "[a]: http://evil\n[a]", "---\n",
            "&lt;b&gt;", "1. one", "    code", "\u202egnp.exe", "\x1b]8;;http://evil\x07", "`` ` ``", "\\`x`", "a\\", "_a_ __b__",
        ]
    ),
)  # fmt: skip


class _Reader(HTMLParser):
    """What a browser makes of the rendered page: elements, and text by the element that it is in."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, _: object) -> None:
        self.elements.append(tag)
        self._open.append(tag)

    def handle_startendtag(self, tag: str, _: object) -> None:
        self.elements.append(tag)

    def handle_endtag(self, _: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))


def read(markdown: str) -> _Reader:
    reader = _Reader()
    reader.feed(_RENDERER.render(markdown))
    return reader


@given(hostile)
def test_hostile_words_are_read_as_these_words(text: str) -> None:
    reader = read(to_markdown([Line([Words("before "), Words(text), Words(" after")])]))

    assert {"p"} == set(reader.elements)
    assert f"before {visible(text)} after".split() == "".join(data for _, data in reader.texts).split()


@given(hostile)
def test_hostile_words_cannot_begin_anything_at_the_start_of_a_line(text: str) -> None:
    reader = read(to_markdown([Line([Words(text)]), Line([Words("next")])]))

    assert {"p"} == set(reader.elements)


@given(hostile)
def test_hostile_words_hold_no_bare_address_for_gfm_to_link(text: str) -> None:
    assert None is _BARE_ADDRESS.search(to_markdown([Line([Words(text)])]))


@given(hostile)
def test_hostile_code_is_one_code_span(text: str) -> None:
    reader = read(to_markdown([Items([[Words("x "), Code(text), Words(" y")]])]))

    assert ["ul", "li", "code"] == reader.elements
    shown = "".join(data for tag, data in reader.texts if tag == "code")
    assert visible(text) in (shown, shown.strip() and shown) or not visible(text).strip()


@given(st.lists(hostile, min_size=1, max_size=4))
def test_hostile_lines_stay_in_their_block(lines: list[str]) -> None:
    reader = read(to_markdown([Block(lines), Line([Words("next")])]))

    assert ["pre", "code", "p"] == reader.elements
    assert "\n".join(map(visible, lines)) + "\n" == "".join(data for tag, data in reader.texts if tag == "code")


@given(hostile, hostile, hostile)
def test_the_only_links_of_a_page_are_ours(label: str, words: str, code: str) -> None:
    markdown = to_markdown([Line([Words(words), Link(f"x{label}", "file:///a%20b.py#L4"), Words(words), Code(code)]), Rule()])
    reader = read(markdown)

    assert _OURS | {"a"} >= set(reader.elements)
    assert 1 == _RENDERER.render(markdown).count("<a href=")
    assert '<a href="file:///a%20b.py#L4">' in _RENDERER.render(markdown)


@given(hostile)
def test_nothing_invisible_reaches_the_screen(text: str) -> None:
    page = [Line([Words(text), Code(text)]), Items([[Words(text)]], numbered=True), Block([text]), Rule()]

    for shown in (to_markdown(page), to_plain(page)):
        assert all(line.isprintable() for line in shown.split("\n"))


@pytest.mark.parametrize(("text", "expected"), [("read_only", "read_only"), ("_private", "\\_private"), ("a\r\nb", "a b")])
def test_words_are_escaped_no_more_than_needed(text: str, expected: str) -> None:
    assert expected == to_markdown([Line([Words(text)])])
