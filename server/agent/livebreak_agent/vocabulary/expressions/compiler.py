"""Expressions, compiled once and evaluated many times."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from livebreak_agent.vocabulary.expressions import limits
from livebreak_agent.vocabulary.expressions.errors import EvaluationError, ExpressionError
from livebreak_agent.vocabulary.expressions.spending import Budget, Secrets
from livebreak_agent.vocabulary.expressions.writer import MARK, NAMESPACE, Writer

FILENAME = "<livebreak expression>"
"""What compiled expressions are named in tracebacks."""

_REMEMBERED = 256
"""Expressions that are kept checked: the same condition is set again and again while somebody looks for something."""


class Evaluate(Protocol):
    """What an expression is compiled to: a plain function, since every call counts on the application's threads."""

    def __call__(self, names: Mapping[str, Any], budget: Budget | None = None, /) -> Any:
        """The value for the variables by name, in a mapping that runs no code of the application's.

        A budget is given where several expressions share one. Raises `EvaluationError`, and nothing else of its own.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """A checked expression."""

    text: str
    names: frozenset[str]
    """The variables that it reads."""
    evaluate: Evaluate = field(compare=False, repr=False)
    """Its value for the variables by name, or an `EvaluationError`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """An expression that was found to be one, as guarded code that is not compiled yet."""

    text: str
    names: frozenset[str]
    is_bool: bool
    """Whether its value is certain to be True or False."""
    uses_budget: bool
    constants: Mapping[str, Any] = field(compare=False)
    tree: ast.expr = field(compare=False, repr=False)
    """As Python parsed it, for whoever has further questions."""
    _template: str = field(compare=False, repr=False)

    def source(self, place_of: Callable[[str], str]) -> str:
        """Its code, with each variable read from the place that is said for its name, itself a piece of code.

        In it `B` is a `Budget`, or None where it `uses_budget` not, and the other names are those of `namespace`.
        """
        return _MARKED.sub(lambda found: place_of(found[1]), self._template)

    def namespace(self, secrets: Secrets | None) -> dict[str, Any]:
        """The names that its code uses."""
        return {**NAMESPACE, **self.constants, "S": secrets, "failure": failure, "Exception": Exception}


def compile_expression(text: str, secrets: Secrets | None = None) -> Expression:
    """Checks an expression and makes it ready to be evaluated many times; `ExpressionError` if it is refused.

    `secrets` says what it must not see, in containers too.
    """
    checked = check_expression(text)
    start = f"    if B is None:\n        B = [{limits.STEPS}, S]\n" if checked.uses_budget else ""
    source = (
        f"def evaluate(N, B=None):\n{start}    try:\n        return {checked.source(_in_mapping)}\n"
        "    except Exception as error:\n        problem = failure(error)\n        if problem is None:\n            raise\n"
        "        raise problem from None\n"
    )
    namespace = checked.namespace(secrets)
    exec(compile(source, FILENAME, "exec"), namespace)  # noqa: S102 - the source is ours, of checked parts only
    return Expression(text=text, names=checked.names, evaluate=namespace["evaluate"])


@functools.lru_cache(_REMEMBERED)
def check_expression(text: str) -> Checked:
    """Checks an expression; `ExpressionError` if it is refused."""
    stripped = text.strip()
    margin = len(text) - len(text.lstrip())
    try:
        tree = _parse(stripped)
        writer = Writer(stripped)
        code = writer.write(tree)
    except ExpressionError as error:
        raise ExpressionError(error.message, None if error.column is None else error.column + margin) from None
    return Checked(
        text=text,
        names=frozenset(writer.names),
        is_bool=code.kind is bool,
        uses_budget=writer.uses_budget,
        constants=writer.constants,
        tree=tree,
        _template=code.source,
    )


_MARKED = re.compile(f"{MARK}([^{MARK}]*){MARK}")


def _in_mapping(name: str) -> str:
    return f"N[{name!r}]"


_BAD_ESCAPE = re.compile(r"\\(?:\\|(?P<bad>[^\n'\"abfnrtvxNuU0-7]))", re.DOTALL)


def _parse(text: str) -> ast.expr:
    if len(text) > limits.EXPRESSION_LENGTH:
        raise ExpressionError(f"An expression has at most {limits.EXPRESSION_LENGTH:,} characters.", limits.EXPRESSION_LENGTH)
    if not text:
        raise ExpressionError("There is no expression; write one such as `total > 100`.", 0)
    if "\0" in text:
        raise ExpressionError("An expression cannot contain a NUL character.", text.index("\0"))
    for found in _BAD_ESCAPE.finditer(text):
        if found["bad"]:
            # Python warns about these on standard error, which is the application's.
            raise ExpressionError(f"\\{found['bad']} is not an escape in a string; write \\\\ for a backslash.", found.start())
    try:
        return ast.parse(text, "<expression>", "eval").body
    except SyntaxError as error:
        raise _syntax_error(error, text) from None
    except (ValueError, RecursionError, MemoryError, OverflowError):
        raise ExpressionError("The expression is nested too deeply.") from None


def _syntax_error(error: SyntaxError, text: str) -> ExpressionError:
    reason = error.msg.removesuffix(".").removeprefix("f-string: ")
    column = None
    if error.offset is not None and error.lineno is not None:
        before = sum(len(line) + 1 for line in text.split("\n")[: error.lineno - 1])
        # Python gives 0 where the text ends too early.
        column = min(before + error.offset - 1, len(text)) if error.offset > 0 else len(text)
    if "Maybe you meant '=='" in reason or (column is not None and _ASSIGNMENT.match(text, column)):
        reason = "An expression cannot assign; write == to compare"
    elif "was never closed" in reason or "unmatched" in reason or reason.startswith("closing parenthesis"):
        reason = "The brackets do not match"
    elif reason.startswith("invalid syntax"):
        reason = "This is not a Python expression"
    return ExpressionError(f"{reason[:1].upper()}{reason[1:]}.", column)


_ASSIGNMENT = re.compile(r":?=(?!=)")


_OWN_DIRECTORY = __file__.rpartition("compiler")[0]
_EXPECTED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    NameError,
    MemoryError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What evaluating can come to by itself. Their subclasses that are no built-in ones are not."""


def failure(error: Exception) -> EvaluationError | None:
    """What went wrong, as one sentence that holds no value of the application's.

    None if nothing did: a signal handler or another thread raised an exception here, which is the application's.
    """
    if isinstance(error, EvaluationError):
        return error
    if not isinstance(error, _EXPECTED) or type(error).__module__ != "builtins" or not _is_raised_here(error):
        return None
    if type(error) is KeyError and type(error.args[0]) is str:
        # Only the lookup of a variable raises it: all others are guarded.
        return EvaluationError(f"No variable named {error.args[0]!r} here.")
    if isinstance(error, NameError):
        return EvaluationError("A name of a comprehension is used before the `for` that gives it a value.")
    if isinstance(error, ZeroDivisionError):
        return EvaluationError("The expression divides by zero.")
    if isinstance(error, OverflowError):
        return EvaluationError("A number in the expression becomes too large.")
    if isinstance(error, RecursionError):
        return EvaluationError("The program's stack is too deep here to evaluate the expression.")
    return EvaluationError(f"The expression failed with a {type(error).__name__}.")


def _is_raised_here(error: Exception) -> bool:
    """Whether only the agent's own code is on the way to where it was raised; a signal handler would be on it, too."""
    traceback = error.__traceback__
    while traceback is not None:
        filename = traceback.tb_frame.f_code.co_filename
        if filename != FILENAME and not filename.startswith(_OWN_DIRECTORY):
            return False
        traceback = traceback.tb_next
    return True
