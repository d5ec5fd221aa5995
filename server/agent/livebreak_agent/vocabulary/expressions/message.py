"""Log messages: text with `{expression}` parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from livebreak_agent.vocabulary.expressions import limits
from livebreak_agent.vocabulary.expressions.compiler import Expression, compile_expression
from livebreak_agent.vocabulary.expressions.errors import EvaluationError, ExpressionError
from livebreak_agent.vocabulary.expressions.spending import Budget, Secrets, new_budget
from livebreak_agent.vocabulary.expressions.text import check_spec, described, shown

CUT_MARK = "…"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    expression: Expression
    conversion: str
    spec: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A checked log message."""

    text: str
    names: frozenset[str]
    """The variables that it reads."""
    parts: tuple[str | _Part, ...]
    _secrets: Secrets | None = field(default=None, compare=False, repr=False)

    @property
    def expressions(self) -> tuple[str, ...]:
        """The texts of its expressions."""
        return tuple(part.expression.text for part in self.parts if isinstance(part, _Part))

    def render(self, names: Mapping[str, Any]) -> str:
        """The text for these variables, at most `MESSAGE_LENGTH` characters. A part that fails says why in its place."""
        budget = new_budget(self._secrets)
        rendered: list[str] = []
        length = 0
        for part in self.parts:
            piece = part if isinstance(part, str) else _render(part, names, budget)
            rendered.append(piece[: limits.MESSAGE_LENGTH])
            length += len(rendered[-1])
            if length > limits.MESSAGE_LENGTH:
                break
        whole = "".join(rendered)
        return whole if len(whole) <= limits.MESSAGE_LENGTH else whole[: limits.MESSAGE_LENGTH - 1] + CUT_MARK


def compile_message(text: str, secrets: Secrets | None = None) -> Message:
    """Checks a log message such as `total is {total:.2f}`; `{{` and `}}` are braces; `ExpressionError` if it is refused.

    `secrets` says what it must not show, in containers too.
    """
    if len(text) > limits.EXPRESSION_LENGTH:
        raise ExpressionError(f"A log message has at most {limits.EXPRESSION_LENGTH:,} characters.", limits.EXPRESSION_LENGTH)
    parts: list[str | _Part] = []
    position, literal = 0, ""
    while position < len(text):
        if text[position : position + 2] in ("{{", "}}"):
            literal += text[position]
            position += 2
        elif text[position] == "}":
            raise ExpressionError("There is a } without a {; write }} for a brace.", position)
        elif text[position] == "{":
            if literal:
                parts.append(literal)
                literal = ""
            part, position = _read_part(text, position + 1)
            parts.append(part)
        else:
            literal += text[position]
            position += 1
    if literal:
        parts.append(literal)
    names = frozenset().union(*(part.expression.names for part in parts if isinstance(part, _Part)))
    return Message(text=text, names=names, parts=tuple(parts), _secrets=secrets)


def _render(part: _Part, names: Mapping[str, Any], budget: Budget) -> str:
    try:
        value = part.expression.evaluate(names, budget)
        if part.conversion or part.spec:
            return shown(value, part.conversion, part.spec, budget)
        return described(value, budget)
    except EvaluationError as error:
        return f"{{{part.expression.text}: {error}}}"


def _read_part(text: str, start: int) -> tuple[_Part, int]:
    """The part whose expression starts here, and where the message goes on after its closing brace."""
    end = _end_of_expression(text, start)
    position = end
    conversion = spec = ""
    if text[position : position + 1] == "!":
        conversion = text[position + 1 : position + 2]
        if conversion not in ("r", "s", "a") or text[position + 2 : position + 3] not in ("}", ":"):
            raise ExpressionError("After ! there is r, s or a, as in {name!r}.", position)
        position += 2
    if text[position : position + 1] == ":":
        closed = text.find("}", position)
        if closed < 0:
            raise _never_closed(start)
        spec = text[position + 1 : closed]
        check_spec(spec, position + 1)
        position = closed
    try:
        expression = compile_expression(text[start:end].strip())
    except ExpressionError as error:
        margin = len(text[start:end]) - len(text[start:end].lstrip())
        raise ExpressionError(error.message, start + margin + (error.column or 0)) from None
    return _Part(expression=expression, conversion=conversion, spec=spec), position + 1


def _end_of_expression(text: str, start: int) -> int:
    """Where the expression ends that starts here: at a `}`, `:` or `!` outside of brackets and strings."""
    depth = 0
    position = start
    while position < len(text):
        character = text[position]
        if character in "'\"":
            position = _end_of_string(text, position)
            continue
        if depth == 0 and (character in "}:" or (character == "!" and text[position + 1 : position + 2] != "=")):
            return position
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        position += 1
    raise _never_closed(start)


def _end_of_string(text: str, start: int) -> int:
    """The position behind the string literal that starts here."""
    quote = text[start] * 3 if text[start : start + 3] == text[start] * 3 else text[start]
    position = start + len(quote)
    while position < len(text) and text[position : position + len(quote)] != quote:
        position += 2 if text[position] == "\\" else 1
    return position + len(quote)


def _never_closed(start: int) -> ExpressionError:
    return ExpressionError("The { is never closed; write {{ for a brace.", start - 1)
