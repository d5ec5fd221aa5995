"""Code lenses: what is known of a breakpoint, above its line, for those who want it there."""

from __future__ import annotations

import pytest
from lsprotocol import types as lsp

TEXT = "first = 1\nlast = 2\n"


async def lenses(editor, uri: str) -> list[lsp.CodeLens]:
    params = lsp.CodeLensParams(text_document=lsp.TextDocumentIdentifier(uri=uri))
    return sorted(await editor.client.text_document_code_lens_async(params) or [], key=lambda it: it.range.start.line)


@pytest.fixture
async def lens_editor(open_editor, capabilities):
    """An editor that shows code lenses and nothing else."""
    able = capabilities("utf-16")
    able.workspace.code_lens = lsp.CodeLensWorkspaceClientCapabilities(refresh_support=True)
    editor = await open_editor(able, {"surfaces": ["codeLens"]})
    editor.client.feature(lsp.WORKSPACE_CODE_LENS_REFRESH)(lambda _: setattr(editor, "refreshes", editor.refreshes + 1))
    return editor


async def test_a_lens_leads_to_the_newest_hit_and_without_one_to_the_reason(lens_editor, stored, hit_of) -> None:
    uri = lens_editor.open(TEXT)
    first, last = stored(uri, TEXT, 0), stored(uri, TEXT, 1)
    await lens_editor.test("put", breakpoint=first)
    await lens_editor.test("put", breakpoint=last)
    newest = hit_of(first, variables={"total": 40}, timestamp="2020-01-01T12:03:04+00:00")
    await lens_editor.test("hit", hit=newest)

    found = await lenses(lens_editor, uri)

    assert ["● 1 hit · total=40 · 2020-01-01 12:03:04", "· stored"] == [
        lens.command.title.replace("stored · ", "") for lens in found
    ]
    assert [("livebreak.copyHit", newest.id), ("livebreak.why", last.id)] == [
        (lens.command.command, lens.command.arguments[0]["id"]) for lens in found
    ]


async def test_new_hits_ask_the_editor_to_ask_again(lens_editor, stored, hit_of) -> None:
    uri = lens_editor.open(TEXT)
    item = stored(uri, TEXT, 0)
    await lens_editor.test("put", breakpoint=item)
    await lens_editor.until(lambda: lens_editor.refreshes, "a refresh")
    before = lens_editor.refreshes

    await lens_editor.test("hit", hit=hit_of(item, variables={"total": 40}))

    await lens_editor.until(lambda: lens_editor.refreshes > before, "another refresh")


async def test_nobody_gets_lenses_who_did_not_ask_for_them(editor, plain_editor) -> None:
    assert [None, None] == [editor.capabilities.code_lens_provider, plain_editor.capabilities.code_lens_provider]
