"""`textDocument/inlayHint` and `inlayHint/resolve`: what is known of a breakpoint, behind its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from livebreak.lsp.abilities import asks_again_for_inlay_hints
from livebreak.lsp.failures import each
from livebreak.lsp.files import File
from livebreak.lsp.from_proto import Surface
from livebreak.lsp.hover import look_at
from livebreak.lsp.labels import hint_label, lasting_label
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.pages import breakpoint_page
from livebreak.lsp.to_proto import end_of_line, markup, whole
from livebreak.lsp.turns import gathered
from livebreak.sync.shown import Shown


def register(server: LiveBreakServer) -> None:
    server.feature(types.TEXT_DOCUMENT_INLAY_HINT, types.InlayHintOptions(resolve_provider=True))(inlay_hint)
    server.feature(types.INLAY_HINT_RESOLVE)(resolve)


async def inlay_hint(ls: LiveBreakServer, params: types.InlayHintParams) -> list[types.InlayHint]:
    file = await ls.files.in_editor(params.text_document.uri)
    if file is None:
        return []
    document = ls.document(file)
    now = ls.now()
    is_lasting = not asks_again_for_inlay_hints(ls.client_capabilities)

    def hint_of(shown: Shown) -> types.InlayHint:
        return types.InlayHint(
            position=end_of_line(document, shown.state.line),
            label=whole(lasting_label(shown) if is_lasting else hint_label(shown, now)),
            padding_left=True,
            data={"uri": params.text_document.uri, "breakpointId": shown.state.id},
        )

    first, last = params.range.start.line, params.range.end.line
    return list(each(ls.session.view(file.path, range(first, last + 1)), hint_of))


async def resolve(ls: LiveBreakServer, hint: types.InlayHint) -> types.InlayHint:
    """The tooltip is what a hover says; it is made only when somebody looks, since it may need the network."""
    data = hint.data if isinstance(hint.data, dict) else {}
    file = await ls.files.in_editor(str(data.get("uri", "")))
    if file is None:
        return hint
    shown = ls.session.shown(file.path, str(data.get("breakpointId")))
    if shown is not None:
        page = breakpoint_page(await look_at(ls, shown), ls.link_of, ls.now())
        # A tooltip has no way to say which kind a client takes; those with tooltips have Markdown.
        hint.tooltip = markup(page, types.MarkupKind.Markdown)
    return hint


def show(server: LiveBreakServer, file: File, view: Sequence[Shown]) -> Iterator[object]:
    """Ask the client to ask again, if what it would be told is something else."""
    if Surface.INLAY_HINTS not in server.surfaces or not file.in_editor:
        return
    now = server.now()
    labels: list[tuple[int, str]] = []
    yield from gathered(each(view, lambda shown: (shown.state.line, hint_label(shown, now))), labels)
    if labels != file.told.get("inlayHints", []):
        file.told["inlayHints"] = labels
        server.refresh_inlay_hints()
