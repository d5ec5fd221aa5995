"""`textDocument/codeAction`: live breakpoints by the menu that every editor has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from livebreak.lsp import execute_command, pause_commands
from livebreak.lsp.abilities import takes_disabled_actions
from livebreak.lsp.arguments import AddParams, BreakpointParams, ExtendParams, PauseParams
from livebreak.lsp.check_condition import problem
from livebreak.lsp.directives import Directive, directive_for, directive_of
from livebreak.lsp.documents import Document
from livebreak.lsp.hit_actions import KIND, hit_actions, run, value_actions
from livebreak.lsp.labels import has_hits
from livebreak.lsp.language_server import LiveBreakServer
from livebreak.lsp.page import visible
from livebreak.lsp.to_proto import end_of_code, end_of_line, position, whole
from livebreak.sync.shown import Shown
from livebreak_agent.vocabulary.environments import NOT_PRODUCTION
from livebreak_agent.vocabulary.lsp_messages import BreakpointState, State

TITLE_WIDTH = 60


def register(server: LiveBreakServer) -> None:
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[KIND]))(code_action)


async def code_action(ls: LiveBreakServer, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    uri = params.text_document.uri
    file = await ls.files.in_editor(uri)
    if file is None or ls.session.location(file.path) is None or not _is_wanted(params.context.only):
        return None
    line = params.range.start.line
    shown = ls.session.view(file.path, range(line, line + 1))
    # Asked by itself at each move of the cursor, an editor would light a bulb on every line.
    is_asked = params.context.trigger_kind is not types.CodeActionTriggerKind.Automatic
    takes_disabled = takes_disabled_actions(ls.client_capabilities)
    document = ls.document(file)
    is_taken = ls.session.is_taken(file.path, line)
    actions = list(_actions(uri, document, line, [one.state for one in shown], is_asked=is_asked, is_taken=is_taken))
    if is_asked:
        actions += [_why(uri, one.state) for one in shown if one.state.enabled and not has_hits(one)]
    if is_asked and ls.session.status.is_production:
        actions += [_arm_in_production(uri, one.state) for one in shown if _keeps_out(one)]
    if is_asked:
        for one in shown:
            actions += await hit_actions(ls, one)
        actions += await value_actions(ls, uri, file.path, document, params.range.start)
    return [action for action in actions if action.disabled is None or takes_disabled]


def _actions(
    uri: str, document: Document, line: int, states: Sequence[BreakpointState], *, is_asked: bool, is_taken: bool
) -> Iterator[types.CodeAction]:
    content = document.content(line)
    mine = next((state for state in states if state.mine), None)
    directive = directive_of(content)
    is_free = not states
    # A line holds one breakpoint, so a teammate's is followed or extended; only where theirs was set in another text, so that
    # its number is another one, an own one fits beside it.
    can_add = mine is None and not is_taken
    if directive is not None and (mine is not None or can_add):
        yield _take_over(uri, document, line, directive)
    if mine is not None:
        yield from _own(uri, document, line, mine, is_asked=is_asked)
    elif can_add and content.strip() and is_asked:
        of_my_own = "" if is_free else " of my own"
        yield run(f"set a live breakpoint{of_my_own} here", execute_command.ADD, AddParams(uri=uri, line=line))
    can_extend = mine is None and not can_add
    for state in states:
        if not state.mine:
            yield from _theirs(uri, state, directive if can_extend else None)
            if can_extend and is_asked and directive is None and state.condition is not None:
                # Theirs is what one's own is often like, and shows what is written where.
                title = f"extend {visible(state.owner or 'somebody else')}'s condition by `or`, as a comment to apply"
                yield from _as_comment(uri, document, line, title, state.condition)
    if is_asked and states:
        paused = next((state for state in states if state.state is State.PAUSED), None)
        if paused is not None:
            yield run(f"resume live breakpoints ({visible(paused.brief or 'paused')})", pause_commands.RESUME, PauseParams())


def _own(uri: str, document: Document, line: int, mine: BreakpointState, *, is_asked: bool) -> Iterator[types.CodeAction]:
    target = BreakpointParams(uri=uri, id=mine.id)
    yield run("remove the live breakpoint", execute_command.REMOVE, target)
    if mine.state is State.EXPIRED:
        yield run("renew the live breakpoint, which has expired", execute_command.RENEW, target)
    elif mine.enabled:
        yield run("disable the live breakpoint", execute_command.DISABLE, target)
    else:
        yield run("enable the live breakpoint", execute_command.ENABLE, target)
    if is_asked:
        what = "log message" if mine.log_message and not mine.condition else "condition"
        title = f"{'edit the' if mine.condition or mine.log_message else 'add a'} {what}, as a comment to apply"
        yield from _as_comment(uri, document, line, title, mine.condition, mine.log_message)


def _as_comment(
    uri: str, document: Document, line: int, title: str, condition: str | None, log_message: str | None = None
) -> Iterator[types.CodeAction]:
    """Writes the directive, to be edited and then applied; nothing where the line takes no comment."""
    if (comment := directive_for(document.content(line), condition, log_message)) is not None:
        end = end_of_code(document, line)
        edit = types.TextEdit(range=types.Range(start=end, end=end_of_line(document, line)), new_text=whole(comment))
        yield types.CodeAction(title=f"LiveBreak: {title}", kind=KIND, edit=types.WorkspaceEdit(changes={uri: [edit]}))


def _why(uri: str, state: BreakpointState) -> types.CodeAction:
    whose = "" if state.mine else f" of {visible(state.owner or 'somebody else')}'s breakpoint"
    return run(f"why are there no hits{whose}?", execute_command.WHY, BreakpointParams(uri=uri, id=state.id))


def _keeps_out(shown: Shown) -> bool:
    return shown.state.mine and shown.breakpoint.environment == NOT_PRODUCTION


def _arm_in_production(uri: str, mine: BreakpointState) -> types.CodeAction:
    """To enable it again is to be asked again."""
    return run("arm it in production, too", execute_command.ENABLE, BreakpointParams(uri=uri, id=mine.id))


def _theirs(uri: str, state: BreakpointState, directive: Directive | None) -> Iterator[types.CodeAction]:
    target = BreakpointParams(uri=uri, id=state.id)
    owner = visible(state.owner or "somebody else")
    if state.followed:
        yield run(f"stop following {owner}'s live breakpoint", execute_command.UNFOLLOW, target)
    else:
        yield run(f"follow {owner}'s live breakpoint", execute_command.FOLLOW, target)
    if directive is not None and directive.kind == "condition" and state.owner is not None and state.condition is not None:
        params = ExtendParams(uri=uri, id=state.id, owner=state.owner, condition=directive.text)
        title = f"extend {owner}'s condition with `or {_short(directive.text)}`"
        if (error := problem(directive.text, "condition")) is not None:
            yield types.CodeAction(
                title=f"LiveBreak: {title}", kind=KIND, disabled=types.CodeActionDisabled(reason=error.message)
            )
        else:
            yield run(title, execute_command.EXTEND, params)


def _take_over(uri: str, document: Document, line: int, directive: Directive) -> types.CodeAction:
    """Sets the breakpoint as the comment says, and removes the comment; the edit is applied before the command runs."""
    is_log = directive.kind == "log"
    text = _short(directive.text)
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
    action = run(title, execute_command.ADD, params)
    action.edit = types.WorkspaceEdit(changes={uri: [types.TextEdit(range=comment, new_text="")]})
    return action


def _short(text: str) -> str:
    text = visible(text)
    return text if len(text) <= TITLE_WIDTH else text[: TITLE_WIDTH - 1] + "…"


def _is_wanted(only: Sequence[str] | None) -> bool:
    return only is None or any(kind in ("", KIND) for kind in only)
