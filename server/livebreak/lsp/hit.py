"""`livebreak/hit`: one whole hit, rendered."""

from __future__ import annotations

from collections.abc import Mapping

from livebreak.debugger.values import shown, visible
from livebreak.debugger.wording import frames_of, process_line
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.messages import serve_request
from livebreak.lsp.whole_hit import whole_hit
from livebreak_agent.vocabulary.lsp_messages import HitParams, HitResult, ShownAwaiter, ShownFrame, ShownVariable
from livebreak_agent.vocabulary.model import Awaiter, Frame, Hit
from livebreak_agent.vocabulary.summary import by_interest


def register(server: LiveBreakServer) -> None:
    serve_request(server, "livebreak/hit", fetch_hit)


async def fetch_hit(server: LiveBreakServer, params: HitParams) -> HitResult:
    hit = await whole_hit(server, params.id)
    return HitResult(
        id=hit.id,
        breakpoint_id=hit.breakpoint_id,
        timestamp=hit.timestamp,
        frames=tuple(_frame(server, hit, frame, is_first=index == 0) for index, frame in enumerate(frames_of(hit))),
        watches=_variables(hit.watches),
        globals=_variables(hit.globals),
        exception=shown("exception", hit.exception) if hit.exception is not None else None,
        awaiters=tuple(
            ShownAwaiter(frames=tuple(_frame(server, hit, frame, is_first=False) for frame in it.stack), task=_name(it))
            for it in hit.awaiters
        ),
        message=_lines(hit.message),
        process=_lines(process_line(hit)),
    )


def _frame(server: LiveBreakServer, hit: Hit, frame: Frame, *, is_first: bool) -> ShownFrame:
    place = server.place_of(hit, frame)
    return ShownFrame(
        function=visible(frame.function),
        filename=visible(frame.filename),
        line=place[1] if place is not None else max(frame.line_number - 1, 0),
        text=_lines(frame.text),
        uri=server.files.uri_of(place[0]) if place is not None else None,
        # The innermost frame's variables are the hit's own.
        variables=_variables({name: hit.variables[name] for name in by_interest(hit)} if is_first else frame.variables or {}),
    )


def _lines(text: str | None) -> str | None:
    """Each line for itself as it may be shown: whoever can send events chose the words."""
    return "\n".join(visible(line) for line in text.expandtabs().split("\n")) if text is not None else None


def _name(awaiter: Awaiter) -> str | None:
    return visible(awaiter.task) if awaiter.task is not None else None


def _variables(variables: Mapping[str, object]) -> tuple[ShownVariable, ...]:
    return tuple(shown(name, captured) for name, captured in variables.items())
