"""What never leaves the process: values whose name, or whose type's name, says that they are secret.

It is decided on the application's thread while a hit is captured, before anything is queued; and a condition, a watch or
a log message that reads such a name is refused, since its answer would tell what the value is.
"""

from __future__ import annotations

import ast
import re
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from livebreak_agent.capture import raw
from livebreak_agent.policy import Policy
from livebreak_agent.redaction_lists import EXACT, FORMS, PARTS, TYPE_PARTS, WORDS


class Mode(StrEnum):
    NAMES = "names"
    """What has a telling name is left out."""
    STRICT = "strict"
    """Only numbers and booleans are kept, and of those only what has no telling name."""


HIDDEN = "<redacted>"
"""Stands in a text for a part of it that is secret."""

_SHORTEST_SECRET = 16
"""Characters of a text that could hold one of `FORMS`."""

_REMEMBERED_NAMES = 4_096
"""Names whose answer is kept: as many as a large application's hits show, not as many as a dict's keys can be."""

_LONGEST_NAME = 200
"""A longer text is no name; looking for words in it would take the application's time."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")
_FORM = re.compile("|".join(FORMS))


@dataclass(frozen=True, kw_only=True)
class Redaction:
    """The rules of one process."""

    mode: Mode = Mode.NAMES
    names: frozenset[str] = frozenset()
    """Further telling names, in any case and with or without separators."""
    allowed: frozenset[str] = frozenset()
    """Names that are not telling whatever the lists say."""
    types: tuple[str, ...] = ()
    """Further telling parts of the names of classes, such as `Patient` or `shop.models.Card`."""
    _answers: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)
    _types: dict[int, tuple[weakref.ref[type], bool]] = field(default_factory=dict, init=False, repr=False, compare=False)

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

    def hides_type(self, kind: type) -> bool:
        """Whether values of this class are left out, because its name, or that of a class it is derived from, says so."""
        known = self._types.get(id(kind))
        if known is not None and known[0]() is kind:
            return known[1]
        answer = any(self._is_telling_type(raw.type_name(base)) for base in raw.mro(kind))
        if len(self._types) >= _REMEMBERED_NAMES:
            self._types.clear()
        self._types[id(kind)] = (weakref.ref(kind), answer)
        return answer

    def scrub(self, text: str) -> str:
        """A text without what is secret by its form, wherever it stands: keys of well-known services, passwords in URLs."""
        if len(text) < _SHORTEST_SECRET or _FORM.search(text) is None:
            return text
        return _FORM.sub(_hidden_form, text)

    def refusal(self, tree: ast.expr) -> str | None:
        """Why an expression may not be evaluated, or None."""
        for name in _names_in(tree):
            if self.hides(name):
                return f"{name} is on the redaction list of this process, so it cannot be read here."
        return _strict_refusal(tree) if self.strict else None

    def _is_telling(self, name: str) -> bool:
        if len(name) > _LONGEST_NAME:
            return False
        plain = _normalised(name)
        if any(plain == _normalised(allowed) for allowed in self.allowed):
            return False
        if plain in EXACT or any(plain == _normalised(own) for own in self.names):
            return True
        return any(part in plain for part in PARTS) or any(word.lower() in WORDS for word in _WORD.findall(name))

    def _is_telling_type(self, name: str) -> bool:
        plain = _normalised(name.rpartition(".")[2])
        if any(plain == _normalised(allowed) for allowed in self.allowed):
            return False
        return any(part in plain for part in TYPE_PARTS) or any(own and own in name for own in self.types)


def redaction_of(policy: Policy) -> Redaction:
    """The rules that a policy asks for."""
    return Redaction(
        mode=Mode(policy.redaction),
        names=frozenset(policy.redact),
        allowed=frozenset(policy.redact_allow),
        types=policy.redact_types,
    )


_in_force: Redaction | None = None


def in_force() -> Redaction | None:
    """The rules of the engine that was made last in this process, None if there was none."""
    return _in_force


def put_in_force(redaction: Redaction) -> None:
    global _in_force
    _in_force = redaction


def _hidden_form(found: re.Match[str]) -> str:
    """What stands for a secret: of a URL or a header only the secret part is replaced."""
    part = "url" if found["url"] is not None else "header" if found["header"] is not None else 0
    start, end = found.start(part) - found.start(), found.end(part) - found.start()
    return found[0][:start] + HIDDEN + found[0][end:]


def _normalised(name: str) -> str:
    return _SEPARATORS.sub("", name).lower()


def _names_in(tree: ast.AST) -> Iterator[str]:
    """Variables, attributes, and the constants that something is looked up with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Subscript):
            yield from (part.value for part in ast.walk(node.slice) if isinstance(part, ast.Constant) and type(part.value) is str)


def _strict_refusal(tree: ast.AST) -> str | None:
    """In strict mode texts are secret: nothing may compare one with a text, or make numbers of it."""
    keys = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Subscript) for part in ast.walk(node.slice)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and id(node) not in keys
        makes_number = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("int", "float")
        if is_text or makes_number or isinstance(node, ast.JoinedStr):
            return "Redaction is strict in this process: texts cannot be compared, shown or converted here."
    return None
