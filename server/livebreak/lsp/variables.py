"""`livebreak/variables`: what is in a frame or in a captured value, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from pygls.exceptions import JsonRpcInvalidParams

from livebreak.debugger.unfolding import Part, count, listed, named_parts, part_at, parts_of
from livebreak.debugger.values import visible
from livebreak.debugger.wording import frames_of
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import RequestFailed, serve_request
from livebreak.lsp.whole_hit import whole_hit
from livebreak_agent.vocabulary.lsp_messages import VariablesParams, VariablesResult
from livebreak_agent.vocabulary.model import Hit
from livebreak_agent.vocabulary.summary import by_interest

LARGEST_PAGE = 1_000
"""Variables of one answer, which an editor draws without a pause; larger limits are cut to it."""

OUT_OF_REACH = ("context", "exception")
"""Scopes whose names are none of the expression language."""


def register(server: LiveBreakServer) -> None:
    serve_request(server, "livebreak/variables", variables)


async def variables(server: LiveBreakServer, params: VariablesParams) -> VariablesResult:
    if params.offset < 0 or params.limit < 1:
        raise JsonRpcInvalidParams(
            f"expected an offset of 0 or more and a limit of 1 or more, got {params.offset}, {params.limit}"
        )
    hit = await whole_hit(server, params.hit_id)
    found, total, note = _container(hit, params)
    page = islice(found, params.offset, params.offset + min(params.limit, LARGEST_PAGE))
    # Conditions are evaluated where the breakpoint is, and variables of the context are no names there.
    is_own_frame = params.frame == 0
    return VariablesResult(
        variables=tuple(listed(part, params.path, is_own_frame=is_own_frame) for part in page), total=total, note=note
    )


def _container(hit: Hit, params: VariablesParams) -> tuple[Iterator[Part], int, str | None]:
    """What is in it, how much that is, and why it is not more."""
    names, note = _names(hit, params)
    scope = named_parts(names, are_expressions=params.scope == "watches", are_reachable=params.scope not in OUT_OF_REACH)
    if not params.path:
        return scope, len(names), note
    part = part_at(scope, params.path)
    if part is None:
        raise RequestFailed(f"The hit has no value {' > '.join(visible(name) for name in params.path)}.")
    return parts_of(part.value, part.expression), count(part.value), None


def _names(hit: Hit, params: VariablesParams) -> tuple[Mapping[str, object], str | None]:
    frames = frames_of(hit)
    if not 0 <= params.frame < len(frames):
        raise RequestFailed(f"The hit has {len(frames)} frames, 0 to {len(frames) - 1}.")
    if params.scope == "watches":
        return hit.watches, None
    if params.scope == "globals":
        return hit.globals, None
    if params.scope == "context":
        return hit.context_variables, None
    if params.scope == "exception":
        return {} if hit.exception is None else {"exception": hit.exception}, None
    if params.frame == 0:
        missing = f"Some are missing: {visible(hit.truncated)}." if hit.truncated else None
        return {name: hit.variables[name] for name in by_interest(hit)}, missing
    captured = frames[params.frame].variables
    return captured or {}, "The locals of this frame were not captured." if captured is None else None
