"""What an evaluation may spend: steps of work, and characters of text."""

from __future__ import annotations

from typing import Any, Protocol

from livebreak_agent.vocabulary.expressions import limits
from livebreak_agent.vocabulary.expressions.errors import EvaluationError

Budget = list[Any]
"""The steps that are left to this evaluation, and what it must not see: `Secrets` or None."""


class Secrets(Protocol):
    """What expressions must not see. Its answers are asked for on the application's threads."""

    @property
    def strict(self) -> bool:
        """Whether texts are all secret."""

    def hides(self, name: str, /) -> bool:
        """Whether the value of a key (exactly a `str`) is secret."""

    def hides_type(self, kind: type, /) -> bool:
        """Whether all values of a class are secret."""


def new_budget(secrets: Secrets | None = None) -> Budget:
    return [limits.STEPS, secrets]


def charge(budget: Budget, steps: int) -> None:
    """Takes steps from the budget; `EvaluationError` when it is spent."""
    budget[0] -= steps
    if budget[0] < 0:
        raise EvaluationError("The expression takes too long on these values; make it look at fewer of them.")


def charge_text(budget: Budget, count: int) -> None:
    """Pays for making a text of so many characters; `EvaluationError` if it is too long."""
    if count > limits.TEXT_LENGTH:
        raise EvaluationError(f"The expression makes a text of {count:,} characters; {limits.TEXT_LENGTH:,} are the most.")
    charge(budget, count // limits.CHARACTERS_PER_STEP_MADE)


def charge_reading(budget: Budget, count: int) -> None:
    """Pays for reading through a text of so many characters; `EvaluationError` if it is too long."""
    if count > limits.SEARCHED_LENGTH:
        raise EvaluationError(f"The text has {count:,} characters; expressions read at most {limits.SEARCHED_LENGTH:,}.")
    charge(budget, count // limits.CHARACTERS_PER_STEP_READ)
