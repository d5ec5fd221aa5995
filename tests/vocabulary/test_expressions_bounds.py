"""Nothing takes unbounded time or memory: the bound itself is seen, as an error, not measured as time."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from livebreak_agent.vocabulary.expressions import EvaluationError, ExpressionError, compile_expression, limits


def nested_list(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def shared_list(depth: int) -> list[Any]:
    """2 ** depth leaves in `depth` lists."""
    value: list[Any] = [1]
    for _ in range(depth):
        value = [value, value]
    return value


CYCLE: list[Any] = []
CYCLE.append(CYCLE)
OTHER_CYCLE: list[Any] = []
OTHER_CYCLE.append(OTHER_CYCLE)
NAMES: dict[str, Any] = {
    "long": list(range(1_000_000)),
    "middle": list(range(2_000)),
    "text": "a" * 10_000_000,
    "word": "a" * 90_000,
    "words": ["a" * 90_000] * 1_000,
    "digits": "9" * 100_000,
    "huge": 10**100_000,
    "deep": nested_list(100_000),
    "deep2": nested_list(100_000),
    "shared": shared_list(60),
    "shared2": shared_list(60),
    "cycle": CYCLE,
    "cycle2": OTHER_CYCLE,
    "table": dict.fromkeys(range(1_000_000)),
    "span": range(10**30),
    "hugespan": range(10**100_000),
}


@pytest.mark.parametrize(
    "text",
    [
        "10**10**10",
        "2**4097",
        "(-3)**100000",
        "10**1000 * 10**1000",
        "1 << 5000",
        "1 << 10**100",
        "huge + 1",
        "huge * 2.0",
        "-huge",
        "huge % 7",
        "str(huge)",
        "f'{huge}'",
        "f'{huge:d}'",
        "[huge]  == [1] or repr([huge])",
        "sum([huge])",
        "abs(huge)",
        "round(huge, -5)",
        "round(5, -10**9)",
        "int(digits)",
        "float(digits)",
        "repr(hugespan)",
        "'a' * 10**10",
        "b'a' * 10**10",
        "[0] * 10**10",
        "(0,) * 10**7",
        "word + word",
        "f'{word}{word}'",
        "text[1:]",
        "repr(word * 2)",
        "text == text + ''",
        "'b' in text",
        "text in ['b']",
        "text < text",
        "{text}",
        "[x for x in long]",
        "any(x < 0 for x in long)",
        "all(long)",
        "sum(long)",
        "sorted(long)",
        "max(long)",
        "-1 in long",
        "long == [1] * len(long)",
        "[(x, y) for x in middle for y in middle]",
        "[y for x in middle for y in [z for z in middle]]",
        "sum(sum(x * y for y in middle) for x in middle)",
        "any('b' in word for x in middle)",
        "text in words",
        "[word + 'x' for x in middle]",
        "[[0] * 1000 for x in middle]",
        "[x**300 for x in long]",
        "[1 for x in [1] * 10**5]",
        "deep == deep2",
        "deep < deep2",
        "str(deep)",
        "shared == shared2",
        "shared < shared2",
        "str(shared)",
        "cycle == cycle2",
        "cycle < cycle2",
        "table['a']",
        "table == {1: 2}  or 'a' in table",
        "[x for x in span]",
        "[x for x in hugespan]",
        "len(span)",
        "[[[[x for x in middle] for x in middle] for x in middle] for x in middle]",
    ],
)
def test_what_would_take_too_long_ends_with_an_error(text: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        compile_expression(text).evaluate(NAMES)

    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "1" * 2_001,
        "-" * 1_900 + "1",
        "not " * 400 + "1",
        "(" * 900 + ")" * 900,
        "[" * 150 + "]" * 150,
        "a" + ".a" * 900,
        "a" + "[0]" * 600,
        "1" + "+1" * 900,
        "1" + " if 1 else 1" * 100,
        "[" + "1," * 900 + "]",
        "1" + "<1" * 900,
        "a" + " and a" * 600,
        "9" * 1_900,
        "{" * 900,
        "f'" + "{a}" * 600 + "'",
        "f'{a:>201}'",
        "f'{a:.999999999999999999999}'",
        "max(" + "1," * 60 + ")",
    ],
)
def test_an_expression_that_is_itself_too_large_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)

    assert caught.value.message.endswith(".")


def test_a_cycle_is_written_as_python_writes_it() -> None:
    table: dict[str, Any] = {"k": 1}
    table["self"] = table

    assert "[[...]] {'k': 1, 'self': {...}}" == compile_expression("f'{cycle} {table}'").evaluate(
        {"cycle": CYCLE, "table": table}
    )


def test_what_is_within_the_bounds_works() -> None:
    names = {"items": list(range(10_000)), "word": "a" * 1_000_000, "table": dict.fromkeys(range(100_000))}

    assert compile_expression("any(x == 9999 for x in items)").evaluate(names) is True
    assert compile_expression("'b' in word").evaluate(names) is False
    assert compile_expression("99999 in table").evaluate(names) is True
    assert 2**4000 == compile_expression("2**4000").evaluate(names)
    assert 90_000 == compile_expression("len('a' * 90000)").evaluate(names)


def test_each_evaluation_has_all_the_steps() -> None:
    expression = compile_expression("sum(x for x in items)")
    names = {"items": list(range(limits.STEPS // 4))}

    assert expression.evaluate(names) == expression.evaluate(names) == sum(names["items"])


def test_a_stack_that_is_nearly_full_gives_an_error_and_not_a_crash() -> None:
    expression = compile_expression("all(x == [[y]] for x in items for y in items)")

    def at(depth: int) -> str:
        if depth:
            return at(depth - 1)
        try:
            expression.evaluate({"items": [[[1]]]})
        except (EvaluationError, RecursionError) as error:
            return type(error).__name__
        return "done"

    used = sys.getrecursionlimit() - 60
    outcomes = set()
    for depth in range(used - 60, used + 55):
        try:
            outcomes.add(at(depth))
        except RecursionError:
            break

    assert "done" in outcomes
    assert outcomes <= {"done", "EvaluationError", "RecursionError"}
