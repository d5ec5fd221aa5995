"""`livebreak/compareHits`: what differs between two hits, by default a hit and the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from livebreak.debugger.comparison import Comparison, Kind, ValueDifference, compare
from livebreak.debugger.unfolding import noted_text_of
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import RequestFailed, serve_request
from livebreak.lsp.progress import working
from livebreak.lsp.whole_hit import whole_hit
from livebreak.sync.hit_walk import the_one_before
from livebreak.sync.remotes import RemoteError
from livebreak_agent.vocabulary.captured import Value
from livebreak_agent.vocabulary.lsp_messages import ComparedRow, CompareHitsParams, CompareHitsResult
from livebreak_agent.vocabulary.model import Hit

_KINDS: Mapping[Kind, Literal["added", "removed", "changed"]] = {
    "changed": "changed",
    "only in the first": "removed",
    "only in the second": "added",
}


def register(server: LiveBreakServer) -> None:
    serve_request(server, "livebreak/compareHits", compare_hits)


async def compare_hits(server: LiveBreakServer, params: CompareHitsParams) -> CompareHitsResult:
    newer = await whole_hit(server, params.newer)
    older = await whole_hit(server, params.older) if params.older is not None else await _before(server, newer)
    if older is None:
        return CompareHitsResult(newer=newer.id, note="There is no hit of this breakpoint before this one.")
    comparison = compare(older, newer)
    return CompareHitsResult(
        newer=newer.id,
        older=older.id,
        rows=tuple(_row(difference) for difference in comparison.differences),
        unchanged=len(comparison.same),
        note=_note(comparison),
    )


async def _before(server: LiveBreakServer, hit: Hit) -> Hit | None:
    try:
        async with working(server, "fetching a hit"):
            return await the_one_before(server.session, hit)
    except RemoteError as error:
        raise RequestFailed(str(error)) from None


def _row(difference: ValueDifference) -> ComparedRow:
    return ComparedRow(
        expression=difference.path,
        kind=_KINDS[difference.kind],
        before=_text(difference.first),
        after=_text(difference.second),
    )


def _text(value: Value | None) -> str | None:
    return noted_text_of(value) if value is not None else None


def _note(comparison: Comparison) -> str | None:
    sentences = []
    if comparison.is_cut:
        sentences.append("There are more differences than are shown.")
    if comparison.uncertain:
        sentences.append(f"Not captured as a whole, so what is missing may differ: {', '.join(comparison.uncertain)}.")
    return " ".join(sentences) or None
