"""`textDocument/completion` inside a directive: its words, and the names that the line's frame will hold.

Nothing is offered anywhere else: an editor has another server for the language itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lsprotocol import types

from livebreak.debugger.scope import Scope, scope_at
from livebreak.debugger.values import shown, visible
from livebreak.lsp.directives import MARK, comment_start
from livebreak.lsp.documents import Document
from livebreak.lsp.hover import look_at, with_hits_around
from livebreak.lsp.language_server import LiveBreakServer
from livebreak_agent.vocabulary.expressions import FUNCTION_NAMES

TRIGGERS = (" ", ".", "{")
"""A blank after `livebreak:`, `if` and `log`, a dot after a name, a brace in a log message."""

DETAIL_WIDTH = 60
"""Characters of a captured value beside a name: one column of a menu."""

_BEFORE = re.compile(r"#\s*livebreak:\s*(?:(?P<kind>if|log)\s+(?P<text>.*)|(?P<word>\w*))\Z")
_DOTTED = re.compile(r"(?<![\w.])(?P<path>[^\W\d]\w*(?:\.[^\W\d]\w*)*)\.\w*\Z")


def register(server: LiveBreakServer) -> None:
    options = types.CompletionOptions(trigger_characters=list(TRIGGERS))
    server.feature(types.TEXT_DOCUMENT_COMPLETION, options)(completion)


async def completion(ls: LiveBreakServer, params: types.CompletionParams) -> list[types.CompletionItem] | None:
    file = await ls.files.in_editor(params.text_document.uri)
    if file is None:
        return None
    document = ls.document(file)
    line = params.position.line
    typed = document.content(line)[: document.column_of(params.position)]
    if MARK not in typed or (comment := comment_start(typed)) is None or (found := _BEFORE.match(typed, comment)) is None:
        return None
    if found["kind"] is None:
        return [_keyword("if", "condition: a hit where it is true"), _keyword("log", "log message, with {expression} parts")]
    if found["kind"] == "log" and not _in_braces(found["text"]):
        return []
    if (dotted := _DOTTED.search(found["text"])) is not None:
        return await _fields(ls, params.text_document.uri, document, line, dotted["path"].split("."))
    scope = scope_at(document.source, line)
    return list(_names(scope)) if scope is not None else []


def _in_braces(text: str) -> bool:
    text = text.replace("{{", "").replace("}}", "")
    return text.rfind("{") > text.rfind("}")


def _keyword(word: str, detail: str) -> types.CompletionItem:
    return types.CompletionItem(label=word, detail=detail, kind=types.CompletionItemKind.Keyword, insert_text=f"{word} ")


def _names(scope: Scope) -> Iterator[types.CompletionItem]:
    """The nearest first: what the function has, then the language's functions, then the module's."""
    function = types.CompletionItemKind.Function
    variable = types.CompletionItemKind.Variable
    for index, name in enumerate(scope.own):
        yield types.CompletionItem(label=name, kind=variable, detail="local variable", sort_text=f"0{index:04}")
    for name in sorted(scope.closed):
        yield types.CompletionItem(label=name, kind=variable, detail="variable of a function around it", sort_text=f"1{name}")
    for name in FUNCTION_NAMES:
        yield types.CompletionItem(label=name, kind=function, detail="function of conditions", sort_text=f"2{name}")
    for name in sorted(scope.module.difference(scope.own, scope.closed)):
        yield types.CompletionItem(label=name, kind=variable, detail="name of the module", sort_text=f"3{name}")


async def _fields(
    ls: LiveBreakServer, uri: str, document: Document, line: int, path: Sequence[str]
) -> list[types.CompletionItem]:
    """What the newest hit in this function captured below a name: source alone does not tell fields."""
    file = await ls.files.in_editor(uri)
    for one in with_hits_around(ls, file.path, document, line) if file is not None else ():
        hit = (await look_at(ls, one)).hit
        if hit is None or path[0] not in hit.variables:
            continue
        variable = shown(path[0], hit.variables[path[0]])
        for part in path[1:]:
            found = next((child for child in variable.children if child.name == part), None)
            if found is None:
                return []
            variable = found
        return [
            types.CompletionItem(
                label=child.name, kind=types.CompletionItemKind.Field, detail=visible(f"{child.type} {child.text}")[:DETAIL_WIDTH]
            )
            # Of a dict the keys are no attributes, and what is no name cannot follow a dot.
            for child in variable.children
            if child.name.isidentifier()
        ]
    return []
