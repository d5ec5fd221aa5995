"""Which names a frame at a line of Python source holds: for conditions that are being typed, before any process is asked."""

from __future__ import annotations

import ast
import difflib
import functools
import symtable
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

SOURCES_KEPT = 4
"""Analysed texts kept, since questions about one file come in rows, and analysing 5,000 lines takes 100 ms."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef
Block = _Function | ast.ClassDef
_Inline = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What the names mean in the frame that runs a line."""

    block: str | None = None
    """The function or class whose body the line is in, by its qualified name; None is the module."""
    own: tuple[str, ...] = ()
    """Its local variables, arguments first. They need not be assigned yet when the line runs."""
    closed: frozenset[str] = frozenset()
    """Variables of functions around it that it uses: only these are in its frame."""
    module: frozenset[str] = frozenset()
    """Names of the module."""
    out_of_reach: Mapping[str, str] = field(default_factory=dict)
    """Variables of functions around it that it does not use, with the name of the function."""
    later: frozenset[str] = frozenset()
    """Local variables that are first assigned by the line itself or below it, in no loop around the line."""
    is_open: bool = False
    """True if the source does not tell all names of the module, because of `from x import *`."""

    @property
    def names(self) -> frozenset[str]:
        return self.closed.union(self.own, self.module)

    @property
    def nearest_first(self) -> tuple[str, ...]:
        """The names in the order in which somebody is likely to want them."""
        return tuple(dict.fromkeys((*self.own, *sorted(self.closed), *sorted(self.module))))


def scope_at(source: str, line: int) -> Scope | None:
    """The scope of the statement on a 0-based line, or None where the source cannot be parsed."""
    parsed = _parse(source)
    if parsed is None:
        return None
    tree, table = parsed
    number = line + 1
    module = frozenset(table.get_identifiers())
    is_open = any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree))
    blocks = list(blocks_around(tree, number))
    tables = list(_tables_of(table, blocks))
    if not tables:
        return Scope(own=tuple(sorted(module)), module=module, is_open=is_open)
    inner = tables[-1]
    own = _own(inner, blocks[-1])
    closed = frozenset(symbol.get_name() for symbol in inner.get_symbols() if symbol.is_free())
    return Scope(
        block=".".join(block.name for block in blocks),
        own=(*own, *sorted(_inline_names(blocks[-1], number).difference(own))),
        closed=closed,
        module=module,
        later=_later(blocks[-1], number).intersection(own) if isinstance(blocks[-1], _Function) else frozenset(),
        out_of_reach={
            name: block.name
            for block, around in zip(blocks[:-1], tables[:-1], strict=True)
            if isinstance(block, _Function)
            for name in _own(around, block)
            if name not in closed
        },
        is_open=is_open,
    )


def doubt(names: Collection[str], scope: Scope) -> str | None:
    """Why an expression with these names may find nothing in the frame: one sentence about the first doubtful name.

    It is a doubt and no error: a running process may hold names that its source does not tell (`globals()[...] = ...`).
    """
    for name in sorted(scope.later.intersection(names)):
        return f"`{name}` is not assigned yet where the line begins, for a breakpoint comes before its line; take a line below."
    for name in sorted(set(names) - scope.names):
        here = scope.block or "this module"
        if name in scope.out_of_reach:
            return (
                f"`{name}` is a variable of `{scope.out_of_reach[name]}` that `{here}` does not use, so it is not in its frame."
            )
        if scope.is_open:
            continue
        nearest = difflib.get_close_matches(name, sorted(scope.names), n=1)
        hint = f"; did you mean `{nearest[0]}`?" if nearest else "."
        return f"`{name}` is not a name in `{here}`{hint}" if scope.block else f"`{name}` is not a name in {here}{hint}"
    return None


def argument_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    """In the order of the definition, `*args` and `**kwargs` included."""
    parts = function.args
    every = [*parts.posonlyargs, *parts.args, parts.vararg, *parts.kwonlyargs, parts.kwarg]
    return tuple(argument.arg for argument in every if argument is not None)


def parse_source(source: str) -> ast.Module | None:
    """The tree of a text, of which a few are kept; None where it cannot be parsed."""
    parsed = _parse(source)
    return parsed[0] if parsed is not None else None


@functools.lru_cache(maxsize=SOURCES_KEPT)
def _parse(source: str) -> tuple[ast.Module, symtable.SymbolTable] | None:
    try:
        with warnings.catch_warnings():
            # What Python thinks of the escapes in the user's strings is no concern of the editor's log.
            warnings.simplefilter("ignore")
            return ast.parse(source), symtable.symtable(source, "<source>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def blocks_around(tree: ast.AST, number: int) -> Iterator[Block]:
    """The functions and classes whose bodies hold a 1-based line, outermost first. A `def` line itself runs outside."""
    for node in ast.iter_child_nodes(tree):
        if not holds(node, number):
            continue
        if isinstance(node, Block) and node.body[0].lineno <= number:
            yield node
        yield from blocks_around(node, number)
        return


def holds(node: ast.AST, number: int) -> bool:
    """True if a 1-based line is one of the node's; decorators belong to what they decorate."""
    if isinstance(node, ast.match_case | ast.ExceptHandler | ast.stmt | ast.expr):
        decorators = node.decorator_list if isinstance(node, Block) else []
        first = min([_first_line(node), *(decorator.lineno for decorator in decorators)])
        return first <= number <= _last_line(node)
    return False


def _first_line(node: ast.match_case | ast.ExceptHandler | ast.stmt | ast.expr) -> int:
    return node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno


def _last_line(node: ast.match_case | ast.ExceptHandler | ast.stmt | ast.expr) -> int:
    last = node.body[-1] if isinstance(node, ast.match_case) else node
    return last.end_lineno or last.lineno


def _tables_of(table: symtable.SymbolTable, blocks: list[Block]) -> Iterator[symtable.SymbolTable]:
    """The symbol tables of nested blocks, by name and line. Python puts tables of type parameters in between."""
    for block in blocks:
        found = _find(table, block)
        if found is None:
            return
        yield found
        table = found


def _find(table: symtable.SymbolTable, block: Block) -> symtable.SymbolTable | None:
    for child in table.get_children():
        if child.get_name() == block.name and child.get_lineno() == block.lineno and child.get_type() in ("function", "class"):
            return child
        if (found := _find(child, block)) is not None:
            return found
    return None


def _own(table: symtable.SymbolTable, block: Block) -> tuple[str, ...]:
    arguments = argument_names(block) if isinstance(block, _Function) else ()
    # A name that is only used in a class body may be the module's: it is local where it is bound.
    local = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_local() and not symbol.is_free()}
    return (*arguments, *sorted(local.difference(arguments)))


def _later(block: _Function, number: int) -> frozenset[str]:
    """Names that are assigned on the 1-based line or below it only; none if a loop may bring their values back to it."""
    if any(isinstance(node, ast.For | ast.AsyncFor | ast.While) and holds(node, number) for node in ast.walk(block)):
        return frozenset()
    first: dict[str, int] = {}
    for node in ast.walk(block):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            first[node.id] = min(node.lineno, first.get(node.id, node.lineno))
    arguments = {argument.arg for argument in ast.walk(block.args) if isinstance(argument, ast.arg)}
    return frozenset(name for name, line in first.items() if line >= number).difference(arguments)


def _inline_names(block: Block, number: int) -> set[str]:
    """Arguments and targets of the lambdas and comprehensions that a line is in: their frame may be the one that stops."""
    names: set[str] = set()
    for node in ast.walk(block):
        if not isinstance(node, _Inline) or not holds(node, number):
            continue
        if isinstance(node, ast.Lambda):
            names |= {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        else:
            targets = [name for generator in node.generators for name in ast.walk(generator.target)]
            names |= {name.id for name in targets if isinstance(name, ast.Name)}
    return names
