"""What the source of a function tells of a frame: which of its variables are arguments, and which exception it handles."""

from __future__ import annotations

import ast

from livebreak.debugger.scope import Block, argument_names, blocks_around, holds, parse_source


def arguments_at(source: str, line: int) -> frozenset[str] | None:
    """Names of the arguments of the innermost function whose body holds a 0-based line; None where the source does not tell."""
    tree = parse_source(source)
    if tree is None:
        return None
    functions = [block for block in blocks_around(tree, line + 1) if not isinstance(block, ast.ClassDef)]
    return frozenset(argument_names(functions[-1])) if functions else frozenset()


def handled_exception(source: str, line: int) -> str | None:
    """The name under which the innermost `except ... as NAME` around a 0-based line has its exception."""
    tree = parse_source(source)
    if tree is None:
        return None
    name = None
    within: ast.AST = next(reversed(list(blocks_around(tree, line + 1))), tree)
    for node in ast.walk(within):
        if (
            isinstance(node, ast.ExceptHandler)
            and node.name is not None
            and node.body[0].lineno <= line + 1
            and holds(node, line + 1)
        ):
            # The walk goes from the outside inwards.
            name = node.name
    return name


def find_function(source: str, qualified_name: str) -> tuple[Block, ...]:
    """The definition of a function by its qualified name, the classes around it before it; empty if it cannot be called by
    name, as one inside a function cannot, or is not there."""
    tree = parse_source(source)
    found: list[Block] = []
    body: list[ast.stmt] = list(tree.body) if tree is not None else []
    for name in qualified_name.split("."):
        matching = [node for node in body if isinstance(node, Block) and node.name == name]
        if not matching:
            return ()
        # Of several definitions the last is in force.
        found.append(matching[-1])
        body = list(matching[-1].body)
    is_callable = not isinstance(found[-1], ast.ClassDef) and all(isinstance(block, ast.ClassDef) for block in found[:-1])
    return tuple(found) if is_callable else ()
