"""Completion inside a directive, and doubts about names while a condition is typed."""

from __future__ import annotations

import pytest
from lsprotocol import types as lsp

SHOP = """\
import decimal
RATE = 2

def quote(order, coupon=None):
    subtotal = 3
    total = subtotal * RATE
    return total  # livebreak: {directive}
"""


async def labels(editor, uri: str, line: int, character: int) -> list[str] | None:
    place = lsp.CompletionParams(lsp.TextDocumentIdentifier(uri), lsp.Position(line, character))
    found = await editor.client.text_document_completion_async(place)
    items = found.items if isinstance(found, lsp.CompletionList) else found
    return None if items is None else [item.label for item in sorted(items, key=lambda item: item.sort_text or item.label)]


def opened(editor, directive: str) -> tuple[str, int]:
    text = SHOP.format(directive=directive)
    return editor.open(text), len(text.split("\n")[6])


@pytest.mark.parametrize(("encoding", "width"), [("utf-8", 6), ("utf-16", 3), ("utf-32", 2)])
async def test_names_of_the_line_come_nearest_first(open_editor, capabilities, encoding: str, width: int) -> None:
    editor = await open_editor(capabilities(encoding), {"surfaces": ["completion"]})
    uri, _ = opened(editor, "if é😀 == 1 and ")

    found = await labels(editor, uri, 6, len("    return total  # livebreak: if ") + width + len(" == 1 and "))

    assert found is not None
    assert ["order", "coupon", "subtotal", "total"] == found[:4]
    assert found.index("total") < found.index("len") < found.index("RATE")


async def test_the_words_of_a_directive_are_offered(plain_editor) -> None:
    uri, end = opened(plain_editor, "")

    assert ["if", "log"] == await labels(plain_editor, uri, 6, end)


async def test_a_log_message_offers_names_inside_its_braces_only(plain_editor) -> None:
    uri, end = opened(plain_editor, "log total {{ is {tot")

    assert "total" in (await labels(plain_editor, uri, 6, end) or ())
    assert [] == await labels(plain_editor, uri, 6, end - len("{tot"))


async def test_nothing_is_offered_outside_of_a_directive(plain_editor) -> None:
    uri, _ = opened(plain_editor, "if total")

    assert await labels(plain_editor, uri, 5, 12) is None
    assert await labels(plain_editor, plain_editor.open('a = "# livebreak: if "\n'), 0, 21) is None
    assert await labels(plain_editor, "untitled:Untitled-1", 0, 0) is None


async def test_fields_come_from_what_the_newest_hit_captured(plain_editor, stored, hit_of) -> None:
    text = SHOP.format(directive="if order.")
    uri = plain_editor.open(text)
    item = stored(uri, text, 5)
    await plain_editor.test("put", breakpoint=item)
    order = {
        "py/object": "shop.Order",
        "number": 17,
        "lines": {"a key": 1, "by": 2},
        "card": {"py/object": "shop.Card", "kind": "x"},
    }
    await plain_editor.test("hit", hit=hit_of(item, variables={"order": order}))

    end = len(text.split("\n")[6])

    assert ["card", "lines", "number"] == sorted(await labels(plain_editor, uri, 6, end) or ())
    nested = plain_editor.open(SHOP.format(directive="if nothing.here."))
    assert [] == await labels(plain_editor, nested, 6, len(SHOP.format(directive="if nothing.here.").split("\n")[6]))


async def test_a_name_that_the_frame_will_not_hold_is_doubted_and_not_refused(editor) -> None:
    uri, _ = opened(editor, "if totl > 3")

    result = await editor.request("livebreak/checkCondition", {"text": "totl > 3", "uri": uri, "line": 6})
    assert "`totl` is not a name in `quote`; did you mean `total`?" == result["doubt"]
    assert result["ok"]
    assert "order" == result["names"][0]
    diagnostic = await editor.until_diagnostic(uri, "did you mean `total`?")
    assert lsp.DiagnosticSeverity.Information == diagnostic.severity
    assert 6 == diagnostic.range.start.line


async def test_a_condition_without_a_place_has_no_doubts(editor) -> None:
    result = await editor.request("livebreak/checkCondition", {"text": "totl > 3"})

    assert {"ok": True} == {key: value for key, value in result.items() if value}
