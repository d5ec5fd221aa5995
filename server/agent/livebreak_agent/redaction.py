"""What never leaves the process: values whose name, or whose type's name, says that they are secret.

It is decided on the application's thread while a hit is captured, before anything is queued; and a condition, a watch or
a log message that reads such a name is refused, since its answer would tell what the value is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Mode(StrEnum):
    NAMES = "names"
    """What has a telling name is left out."""
    STRICT = "strict"
    """Only numbers and booleans are kept, and of those only what has no telling name."""


PARTS = (
    "password", "passwd", "passphrase", "passcode", "secret", "apikey", "privatekey", "accesskey", "signingkey", "encryptionkey",
    "credential", "authorization", "authheader", "authtoken", "accesstoken", "refreshtoken", "idtoken", "bearer", "csrf", "xsrf",
    "sessionid", "sessionkey", "setcookie", "creditcard", "cardnumber", "accountnumber", "routingnumber", "socialsecurity",
    "connectionstring", "dburl", "databaseurl", "mnemonic", "otpcode", "pincode",
)  # fmt: skip
"""Telling wherever they stand in a name that is written in lower case without `_`, `-` and the like."""

WORDS = frozenset(
    {
        "pwd",
        "pass",
        "token",
        "tokens",
        "cookie",
        "cookies",
        "jwt",
        "cvv",
        "cvc",
        "ssn",
        "iban",
        "otp",
        "pin",
        "salt",
        "sid",
        "dsn",
    }
)
"""Telling as whole words of a name alone: `pin` in `pin_code` is, in `shipping` it is not."""

TYPE_PARTS = ("password", "secret", "credential", "privatekey")
"""Telling in the name of a class, such as pydantic's `SecretStr`."""

_REMEMBERED_NAMES = 4_096
"""Names whose answer is kept: as many as a large application's hits show, not as many as a dict's keys can be."""

_LONGEST_NAME = 200
"""A longer text is no name; looking for words in it would take the application's time."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")
_BRACES = re.compile(r"\{([^{}]*)\}")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, kw_only=True)
class Redaction:
    """The rules of one process."""

    mode: Mode = Mode.NAMES
    names: frozenset[str] = frozenset()
    """Further telling names, in any case and with or without separators."""
    allowed: frozenset[str] = frozenset()
    """Names that are not telling whatever the lists say."""
    _answers: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def strict(self) -> bool:
        return self.mode is Mode.STRICT

    def hides(self, name: str) -> bool:
        """Whether what has this name (of a variable, a field, a key; exactly a `str`) is left out."""
        answer = self._answers.get(name)
        if answer is None:
            answer = self._is_telling(name)
            if len(self._answers) >= _REMEMBERED_NAMES:
                self._answers.clear()
            self._answers[name] = answer
        return answer

    def refusal(self, expression: str) -> str | None:
        """Why an expression may not be evaluated, or None."""
        return self._refusal(_names_in_expression(expression))

    def message_refusal(self, message: str) -> str | None:
        """Why a log message may not be rendered, or None."""
        if self.strict and _BRACES.search(message):
            return "Redaction is strict in this process: a log message cannot show values here."
        return self._refusal(name for part in _BRACES.findall(message) for name in _names_in_part(part))

    def _refusal(self, names: Iterable[str]) -> str | None:
        for name in names:
            if self.hides(name):
                return f"{name} is on the redaction list of this process, so it cannot be read here."
        return None

    def _is_telling(self, name: str) -> bool:
        if len(name) > _LONGEST_NAME:
            return False
        plain = _normalised(name)
        if any(plain == _normalised(allowed) for allowed in self.allowed):
            return False
        if any(plain == _normalised(own) for own in self.names):
            return True
        return any(part in plain for part in PARTS) or any(word.lower() in WORDS for word in _WORD.findall(name))


def hides_type(name: str) -> bool:
    """Whether values of the class with this qualified name are left out."""
    plain = _normalised(name.rpartition(".")[2])
    return any(part in plain for part in TYPE_PARTS)


def _normalised(name: str) -> str:
    return _SEPARATORS.sub("", name).lower()


def _names_in_expression(expression: str) -> Iterator[str]:
    """Variables, attributes, and the constants that something is looked up with."""
    try:
        tree = ast.parse(f"({expression}\n)", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Subscript):
            yield from (part.value for part in ast.walk(node.slice) if isinstance(part, ast.Constant) and type(part.value) is str)


def _names_in_part(part: str) -> Iterator[str]:
    """The names in one `{...}` of a message, whose end may be a conversion and a format."""
    yield from _IDENTIFIER.findall(part)
