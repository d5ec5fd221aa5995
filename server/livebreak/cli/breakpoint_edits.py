"""`livebreak breakpoints add` and `edit`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from livebreak.cli import exit_codes
from livebreak.cli.breakpoint_view import Described, describe_all, document, is_yours, place, print_each
from livebreak.cli.code_lines import line_problem
from livebreak.cli.durations import from_now
from livebreak.cli.tables import print_json, say
from livebreak.cli.talking import AsJson, CommandError, Talk, command, talk
from livebreak.cli.target import Name
from livebreak.debugger.breakpoints import from_mark
from livebreak.debugger.scope import doubt, scope_at
from livebreak.debugger.selection import LocalText, Place, at_place, read_place
from livebreak.sync.answers import Answers, wait_for_answers
from livebreak.sync.lookup import find_breakpoint
from livebreak.sync.source_files import find_source
from livebreak_agent.vocabulary.expressions import ExpressionError, compile_expression, compile_message
from livebreak_agent.vocabulary.lsp_messages import EditorBreakpoint
from livebreak_agent.vocabulary.model import Breakpoint, NewBreakpoint

PATIENCE = 5.0
"""Seconds until processes must have answered: they do within milliseconds where the agent can reach the backend."""

Condition = Annotated[
    str | None, typer.Option("--if", metavar="EXPR", help="Only where this is true: total < 0.", show_default=False)
]
LogMessage = Annotated[
    str | None,
    typer.Option("--log", metavar="MESSAGE", help="Take this text, not the locals: total is {total}.", show_default=False),
]
HitLimit = Annotated[
    int | None, typer.Option("--hit-limit", metavar="N", min=0, help="Disable it after so many hits.", show_default=False)
]
Expires = Annotated[
    str | None, typer.Option("--expires", metavar="TIME", help="Disable it so long from now: 30m, 2h, 1d.", show_default=False)
]
Watches = Annotated[
    list[str] | None, typer.Option("--watch", metavar="EXPR", help="Capture this, too; repeatable.", show_default=False)
]
Service = Annotated[
    str | None, typer.Option("--service", metavar="S", help="Only processes of this service.", show_default=False)
]
Environment = Annotated[
    str | None, typer.Option("--environment", metavar="E", help="Only processes of this environment.", show_default=False)
]
Owner = Annotated[
    str | None, typer.Option("--owner", metavar="NAME", help="Whose it is, if it is a teammate's.", show_default=False)
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait for the processes' answers.")]


@command
def add(
    where: Annotated[str, typer.Argument(metavar="FILE:LINE", help="A line of a file in a git repository.", show_default=False)],
    condition: Condition = None,
    log_message: LogMessage = None,
    hit_limit: HitLimit = None,
    expires: Expires = None,
    watches: Watches = None,
    service: Service = None,
    environment: Environment = None,
    repository: Annotated[
        str | None,
        typer.Option(metavar="OWNER/NAME", help="FILE is a path in this repository, which need not be here.", show_default=False),
    ] = None,
    no_wait: NoWait = False,
    connection: Name = None,
    as_json: AsJson = False,
) -> None:
    """Set a breakpoint, and wait until the processes have answered."""
    target = read_place(where)
    if target is None:
        raise CommandError(f"{where!r} is no FILE:LINE, such as shop/pricing.py:19.", exit_codes.USAGE)
    fields = _fields(condition, log_message, hit_limit, expires, watches, service, environment)
    fields = {name: value for name, value in fields.items() if value not in (None, ())}

    async def ask(talk: Talk) -> list[Described]:
        _refuse_beyond_contract(talk, fields)
        plan, text = await _plan(target, repository, talk)
        new = replace(plan, **fields)  # type: ignore[arg-type]  # their names are fields of it
        if text is not None:
            _say_doubts(new, text)
        return await settle([await talk.remote.create(new)], talk, 0.0 if no_wait else PATIENCE)

    added = talk(connection, ask)
    if as_json:
        print_json(document(added[0]))
    else:
        print_each(added, "Added")


@command
def edit(
    name: Annotated[str, typer.Argument(metavar="BREAKPOINT", help="Id, beginning of an id, or FILE:LINE.", show_default=False)],
    condition: Condition = None,
    log_message: LogMessage = None,
    hit_limit: HitLimit = None,
    expires: Expires = None,
    watches: Watches = None,
    service: Service = None,
    environment: Environment = None,
    owner: Owner = None,
    connection: Name = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Change what is said and nothing else, and wait until the processes have answered.

    An empty text takes a setting away, as does a hit limit of 0.
    """
    fields = _fields(condition, log_message, hit_limit, expires, watches, service, environment)
    if not fields:
        raise CommandError("Say what to change, such as --if 'total < 0'.", exit_codes.USAGE)

    async def ask(talk: Talk) -> list[Described]:
        _refuse_beyond_contract(talk, fields)
        (item,) = await owned([name], talk, owner)
        return await settle([await talk.remote.change(item.id, fields)], talk, 0.0 if no_wait else PATIENCE)

    changed = talk(connection, ask)
    if as_json:
        print_json(document(changed[0]))
    else:
        print_each(changed, "Changed")


async def owned(names: Sequence[str], talk: Talk, owner: str | None) -> list[Breakpoint]:
    """The breakpoints of these names, if this person may change them: a teammate's only where the owner is named."""
    items = (await talk.remote.breakpoints()).results
    found = {item.id: item for item in [await find_breakpoint(name, items, talk.repositories, owner=owner) for name in names]}
    for item in found.values():
        if owner is None and not is_yours(item, talk):
            raise CommandError(
                f"The breakpoint at {place(item)} is {item.owner}'s; say --owner {item.owner} if you mean it.", exit_codes.REFUSED
            )
    return list(found.values())


async def settle(items: Sequence[Breakpoint], talk: Talk, patience: float) -> list[Described]:
    """The breakpoints with their states, after waiting for the processes that are to answer."""
    if not talk.is_live:
        answers = Answers(processes=(), pauses=())
    elif patience:
        answers = await wait_for_answers(talk.remote, items, patience)
    else:
        present = await talk.remote.processes()
        answers = Answers(processes=present.results, pauses=present.pauses)
    return describe_all(items, talk, answers)


async def _plan(target: Place, repository: str | None, talk: Talk) -> tuple[NewBreakpoint, str | None]:
    """The breakpoint at a place, and the local text if there is one: to that it is pinned, so that deployed code may be older
    or newer."""
    new_id = str(uuid.uuid4())
    if repository is not None:
        filename = target.file.replace("\\", "/").removeprefix("./").strip("/")
        if not filename or ".." in filename.split("/"):
            raise CommandError(f"{target.file!r} is no path in a repository.", exit_codes.USAGE)
        if target.line < 1:
            raise CommandError("Lines are counted from 1.", exit_codes.USAGE)
        return NewBreakpoint(id=new_id, repository=repository.strip() or None, filename=filename, line_number=target.line), None
    if talk.is_live:
        talk.repositories.prefer(state.process.repository for state in (await talk.remote.processes()).results)
    source = await find_source(Path(target.file), talk.repositories)
    if (problem := line_problem(target.file, source.text, target.line)) is not None:
        raise CommandError(problem, exit_codes.NOT_FOUND)
    local = LocalText(location=source.location, text=source.text)
    for known in at_place((await talk.remote.breakpoints()).results, target, local):
        whose = "You have" if is_yours(known, talk) else f"{known.owner} has"
        raise CommandError(
            f"{whose} a breakpoint on {place(known)} already ({known.id[:8]}); `livebreak breakpoints edit` changes it."
        )
    mark = EditorBreakpoint(id=new_id, line=target.line - 1)
    return from_mark(new_id, source.location, source.text, mark), source.text


def _say_doubts(new: NewBreakpoint, text: str) -> None:
    """Names that the line's frame does not hold, as far as the local text tells: the deployed one may be another."""
    scope = scope_at(text, new.line_number - 1)
    if scope is None:
        return
    names = [compile_expression(expression).names for expression in (new.condition, *new.watches) if expression]
    names += [compile_message(new.log_message).names] if new.log_message else []
    for sentence in dict.fromkeys(doubt(each, scope) for each in names):
        if sentence is not None:
            say(sentence)


def _fields(
    condition: str | None,
    log_message: str | None,
    hit_limit: int | None,
    expires: str | None,
    watches: Sequence[str] | None,
    service: str | None,
    environment: str | None,
) -> dict[str, object]:
    """What was said, checked; None and () take a setting away. What was not said is not there."""
    fields: dict[str, object] = {}
    for name, option, text in (("condition", "--if", condition), ("log_message", "--log", log_message)):
        if text is not None:
            _check(option, text)
            fields[name] = text if text.strip() else None
    for watch in watches or ():
        _check("--watch", watch)
    if watches:
        fields["watches"] = tuple(watch for watch in watches if watch.strip())
    if hit_limit is not None:
        fields["hit_limit"] = hit_limit or None
    if expires is not None:
        try:
            fields["expires_at"] = from_now(expires) if expires.strip() else None
        except ValueError as error:
            raise CommandError(f"--expires: {error}", exit_codes.USAGE) from None
    for name, text in (("service", service), ("environment", environment)):
        if text is not None:
            fields[name] = text.strip() or None
    return fields


def _check(option: str, text: str) -> None:
    if not text.strip():
        return
    try:
        (compile_message if option == "--log" else compile_expression)(text)
    except ExpressionError as error:
        at = f" (at character {error.column + 1})" if error.column is not None else ""
        raise CommandError(f"{option} {text!r} cannot be used{at}: {error.message}", exit_codes.USAGE) from None


def _refuse_beyond_contract(talk: Talk, fields: dict[str, object]) -> None:
    """A plain PostHog API drops in silence what it does not know, and would capture where a text was wanted."""
    beyond = [name for name, value in fields.items() if name != "condition" and value not in (None, ())]
    if not talk.is_live and beyond:
        raise CommandError(
            f"{talk.remote.host} is a plain PostHog API, which stores a condition and nothing more (not {', '.join(beyond)}).",
            exit_codes.REFUSED,
        )
