"""Which loaded files a breakpoint means, what it comes to there, and what is then to be watched in a file."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence

from livebreak_agent import resolve
from livebreak_agent.armed import Armed
from livebreak_agent.instrument.files import Places
from livebreak_agent.instrument.loaded import LoadedFile, LoadedFiles
from livebreak_agent.instrument.sites import Instrument, OnPass, Site, Watched, all_of
from livebreak_agent.policy import Policy
from livebreak_agent.resolve import Outcome
from livebreak_agent.vocabulary.model import BindingState

Found = tuple[types.CodeType, Site]
"""A line to watch, and the code that it is in."""


def outcomes_of(
    armed: Armed,
    sites: Mapping[str, Sequence[Found]],
    *,
    files: LoadedFiles,
    places: Places,
    policy: Policy,
    instrument: Instrument,
) -> list[tuple[LoadedFile, Outcome]]:
    """The files that the breakpoint means, with what it comes to there; the binding is settled by the best.

    `sites` is what it has in each file already, by the file's name.
    """
    refusal = policy.refusal(armed.breakpoint)
    if refusal is not None:
        armed.settle(BindingState.FAILED, refusal)
        return []
    alike = files.alike(armed.breakpoint.filename)
    meant = [(rank, loaded) for rank, loaded in alike if resolve.is_this_file(armed.breakpoint, loaded, places)]
    if not meant:
        armed.settle(BindingState.PENDING, resolve.not_loaded(armed.breakpoint, [loaded.filename for _, loaded in alike]))
        return []
    best = max(rank for rank, _ in meant)
    chosen = [loaded for rank, loaded in meant if rank == best]
    refusals = [policy.refusal_of_file(loaded.filename, places.inside(loaded.filename)) for loaded in chosen]
    refusal = next((one for one in refusals if one is not None), None)
    if refusal is not None:
        armed.settle(BindingState.FAILED, refusal)
        return []
    if len(chosen) > 1 and armed.breakpoint.anchor is None:
        names = " and ".join(sorted(loaded.filename for loaded in chosen))
        reason = f"Several loaded files fit {armed.breakpoint.filename}: {names}. LIVEBREAK_PATH_MAP says where they belong."
        armed.settle(BindingState.PENDING, reason)
        return []
    outcomes = []
    for loaded in chosen:
        watched = [code for code, _ in sites.get(loaded.filename, ())]
        outcomes.append((loaded, resolve.in_file(armed.breakpoint, loaded, instrument, watched)))
    _, outcome = min(outcomes, key=lambda pair: _PREFERENCE[pair[1].state])
    if armed.state is BindingState.BOUND and outcome.state is BindingState.PENDING and outcome.places:
        # A pass has proved already that it is reached.
        outcome = resolve.proved(outcome)
    armed.settle(
        outcome.state,
        outcome.reason,
        line=outcome.line,
        nearest_lines=outcome.nearest_lines,
        digest=outcome.digest,
        source_changed=outcome.source_changed,
    )
    return outcomes


def plan_of(found: Iterable[Sequence[Found]], before: Mapping[int, Watched]) -> dict[int, Watched]:
    """What to watch in a file, of what each breakpoint has in it. What is as `before` is the very same, which is quickly seen."""
    wanted: dict[int, list[Found]] = {}
    for of_breakpoint in found:
        for pair in of_breakpoint:
            identity = id(pair[0])
            if identity in wanted:
                wanted[identity].append(pair)
            else:
                wanted[identity] = [pair]
    return {identity: _watched(pairs, before.get(identity)) for identity, pairs in wanted.items()}


def longest_asleep_first(some: Iterable[Armed], sites: Mapping[str, Mapping[str, Sequence[Found]]]) -> list[Armed]:
    """Those that are left alone, in the order of their turns, but those in the same code together; `sites` are the engine's."""
    codes: dict[int, list[Armed]] = {}
    for armed in some:
        if armed.asleep_for is not None:
            found = next((code for pairs in sites.get(armed.breakpoint.id, {}).values() for code, _ in pairs), None)
            codes.setdefault(id(found), []).append(armed)
    for together in codes.values():
        together.sort(key=_asleep_since)
    return [armed for together in sorted(codes.values(), key=lambda it: _asleep_since(it[0])) for armed in together]


def _asleep_since(armed: Armed) -> float:
    return armed.limited_at or 0.0


_PREFERENCE = {BindingState.BOUND: 0, BindingState.PENDING: 1, BindingState.FAILED: 2}


def _watched(pairs: Sequence[Found], before: Watched | None) -> Watched:
    code, site = pairs[0]
    if before is not None and len(pairs) == len(before.sites) == 1 and before.sites[0] is site:
        return before
    by_line: dict[int, list[Site]] = {}
    for _, site in pairs:
        by_line.setdefault(site.line, []).append(site)
    return Watched(code=code, sites=tuple(_merged(sites) for sites in by_line.values()))


def _merged(sites: Sequence[Site]) -> Site:
    """Several breakpoints on one line of the same code."""
    if len(sites) == 1:
        return sites[0]
    calls: list[OnPass] = [site.on_pass for site in sites]
    return Site(line=sites[0].line, passes=sites[0].passes, on_pass=all_of(calls))
