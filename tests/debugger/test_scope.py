"""Names that a line's frame holds, against what CPython's own frames hold."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from livebreak.debugger.scope import Scope, doubt, scope_at

SHOP = """\
import decimal
from typing import Generic, TypeVar as TV

RATE = 3
__all__ = ["quote"]

def quote(order, *lines, coupon=None, **options):
    subtotal = 0
    for line in lines:
        subtotal += line
        if (twice := line * 2) > 4:
            pass
    unused_outside = 1
    def loyalty(points):
        nonlocal_total = subtotal + points
        return nonlocal_total
    total = loyalty(1)
    with open(__file__) as handle:
        text = handle.readline()
    try:
        1 / 0
    except ZeroDivisionError as error:
        caught = error
    match total:
        case {"a": found, **rest}:
            pass
        case [first, *others]:
            pass
        case _:
            last = total
    return total

class Cart(Generic[TV("T")]):
    size = 1
    double = size * 2

    def add(self, item):
        global LATEST
        LATEST = item
        return self.add_all([
            each
            for each in [item]
        ])

    def add_all(self, items):
        return items

@staticmethod
def last(x): return x + 1
"""


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(SHOP.split("\n")) if text in line)


def scope_of(text: str) -> Scope:
    scope = scope_at(SHOP, line_of(text))
    assert scope is not None
    return scope


def test_arguments_come_first_and_every_way_to_bind_a_name_counts() -> None:
    scope = scope_of("return total")

    assert "quote" == scope.block
    assert ("order", "lines", "coupon", "options") == scope.own[:4]
    expected = "subtotal line twice unused_outside loyalty total handle text error caught found rest first others last"
    assert set(expected.split()) == set(scope.own[4:])


def test_an_inner_function_holds_only_the_outer_variables_that_it_uses() -> None:
    scope = scope_of("return nonlocal_total")

    assert "quote.loyalty" == scope.block
    assert frozenset({"subtotal"}) == scope.closed
    assert "quote" == scope.out_of_reach["unused_outside"]
    assert doubt(["subtotal", "points", "RATE"], scope) is None
    assert "`unused_outside` is a variable of `quote` that `quote.loyalty` does not use, so it is not in its frame." == doubt(
        ["points", "unused_outside"], scope
    )


def test_a_method_does_not_see_the_names_of_its_class() -> None:
    assert {"size", "double", "add"} <= set(scope_of("double = size").own)
    assert "size" not in scope_of("LATEST = item").names
    assert "LATEST" in scope_of("LATEST = item").module


def test_a_def_line_belongs_to_what_is_around_it() -> None:
    assert "quote" == scope_of("def loyalty").block
    assert scope_of("class Cart").block is None
    assert "Cart" == scope_of("def add(").block
    assert scope_of("@staticmethod").block is None


def test_the_body_of_a_function_on_one_line_is_its_own() -> None:
    assert ("x",) == scope_of("def last(x)").own


def test_targets_of_a_comprehension_count_on_its_own_lines_only() -> None:
    assert "each" in scope_of("for each in [item]").own
    assert "each" not in scope_of("LATEST = item").own


def test_a_slip_of_the_pen_gets_the_nearest_name() -> None:
    assert "`subtotl` is not a name in `quote`; did you mean `subtotal`?" == doubt(["subtotl"], scope_of("return total"))
    assert "`zzz` is not a name in this module." == doubt(["zzz"], scope_of("RATE = 3"))


def test_a_breakpoint_comes_before_its_line_so_what_the_line_assigns_is_doubted() -> None:
    expected = "`subtotal` is not assigned yet where the line begins, for a breakpoint comes before its line; take a line below."

    assert expected == doubt(["subtotal"], scope_of("subtotal = 0"))
    assert doubt(["subtotal"], scope_of("for line in lines")) is None
    assert doubt(["twice", "subtotal"], scope_of("subtotal += line")) is None
    assert doubt(["order"], scope_of("subtotal = 0")) is None


def test_a_star_import_leaves_unknown_names_alone() -> None:
    scope = scope_at("from os import *\ndef f():\n    a = 1\n    return a\n", 3)

    assert scope is not None
    assert doubt(["getcwd"], scope) is None


@pytest.mark.parametrize("source", ["def f(:\n    pass\n", "x = (\n", "\0", "(" * 10_000, ""])
def test_what_cannot_be_parsed_gives_no_scope_and_no_error(source: str) -> None:
    scope = scope_at(source, 1)

    assert scope is None or scope.block is None


def test_escapes_in_the_users_strings_warn_nobody(recwarn: pytest.WarningsRecorder) -> None:
    scope_at('x = "\\d"\n', 0)

    assert [] == list(recwarn)


RUN = """\
def outer(a, b=2):
    used, spare = a, b
    def inner(c):
        d = used + c
        here()
        return d
    class Local:
        e = used
        here()
    squares = [n for n in range(2)]
    here()
    return inner(3)
here()
outer(1)
"""


def test_every_name_that_a_running_frame_holds_is_in_its_scope() -> None:
    frames: list[tuple[int, set[str]]] = []

    def trace(frame: FrameType, event: str, arg: Any) -> None:
        if event == "call" and frame.f_code.co_name == "here" and frame.f_back is not None:
            frames.append((frame.f_back.f_lineno, {*frame.f_back.f_locals}))

    namespace: dict[str, Any] = {"__name__": "shop"}
    exec("def here(): pass", namespace)
    own = {*namespace}
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        exec(compile(RUN, "shop.py", "exec"), namespace)
    finally:
        sys.settrace(before)

    assert [13, 9, 11, 5] == [line for line, _ in frames]
    for line, names in frames:
        scope = scope_at(RUN, line - 1)
        assert scope is not None
        hidden = {"__module__", "__qualname__", "__firstlineno__", "__static_attributes__"}
        assert set() == names - own - hidden - scope.closed - set(scope.own), line
