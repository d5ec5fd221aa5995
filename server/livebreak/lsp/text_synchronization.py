"""`textDocument/didOpen`, `didChange`, `didClose`: the session's texts follow the editor's. pygls has updated its own before."""

from __future__ import annotations

from lsprotocol import types

from livebreak.lsp import publish_diagnostics
from livebreak.lsp.files import File
from livebreak.lsp.language_server import LiveBreakServer


def register(server: LiveBreakServer) -> None:
    def did_open(ls: LiveBreakServer, params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        ls.files.did_open(document.uri, document.text, document.version)

    def did_change(ls: LiveBreakServer, params: types.DidChangeTextDocumentParams) -> None:
        document = ls.workspace.get_text_document(params.text_document.uri)
        file = ls.files.did_change(document.uri, document.source, document.version)
        if file is not None:
            ls.touch_text(file.path)

    def did_close(ls: LiveBreakServer, params: types.DidCloseTextDocumentParams) -> None:
        if (file := ls.files.did_close(params.text_document.uri)) is not None:
            ls.spawn(_let_go(ls, file))

    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(did_open)
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(did_change)
    server.feature(types.TEXT_DOCUMENT_DID_CLOSE)(did_close)


async def _let_go(server: LiveBreakServer, file: File) -> None:
    if await server.files.let_go(file):
        server.forget(file.path)
        publish_diagnostics.clear(server, file)
