"""The filter over hits: an expression, and for which hits it is true."""

from __future__ import annotations

from collections.abc import Callable

from livebreak_agent.vocabulary.expressions import EvaluationError, ExpressionError, compile_expression, truth
from livebreak_agent.vocabulary.hit_names import names_of
from livebreak_agent.vocabulary.model import Hit


class WhereError(ValueError):
    """The text is no filter; the error's text says why and where."""


def compile_where(text: str) -> Callable[[Hit], bool]:
    """Tells of a hit whether it matches. One on which the filter cannot be evaluated does not. Raises `WhereError`."""
    try:
        expression = compile_expression(text)
    except ExpressionError as error:
        raise WhereError(error.message) from None

    def matches(hit: Hit) -> bool:
        try:
            return truth(expression.evaluate(names_of(hit, expression.names)))
        except EvaluationError:
            return False

    return matches
