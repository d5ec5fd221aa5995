"""The texts of open documents, numbered in lines as LSP and Python number them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types
from pygls.workspace import PositionCodec, TextDocument, Workspace

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z|\Z")


class Document(TextDocument):
    """A document. pygls splits lines with `str.splitlines`, so that a form feed moved every line and edit below it."""

    _split: tuple[str, tuple[str, ...]] = ("", ("",))
    """The text that was split last, and its lines: a hundred hints ask for a hundred of them."""

    @property
    def lines(self) -> Sequence[str]:
        """The lines with their ends; the last one has none, and is empty if the text ends with a line end."""
        text, lines = self._split
        if text is not self.source:
            lines = _lines(self.source)
            self._split = (self.source, lines)
        return lines

    def apply_change(self, change: types.TextDocumentContentChangeEvent) -> None:
        if not isinstance(change, types.TextDocumentContentChangePartial):
            self._source = change.text
            return
        lines, text = self.lines, self.source
        first, last = min(change.range.start.line, len(lines) - 1), min(change.range.end.line, len(lines) - 1)
        last = max(first, last)
        before = sum(map(len, lines[:first]))
        after = before + sum(map(len, lines[first : last + 1]))
        start = self._offset(change.range.start, first, before)
        end = max(start, self._offset(change.range.end, last, after - len(lines[last])))
        self._source = text[:start] + change.text + text[end:]
        if "\r" not in self._source:
            # Where no line ends in two characters, only what was typed is split anew: of a long file on each key.
            middle = _lines(text[before:start] + change.text + text[end:after])
            if last + 1 < len(lines):
                # It ends with the end of a line, so that what would come behind it does.
                middle = middle[:-1]
            self._split = (self._source, (*lines[:first], *middle, *lines[last + 1 :]))

    def _offset(self, position: types.Position, line: int, start: int) -> int:
        """`offset_of` a position whose line, which starts at an index, is known; beyond the text it is its end."""
        return start + self.column_of(position) if position.line == line else len(self.source)

    def offset_of(self, position: types.Position) -> int:
        """The index into the text of a client's position; beyond a line's end is its end, beyond the text is its end.

        pygls clamps to one character before the end of a last line without a line end, and changes the position it was given.
        """
        lines = self.lines
        if position.line >= len(lines):
            return len(self.source)
        return sum(map(len, lines[: position.line])) + self.column_of(position)

    def column_of(self, position: types.Position) -> int:
        """The index into the position's line, in characters."""
        content = self.content(position.line)
        units = 0
        for index, character in enumerate(content):
            if units >= position.character:
                return index
            units += self.position_codec.client_num_units(character)
        return len(content)

    def content(self, line: int) -> str:
        """A line without its end; empty beyond the text."""
        lines = self.lines
        return lines[line].rstrip("\r\n") if 0 <= line < len(lines) else ""


class Documents(Workspace):
    """The open documents, each a `Document`."""

    def _create_text_document(
        self, doc_uri: str, source: str | None = None, version: int | None = None, language_id: str | None = None
    ) -> Document:
        return Document(
            doc_uri,
            source=source,
            version=version,
            language_id=language_id,
            sync_kind=types.TextDocumentSyncKind.Incremental,
            position_codec=self.position_codec,
        )


def make_document(uri: str, text: str, encoding: types.PositionEncodingKind | str) -> Document:
    """A document outside a workspace."""
    return Document(uri, source=text, position_codec=PositionCodec(encoding))


def _lines(text: str) -> tuple[str, ...]:
    if "\r" not in text:
        # A regular expression does the same and takes three times as long.
        *whole, rest = text.split("\n")
        return (*(f"{line}\n" for line in whole), rest)
    lines = _LINE.findall(text)
    # The last match is empty; it is a line of its own only where the text ends with a line end, or is empty.
    return tuple(lines) if len(lines) < 2 or lines[-2][-1:] in "\r\n" else tuple(lines[:-1])
