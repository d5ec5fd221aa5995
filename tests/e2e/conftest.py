"""An application under the agent, and an editor with `livebreak lsp`: what every end-to-end test needs."""

from __future__ import annotations

import asyncio
import shlex
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import LanguageClient

from livebreak_agent.vocabulary.codec import camel_case, from_json, to_json
from livebreak_agent.vocabulary.lsp_messages import (
    LSP_MESSAGES,
    BreakpointsParams,
    BreakpointState,
    EditorBreakpoint,
    HitsParams,
    SetBreakpointsParams,
    Status,
)

T = TypeVar("T")


@dataclass(kw_only=True)
class Editor:
    """An editor with one server. What the server pushed is kept, and can be waited for."""

    client: LanguageClient
    states: dict[str, tuple[BreakpointState, ...]] = field(default_factory=dict)
    hits: dict[str, HitsParams] = field(default_factory=dict)
    """By breakpoint."""
    status: Status | None = None
    told: list[str] = field(default_factory=list)
    """Sentences of all the statuses, in order, each once as long as it does not change."""
    errors: Path
    """What the server wrote to its standard error."""
    pid: int = 0

    def open(self, file: Path, text: str | None = None) -> str:
        document = lsp.TextDocumentItem(
            uri=file.as_uri(), language_id="python", version=1, text=file.read_text("utf-8") if text is None else text
        )
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=document))
        return document.uri

    async def ask(self, method: str, **params: Any) -> Any:
        """One of our own requests. Raises `JsonRpcException` with the server's sentence."""
        takes, gives = LSP_MESSAGES[method]
        result = await self.client.protocol.send_request_async(method, params if takes is not None else None)
        return from_json(gives, plain(result), camel_case) if gives is not None else None

    async def set_breakpoints(self, uri: str, *marks: EditorBreakpoint) -> tuple[BreakpointState, ...]:
        params = to_json(SetBreakpointsParams(uri=uri, breakpoints=marks), camel_case)
        result = await self.client.protocol.send_request_async("livebreak/setBreakpoints", params)
        return from_json(BreakpointsParams, plain(result), camel_case).breakpoints

    async def hover(self, uri: str, line: int, character: int = 0) -> str:
        params = lsp.HoverParams(
            text_document=lsp.TextDocumentIdentifier(uri=uri), position=lsp.Position(line=line, character=character)
        )
        hover = await self.client.text_document_hover_async(params)
        assert hover is not None
        assert isinstance(hover.contents, lsp.MarkupContent)
        return hover.contents.value

    async def inlay_hints(self, uri: str) -> dict[int, str]:
        """Labels by 0-based line."""
        everything = lsp.Range(start=lsp.Position(line=0, character=0), end=lsp.Position(line=100_000, character=0))
        params = lsp.InlayHintParams(text_document=lsp.TextDocumentIdentifier(uri=uri), range=everything)
        hints = await self.client.text_document_inlay_hint_async(params) or []
        return {hint.position.line: hint.label for hint in hints if isinstance(hint.label, str)}

    async def until(self, condition: Callable[[], T | None], timeout: float = 30.0) -> T:
        """Wait until a push makes the condition give something; the failure shows what was pushed."""
        end = time.monotonic() + timeout
        while not (result := condition()):
            assert time.monotonic() < end, f"It did not come; known are {self.status}, {self.states}, {self.hits}"
            await asyncio.sleep(0.02)
        return result

    async def until_state(self, uri: str, line: int, *states: str) -> BreakpointState:
        return await self.until(
            lambda: next((it for it in self.states.get(uri, ()) if it.line == line and it.state in states), None)
        )


def plain(params: Any) -> Any:
    """pygls turns params of unknown methods into named tuples; back to what JSON had."""
    if hasattr(params, "_asdict"):
        return {key: plain(value) for key, value in params._asdict().items()}
    if isinstance(params, list):
        return [plain(item) for item in params]
    return params


OpenEditor = Callable[..., Awaitable[Editor]]


@pytest.fixture(scope="module")
async def open_editor(bare: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenEditor]:
    """Opens editors: `await open_editor(folder, environment, capabilities="neovim@v0.11.0")`. None may have written to its
    standard error by the end, where an editor's own log would have it."""
    editors: list[Editor] = []
    logs = tmp_path_factory.mktemp("editors")

    async def start(
        folder: Path, environment: Mapping[str, str], capabilities: str = "neovim", *, has_plugin: bool = True, **options: Any
    ) -> Editor:
        client = pytest_lsp.make_test_lsp_client()
        editor = Editor(client=client, errors=logs / f"{len(editors)}.stderr")

        def listen(method: str, take: Callable[[Any], None]) -> None:
            kind = LSP_MESSAGES[method][0] or LSP_MESSAGES[method][1]
            client.feature(method)(lambda params: take(from_json(kind, plain(params), camel_case)))  # type: ignore[arg-type]

        def take_status(status: Status) -> None:
            if editor.status is None or status.message != editor.status.message:
                editor.told.append(status.message)
            editor.status = status

        listen("livebreak/status", take_status)
        listen("livebreak/breakpoints", lambda it: editor.states.__setitem__(it.uri, it.breakpoints))
        listen("livebreak/hits", lambda it: editor.hits.__setitem__(it.breakpoint_id, it))
        client.feature(lsp.WORKSPACE_INLAY_HINT_REFRESH)(lambda _: None)
        # `exec` lets the process be the server itself, for tests that signal it.
        command = ("sh", "-c", f"exec {shlex.quote(sys.executable)} -m livebreak lsp 2>{shlex.quote(str(editor.errors))}")
        await client.start_io(*command, env={**bare, **environment}, cwd=folder)
        await client.initialize_session(
            lsp.InitializeParams(
                capabilities=pytest_lsp.client_capabilities(capabilities),
                # Who names surfaces speaks our own messages, too.
                initialization_options={"surfaces": ["diagnostics", "inlayHints", "hover", "codeActions"], **options}
                if has_plugin
                else None,
                workspace_folders=[lsp.WorkspaceFolder(uri=folder.as_uri(), name=folder.name)],
            )
        )
        editor.pid = client._server.pid
        editors.append(editor)
        return editor

    yield start
    for editor in editors:
        if client_runs(editor):
            await editor.client.shutdown_session()
            await editor.client.stop()
    assert {} == {editor.errors.name: text for editor in editors if (text := editor.errors.read_text())}


def client_runs(editor: Editor) -> bool:
    return editor.client._server.returncode is None


@pytest.fixture
def new_checkout(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Makes a git repository of acme/shop with these files."""

    def make(files: Mapping[str, str]) -> Path:
        checkout = tmp_path / "checkout"
        checkout.mkdir()
        for name, text in files.items():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            (checkout / name).write_text(text)
        for command in (["init", "--quiet"], ["remote", "add", "origin", "https://github.com/acme/shop.git"]):
            subprocess.run(["git", "-C", str(checkout), *command], check=True)
        return checkout

    return make


@pytest.fixture
def shop_checkout(new_checkout: Callable[[Mapping[str, str]], Path]) -> Path:
    """The demo's shop in a git repository of acme/shop."""
    with resources.as_file(resources.files("livebreak.demo") / "shop") as shop:
        return new_checkout({f"shop/{file.name}": file.read_text() for file in shop.iterdir() if file.suffix == ".py"})
