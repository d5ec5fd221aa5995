"""`textDocument/codeAction`: live breakpoints by the menu that every editor has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from livebreak.lsp import execute_command
from livebreak.lsp.check_condition import problem
from livebreak.lsp.directives import Directive, directive_of
from livebreak.lsp.documents import Document
from livebreak.lsp.execute_command import AddParams, BreakpointParams
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.page import visible
from livebreak.lsp.to_proto import end_of_line, message, position
from livebreak_agent.vocabulary.wire import BreakpointState, State

KIND = "livebreak"
"""A kind of its own: these actions neither fix nor refactor, and clients that ask for such get none."""

TITLE_WIDTH = 60


def register(server: LiveBreakServer) -> None:
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[KIND]))(code_action)


async def code_action(ls: LiveBreakServer, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    uri = params.text_document.uri
    file = await ls.files.in_editor(uri)
    if file is None or ls.session.location(file.path) is None or not _is_wanted(params.context.only):
        return None
    line = params.range.start.line
    states = [shown.state for shown in ls.session.view(file.path) if shown.state.line == line]
    # Asked by itself at each move of the cursor, an editor would light a bulb on every line.
    is_asked = params.context.trigger_kind is not types.CodeActionTriggerKind.Automatic
    takes_disabled = _takes_disabled(ls)
    actions = _actions(uri, ls.document(file), line, states, is_asked=is_asked)
    return [action for action in actions if action.disabled is None or takes_disabled]


def _actions(
    uri: str, document: Document, line: int, states: Sequence[BreakpointState], *, is_asked: bool
) -> Iterator[types.CodeAction]:
    content = document.content(line)
    mine = next((state for state in states if state.mine), None)
    directive = directive_of(content)
    # A line holds one breakpoint, so a teammate's is looked at, and nothing is set beside it.
    is_free = not states
    if directive is not None and (mine is not None or is_free):
        yield _take_over(uri, document, line, directive)
    if mine is not None:
        target = BreakpointParams(uri=uri, id=mine.id)
        yield _run("remove the live breakpoint", execute_command.REMOVE, target)
        if mine.state is State.EXPIRED:
            yield _run("renew the live breakpoint, which has expired", execute_command.RENEW, target)
        elif mine.enabled:
            yield _run("disable the live breakpoint", execute_command.DISABLE, target)
        else:
            yield _run("enable the live breakpoint", execute_command.ENABLE, target)
    elif is_free and content.strip() and is_asked:
        yield _run("set a live breakpoint here", execute_command.ADD, AddParams(uri=uri, line=line))
    for state in states:
        if is_asked and state.enabled and not state.hits:
            whose = "" if state.mine else f" of {visible(state.owner or 'somebody else')}'s breakpoint"
            yield _run(f"why are there no hits{whose}?", execute_command.WHY, BreakpointParams(uri=uri, id=state.id))


def _take_over(uri: str, document: Document, line: int, directive: Directive) -> types.CodeAction:
    """Sets the breakpoint as the comment says, and removes the comment; the edit is applied before the command runs."""
    is_log = directive.kind == "log"
    text = visible(directive.text)
    text = text if len(text) <= TITLE_WIDTH else text[: TITLE_WIDTH - 1] + "…"
    title = f"set a live breakpoint that logs `{text}`" if is_log else f"set a live breakpoint with the condition `{text}`"
    if (error := problem(directive.text, directive.kind)) is not None:
        return types.CodeAction(title=f"LiveBreak: {title}", kind=KIND, disabled=types.CodeActionDisabled(reason=error.message))
    params = AddParams(
        uri=uri,
        line=line,
        condition=None if is_log else directive.text,
        log_message=directive.text if is_log else None,
    )
    comment = types.Range(start=position(document, line, directive.start), end=end_of_line(document, line))
    action = _run(title, execute_command.ADD, params)
    action.edit = types.WorkspaceEdit(changes={uri: [types.TextEdit(range=comment, new_text="")]})
    return action


def _run(title: str, command: str, argument: object) -> types.CodeAction:
    title = f"LiveBreak: {title}"
    return types.CodeAction(
        title=title, kind=KIND, command=types.Command(title=title, command=command, arguments=[message(argument)])
    )


def _takes_disabled(ls: LiveBreakServer) -> bool:
    document = ls.client_capabilities.text_document
    return document is not None and document.code_action is not None and bool(document.code_action.disabled_support)


def _is_wanted(only: Sequence[str] | None) -> bool:
    return only is None or any(kind in ("", KIND) for kind in only)
