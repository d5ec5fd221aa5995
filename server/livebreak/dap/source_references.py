"""Numbers for texts that only a process has, or had; unlike other references they are good for the whole session."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_SOURCES = 4_000
"""Deployed texts of one session that can be asked for again: far more than anybody opens."""

MOST_TEXTS = 64
"""Deployed texts kept: the files of a stack or two."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployedSource:
    """A file as a process had it."""

    repository: str | None
    filename: str
    digest: str | None
    """Git's id of the text, where the process told it."""
    revision: str | None


@dataclass(kw_only=True, slots=True)
class Sources:
    """The sources that a session has given references to."""

    references: dict[DeployedSource, int] = field(default_factory=dict)
    lines: dict[DeployedSource, dict[int, str]] = field(default_factory=dict)
    """1-based lines that hits have shown, for sources of which nothing else is known."""

    texts: dict[DeployedSource, str | None] = field(default_factory=dict)
    """What git has of some of them, since asking it takes longer than any other request; None where it has nothing."""

    def keep(self, source: DeployedSource, text: str | None) -> None:
        self.texts[source] = text
        while len(self.texts) > MOST_TEXTS:
            del self.texts[next(iter(self.texts))]

    def reference(self, source: DeployedSource) -> int:
        if source not in self.references and len(self.references) < MOST_SOURCES:
            self.references[source] = len(self.references) + 1
        # Beyond the bound the last one is given out again: a wrong title, and no growth.
        return self.references.get(source, MOST_SOURCES)

    def get(self, reference: int) -> DeployedSource | None:
        return next((source for source, number in self.references.items() if number == reference), None)
