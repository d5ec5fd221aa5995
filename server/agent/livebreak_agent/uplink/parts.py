"""What the uplink needs of the rest of an agent, so that it depends on none of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from livebreak_agent.settings import Settings
from livebreak_agent.vocabulary.model import Binding, Breakpoint, Hit, Process


class Armable(Protocol):
    """What breakpoints are armed in. Called by the uplink's thread alone."""

    def arm(self, breakpoints: Sequence[Breakpoint], /) -> None:
        """Have exactly these armed, replacing the last list."""

    def bindings(self) -> Sequence[Binding]:
        """What became of each, with counters."""

    def tick(self) -> None:
        """Called every `TICK_SECONDS` while anything is armed: time for what is due, such as lines to be watched again."""


class HitSource(Protocol):
    """Where captured hits wait. `take` is called by the uplink's thread alone."""

    def take(self, limit: int, /) -> Sequence[Hit]:
        """Remove and return up to so many, oldest first."""

    @property
    def dropped(self) -> int:
        """Hits that were lost because there was no room for them."""

    def refused(self, breakpoint_ids: Sequence[str], /) -> None:
        """Hits of these breakpoints, one entry for each hit, were taken and will never arrive."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    settings: Settings
    process: Process
    armable: Armable
    hits: HitSource
