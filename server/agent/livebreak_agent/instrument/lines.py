"""Which code objects a line is in, and where in them a pass over it begins. Nothing but code objects is looked at.

A line's instructions need not stand together: a call over several lines returns to its first line, `with` comes back to
its line at the end, a loop to its head after each turn. The first two are the same pass, the last is a new one. The rule
that tells them apart: coming to a place is a new pass if it can be reached without having begun a pass since the function
began, or since the last time that it was at this very place.
"""

from __future__ import annotations

import bisect
import dis
import types
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Passes:
    """Where the passes over one line begin in one code object; offsets are those of `frame.f_lasti`."""

    at_start: bool = False
    """Each call of the function is a pass: the line is its `def` line, or is shared with it."""
    elsewhere: bool = True
    """There are passes that do not begin with the call."""
    returns: frozenset[int] = frozenset()
    """Where the line is come back to within a pass. Everywhere else in the line, coming from another line begins one."""


def tree(code: types.CodeType) -> Iterator[tuple[types.CodeType, tuple[types.CodeType, ...]]]:
    """A code object and all that are nested in it, each with those around it, innermost first."""
    waiting: list[tuple[types.CodeType, tuple[types.CodeType, ...]]] = [(code, ())]
    while waiting:
        inner, around = waiting.pop()
        yield inner, around
        waiting += [(constant, (inner, *around)) for constant in inner.co_consts if type(constant) is types.CodeType]


def span(root: types.CodeType) -> tuple[int, int]:
    """The first and the last line that `places_of` may find something on in a tree."""
    numbers = [number for code, _ in tree(root) for _, _, number in code.co_lines() if number]
    return min(numbers, default=root.co_firstlineno), max(numbers, default=root.co_firstlineno)


def with_code(roots: Iterable[types.CodeType]) -> set[int]:
    """All lines that have code of their own."""
    found: set[int] = set()
    for root in roots:
        for code, _ in tree(root):
            found |= {line for _, _, line in _body(code) if line}
            if is_function(code):
                found.add(code.co_firstlineno)
    return found


def is_function(code: types.CodeType) -> bool:
    """A `def`: not a module, a class body, a lambda or a comprehension."""
    return bool(code.co_flags & _CO_OPTIMIZED) and not code.co_name.startswith("<")


def is_once(code: types.CodeType) -> bool:
    """The body of a module or class, which runs when that is made."""
    return not code.co_flags & _CO_OPTIMIZED


def is_comprehension(code: types.CodeType) -> bool:
    """Runs as a part of the statement it stands in: a comprehension, a generator expression, a scope of type parameters."""
    return code.co_name.startswith("<") and code.co_name not in ("<lambda>", "<module>")


def places_of(root: types.CodeType, line: int) -> list[tuple[types.CodeType, Passes]]:
    """The code objects of a tree in which the line runs, each with where its passes begin.

    A line of a `def`, its decorators or its defaults stands for the function's calls: it was defined long ago. What is
    part of a statement on the line is no pass of its own.
    """
    found: dict[int, tuple[types.CodeType, Passes]] = {}
    owners: dict[int, tuple[types.CodeType, ...]] = {}
    for code, around in tree(root):
        if _has(code, line):
            found[id(code)] = (code, passes_in(code, line))
            owners[id(code)] = around
    for code, around in tree(root):
        outer = around[0] if around else None
        # Of a function by itself only the first line is surely its own; what is below could be blank, or a comment.
        is_there = id(code) in found or (line == code.co_firstlineno if outer is None else id(outer) in found)
        if is_function(code) and is_there and _is_in_head(code, line):
            if outer is not None:
                found.pop(id(outer), None)
            if id(code) not in found:
                found[id(code)] = (code, Passes(at_start=True, elsewhere=False))
    for identity, around in owners.items():
        if identity in found and any(id(code) in found for code in around) and _is_part(found[identity][0], line):
            del found[identity]
    return list(found.values())


def _is_part(code: types.CodeType, line: int) -> bool:
    """Whether it is part of the statement on the line in the code around it; a class has code of its own on its first line."""
    return is_comprehension(code) or (is_once(code) and line == code.co_firstlineno)


def passes_in(code: types.CodeType, line: int) -> Passes:
    """Where the passes over a line begin in a code object that has it."""
    start, body = _resume(code), _body(code)
    ranges = [(begin, end) for begin, end, number in body if number == line]
    at_start = is_shared_with_start(code, line)
    if len(ranges) == 1 and not at_start:
        return Passes()
    graph = _Graph(code)
    begun = {start} if at_start else set()
    returns = set()
    for offset in graph.arrivals(ranges, line):
        if graph.is_reached(offset, {0}, begun) or graph.is_reached(offset, graph.after(offset), begun):
            begun.add(offset)
        else:
            returns.add(offset)
    return Passes(at_start=at_start, elsewhere=bool(begun - {start}), returns=frozenset(returns))


def is_shared_with_start(code: types.CodeType, line: int) -> bool:
    """Whether the line's code begins where the function does, as in `lambda x: x + 1`: then its calls are its passes."""
    body = _body(code)
    return bool(code.co_flags & _CO_OPTIMIZED) and bool(body) and body[0][2] == line == code.co_firstlineno


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrivals:
    """The offsets at which a line is come to from another line."""

    beginnings: frozenset[int]
    """Where its instructions begin, and there may be others before them."""
    within: frozenset[int]
    """Where jumps from other lines go into them."""


def arrivals_in(code: types.CodeType, numbers: AbstractSet[int]) -> dict[int, Arrivals]:
    """For each of the lines."""
    body = _body(code)
    jumps = [(_line_at(body, source), target) for source, target in _jumps_of(code)]
    found = {}
    for number in numbers:
        ranges = [(begin, end) for begin, end, its in body if its == number]
        beginnings = frozenset(begin for begin, _ in ranges)
        targets = {target for source, target in jumps if source != number and any(begin <= target < end for begin, end in ranges)}
        found[number] = Arrivals(beginnings=beginnings, within=frozenset(targets - beginnings))
    return found


def _line_at(body: Sequence[tuple[int, int, int | None]], offset: int) -> int | None:
    index = bisect.bisect_right(body, offset, key=lambda part: part[0]) - 1
    return body[index][2] if index >= 0 and offset < body[index][1] else None


def _jumps_of(code: types.CodeType) -> Iterator[tuple[int, int]]:
    """The jumps of code of Python 3.11, where all are relative: `dis` takes a hundred times as long to say all it knows."""
    content, argument = code.co_code, 0
    for offset in range(0, len(content), 2):
        operation = content[offset]
        argument = argument << 8 | content[offset + 1]
        if operation == dis.EXTENDED_ARG:
            continue
        if operation in _JUMPS and operation != _WAITING_CODE:
            yield offset, offset + 2 + 2 * (-argument if operation in _BACKWARD else argument)
        argument = 0


def start_of(code: types.CodeType) -> int:
    """The offset of the instruction that a call begins with."""
    return _resume(code)


_CO_OPTIMIZED = 1
_RESUME = dis.opmap["RESUME"]
_NEVER_ON = frozenset(
    {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"}
)
"""Instructions that are not followed by the next one."""

_WAITING = "JUMP_BACKWARD_NO_INTERRUPT"
"""Goes round inside an `await` until the other is done: no turn of a loop that anybody wrote."""

_WAITING_CODE = dis.opmap.get(_WAITING)
_BACKWARD = frozenset(number for name, number in dis.opmap.items() if "JUMP_BACKWARD" in name)


def _resume(code: types.CodeType) -> int:
    """The offset of the first RESUME: before it, cells and generators are made."""
    content = code.co_code
    for offset in range(0, len(content), 2):
        if content[offset] == _RESUME:
            return offset
    return 0


def _body(code: types.CodeType) -> list[tuple[int, int, int | None]]:
    """Ranges of offsets with their lines, without what comes before a function's own code."""
    first = _resume(code) + 2
    merged: list[tuple[int, int, int | None]] = []
    for begin, end, line in code.co_lines():
        if end <= first:
            continue
        if merged and merged[-1][2] == line:
            merged[-1] = (merged[-1][0], end, line)
        else:
            merged.append((max(begin, first), end, line))
    return merged


def _has(code: types.CodeType, line: int) -> bool:
    return any(number == line for _, _, number in _body(code))


def _is_in_head(code: types.CodeType, line: int) -> bool:
    """Whether the line is in the decorators, the signature or the `def` of a function, up to its body."""
    first = min((number for _, _, number in _body(code) if number), default=code.co_firstlineno)
    return line == code.co_firstlineno or code.co_firstlineno < line < first


class _Graph:
    """Which instruction can come after which, exceptions included."""

    def __init__(self, code: types.CodeType) -> None:
        instructions = list(dis.get_instructions(code))
        self._offsets = [instruction.offset for instruction in instructions]
        self._next: dict[int, list[int]] = {offset: [] for offset in self._offsets}
        self._jumps: list[tuple[int, int]] = []
        lines = {offset: line for begin, end, line in code.co_lines() for offset in range(begin, end, 2)}
        self._lines = lines
        for instruction, following in zip(instructions, [*self._offsets[1:], None], strict=True):
            if following is not None and instruction.opname not in _NEVER_ON:
                self._next[instruction.offset].append(following)
            if instruction.opcode in _JUMPS and instruction.opname != _WAITING:
                self._jumps.append((instruction.offset, instruction.argval))
        within = _comprehension_loops(instructions, self._jumps)
        for source, target in self._jumps:
            # The turns of a comprehension are part of the statement that it stands in.
            if target > source or target not in within:
                self._next[source].append(target)
        for begin, end, target in _handlers(code):
            for offset in self._offsets:
                if begin <= offset < end:
                    self._next[offset].append(target)

    def after(self, offset: int) -> set[int]:
        return set(self._next[offset])

    def arrivals(self, ranges: list[tuple[int, int]], line: int) -> list[int]:
        """Where the line is come to from another one: the beginnings of its ranges, and jumps into them."""
        found = {begin for begin, _ in ranges}
        for source, target in self._jumps:
            if self._lines.get(source) != line and any(begin <= target < end for begin, end in ranges):
                found.add(target)
        return sorted(found)

    def is_reached(self, target: int, begin: set[int], without: set[int]) -> bool:
        """Whether there is a way from one of the offsets to the target that does not go through any of `without`."""
        waiting, seen = [offset for offset in begin if offset not in without], set(begin)
        while waiting:
            offset = waiting.pop()
            if offset == target:
                return True
            fresh = [following for following in self._next[offset] if following not in seen and following not in without]
            seen.update(fresh)
            waiting += fresh
        return False


def _comprehension_loops(instructions: list[dis.Instruction], jumps: list[tuple[int, int]]) -> set[int]:
    """Where the loops begin of the comprehensions that are written in place (Python 3.12 and newer).

    The instruction that adds an item says how many loops it is in, and one: in a display such as `[*a, b]` it says one.
    """
    found: set[int] = set()
    for instruction in instructions:
        if instruction.opname in _ADDS_ITEM and instruction.arg is not None and instruction.arg > 1:
            around = {target for source, target in jumps if target < instruction.offset < source}
            found.update(sorted(around)[1 - instruction.arg :])
    return found


_ADDS_ITEM = frozenset({"LIST_APPEND", "SET_ADD", "MAP_ADD"})
_JUMPS = frozenset(dis.hasjrel) | frozenset(dis.hasjabs)


def _handlers(code: types.CodeType) -> Iterator[tuple[int, int, int]]:
    """The ranges of offsets that exceptions are caught in, each with its handler: CPython's `exception_handling_notes`."""
    numbers = iter(code.co_exceptiontable)

    def number(first: int) -> int:
        value = first & 63
        while first & 64:
            first = next(numbers)
            value = value << 6 | first & 63
        return value

    for first in numbers:
        begin = number(first) * 2
        length = number(next(numbers)) * 2
        target = number(next(numbers)) * 2
        number(next(numbers))
        yield begin, begin + length, target
