"""`livebreak/hits`: a breakpoint's count and newest hit, pushed when there is a newer one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from livebreak.lsp.failures import each
from livebreak.lsp.files import File
from livebreak.lsp.labels import hits_line
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.sync.shown import Shown
from livebreak_agent.vocabulary.lsp_messages import HitsParams


def show(server: LiveBreakServer, file: File, view: Sequence[Shown]) -> Iterable[object]:
    """Push what is new about each breakpoint's hits."""

    def push(shown: Shown) -> None:
        state = shown.state
        if shown.hits and file.told.get(f"hits {state.id}") != (told := (shown.hits[0].id, state.hits, state.condition)):
            file.told[f"hits {state.id}"] = told
            server.send(
                "livebreak/hits",
                HitsParams(
                    uri=file.uri,
                    line=state.line,
                    breakpoint_id=state.id,
                    count=state.hits,
                    summary=hits_line(shown, server.now()),
                    newest=shown.hits[0],
                ),
            )

    return each(view, push) if server.speaks_livebreak else ()
