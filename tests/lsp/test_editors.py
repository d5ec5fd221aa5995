"""The editors that people use, by the capabilities that each of them says it has (`capabilities/`), without a plugin of ours:
the whole way from a code action to a hit under the cursor, and nothing sent that the editor did not announce."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import converters
from lsprotocol import types as lsp

CAPABILITIES = Path(__file__).parent / "capabilities"
EDITORS = sorted(path.stem for path in CAPABILITIES.glob("*.json"))
ENCODINGS = {
    "eglot": "utf-32", "eglot-1.24": "utf-32", "helix": "utf-8", "helix-25.01": "utf-8", "neovim": "utf-8", "vscode": "utf-16",
    "zed": "utf-16",
}  # fmt: skip
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
LINE = "    face = '😀é'; total = 1"
TEXT = f"def f():\n    x = '\f'\n{LINE}\n    return total\n"


@dataclass(frozen=True, kw_only=True)
class Client:
    """An editor of some name, with a server."""

    name: str
    editor: Any
    able: dict[str, Any]

    def can(self, *keys: str) -> Any:
        found: Any = self.able
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found


@pytest.fixture(scope="module", params=EDITORS)
async def client(request: pytest.FixtureRequest, open_editor: Callable[..., Any]) -> AsyncIterator[Client]:
    able = json.loads((CAPABILITIES / f"{request.param}.json").read_text())["capabilities"]
    editor = await open_editor(converters.get_converter().structure(able, lsp.ClientCapabilities))
    return Client(name=request.param, editor=editor, able=able)


async def test_a_breakpoint_is_set_hit_and_looked_at_without_a_plugin(client: Client, stored, bound_in, hit_of) -> None:
    editor = client.editor
    uri = editor.open(TEXT)
    (action,) = [it for it in await editor.actions(uri, 2) if "set a live breakpoint" in it.title]
    await editor.run(action)
    item = stored(uri, TEXT, 2)
    await editor.test("put", breakpoint=item)
    await editor.test("process", state=bound_in(item))
    await editor.test("hit", hit=hit_of(item, variables={"total": 1, "jsonrpc": {"jsonrpc": "2.0", "id": 7, "method": "x"}}))

    hover = await editor.hover(uri, 2, 1)
    finding = await editor.until_diagnostic(uri, "total=1")
    hints = await editor.hints(uri)

    encoding = ENCODINGS[client.name]
    codec, size = CODECS[encoding]
    end = len(LINE.encode(codec)) // size
    assert encoding == editor.capabilities.position_encoding
    assert "total" in hover
    # A form feed ends no line, so the line is the editor's third.
    assert ((2, 4), (2, end)) == tuple((it.line, it.character) for it in (finding.range.start, finding.range.end))
    assert {(2, end)} == {(it.position.line, it.position.character) for it in hints}
    assert all(isinstance(it.label, str) for it in hints)


async def test_a_state_is_never_as_old_as_the_last_edit(client: Client, stored, bound_in) -> None:
    """Helix and eglot ask for inlay hints when the text changes, and cannot be told to ask again."""
    editor = client.editor
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 2, condition="total > 0")
    await editor.test("put", breakpoint=item)
    await editor.until(lambda: editor.hints(uri), "the hint")
    first = (await editor.hints(uri))[0].label
    await editor.test("process", state=bound_in(item))

    if client.can("workspace", "inlayHint", "refreshSupport"):

        async def is_bound() -> bool:
            return "○ if total > 0 · bound 1/1" == (await editor.hints(uri))[0].label

        await editor.until(is_bound, "the new hint")
        assert [] == [it for it in editor.client.diagnostics.get(uri, ()) if it.severity is lsp.DiagnosticSeverity.Hint]
        return
    bound = await editor.until_diagnostic(uri, "Bound in 1 of 1 process")
    assert lsp.DiagnosticSeverity.Hint is bound.severity
    assert bound.message.startswith("if total > 0 · ")
    assert "● if total > 0" == first == (await editor.hints(uri))[0].label


async def test_nothing_is_sent_that_the_editor_did_not_announce(client: Client, stored, hit_of) -> None:
    editor = client.editor
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 2)
    await editor.test("put", breakpoint=item)
    before = editor.refreshes
    await editor.test("hit", hit=hit_of(item, variables={"total": 1}, stack=()))
    finding = await editor.until_diagnostic(uri, "total=1")
    await editor.test("connection", state="offline", message="The backend is away.")
    await editor.until(lambda: editor.client.messages, "the sentence")
    await editor.test("connection", state="connected", message="It is back.")

    assert {} == editor.pushed
    if not client.can("workspace", "inlayHint", "refreshSupport"):
        assert before == editor.refreshes
    if not client.can("textDocument", "publishDiagnostics", "relatedInformation"):
        assert None is finding.related_information
    assert ["LiveBreak: The backend is away."] == [it.message for it in editor.client.messages]


async def test_a_buffer_that_was_never_saved_a_rename_and_a_deletion(client: Client) -> None:
    editor = client.editor
    unsaved = editor.folder / f"{client.name}_new.py"
    uri = editor.open(TEXT, unsaved)
    (action,) = [it for it in await editor.actions(uri, 2) if "set a live breakpoint" in it.title]
    await editor.run(action)
    assert [2] == [it.position.line for it in await editor.hints(uri)]

    unsaved.write_text(TEXT)
    renamed = unsaved.rename(unsaved.with_name(f"{client.name}_renamed.py"))
    editor.close(uri)
    again = editor.open(TEXT, renamed)
    assert [] == await editor.hints(again)
    renamed.unlink()
    remaining = await editor.actions(again, 2)

    assert ["LiveBreak: set a live breakpoint here"] == [it.title for it in remaining]


async def test_a_second_root_is_a_repository_of_its_own(client: Client, make_repository, tmp_path: Path) -> None:
    editor = client.editor
    make_repository(tmp_path, "https://gitlab.com/acme/platform/billing.git")
    added = lsp.WorkspaceFoldersChangeEvent(added=[lsp.WorkspaceFolder(uri=tmp_path.as_uri(), name="billing")], removed=[])
    editor.client.workspace_did_change_workspace_folders(lsp.DidChangeWorkspaceFoldersParams(event=added))
    nested = tmp_path / "lib" / "a.py"
    nested.parent.mkdir()
    uri = editor.open(TEXT, nested)
    (action,) = [it for it in await editor.actions(uri, 2) if "set a live breakpoint" in it.title]
    await editor.run(action)
    label = (await editor.hints(uri))[0].label
    shutil.rmtree(tmp_path)

    assert ("· sending" if client.can("workspace", "inlayHint", "refreshSupport") else "● live") == label
    assert "LiveBreak" in await editor.hover(uri, 2)


async def test_a_notebook_does_no_harm(client: Client) -> None:
    editor = client.editor
    notebook = (editor.folder / f"{client.name}.ipynb").as_uri()
    cell = notebook.replace("file:", "vscode-notebook-cell:") + "#W0"
    document = lsp.TextDocumentItem(uri=cell, language_id="python", version=1, text=TEXT)
    editor.client.notebook_document_did_open(
        lsp.DidOpenNotebookDocumentParams(
            notebook_document=lsp.NotebookDocument(
                uri=notebook,
                notebook_type="jupyter-notebook",
                version=1,
                cells=[lsp.NotebookCell(lsp.NotebookCellKind.Code, cell)],
            ),
            cell_text_documents=[document],
        )
    )
    editor.client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=document))

    assert None is await editor.hover(cell, 2)
    assert [] == await editor.hints(cell)
    assert [] == await editor.actions(cell, 2)
