"""Over plain data, any expression gives what Python gives, or says that it cannot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livebreak_agent.vocabulary.expressions import EvaluationError, compile_expression

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-20, 20),
    st.floats(-100, 100, width=16),
    st.text("abc ", max_size=4),
    st.binary(max_size=2),
)
keys = st.one_of(st.integers(-3, 3), st.text("ab", max_size=2), st.tuples(st.integers(0, 2), st.text("ab", max_size=1)))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(keys, inner, max_size=3),
        st.sets(keys, max_size=3),
    ),
    max_leaves=8,
)
names = st.fixed_dictionaries(dict.fromkeys(("a", "b", "c"), values))

literals = st.one_of(
    scalars.map(repr), st.just("[]"), st.just("{}"), st.just("(1, 'a')"), st.just("{'a': 1}"), st.just("{1, 'a'}")
)
atoms = st.one_of(st.sampled_from(["a", "b", "c", "x", "y"]), literals)


def _of(*forms: str) -> Any:
    def fill(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.builds(lambda form, one, two, three: form.format(one, two, three), st.sampled_from(forms), inner, inner, inner)

    return fill


OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "in", "not in"]
ARITHMETIC = ["+", "-", "*", "/", "//", "%", "|", "&", "^", "<<", ">>", "**"]
FORMS = [
    *(f"({{0}} {sign} {{1}})" for sign in OPERATORS),
    *(f"({{0}} {sign} {{1}})" for sign in ARITHMETIC),
    *(f"({{0}} {one} {{1}} {two} {{2}})" for one, two in zip(OPERATORS, reversed(OPERATORS), strict=True)),
    "({0} and {1})",
    "({0} or {1} and {2})",
    "(not {0})",
    "({0} if {1} else {2})",
    "(-{0})",
    "([{0}][0] is None)",
    "({0})[{1}]",
    "({0})[{1}:{2}]",
    "[{0}, {1}]",
    "({0}, {1})",
    "{{{0}: {1}}}",
    "{{{0}, {1}}}",
    "[{1} for x in {0}]",
    "[x for x in {0} if {1}]",
    "[{2} for x in {0} for y in {1}]",
    "{{x: {1} for x in {0}}}",
    "{{{1} for x in {0}}}",
    "[x for x, y in {0}]",
    "any({1} for x in {0})",
    "all({1} for x in {0})",
    "sum({1} for x in {0})",
    "len({0})",
    "any({0})",
    "min({0})",
    "max({0}, {1})",
    "sum({0})",
    "sorted({0})",
    "str({0})",
    "repr({0})",
    "int({0})",
    "float({0})",
    "bool({0})",
    "abs({0})",
    "round({0}, {1})",
    "isinstance({0}, (int, str, list))",
]
# Python warns about expressions such as `1 in 'a'` or `'a'[1.0]` when it compiles them.
pytestmark = pytest.mark.filterwarnings("ignore")

expressions = st.recursive(atoms, _of(*FORMS), max_leaves=8)


@settings(max_examples=15 * settings().max_examples, suppress_health_check=[HealthCheck.too_slow])
@given(text=expressions, variables=names)
def test_the_value_is_pythons_or_there_is_an_error(text: str, variables: dict[str, Any]) -> None:
    scope = {**variables, "x": 1, "y": [2]}
    try:
        actual = compile_expression(text).evaluate(scope)
    except EvaluationError:
        # Ours may refuse what Python can do; that it seldom does so is the next test's matter.
        return
    expected = eval(text, dict(scope))

    assert (type(expected), repr(expected)) == (type(actual), repr(actual))


@settings(max_examples=10 * settings().max_examples, suppress_health_check=[HealthCheck.too_slow])
@given(text=expressions, variables=names)
def test_what_python_can_do_with_plain_data_is_not_refused(text: str, variables: dict[str, Any]) -> None:
    scope = {**variables, "x": 1, "y": [2]}
    try:
        compile_expression(text).evaluate(scope)
    except EvaluationError as error:
        if any(word in str(error) for word in _REFUSED_ON_PURPOSE):
            return
    else:
        return
    try:
        value = eval(text, dict(scope))
    except Exception:  # noqa: BLE001 - whatever Python says against it, it does say something
        return
    raise AssertionError(f"{text} is {value!r} for {scope}")


_REFUSED_ON_PURPOSE = (
    "bits",  # integers beyond the limit
    "'%' does not go with",  # the old way to format texts
    "cannot be a key here",
)
