"""A script that calls a hit's function again, on this machine and under an ordinary debugger, with what was captured.

The script holds literals only. Objects of the application are stand-ins with the captured fields; no class is chosen by what
a process said, and nothing is unpickled. Whatever could not be rebuilt is named.
"""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from livebreak.debugger.arguments import find_function
from livebreak.debugger.replay_script import TEMPLATE
from livebreak.debugger.scope import Block, argument_names
from livebreak.debugger.values import note, visible
from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.captured import Value
from livebreak_agent.vocabulary.expressions import NotCaptured, Record
from livebreak_agent.vocabulary.hit_names import plain
from livebreak_agent.vocabulary.model import Hit

MOST_MISSING = 50
"""Sentences about what could not be rebuilt; further ones are counted."""
DEEPEST = 40
"""Levels of a literal; Python's parser gives up at some ninety brackets."""


class NotReplayable(Exception):
    """The function cannot be called from outside; the text is one sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    script: str
    missing: tuple[str, ...]
    """One sentence for each thing that could not be rebuilt."""


def replay_of(hit: Hit, source: str, *, path: str, root: str) -> Replay:
    """The script for a hit whose file is `path` in the working tree `root`, with this text. Raises `NotReplayable`."""
    blocks = find_function(source, hit.function)
    name = visible(hit.function) or "this code"
    if not blocks:
        reason = "is defined inside a function" if "<locals>" in hit.function else "is no function that this file defines"
        raise NotReplayable(f"`{name}` {reason}, so it cannot be called by its name.")
    *owners, function = blocks
    if isinstance(function, ast.ClassDef):
        raise NotReplayable(f"`{name}` is a class body, which runs once, when its module is loaded.")
    missing: list[str] = []
    is_method = bool(owners) and not _is_static(function)
    receiver = next(iter(argument_names(function)), None) if is_method else None
    arguments = [
        f"    {argument!r}: {_argument(hit, argument, missing, is_receiver=argument == receiver)},"
        for argument in argument_names(function)
    ]
    if hit.truncated is not None:
        missing.append(f"Variables are missing: {visible(hit.truncated)}")
    more = len(missing) - MOST_MISSING
    told = missing[:MOST_MISSING] + ([f"and {more:,} more."] if more > 0 else [])
    # Each on its own line of the script whatever it quotes: what comes after a line end would be code.
    remarks = "\n".join(f"# - {visible(sentence)}" for sentence in told) or "# - nothing: all arguments were captured as a whole."
    texts = {
        "@PLACE@": ascii(visible(f"{hit.filename}:{hit.line_number}, {hit.function}, {hit.timestamp}")),
        "@MISSING@": remarks,
        "@PATH@": ascii(path),
        "@ROOT@": ascii(root),
        "@NAMES@": ascii(tuple(block.name for block in blocks)),
        "@POSITIONAL@": ascii(tuple(argument.arg for argument in (*function.args.posonlyargs, *function.args.args))),
        "@VARARG@": ascii(function.args.vararg.arg if function.args.vararg is not None else None),
        "@KWARG@": ascii(function.args.kwarg.arg if function.args.kwarg is not None else None),
        "@KIND@": ascii(_kind(function)),
        "@ARGUMENTS@": "\n".join(arguments),
    }
    # In one pass, so that what was captured is never taken for one of the template's own names.
    script = re.sub("|".join(texts), lambda found: texts[found[0]], TEMPLATE)
    return Replay(script=script, missing=tuple(missing))


def _argument(hit: Hit, name: str, missing: list[str], *, is_receiver: bool) -> str:
    if name not in hit.variables:
        if is_receiver:
            return "Own({})"
        missing.append(f"`{visible(name)}` was not captured; it is None.")
        return "None"
    value = captured.read(hit.variables[name])
    if is_receiver:
        # The one class that is known for certain: the function's own, found in the local source.
        fields = ", ".join(
            f"{field!a}: {_literal(plain(part), part, f'{name}.{field}', missing)}" for field, part in value.fields or ()
        )
        return f"Own({{{fields}}})"
    return _literal(plain(value), value, name, missing)


def _literal(data: object, value: Value | None, path: str, missing: list[str], depth: int = DEEPEST) -> str:
    if isinstance(data, NotCaptured):
        why = (note(value) if value is not None else None) or f"not captured: {visible(data.reason)}"
        if data.part is None:
            missing.append(f"`{visible(path)}` is None: {why}.")
            return "None"
        missing.append(f"`{visible(path)}` is not whole: {why}.")
        data = data.part
    if data is None or isinstance(data, bool | int | str | bytes):
        return ascii(data)
    if isinstance(data, float):
        return ascii(data) if data - data == 0 else f"float({str(data)!a})"
    if isinstance(data, complex):
        return f"complex({str(data)!a})"
    if isinstance(data, Decimal):
        return f"Decimal({str(data)!a})"
    if isinstance(data, datetime | date | time):
        return f"{type(data).__name__}.fromisoformat({data.isoformat()!a})"
    if depth == 0:
        missing.append(f"`{visible(path)}` is None: it is nested too deeply.")
        return "None"
    return _container(data, value, path, missing, depth - 1)


def _container(data: object, value: Value | None, path: str, missing: list[str], depth: int) -> str:
    if isinstance(data, Record):
        if data.text is not None:
            missing.append(f"`{visible(path)}` is a stand-in for a {visible(data.type)}: only its text was captured.")
            return f"StandIn({data.type!a}, {{'text': {data.text!a}}})"
        missing.append(f"`{visible(path)}` is a stand-in for a {visible(data.type)}: its fields, without its methods.")
        parts = dict(value.fields or ()) if value is not None else {}
        fields = (
            f"{name!a}: {_literal(item, parts.get(name), f'{path}.{name}', missing, depth)}" for name, item in data.fields.items()
        )
        return f"StandIn({data.type!a}, {{{', '.join(fields)}}})"
    if isinstance(data, dict):
        pairs = value.entries if value is not None and value.entries is not None else ()
        items = (
            f"{_literal(key, None, f'a key of {path}', missing, depth)}: "
            f"{_literal(item, pairs[index][1] if index < len(pairs) else None, f'{path}[{key!r}]', missing, depth)}"
            for index, (key, item) in enumerate(data.items())
        )
        return f"{{{', '.join(items)}}}"
    if isinstance(data, list | tuple | set | frozenset | deque):
        listed = list(_items(data, value, path, missing, depth))
        inside = ", ".join(listed)
        if isinstance(data, list):
            return f"[{inside}]"
        if isinstance(data, tuple):
            return f"({inside},)" if listed else "()"
        return f"{type(data).__name__}([{inside}])"
    missing.append(f"`{visible(path)}` is None: a {type(data).__name__} has no literal.")
    return "None"


def _items(
    data: list[object] | tuple[object, ...] | set[object] | frozenset[object] | deque[object],
    value: Value | None,
    path: str,
    missing: list[str],
    depth: int,
) -> Iterator[str]:
    # A set has lost the order in which its items came, so they are not told apart by it.
    parts = value.items if value is not None and value.items is not None and isinstance(data, list | tuple) else ()
    for index, item in enumerate(data):
        yield _literal(item, parts[index] if index < len(parts) else None, f"{path}[{index}]", missing, depth)


def _is_static(function: Block) -> bool:
    return any(isinstance(decorator, ast.Name) and decorator.id == "staticmethod" for decorator in function.decorator_list)


def _kind(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    is_generator = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in _own_nodes(function))
    if isinstance(function, ast.AsyncFunctionDef):
        return "async generator" if is_generator else "coroutine"
    return "generator" if is_generator else "function"


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """What is in a function, without the functions inside of it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _own_nodes(child)
