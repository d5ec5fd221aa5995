"""`textDocument/publishDiagnostics`: what is wrong with a breakpoint or a directive, and the newest hit with its stack.

It is the one surface that every LSP editor has.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from lsprotocol import types

from livebreak.debugger.wording import frames_of
from livebreak.lsp.abilities import asks_again_for_inlay_hints, takes_related_information
from livebreak.lsp.check_condition import doubt_of, problem
from livebreak.lsp.directives import MARK, directive_of, misunderstanding
from livebreak.lsp.documents import Document
from livebreak.lsp.failures import each
from livebreak.lsp.files import File, Listed
from livebreak.lsp.from_proto import Surface
from livebreak.lsp.labels import hits_count, hits_line, is_in_full, setting_of
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.page import visible
from livebreak.lsp.pages import FRAMES
from livebreak.lsp.to_proto import as_json, code_of_line, position, start_of_line, whole
from livebreak.sync.remotes import RemoteError
from livebreak.sync.shown import Shown
from livebreak_agent.vocabulary.lsp_messages import State
from livebreak_agent.vocabulary.model import Frame, Hit

SOURCE = "LiveBreak"

FETCHES = 4
"""Whole hits that are fetched at a time: a file of a hundred breakpoints leaves the connection to what the user asks for."""
STACK_SECONDS = 5.0
"""Between two fetches for one breakpoint: the stack of a line that runs all the time is as good a little older."""
MOST_AT_ONCE = 20
"""A file that is opened is complete at once if it has as few."""
FETCHES_PER_SECOND = 10.0
"""Of one file. Where more breakpoints are hit, each has its turn, and the loop its time for the user."""

_SEVERITIES = {
    State.FAILED: types.DiagnosticSeverity.Warning,
    # Less than the newest hit beside it: of several, an editor shows the gravest behind the line.
    State.RATE_LIMITED: types.DiagnosticSeverity.Hint,
    State.PENDING: types.DiagnosticSeverity.Information,
    State.OFFLINE: types.DiagnosticSeverity.Information,
    State.EXPIRED: types.DiagnosticSeverity.Information,
    State.PAUSED: types.DiagnosticSeverity.Information,
    State.STORED: types.DiagnosticSeverity.Hint,
}
"""States with something to say; a breakpoint that is on its way, bound, or disabled by the user is not a finding, but see
`_is_only_place`."""


def show(server: LiveBreakServer, file: File, shown: Sequence[Shown]) -> Iterator[object]:
    """Publish the file's diagnostics, unless they are the same as before, and fetch newest hits for their stacks."""
    if Surface.DIAGNOSTICS not in server.surfaces or not file.in_editor:
        return
    document = server.document(file)
    version, published = file.version, []
    for items in each(shown, lambda one: [as_json(item) for item in _diagnostics_of(server, file, document, one)]):
        published += items
        yield items
    _publish(server, file, [*published, *map(as_json, _mistakes(document))], version)
    if takes_related_information(server.client_capabilities):
        _fetch_newest(server, file, shown)


def clear(server: LiveBreakServer, file: File) -> None:
    """Take back the diagnostics of a file that was closed."""
    if Surface.DIAGNOSTICS in server.surfaces:
        _publish(server, file, [], file.version)


def _publish(server: LiveBreakServer, file: File, diagnostics: Sequence[object], version: int | None) -> None:
    # Also an empty list is told once: a client may still show those from before the file was closed and opened again.
    if diagnostics != file.told.get("diagnostics"):
        file.told["diagnostics"] = diagnostics
        # As JSON already: pygls would convert hundreds of them in one go.
        told = {"uri": file.uri, "diagnostics": diagnostics} | ({} if version is None else {"version": version})
        server.protocol.tell(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, told)


def _diagnostics_of(server: LiveBreakServer, file: File, document: Document, shown: Shown) -> Iterator[types.Diagnostic]:
    state = shown.state
    place = code_of_line(document, state.line)
    in_full, is_only_place = is_in_full(shown), _is_only_place(server)
    setting = f"{text} · " if is_only_place and (text := setting_of(shown)) else ""
    if is_only_place and shown.hits and not state.enabled and state.state is State.DISABLED:
        # Without hits the state's own sentence says so.
        setting = f"{State.DISABLED.value} · {setting}"
    owner = visible(state.owner or "somebody else")
    if shown.hits:
        yield types.Diagnostic(
            range=place,
            message=whole(
                f"{setting}{_text(server, file, shown)}" if in_full else f"{hits_count(shown)} of {owner}'s breakpoint"
            ),
            severity=types.DiagnosticSeverity.Information,
            code=state.state.value,
            source=SOURCE,
            related_information=_stack(server, file, document, shown) if in_full else None,
        )
    severity = _SEVERITIES.get(state.state)
    if severity is None and (state.trouble or state.runs is not None):
        # It is bound, and yet not what the user thinks it is.
        severity = types.DiagnosticSeverity.Warning if state.trouble else types.DiagnosticSeverity.Information
    if severity is not None and in_full:
        # That no process answers now is no finding once hits have come.
        if state.state is State.STORED and shown.hits:
            return
        nearest = ", ".join(str(line + 1) for line in state.nearest_lines)
        hint = f" Lines near it that have code: {nearest}." if nearest else ""
        yield types.Diagnostic(
            range=place,
            message=whole(f"{setting}{visible(f'{state.message}{hint}')}"),
            severity=severity,
            code=state.state.value,
            source=SOURCE,
        )
    elif is_only_place and not shown.hits:
        whose = "" if state.mine else f"{owner}'s breakpoint: "
        yield types.Diagnostic(
            range=place,
            message=whole(f"{whose}{setting}{visible(state.message)}"),
            severity=types.DiagnosticSeverity.Hint,
            code=state.state.value,
            source=SOURCE,
        )


def _is_only_place(server: LiveBreakServer) -> bool:
    """True if nothing else shows a state as it is now: the client's inlay hints are as old as the text."""
    return Surface.INLAY_HINTS in server.surfaces and not asks_again_for_inlay_hints(server.client_capabilities)


def _mistakes(document: Document) -> Iterator[types.Diagnostic]:
    """What is wrong with expressions in directives, where they are typed: without a plugin there is no other place to say so."""
    if MARK not in document.source:
        return
    for line in range(len(document.lines)):
        content = document.content(line)
        directive = directive_of(content)
        if directive is None:
            if (misunderstood := misunderstanding(content)) is not None:
                start, sentence = misunderstood
                yield _finding(document, line, start, len(content.rstrip()), sentence, types.DiagnosticSeverity.Information)
            continue
        error = problem(directive.text, directive.kind)
        doubt = None if error is not None else doubt_of(directive.text, directive.kind, document.source, line)
        said = error.message if error is not None else doubt
        if said is None:
            continue
        # A mistake at the end, where something is missing, is shown on the last character: of nothing there is nothing to see.
        column = min((error.column if error is not None else None) or 0, len(directive.text) - 1)
        start, end = directive.text_start + column, directive.text_start + len(directive.text)
        severity = types.DiagnosticSeverity.Warning if error is not None else types.DiagnosticSeverity.Information
        yield _finding(document, line, start, end, said, severity)


def _finding(
    document: Document, line: int, start: int, end: int, said: str, severity: types.DiagnosticSeverity
) -> types.Diagnostic:
    return types.Diagnostic(
        range=types.Range(start=position(document, line, start), end=position(document, line, end)),
        message=whole(visible(said)),
        severity=severity,
        code="directive",
        source=SOURCE,
    )


def _text(server: LiveBreakServer, file: File, shown: Shown) -> str:
    """The newest hit, or the one before it until the newest one's stack is here, too: text and stack of two hits would be one of
    none, and a list whose stacks come and go on a line that runs all the time cannot be read."""
    listed = file.newest.get(shown.state.id)
    if listed is None or listed.hit.id == shown.hits[0].id or not takes_related_information(server.client_capabilities):
        return hits_line(shown, server.now())
    return listed.text


def _stack(
    server: LiveBreakServer, file: File, document: Document, shown: Shown
) -> list[types.DiagnosticRelatedInformation] | None:
    """The frames of the listed hit that are in this workspace: others have no place to go to, and are in the hover."""
    listed = file.newest.get(shown.state.id)
    if listed is None or not takes_related_information(server.client_capabilities):
        return None
    hit = listed.hit
    places = []
    for index, frame in enumerate(frames_of(hit)[:FRAMES]):
        found = server.place_of(hit, frame)
        if found is None:
            continue
        path, line = found
        # The innermost frame is the breakpoint's own line, which is known in the text as it is now.
        is_own = index == 0 and path == file.path
        place = code_of_line(document, shown.state.line) if is_own else start_of_line(line)
        location = types.Location(uri=server.files.uri_of(path), range=place)
        places.append(types.DiagnosticRelatedInformation(location=location, message=whole(_frame_text(frame))))
    return places


def _frame_text(frame: Frame) -> str:
    name = f"{frame.function} " if frame.function else ""
    text = f": {frame.text.strip()}" if frame.text else ""
    return visible(f"{name}({PurePosixPath(frame.filename).name}:{frame.line_number}){text}")


def _fetch_newest(server: LiveBreakServer, file: File, shown: Sequence[Shown]) -> None:
    """Fetch the newest hits that are not here yet, all beside the messages, and show the file once they are."""
    now = asyncio.get_running_loop().time()
    due = []
    for one in shown:
        asked, hit_id = file.asked.get(one.state.id, (-math.inf, ""))
        # Once for each newest hit, also if it fails: the next one is a better reason to try again.
        if one.hits and is_in_full(one) and hit_id != one.hits[0].id:
            due.append((asked, one.state.id, one))
    if not due or now < file.next_fetch:
        _look_again(server, file, due, file.next_fetch - now)
        return
    # Those that waited longest come first.
    due.sort(key=lambda it: it[:2])
    wanted = [it for it in due[:MOST_AT_ONCE] if it[0] <= now - STACK_SECONDS]
    for _, breakpoint_id, one in wanted:
        file.asked[breakpoint_id] = now, one.hits[0].id
    if wanted:
        file.next_fetch = now + len(wanted) / FETCHES_PER_SECOND
        server.spawn(_fetch(server, file, [one for _, _, one in wanted]))
    else:
        _look_again(server, file, due, due[0][0] + STACK_SECONDS - now)


def _look_again(server: LiveBreakServer, file: File, due: Sequence[object], seconds: float) -> None:
    """Show the file again later, if something waits for its turn and nothing else will."""
    if due and not file.is_waiting:
        file.is_waiting = True
        server.spawn(_show_later(server, file, seconds))


async def _show_later(server: LiveBreakServer, file: File, seconds: float) -> None:
    await asyncio.sleep(max(seconds, 0.0))
    file.is_waiting = False
    server.hits_changed(frozenset({file.path}))


async def _fetch(server: LiveBreakServer, file: File, wanted: Sequence[Shown]) -> None:
    """Fetch the newest hits of breakpoints as a whole."""
    turns = asyncio.Semaphore(FETCHES)

    async def fetch(one: Shown) -> None:
        # As it is now, for meanwhile others may come.
        text = hits_line(one, server.now())
        async with turns:
            try:
                hit = await server.hit(one.hits[0].id)
            except RemoteError:
                # The hits themselves are shown; that the stack is missing shows in the hover, with the reason.
                hit = None
        if hit is not None:
            file.newest[one.state.id] = Listed(text=text, hit=_without_values(hit))
        else:
            file.newest.pop(one.state.id, None)

    await asyncio.gather(*map(fetch, wanted))
    server.hits_changed(frozenset({file.path}))


def _without_values(hit: Hit) -> Hit:
    """What is kept for a file's diagnostics: the stack, without the values, which of 500 hits are tens of megabytes."""
    stack = tuple(replace(frame, variables=None) for frame in frames_of(hit)[:FRAMES])
    return replace(hit, stack=stack, variables={}, watches={}, context_variables={}, globals={}, exception=None, awaiters=())
