"""What the owner of a process allows in it: files, kinds of breakpoints, redaction, ceilings.

A breakpoint may ask for less, never for more; one that is refused has failed, with a sentence that names what refuses it.

A policy that cannot be understood is no policy, so then the agent does not start.
"""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livebreak_agent.limits import CEILING, Limits
from livebreak_agent.vocabulary.model import Breakpoint, CaptureLimits

REDACTIONS = ("names", "strict")
"""The modes of `redaction.Mode`, which is imported only where it is needed."""

_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"", "0", "false", "no", "off"})
_ASKED = frozenset(field.name for field in dataclasses.fields(CaptureLimits))
_LIMITS = {field.name: field.type for field in dataclasses.fields(Limits) if field.type in {"int", "float"}}


class PolicyError(ValueError):
    """A policy that cannot be understood; the text is a sentence for a person."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """The rules of one process; as it stands, everything is allowed."""

    allow: tuple[str, ...] = ()
    """Globs over paths in the repository, `*` for any characters with slashes among them: only these files; all if empty."""
    deny: tuple[str, ...] = ()
    """Globs of files that hold no breakpoint, even if they are allowed."""
    logpoints_only: bool = False
    redaction: str = "names"
    redact: tuple[str, ...] = ()
    """Further names whose values are redacted."""
    redact_types: tuple[str, ...] = ()
    """Parts of the names of classes whose values are redacted."""
    redact_allow: tuple[str, ...] = ()
    """Names whose values are not redacted, whatever the lists say."""
    limits: tuple[tuple[str, float], ...] = ()
    """Fields of `limits.Limits` with values in place of the defaults; a breakpoint cannot ask for more than these."""

    def refusal(self, breakpoint: Breakpoint) -> str | None:
        """Why this process takes no such breakpoint, wherever its file is."""
        if self.logpoints_only and breakpoint.log_message is None:
            return "This process takes logpoints only (LIVEBREAK_LOGPOINTS_ONLY): give the breakpoint a log message."
        return self._refusal_of([breakpoint.filename], breakpoint.filename)

    def refusal_of_file(self, filename: str, inside: str | None) -> str | None:
        """Why no breakpoint may be in this loaded file; `inside` is its path in the repository by the place where it is.

        Where that is not known, what the breakpoint calls it proves nothing, and every end of its path is looked at.
        """
        if inside is not None:
            return self._refusal_of([inside], inside)
        parts = filename.replace("\\", "/").split("/")
        return self._refusal_of(["/".join(parts[index:]) for index in range(len(parts))], filename)

    def applied_to(self, limits: Limits) -> Limits:
        """The limits with this policy's in the place of the defaults."""
        chosen = dict(self.limits)
        asked = {name: int(chosen[name]) for name in chosen.keys() & _ASKED}
        own: dict[str, Any] = {name: (int if _LIMITS[name] == "int" else float)(value) for name, value in chosen.items()}
        return dataclasses.replace(limits, ceiling=dataclasses.replace(CEILING, **asked), **own)

    def _refusal_of(self, names: Sequence[str], shown: str) -> str | None:
        for glob in self.deny:
            if any(fnmatch.fnmatchcase(name, glob) for name in names):
                return f"This process takes no breakpoints in {shown}: LIVEBREAK_DENY has {glob}."
        if self.allow and not any(fnmatch.fnmatchcase(name, glob) for name in names for glob in self.allow):
            return f"This process takes no breakpoints in {shown}: LIVEBREAK_ALLOW has only {', '.join(self.allow)}."
        return None


EVERYTHING = Policy()
"""What holds where the owner says nothing."""


def read(
    environ: Mapping[str, str],
    *,
    allow: Sequence[str] | None = None,
    deny: Sequence[str] | None = None,
    logpoints_only: bool | None = None,
    redaction: str | None = None,
    redact: Sequence[str] | None = None,
    redact_types: Sequence[str] | None = None,
    redact_allow: Sequence[str] | None = None,
    limits: Mapping[str, float] | None = None,
) -> Policy:
    """The policy; an argument goes before its variable. `PolicyError` says what cannot be understood."""
    mode = (redaction if redaction is not None else environ.get("LIVEBREAK_REDACTION", "")).strip().lower() or "names"
    if mode not in REDACTIONS:
        raise PolicyError(f"LIVEBREAK_REDACTION is {mode[:40]!r}; it must be names or strict.")
    return Policy(
        allow=_globs(allow, environ, "ALLOW"),
        deny=_globs(deny, environ, "DENY"),
        logpoints_only=_flag(environ, "LOGPOINTS_ONLY") if logpoints_only is None else logpoints_only,
        redaction=mode,
        redact=_list(redact, environ, "REDACT"),
        redact_types=_list(redact_types, environ, "REDACT_TYPES"),
        redact_allow=_list(redact_allow, environ, "REDACT_ALLOW"),
        limits=_limits(limits, environ.get("LIVEBREAK_LIMITS", "")),
    )


def _list(argument: Sequence[str] | None, environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    if isinstance(argument, str):
        argument = argument.split(",")
    parts = argument if argument is not None else environ.get(f"LIVEBREAK_{name}", "").split(",")
    return tuple(part.strip() for part in parts if part.strip())


def _globs(argument: Sequence[str] | None, environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """A folder means all that is in it."""
    globs = (glob.removeprefix("./").lstrip("/") for glob in _list(argument, environ, name))
    return tuple(f"{glob}*" if glob.endswith("/") else glob for glob in globs)


def _flag(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(f"LIVEBREAK_{name}", "").strip().lower()
    if text not in _TRUE | _FALSE:
        raise PolicyError(f"LIVEBREAK_{name} is {text[:40]!r}; it must be 1 or 0.")
    return text in _TRUE


def _limits(argument: Mapping[str, float] | None, text: str) -> tuple[tuple[str, float], ...]:
    pairs: list[tuple[str, object]] = (
        list(argument.items())
        if argument is not None
        else [
            (name.strip(), value.strip()) for name, _, value in (part.partition("=") for part in text.split(",") if part.strip())
        ]
    )
    chosen = []
    for name, value in pairs:
        if name not in _LIMITS:
            raise PolicyError(f"LIVEBREAK_LIMITS has no limit named {name[:40]!r}; there are {', '.join(sorted(_LIMITS))}.")
        try:
            number = float(str(value))
        except ValueError:
            number = -1.0
        if not 0.0 <= number < float("inf"):
            raise PolicyError(f"LIVEBREAK_LIMITS has no number from 0 on for {name}; write it as {name}=10.")
        chosen.append((name, number))
    return tuple(chosen)
