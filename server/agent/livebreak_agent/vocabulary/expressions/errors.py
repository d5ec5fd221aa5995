"""What can go wrong with an expression: before it is used, and while it is."""

from __future__ import annotations


class ExpressionError(ValueError):
    """The text is not an expression of the language: it does not parse, or uses what is refused.

    Attributes
    ----------
    message
        One sentence: what is wrong and what to do.
    column
        Where, 0-based in characters of the text, if there is one place.
    """

    def __init__(self, message: str, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


class EvaluationError(Exception):
    """An expression could not be evaluated on these values; its text is one sentence, and never holds a value."""
