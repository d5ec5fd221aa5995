"""`textDocument/codeLens`: what is known of a breakpoint, above its line; only for clients that ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from livebreak.lsp import execute_command, hit_commands
from livebreak.lsp.arguments import BreakpointParams, HitReferenceParams
from livebreak.lsp.failures import each
from livebreak.lsp.files import File
from livebreak.lsp.from_proto import Surface
from livebreak.lsp.labels import hint_label
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.to_proto import message, start_of_line, whole
from livebreak.lsp.turns import gathered
from livebreak.sync.shown import Shown


def register(server: LiveBreakServer) -> None:
    server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))(code_lens)


async def code_lens(ls: LiveBreakServer, params: types.CodeLensParams) -> list[types.CodeLens]:
    file = await ls.files.in_editor(params.text_document.uri)
    if file is None:
        return []
    now = ls.now()

    def lens_of(shown: Shown) -> types.CodeLens:
        start = start_of_line(shown.state.line)
        title = whole(hint_label(shown, now))
        return types.CodeLens(range=types.Range(start=start.start, end=start.start), command=_command(file, shown, title))

    return list(each(ls.session.view(file.path), lens_of))


def show(server: LiveBreakServer, file: File, view: Sequence[Shown]) -> Iterator[object]:
    """Ask the client to ask again, if what it would be told is something else."""
    if Surface.CODE_LENS not in server.surfaces or not file.in_editor:
        return
    now = server.now()
    titles: list[tuple[int, str]] = []
    yield from gathered(each(view, lambda shown: (shown.state.line, hint_label(shown, now))), titles)
    if titles != file.told.get("codeLens", []):
        file.told["codeLens"] = titles
        server.refresh_code_lenses()


def _command(file: File, shown: Shown, title: str) -> types.Command:
    """The newest hit, as a file where the editor has no other place for it; before there is one, why there is none."""
    if shown.hits:
        return types.Command(title=title, command=hit_commands.COPY, arguments=[message(HitReferenceParams(id=shown.hits[0].id))])
    target = BreakpointParams(uri=file.uri, id=shown.state.id)
    return types.Command(title=title, command=execute_command.WHY, arguments=[message(target)])
