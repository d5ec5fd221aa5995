"""What a measurement comes to: rows of figures, each with its goal, its noise and how it was measured."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

BLOCKS = 5
"""Consecutive parts of a series that are compared with one another to tell how far its figures can be trusted."""


class Broken(Exception):
    """Something could not be measured because it did not work; the text says what."""


class Skipped(Exception):
    """Something is not measured here; the text says why, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """What one of a row's figures should be."""

    figure: str
    """Its name, such as `p95`."""
    at_most: float | None = None
    at_least: float | None = None

    def is_met(self, figures: Mapping[str, float]) -> bool:
        value = figures[self.figure]
        return (self.at_most is None or value <= self.at_most) and (self.at_least is None or value >= self.at_least)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    """Stable, since comparisons with earlier runs find a row by it."""
    unit: str
    figures: Mapping[str, float]
    how: str
    """How it was measured, in a sentence."""
    goal: Goal | None = None
    noise: float | None = None
    """Half the range of the first figure over parts of the series, as a share of it: differences below it mean nothing."""
    count: int = 0
    """Rounds, passes or blocks behind it."""
    more_is_better: bool = False


def quantile(samples: Sequence[float], share: float) -> float:
    """The value below which this share of the samples is; of few samples it is one of them, not a guess between two."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def distribution(
    name: str,
    samples: Sequence[float],
    *,
    how: str,
    shares: Sequence[float] = (0.5, 0.95),
    scale: float = 1000.0,
    unit: str = "ms",
    goal: Goal | None = None,
    more: Mapping[str, float] = {},
) -> Row:
    """A row of quantiles of times, given in seconds. `more` are further figures of the row, as they are."""
    if not samples:
        raise Broken(f"{name}: nothing was measured")
    figures = {_label(share): quantile(samples, share) * scale for share in shares} | {**more}
    judged = next((share for share in shares if goal is not None and _label(share) == goal.figure), shares[0])
    return Row(
        name=name,
        unit=unit,
        figures=figures,
        how=how,
        goal=goal,
        noise=noise_of(samples, lambda part: quantile(part, judged)),
        count=len(samples),
    )


def median_of(
    name: str,
    samples: Sequence[float],
    *,
    unit: str,
    how: str,
    goal: Goal | None = None,
    more: Mapping[str, float] = {},
    more_is_better: bool = False,
) -> Row:
    """A row with the median of repeated blocks, each of which is a figure already."""
    if not samples:
        raise Broken(f"{name}: nothing was measured")
    return Row(
        name=name,
        unit=unit,
        figures={"median": statistics.median(samples), **more},
        how=how,
        goal=goal,
        noise=noise_of(samples, statistics.median),
        count=len(samples),
        more_is_better=more_is_better,
    )


def noise_of(samples: Sequence[float], figure: Callable[[Sequence[float]], float]) -> float | None:
    """How far a figure of consecutive parts of a series lies apart, as a share of the whole series' figure."""
    size = len(samples) // BLOCKS
    whole = figure(samples)
    if size < 1 or not whole:
        return None
    parts = [figure(samples[start : start + size]) for start in range(0, size * BLOCKS, size)]
    return abs((max(parts) - min(parts)) / 2 / whole)


def _label(share: float) -> str:
    return f"p{share * 100:g}"
