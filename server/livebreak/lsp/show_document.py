"""`window/showDocument`: opens a place in the editor, or says where it is if the editor opens nothing."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from livebreak.lsp.abilities import opens_documents
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.to_proto import start_of_line


async def show_document(ls: LiveBreakServer, path: Path, line: int | None = None) -> None:
    """Open a file of this machine, at a 0-based line."""
    place = f"{path}:{line + 1}" if line is not None else str(path)
    if not opens_documents(ls.client_capabilities):
        ls.say(types.MessageType.Info, f"{place} is the place; this editor cannot be asked to open it.")
        return
    selection = start_of_line(line) if line is not None else None
    params = types.ShowDocumentParams(uri=ls.files.uri_of(path), take_focus=True, selection=selection)
    try:
        is_open = (await ls.window_show_document_async(params)).success
    except JsonRpcException:
        is_open = False
    if not is_open:
        ls.say(types.MessageType.Warning, f"The editor did not open {place}.")
