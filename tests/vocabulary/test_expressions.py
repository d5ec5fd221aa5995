"""What the language says yes and no to, and what it answers."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from typing import Any

import pytest

from livebreak_agent.vocabulary.expressions import (
    EvaluationError,
    ExpressionError,
    NotCaptured,
    Record,
    compile_expression,
    truth,
)


class User:
    def __init__(self, name: str, age: int) -> None:
        self.name = name
        self.age = age

    @property
    def label(self) -> str:
        raise AssertionError("a property ran")

    def greet(self) -> str:
        raise AssertionError("a method ran")


class Slotted:
    __slots__ = ("full", "unset")

    def __init__(self) -> None:
        self.full = 7


NAMES: dict[str, Any] = {
    "user_id": "12345",
    "items": [1, 2, 3, 4],
    "prices": {"apple": 3, "pear": 5},
    "pairs": [("a", 1), ("b", 2)],
    "total": 120,
    "rate": 0.5,
    "text": "hello world",
    "data": b"abc",
    "empty": [],
    "nothing": None,
    "flag": True,
    "tags": {"x", "y"},
    "queue": deque([1, 2, 3]),
    "numbers": range(3, 9),
    "user": User("ada", 36),
    "slotted": Slotted(),
}


def value_of(text: str, names: Mapping[str, Any] = NAMES) -> Any:
    return compile_expression(text).evaluate(names)


@pytest.mark.filterwarnings("ignore:Bitwise inversion")
@pytest.mark.parametrize(
    "text",
    [
        "user_id == '12345' and len(items) > 3",
        "user_id != '12345' or total >= 120",
        "user_id == 12345",
        "total > 100.5",
        "total == 120.0",
        "rate < 1 <= total < 200",
        "1 < total < 3 < 1/0",
        "not empty",
        "nothing is None",
        "nothing is not None",
        "flag is True",
        "flag == 1",
        "'ell' in text",
        "'zzz' not in text",
        "98 in data",
        "b'bc' in data",
        "3 in items",
        "'apple' in prices",
        "'x' in tags",
        "4 in numbers",
        "4.0 in numbers",
        "4.5 in numbers",
        "float('inf') in numbers",
        "'4' in numbers",
        "2 in queue",
        "prices['apple'] + items[-1]",
        "items[1:3], text[::-1], data[1:], numbers[1:3]",
        "queue[0]",
        "total % 7, total // 7, total / 7, -total, +total, ~total, total ** 2, total << 3, total >> 3, total & 6 | 1 ^ 8",
        "~flag",
        "text + '!' * 3, [0] * 3 + [1], 3 * (1, 2)",
        "tags | {'z'}, tags & {'x'}, tags - {'x'}, tags ^ {'x'}, tags <= {'x', 'y', 'z'}",
        "'yes' if total > 100 else 'no'",
        "empty or items and text",
        "flag and nothing",
        "(empty or nothing) == None",
        "f'{total:>6}|{rate:.2%}|{user_id!r}|{items}|{text!s:.3}|{{}}|{total:#x}'",
        "f'{nothing} {prices} {pairs}'",
        "[x * 2 for x in items if x % 2]",
        "{x % 2 for x in items}",
        "{name: count for name, count in pairs}",
        "{name: len(name) for name in prices}",
        "[(x, y) for x in items for y in items if x < y]",
        "[[y for y in items if y > x] for x in items]",
        "[x for x in items if 1 < x < 4]",
        "[x or y for x in items for y in empty]",
        "any(x > 3 for x in items), all(x > 3 for x in items)",
        "any(1 / (x - 3) > 0 for x in [4, 3])",
        "any(items), all(empty), any([0, ''])",
        "sum(items), sum(x for x in items), sum([0.1] * 10), sum(items, 5), sum(items, start=5)",
        "min(items), max(text), min(3, 2), max(empty, default=0), max((1, 'a'), (1, 'b'))",
        "sorted(prices), sorted(items, reverse=True), sorted(pairs, reverse=True), sorted(x % 3 for x in items)",
        "str(total), str(items), repr(text), repr(data), str(nothing), int('12'), int('ff', 16)",
        "int(2.9), float('1.5'), bool(items)",
        "int('ff', base=16), int(), str(), float(), bool()",
        "abs(-3), round(2.567, 2), round(2.5), round(1234, -2), abs(3 + 4j)",
        "isinstance(total, int), isinstance(flag, int), isinstance(text, (int, str)), isinstance(user, dict)",
        "len(text), len(prices), len(tags), len(numbers), len(queue), len(f'{total}')",
        "items == [1, 2, 3, 4], items == (1, 2, 3, 4), prices == {'pear': 5, 'apple': 3}, tags == {'y', 'x'}",
        "[1, [2, {'a': (3,)}]] == [1, [2, {'a': (3,)}]]",
        "[1, [2, {'a': (3,)}]] != [1, [2, {'a': (4,)}]]",
        "(1, 2) < (1, 3), [1, 2] >= [1], 'a' < 'b' <= 'b'",
        "user.name == 'ada' and user.age > 30",
        "slotted.full",
        "{1: 'a', (1, 2): 'b'}[(1, 2)]",
        "1e999 > total, 3.5 + 2j, 'ä' 'ö'",
        "[x for x in [1, 2]] + [sum for sum in [3]]",
        "repr([numbers, queue, {1}, data, 1e999, (1,), {}, ()])",
    ],
)
def test_the_value_is_the_one_that_python_gives(text: str) -> None:
    expected = eval(text, dict(NAMES))
    actual = value_of(text)

    assert (type(expected), repr(expected)) == (type(actual), repr(actual))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "There is no expression; write one such as `total > 100`."),
        ("   ", "There is no expression; write one such as `total > 100`."),
        ("total >", "This is not a Python expression."),
        ("total 3", "This is not a Python expression."),
        ("total = 3", "An expression cannot assign; write == to compare."),
        ("total := 3", "An expression cannot assign; write == to compare."),
        ("(total := 3)", "An expression cannot assign; write == to compare."),
        ("total == 3)", "The brackets do not match."),
        ("(total == 3", "The brackets do not match."),
        ("total) + (rate", "The brackets do not match."),
        ("x is 'a'", "`is` compares identities; write == to compare with a text or a number."),
        ("lambda: 1", "Functions are not part of the expression language; use a comprehension."),
        ("(x for x in items)", "A generator can only be given to any, all, sum, min, max and sorted; put it in [ ]."),
        ("items.__class__", "__class__ is refused, since it leads to the program's own machinery."),
        ("f'{total:{rate}}'", "A format specification must be a constant, such as `.2f`."),
        ("f'{total:>100000000}'", "The width and precision of a format are 200 at most."),
        ("f'{total:.100000000}'", "The width and precision of a format are 200 at most."),
        ("f'{total:%Y}'", "'%Y' is not a format specification for numbers and texts, such as `.2f` or `>10`."),
        ("a @ b", "The operator @ is not part of the expression language."),
        ("[*items]", "* is not part of the expression language."),
        ("{**prices}", "** is not part of the expression language."),
        ("max(*items)", "* and ** are not part of the expression language."),
        ("len(items, 2)", "len takes one argument."),
        ("round()", "round does not take these arguments."),
        ("sorted(items, key=len)", "sorted does not take these arguments."),
        ("sum(items, 1, start=2)", "sum does not take these arguments."),
        ("isinstance(x, User)", None),
        ("open('x')", None),
        ("exec('1')", None),
        ("...", "This constant is not part of the expression language."),
        ("items[1, 2:3]", "A slice takes one list, tuple or text; several dimensions are not part of the expression language."),
        ("a\0b", "An expression cannot contain a NUL character."),
        (r"'\d'", r"\d is not an escape in a string; write \\ for a backslash."),
        ("[x for x.y in items]", "A comprehension goes over one name, or several, such as `for name, price in items`."),
        ("[x async for x in items]", None),
        ("await x", None),
        ("import os", None),
    ],
)
def test_what_is_no_expression_is_refused_with_a_sentence(text: str, message: str | None) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)

    assert message is None or message == caught.value.message
    assert caught.value.message.endswith(".")
    assert caught.value.column is None or 0 <= caught.value.column <= len(text)


@pytest.mark.parametrize("call", ["user.greet()", "prices.get('k')", "text.upper()", "(1).real.conjugate()", "items[0]()"])
def test_calls_of_methods_are_refused_with_what_to_use_instead(call: str) -> None:
    with pytest.raises(
        ExpressionError, match=r"Calls of methods are refused, since they could run the application's code; use len, any"
    ):
        compile_expression(call)


@pytest.mark.parametrize(
    ("text", "column"),
    [("  user.__dict__", 2), ("'ä' + ä.__dict__", 6), ("[1, total @ 2]", 4), ("total == open('f')", 9), ("[1,\n ä, x.__y__]", 8)],
)
def test_the_column_of_an_error_counts_characters(text: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)

    assert column == caught.value.column


def test_the_names_are_the_variables_that_are_read() -> None:
    text = "user_id == '1' and any(item.price > limit for item in cart.items) and len(x) and isinstance(y, str) and f'{z}'"

    assert frozenset({"user_id", "limit", "cart", "x", "y", "z"}) == compile_expression(text).names


def test_a_variable_may_have_the_name_of_a_function() -> None:
    assert (True, 6) == value_of("(sum > 3, sum([1, 2, 3]))", {"sum": 9})


def test_a_comprehension_variable_hides_a_variable_only_inside() -> None:
    assert ([1, 4, 9, 16], 120) == value_of("([total * total for total in items], total)")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("totl > 3", "No variable named 'totl' here."),
        ("total / 0", "The expression divides by zero."),
        ("2.0 ** 5000", "A number in the expression becomes too large."),
        ("user.nope", "has no field 'nope'."),
        ("user.label", "property or a method"),
        ("user.greet", "property or a method"),
        ("slotted.unset", "is not set"),
        ("text.upper", "is not a field of this str but of its class"),
        ("prices['plum']", "The dict has no such key."),
        ("items[9]", "The index is beyond the end of the list."),
        ("items['a']", "The index of a list must be an integer, not a str."),
        ("items['a':]", "The bounds of a slice must be integers, not a str."),
        ("items[::0]", "The step of a slice must not be zero."),
        ("total[0]", "An item of an int cannot be known"),
        ("total + text", "'+' does not go with an int and a str."),
        ("text % total", "'%' does not go with a str and an int."),
        ("text < total", "'<' does not go with a str and an int."),
        ("1 in text", "Only a str can be looked for in a str, not an int."),
        ("1 in total", "An int has nothing in it to look for."),
        ("[x for x in total]", "An int has no items to go through."),
        ("[a for a, b in items]", "An item is an int where 2 names stand."),
        ("[a for a, b, c in pairs]", "An item has 2 parts where 3 names stand."),
        ("-text", "'-' does not go with a str."),
        ("len(total)", "An int has no length."),
        ("int('x')", "The text is not an integer."),
        ("float('x')", "The text is not a number."),
        ("int('x', 99)", "The text is not an integer."),
        ("int(items)", "`int` does not take a list."),
        ("abs(text)", "`abs` does not take a str."),
        ("sum(text)", "`sum` adds numbers, not a str."),
        ("max(empty)", "`max` was given nothing to choose from; add a `default=`."),
        ("{[]: 1}", "A list cannot be a key here"),
        ("prices[items]", "A list cannot be a key here"),
        ("1 << -1", "The number of bits to shift by must be between 0 and 4,096."),
        ("f'{items:>3}'", "A format specification goes with numbers and texts, not with a list; add !s."),
        ("f'{text:d}'", "The format 'd' does not go with a str."),
        ("round(rate, 10000)", "The digits of `round` must be an integer of at most 200."),
        ("round(1e999)", "`round` does not take infinity or NaN."),
        ("not user", "Whether a"),
        ("[y for x in items for y in y]", "A name of a comprehension is used before the `for` that gives it a value."),
    ],
)
def test_what_cannot_be_evaluated_is_an_error_in_one_sentence(text: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(text)

    assert message in str(caught.value)
    assert str(caught.value).endswith(".")


def test_an_error_holds_no_value_of_the_application() -> None:
    names = {"secret": "hunter2", "table": {"hunter2": 1}, "items": ["hunter2"]}
    for text in (
        "int(secret)",
        "float(secret)",
        "table[secret + 'x']",
        "secret + 1",
        "items[secret]",
        "secret.x",
        "f'{secret:d}'",
    ):
        with pytest.raises(EvaluationError) as caught:
            value_of(text, names)
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, False), ("", False), (None, False), ([0], True), ({}, False), (range(0), False), (math.nan, True), (b"x", True)],
)
def test_truth_is_that_of_built_in_types(value: object, expected: bool) -> None:
    assert expected is truth(value)


def test_the_truth_of_an_object_is_an_error_that_says_what_to_write() -> None:
    with pytest.raises(EvaluationError, match="compare it, as in `x is not None`"):
        truth(User("ada", 36))


def test_a_record_is_read_as_the_object_was() -> None:
    names = {"cart": Record("shop.Cart", {"total": 120, "user": Record("shop.User", {"name": "ada"})})}

    assert value_of("cart.total > 100 and cart.user.name == 'ada'", names) is True


@pytest.mark.parametrize(
    "text", ["cart.nope", "cart == 3", "cart['a']", "len(cart)", "not cart", "cart + 1", "str(cart)", "cart.__x"]
)
def test_what_a_record_does_not_hold_is_an_error(text: str) -> None:
    with pytest.raises(EvaluationError, match=r"shop\.Cart"):
        value_of(text, {"cart": Record("shop.Cart", {"total": 120})})


def test_a_record_with_a_text_gives_it_to_str() -> None:
    names = {"when": Record("datetime.datetime", {}, text="2026-11-23 07:00:00")}

    assert value_of("str(when)[:10] == '2026-11-23'", names) is True
    assert value_of("f'{when}'", names) == "2026-11-23 07:00:00"


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "x == 1",
        "1 == x",
        "x is None",
        "x > 1",
        "x + 1",
        "-x",
        "x.a",
        "x[0]",
        "x[0:1]",
        "len(x)",
        "1 in x",
        "x in [1]",
        "not x",
        "bool(x)",
        "isinstance(x, int)",
        "str(x)",
        "repr(x)",
        "f'{x}'",
        "any(x)",
        "[y for y in x]",
        "abs(x)",
        "[x] == [1]",
    ],
)
def test_any_use_of_what_was_not_captured_is_an_error(text: str) -> None:
    names = {"x": NotCaptured("redacted")}
    if text == "x":
        assert NotCaptured("redacted") == value_of(text, names)
        return
    with pytest.raises(EvaluationError, match=r"redacted"):
        value_of(text, names)


def test_the_true_length_and_the_captured_part_of_a_cut_value_can_be_read() -> None:
    names = {"items": NotCaptured("items", 5_000, [7, 8]), "table": NotCaptured("items", 900, {"a": 1})}

    assert (5_000, 8, True, True, 1) == value_of("(len(items), items[1], bool(items), 8 in items, table['a'])", names)
    for text in ("items[2]", "items[-1]", "9 in items", "items == [7, 8]", "table['b']", "'b' in table", "sum(items)"):
        with pytest.raises(EvaluationError, match=r"Only \d of [\d,]+ were captured here \(cut: items\)\."):
            value_of(text, names)


def test_an_expression_is_compared_by_its_text() -> None:
    assert compile_expression("a > 1") == compile_expression("a > 1")
    assert compile_expression("a > 1") != compile_expression("a > 2")
