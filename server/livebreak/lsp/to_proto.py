"""Places and pages, in the words of the protocol."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lsprotocol import converters, types

from livebreak.lsp.documents import Document
from livebreak.lsp.page import Piece, to_markdown, to_plain
from livebreak_agent.vocabulary.codec import camel_case, to_json

_CONVERTER = converters.get_converter()

LARGEST_NUMBER = 2**31 - 1
"""Of lines and characters, in the protocol; lsprotocol refuses larger ones."""


def end_of_line(document: Document, line: int) -> types.Position:
    """Behind the last character of a line, in the client's units."""
    return position(document, line, len(document.content(line)))


def end_of_code(document: Document, line: int) -> types.Position:
    """Behind the last character of a line that is no blank."""
    return position(document, line, len(document.content(line).rstrip()))


def code_of_line(document: Document, line: int) -> types.Range:
    """A line without its indentation and end, in the client's units."""
    content = document.content(line)
    indentation = len(content) - len(content.lstrip())
    return types.Range(start=position(document, line, indentation), end=position(document, line, len(content.rstrip())))


def position(document: Document, line: int, column: int) -> types.Position:
    """A column in characters, in the client's units."""
    content = document.content(line)[:column]
    units = len(content) if content.isascii() else document.position_codec.client_num_units(content)
    return types.Position(line=_clamped(line), character=_clamped(units))


def start_of_line(line: int) -> types.Range:
    """A line of a file whose text we do not have."""
    place = types.Position(line=_clamped(line), character=0)
    return types.Range(start=place, end=place)


def as_json(value: object) -> Any:
    """One of the protocol's own objects as JSON."""
    return _CONVERTER.unstructure(value)


def markup(page: Sequence[Piece], kind: types.MarkupKind) -> types.MarkupContent:
    """A page in the kind of text that the client takes."""
    text = to_markdown(page) if kind is types.MarkupKind.Markdown else to_plain(page)
    return types.MarkupContent(kind=kind, value=text)


def message(value: object) -> Any:
    """One of our own messages as JSON, in a form that every client's parser takes."""
    return _portable(to_json(value, camel_case))


def whole(text: str) -> str:
    """The text with the halves of surrogate pairs that stand alone replaced: strict JSON parsers refuse the whole message."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _clamped(number: int) -> int:
    """The protocol's nearest number: one record that says otherwise must not be an error of the whole message."""
    return min(max(number, 0), LARGEST_NUMBER)


def _portable(value: Any) -> Any:
    """JSON as Python writes it allows NaN and lone surrogates, and captured values hold both."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, Mapping):
        return {_portable(key): _portable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_portable(item) for item in value]
    return value
