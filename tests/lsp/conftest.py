"""Editors of several kinds, each with a running language server, and a git repository for them to edit."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, Union

import cattrs
import pytest
from lsprotocol import types as lsp
from pytest_lsp import LanguageClient
from pytest_lsp.client import register_lsp_features

from livebreak.lsp.protocol import converter
from livebreak_agent.vocabulary import anchor
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import Binding, BindingState, Breakpoint, Frame, Hit, Process
from livebreak_agent.vocabulary.wire import ProcessState

SERVER = (sys.executable, str(Path(__file__).parent / "in_memory_server.py"))

T = TypeVar("T")

_numbers = itertools.count()


@dataclass(kw_only=True)
class Editor:
    """An editor with one server. What was pushed is kept by URI."""

    client: LanguageClient
    folder: Path
    capabilities: lsp.ServerCapabilities
    pushed: dict[str, list[Any]] = field(default_factory=dict)
    """Parameters of our own notifications, by method."""
    refreshes: int = 0

    def progress(self) -> list[str]:
        """Titles of work that was shown to go on, and `end` for each that was shown to be over."""
        reports = [report for reports in self.client.progress_reports.values() for report in reports]
        return [getattr(report, "title", None) or report.kind for report in reports]

    def new_file(self, text: str) -> Path:
        """A file of a name of its own, on disk only."""
        path = self.folder / f"module_{next(_numbers)}.py"
        path.write_bytes(text.encode())
        return path

    def open(self, text: str, path: Path | None = None) -> str:
        """Open a file with this text."""
        path = path or self.new_file(text)
        document = lsp.TextDocumentItem(uri=path.as_uri(), language_id="python", version=1, text=text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=document))
        return document.uri

    async def request(self, method: str, params: object = None) -> Any:
        return await self.client.protocol.send_request_async(method, params)

    async def set_breakpoints(self, uri: str, *marks: dict[str, Any]) -> list[dict[str, Any]]:
        result = await self.request("livebreak/setBreakpoints", {"uri": uri, "breakpoints": list(marks)})
        assert uri == result["uri"]
        return result["breakpoints"]

    async def hover(self, uri: str, line: int, character: int = 0) -> str | None:
        hover = await self.client.text_document_hover_async(
            lsp.HoverParams(lsp.TextDocumentIdentifier(uri), lsp.Position(line, character))
        )
        return hover.contents.value if hover is not None else None

    async def hints(self, uri: str, last_line: int = 9_999) -> Sequence[lsp.InlayHint]:
        everything = lsp.Range(lsp.Position(0, 0), lsp.Position(last_line, 0))
        return (
            await self.client.text_document_inlay_hint_async(lsp.InlayHintParams(lsp.TextDocumentIdentifier(uri), everything))
            or []
        )

    async def actions(self, uri: str, line: int, **context: Any) -> list[lsp.CodeAction]:
        place = lsp.Range(lsp.Position(line, 0), lsp.Position(line, 0))
        found = await self.client.text_document_code_action_async(
            lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), place, lsp.CodeActionContext(diagnostics=[], **context))
        )
        return list(found or [])

    async def run(self, action: lsp.CodeAction) -> None:
        """What an editor does when the action is chosen, its edit aside."""
        assert action.command is not None
        await self.client.workspace_execute_command_async(
            lsp.ExecuteCommandParams(command=action.command.command, arguments=action.command.arguments)
        )

    def change(self, uri: str, *changes: tuple[tuple[int, int], tuple[int, int], str], version: int = 2) -> None:
        events = [
            lsp.TextDocumentContentChangePartial(range=lsp.Range(lsp.Position(*start), lsp.Position(*end)), text=text)
            for start, end, text in changes
        ]
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(lsp.VersionedTextDocumentIdentifier(uri=uri, version=version), events)
        )

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))

    async def test(self, name: str, **params: Any) -> Any:
        return await self.request(f"test/{name}", {key: to_json(value) for key, value in params.items()})

    async def until(self, condition: Callable[[], Any], what: str, timeout: float = 20.0) -> Any:
        """Wait until the condition, which may have to be awaited, gives something."""
        end = time.monotonic() + timeout
        while True:
            result = condition()
            result = await result if asyncio.iscoroutine(result) else result
            if result:
                return result
            assert time.monotonic() < end, f"There was no sign of {what}; pushed are {self.pushed}"
            await asyncio.sleep(0.02)

    def last_states(self, uri: str, state: str | None = None) -> Any:
        """The last states pushed for a file; None if there are none, or none is in the given state."""
        pushes = [push for push in self.pushed.get("livebreak/breakpoints", ()) if push["uri"] == uri]
        if not pushes or (state is not None and state not in {item["state"] for item in pushes[-1]["breakpoints"]}):
            return None
        return pushes[-1]

    def last_line(self, uri: str) -> int | None:
        """The line of a file's only breakpoint, as last pushed."""
        push = self.last_states(uri)
        return push["breakpoints"][0]["line"] if push is not None and push["breakpoints"] else None

    def last_hits(self, breakpoint_id: str) -> Any:
        pushes = [push for push in self.pushed.get("livebreak/hits", ()) if push["breakpointId"] == breakpoint_id]
        return pushes[-1] if pushes else None

    async def until_diagnostic(self, uri: str, text: str) -> lsp.Diagnostic:
        return await self.until(
            lambda: next((item for item in self.client.diagnostics.get(uri, ()) if text in item.message), None),
            f"a diagnostic with {text!r}",
        )


def new_client() -> LanguageClient:
    """A client that leaves parameters of unknown methods as they are."""

    def converter_with_code_actions() -> cattrs.Converter:
        # lsprotocol takes every code action that has a command for a bare command.
        made = converter()

        union = Union[lsp.Command, lsp.CodeAction]  # noqa: UP007 - the converter knows it by this form
        made.register_structure_hook(union, lambda item, _: made.structure(item, lsp.CodeAction))
        return made

    client = LanguageClient(converter_factory=converter_with_code_actions)
    register_lsp_features(client)
    return client


def capabilities(
    encoding: lsp.PositionEncodingKind = lsp.PositionEncodingKind.Utf16,
    hover: lsp.MarkupKind = lsp.MarkupKind.Markdown,
    *,
    modern: bool = True,
) -> lsp.ClientCapabilities:
    """What an editor can: a modern one all that we use, an old one none of what is optional."""
    return lsp.ClientCapabilities(
        general=lsp.GeneralClientCapabilities(position_encodings=[encoding]),
        text_document=lsp.TextDocumentClientCapabilities(
            hover=lsp.HoverClientCapabilities(content_format=[hover]),
            publish_diagnostics=lsp.PublishDiagnosticsClientCapabilities(related_information=modern, version_support=modern),
            inlay_hint=lsp.InlayHintClientCapabilities(
                resolve_support=lsp.ClientInlayHintResolveOptions(properties=["tooltip"]) if modern else None
            ),
            code_action=lsp.CodeActionClientCapabilities(disabled_support=modern),
        ),
        window=lsp.WindowClientCapabilities(
            work_done_progress=modern,
            show_document=lsp.ShowDocumentClientCapabilities(support=True) if modern else None,
            show_message=lsp.ShowMessageRequestClientCapabilities() if modern else None,
        ),
        workspace=lsp.WorkspaceClientCapabilities(inlay_hint=lsp.InlayHintWorkspaceClientCapabilities(refresh_support=modern)),
    )


OpenEditor = Callable[..., Awaitable[Editor]]


@pytest.fixture(scope="session")
def make_repository() -> Callable[[Path, str], None]:
    """Makes a folder a git repository with an `origin`."""

    def make(folder: Path, origin: str) -> None:
        for command in (["init", "--quiet"], ["remote", "add", "origin", origin]):
            subprocess.run(["git", "-C", str(folder), *command], check=True)

    return make


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory, make_repository: Callable[[Path, str], None]) -> Path:
    """A working tree of acme/shop."""
    folder = tmp_path_factory.mktemp("shop")
    make_repository(folder, "git@github.com:acme/shop.git")
    return folder


@pytest.fixture(scope="session")
async def open_editor(bare: dict[str, str], repository: Path) -> AsyncIterator[OpenEditor]:
    """Starts an editor: `await open_editor(capabilities(...), {"surfaces": [...]})`."""
    editors: list[Editor] = []

    async def start(able: lsp.ClientCapabilities, options: object = None) -> Editor:
        client = new_client()
        await client.start_io(*SERVER, env={**bare, "TZ": "UTC"}, cwd=repository)
        result = await client.initialize_session(
            lsp.InitializeParams(
                capabilities=able,
                initialization_options=options,
                workspace_folders=[lsp.WorkspaceFolder(uri=repository.as_uri(), name="shop")],
            )
        )
        editor = Editor(client=client, folder=repository, capabilities=result.capabilities)
        for method in ("livebreak/breakpoints", "livebreak/hits", "livebreak/status"):
            client.feature(method)(lambda params, method=method: editor.pushed.setdefault(method, []).append(params))

        def refresh(*_: object) -> None:
            editor.refreshes += 1

        client.feature(lsp.WORKSPACE_INLAY_HINT_REFRESH)(refresh)
        editors.append(editor)
        return editor

    yield start
    for editor in editors:
        await editor.client.shutdown_session()
        await editor.client.stop()


@pytest.fixture(scope="session")
async def editor(open_editor: OpenEditor) -> Editor:
    """A modern editor with a plugin of ours."""
    return await open_editor(capabilities(), {"surfaces": ["diagnostics", "inlayHints", "hover", "codeActions"]})


@pytest.fixture(scope="session")
async def plain_editor(open_editor: OpenEditor) -> Editor:
    """An old editor without a plugin, which counts in UTF-8 and takes plain text."""
    return await open_editor(capabilities(lsp.PositionEncodingKind.Utf8, lsp.MarkupKind.PlainText, modern=False))


@pytest.fixture(scope="session", name="capabilities")
def capabilities_fixture() -> Callable[..., lsp.ClientCapabilities]:
    return lambda encoding: capabilities(lsp.PositionEncodingKind(encoding))


@pytest.fixture(scope="session")
def stored() -> Callable[..., Breakpoint]:
    """A breakpoint on a 0-based line of a file in `repository`, as the backend would have it; by default ada's own."""

    def make(uri: str, text: str, line: int, **fields: Any) -> Breakpoint:
        return Breakpoint(
            **{
                "id": f"breakpoint-{next(_numbers)}",
                "repository": "acme/shop",
                "filename": uri.rsplit("/", 1)[1],
                "line_number": line + 1,
                "anchor": anchor.make(text, line + 1, anchor.digests_of(text.encode())),
                "owner": "ada",
                **fields,
            }
        )

    return make


@pytest.fixture(scope="session")
def bound_in() -> Callable[..., ProcessState]:
    """A process that answers for one breakpoint."""

    def make(breakpoint: Breakpoint, state: BindingState = BindingState.BOUND, **fields: Any) -> ProcessState:
        process = Process(id=f"process-{breakpoint.id}", pid=17, host="box", service="web", repository=breakpoint.repository)
        return ProcessState(process=process, bindings=(Binding(breakpoint_id=breakpoint.id, state=state, **fields),))

    return make


@pytest.fixture(scope="session")
def hit_of() -> Callable[..., Hit]:
    """A hit of a breakpoint, by default one without a stack."""

    def make(breakpoint: Breakpoint, **fields: Any) -> Hit:
        return Hit(
            **{
                "id": f"hit-{next(_numbers)}",
                "breakpoint_id": breakpoint.id,
                "timestamp": "2026-11-23T12:03:04.000000+00:00",
                "filename": breakpoint.filename,
                "line_number": breakpoint.line_number,
                "service": "web",
                **fields,
            }
        )

    return make


@pytest.fixture(scope="session")
def frame() -> Callable[..., Frame]:
    def make(function: str, filename: str, line_number: int, **fields: Any) -> Frame:
        return Frame(function=function, filename=filename, line_number=line_number, **fields)

    return make
