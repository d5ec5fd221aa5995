"""The safe expression language of conditions, log messages, watches and filters: a subset of Python.

It is evaluated in production, over live frames, and over captured hits, with the same result. Names, attributes of plain
data, subscripts and slices, comparisons, boolean and arithmetic operators, `a if b else c`, f-strings, list, tuple, dict
and set displays, comprehensions, and the functions `len isinstance any all min max sum sorted str int float bool repr abs
round`.

No code of the application runs: not `__eq__`, `__hash__`, `__bool__`, `__len__` or `__repr__` of any object, also not of one
inside a list or a dict's keys, and no property, descriptor or metaclass. Values are read by their exact built-in types and
from instance dictionaries and slots; where that cannot answer, there is an `EvaluationError`, never a guess. And nothing runs
or grows without bounds, see `limits`.
"""

from livebreak_agent.vocabulary.expressions.compiler import (
    FILENAME,
    Checked,
    Expression,
    check_expression,
    compile_expression,
    failure,
)
from livebreak_agent.vocabulary.expressions.data import NotCaptured, Record, truth
from livebreak_agent.vocabulary.expressions.errors import EvaluationError, ExpressionError
from livebreak_agent.vocabulary.expressions.functions import FUNCTION_NAMES
from livebreak_agent.vocabulary.expressions.message import Message, compile_message
from livebreak_agent.vocabulary.expressions.spending import Budget, Secrets

__all__ = [
    "FILENAME",
    "FUNCTION_NAMES",
    "Budget",
    "Checked",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "Message",
    "NotCaptured",
    "Record",
    "Secrets",
    "check_expression",
    "compile_expression",
    "compile_message",
    "failure",
    "truth",
]
