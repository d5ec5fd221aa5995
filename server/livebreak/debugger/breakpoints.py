"""What an editor wants and what the backend has, and the difference between the two.

An editor states the whole list of a file. The difference is computed here and nowhere else, so that repeating a list
changes nothing, and so that silence removes only what this user owns and this session has seen acknowledged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields

from livebreak.debugger.linemap import locate, text_of
from livebreak.debugger.workspace import Location
from livebreak_agent.vocabulary import anchor as anchors
from livebreak_agent.vocabulary.lsp_messages import EditorBreakpoint
from livebreak_agent.vocabulary.model import Breakpoint, NewBreakpoint

EDITABLE = ("enabled", "condition", "log_message", "watches", "hit_limit")
"""What a mark says about its breakpoint beside the line."""

CHANGEABLE = (*EDITABLE, "expires_at", "environment", "repository")
"""What this side can change of a breakpoint that is stored; an expiry of None begins anew, an environment of None is all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A mark of the editor, and the breakpoint that stands for it."""

    mark: EditorBreakpoint
    breakpoint_id: str
    mine: bool
    """False where the line is a teammate's: the mark follows theirs, and never changes or removes it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Fields of a stored breakpoint that are to be set; None clears one."""

    breakpoint_id: str
    fields: Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What has to happen so that the backend has what the editor shows."""

    added: tuple[NewBreakpoint, ...] = ()
    changed: tuple[Change, ...] = ()
    removed: tuple[str, ...] = ()
    links: tuple[Link, ...] = field(default=())
    """Every mark of the list with its breakpoint: what the next list of this file is compared with."""


def reconcile(
    location: Location,
    text: str,
    marks: Sequence[EditorBreakpoint],
    links: Sequence[Link],
    stored: Mapping[str, Breakpoint],
    *,
    owner: str | None,
    new_id: Callable[[], str],
) -> Difference:
    """The difference between a file's marks and what is stored.

    Parameters
    ----------
    text
        The buffer that the marks' lines refer to.
    links
        What the last list of this file left behind; empty for the first list of a session, which so removes nothing.
    stored
        The breakpoints of the project by id, those that are still on their way included.
    owner
        Who this user is; a stored breakpoint of another owner is theirs.
    """
    linked = {link.mark.id: link for link in links}
    free = _free(location, text, links, stored)
    added: list[NewBreakpoint] = []
    changed: list[Change] = []
    kept: list[Link] = []
    for mark in _without_rivals(marks, linked.keys()):
        link = linked.get(mark.id)
        known = free.get(mark.line) if link is None else stored.get(link.breakpoint_id)
        if link is not None:
            # It may have been deleted elsewhere, and that wins: a mark which is repeated must not raise it again.
            kept.append(Link(mark=mark, breakpoint_id=link.breakpoint_id, mine=link.mine))
            changed += _changes(known, link.mine, _differing(mark, link.mark))
        elif known is not None:
            kept.append(Link(mark=mark, breakpoint_id=known.id, mine=is_mine(known, owner)))
            changed += _changes(known, is_mine(known, owner), _stated(mark))
        else:
            new = from_mark(new_id(), location, text, mark)
            added.append(new)
            kept.append(Link(mark=mark, breakpoint_id=new.id, mine=True))
    present = {link.breakpoint_id for link in kept}
    removed = tuple(link.breakpoint_id for link in links if link.mine and link.breakpoint_id not in present)
    return Difference(added=tuple(added), changed=tuple(changed), removed=removed, links=tuple(kept))


def reunite(
    location: Location,
    text: str,
    links: Sequence[Link],
    unsent: Collection[str],
    stored: Mapping[str, Breakpoint],
    *,
    owner: str | None,
) -> Difference:
    """Marks whose additions were not sent yet, compared with what turned out to be stored.

    An editor states its marks before it knows what the last session left behind. A mark whose line is taken by then is
    that breakpoint's; its own addition is in `removed`.
    """
    free = _free(location, text, links, stored)
    changed: list[Change] = []
    removed: list[str] = []
    kept: list[Link] = []
    for link in links:
        known = free.get(link.mark.line) if link.breakpoint_id in unsent else None
        if known is None:
            kept.append(link)
        else:
            removed.append(link.breakpoint_id)
            kept.append(Link(mark=link.mark, breakpoint_id=known.id, mine=is_mine(known, owner)))
            changed += _changes(known, is_mine(known, owner), _stated(link.mark))
    return Difference(changed=tuple(changed), removed=tuple(removed), links=tuple(kept))


def is_in(breakpoint: Breakpoint, location: Location) -> bool:
    """True if the breakpoint is in this file; one without a repository matches every repository."""
    if breakpoint.filename != location.filename:
        return False
    return None in (breakpoint.repository, location.repository) or breakpoint.repository in (location.repository, *location.also)


def is_mine(breakpoint: Breakpoint, owner: str | None) -> bool:
    """True if this user made it. What has no owner is everybody's: on a plain PostHog API that is everything; on a backend of
    ours it is what a key of nobody made, and such a key owns nothing that has an owner."""
    return breakpoint.owner in (None, owner)


def as_stored(new: NewBreakpoint, owner: str | None) -> Breakpoint:
    """The breakpoint as the backend will have it: what is shown until it answers."""
    return Breakpoint(**{name: getattr(new, name) for name in _FIELDS_OF_NEW}, owner=owner)


def from_mark(id: str, location: Location, text: str, mark: EditorBreakpoint) -> NewBreakpoint:
    """The breakpoint that a mark asks for, pinned to its line of the text."""
    # Worked out once for all the marks of a list.
    digests = text_of(text).digests
    return NewBreakpoint(
        id=id,
        repository=location.repository,
        filename=location.filename,
        line_number=mark.line + 1,
        enabled=mark.enabled,
        condition=mark.condition or None,
        log_message=mark.log_message or None,
        watches=mark.watches,
        hit_limit=mark.hit_limit,
        anchor=anchors.make(text, mark.line + 1, digests),
    )


_FIELDS_OF_NEW = tuple(field.name for field in fields(NewBreakpoint))


def _free(location: Location, text: str, links: Sequence[Link], stored: Mapping[str, Breakpoint]) -> Mapping[int, Breakpoint]:
    """The file's breakpoints that no mark stands for, by line."""
    taken = {link.breakpoint_id for link in links}
    return {
        line: candidate
        for candidate in stored.values()
        if candidate.id not in taken and is_in(candidate, location) and (line := locate(candidate, text)) is not None
    }


def _changes(known: Breakpoint | None, mine: bool, fields: Mapping[str, object]) -> list[Change]:
    """What the editor changed and the backend does not have yet; nothing of a teammate's."""
    if known is None or not mine:
        return []
    wanted = {name: value for name, value in fields.items() if value != getattr(known, name)}
    return [Change(breakpoint_id=known.id, fields=wanted)] if wanted else []


def _differing(mark: EditorBreakpoint, before: EditorBreakpoint) -> dict[str, object]:
    """What the user changed since the last list. What changed elsewhere meanwhile (a limit that was reached, a condition
    edited by another window) is not undone by a list that merely repeats what it said."""
    return {name: _cleared(getattr(mark, name)) for name in EDITABLE if getattr(mark, name) != getattr(before, name)}


def _stated(mark: EditorBreakpoint) -> dict[str, object]:
    """What a mark says about a breakpoint that it finds: only what is said at all."""
    silent = EditorBreakpoint(id=mark.id, line=mark.line)
    return {name: value for name in EDITABLE if (value := _cleared(getattr(mark, name))) != getattr(silent, name)}


def _cleared(value: object) -> object:
    """An empty condition or message is none."""
    return None if value == "" else value


def _without_rivals(marks: Sequence[EditorBreakpoint], linked: Collection[str]) -> list[EditorBreakpoint]:
    """Of several marks on one line only one may be new. Those that have their breakpoint keep it, whatever line an edit
    has moved them to: the edit may be undone."""
    taken = {mark.line for mark in marks if mark.id in linked}
    chosen = []
    for mark in marks:
        if mark.id in linked or mark.line not in taken:
            chosen.append(mark)
            taken.add(mark.line)
    return chosen
