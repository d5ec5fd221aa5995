"""An editor without a screen: it opens `livebreak lsp` over standard input and output, and asks what a person would see."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from livebreak_agent.vocabulary.codec import camel_case, from_json, to_json
from livebreak_agent.vocabulary.lsp_messages import (
    BreakpointsParams,
    BreakpointState,
    EditorBreakpoint,
    HitsParams,
    SetBreakpointsParams,
    Status,
)

T = TypeVar("T")


class Editor:
    """One file open in an editor. Times are of `time.time()`, in seconds."""

    def __init__(self, folder: Path, file: Path, environment: Mapping[str, str]) -> None:
        self.text = file.read_text("utf-8")
        self.uri = file.as_uri()
        self.status: Status | None = None
        self.state: BreakpointState | None = None
        self.hits: HitsParams | None = None
        self.hits_shown_at = 0.0
        self.told: list[str] = []
        """What the server showed as messages."""
        self._folder = folder
        self._environment = dict(environment)
        self._changed = asyncio.Event()
        self._client = LanguageClient("livebreak-demo", "1")

    async def open(self) -> None:
        """Start the server and open the file."""
        self._listen("livebreak/status", Status, self._on_status)
        self._listen("livebreak/breakpoints", BreakpointsParams, self._on_breakpoints)
        self._listen("livebreak/hits", HitsParams, self._on_hits)
        self._client.feature(lsp.WINDOW_SHOW_MESSAGE)(lambda params: self.told.append(params.message))
        self._client.feature(lsp.WINDOW_LOG_MESSAGE)(lambda _: None)
        self._client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda _: None)
        self._client.feature(lsp.WORKSPACE_INLAY_HINT_REFRESH)(lambda _: None)
        await self._client.start_io(sys.executable, "-m", "livebreak", "lsp", env=self._environment, cwd=self._folder)
        await self._client.initialize_async(
            lsp.InitializeParams(
                capabilities=lsp.ClientCapabilities(
                    general=lsp.GeneralClientCapabilities(position_encodings=[lsp.PositionEncodingKind.Utf16]),
                    text_document=lsp.TextDocumentClientCapabilities(
                        hover=lsp.HoverClientCapabilities(content_format=[lsp.MarkupKind.Markdown])
                    ),
                    # The demo asks for hints when it shows a hit, so they may say what it brought.
                    workspace=lsp.WorkspaceClientCapabilities(
                        inlay_hint=lsp.InlayHintWorkspaceClientCapabilities(refresh_support=True)
                    ),
                ),
                # Who names surfaces speaks our own messages, too.
                initialization_options={"surfaces": ["diagnostics", "inlayHints", "hover", "codeActions"]},
                workspace_folders=[lsp.WorkspaceFolder(uri=self._folder.as_uri(), name=self._folder.name)],
            )
        )
        self._client.initialized(lsp.InitializedParams())
        document = lsp.TextDocumentItem(uri=self.uri, language_id="python", version=1, text=self.text)
        self._client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=document))

    async def close(self) -> None:
        """Leave as an editor does."""
        await self._client.shutdown_async(None)
        self._client.exit(None)
        await self._client.stop()  # type: ignore[no-untyped-call]  # pygls leaves it without annotations

    async def set_breakpoint(self, line: int, condition: str) -> float:
        """Click the gutter on a 0-based line; returns when that was."""
        mark = EditorBreakpoint(id="demo", line=line, condition=condition)
        params = SetBreakpointsParams(uri=self.uri, version=1, breakpoints=(mark,))
        clicked_at = time.time()
        await self._client.protocol.send_request_async("livebreak/setBreakpoints", to_json(params, camel_case))
        return clicked_at

    async def until(self, condition: Callable[[], T | None]) -> T:
        """Wait until a message makes the condition give something."""
        while (result := condition()) is None:
            self._changed.clear()
            await self._changed.wait()
        return result

    async def inlay_hint(self, line: int) -> str | None:
        """The text at the end of a 0-based line."""
        where = lsp.Range(start=lsp.Position(line=line, character=0), end=lsp.Position(line=line + 1, character=0))
        params = lsp.InlayHintParams(text_document=lsp.TextDocumentIdentifier(uri=self.uri), range=where)
        hints = await self._client.text_document_inlay_hint_async(params) or []
        for hint in hints:
            if hint.position.line == line:
                return hint.label if isinstance(hint.label, str) else "".join(part.value for part in hint.label)
        return None

    async def hover(self, line: int) -> str | None:
        """What a person reads who rests the mouse on a 0-based line, in Markdown."""
        indent = len(self.text.splitlines()[line]) - len(self.text.splitlines()[line].lstrip())
        where = lsp.Position(line=line, character=indent)
        params = lsp.HoverParams(text_document=lsp.TextDocumentIdentifier(uri=self.uri), position=where)
        hover = await self._client.text_document_hover_async(params)
        return hover.contents.value if hover is not None and isinstance(hover.contents, lsp.MarkupContent) else None

    def _listen(self, method: str, kind: type[T], take: Callable[[T], None]) -> None:
        def handler(params: Any) -> None:
            take(from_json(kind, _plain(params), camel_case))
            self._changed.set()

        self._client.feature(method)(handler)

    def _on_status(self, status: Status) -> None:
        self.status = status

    def _on_breakpoints(self, params: BreakpointsParams) -> None:
        self.state = params.breakpoints[0] if params.breakpoints else None

    def _on_hits(self, params: HitsParams) -> None:
        if self.hits is None:
            self.hits_shown_at = time.time()
        self.hits = params


def _plain(params: Any) -> Any:
    """pygls turns the params of a method that it does not know into named tuples; back to what JSON had."""
    if hasattr(params, "_asdict"):
        return {key: _plain(value) for key, value in params._asdict().items()}
    if isinstance(params, list):
        return [_plain(item) for item in params]
    return params
