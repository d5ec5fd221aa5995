"""One edit of a breakpoint, and how it is written into a file that another version may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from livebreak.debugger.breakpoints import CHANGEABLE
from livebreak_agent.vocabulary.codec import ShapeError, from_json, to_json
from livebreak_agent.vocabulary.model import NewBreakpoint


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """One edit of one breakpoint."""

    kind: Literal["create", "change", "remove"]
    breakpoint_id: str
    made_at: str
    new: NewBreakpoint | None = None
    fields: Mapping[str, object] | None = None


def edit_to_json(edit: Edit) -> object:
    """What `edit_from_json` reads."""
    written = to_json(edit)
    if edit.fields is not None:
        # In `fields` a None clears, so it is kept there.
        written["fields"] = dict(edit.fields)
    return written


def edit_from_json(item: object) -> Edit:
    """`ValueError` for anything that `edit_to_json` of this version could not have written."""
    edit = from_json(Edit, item)
    if datetime.fromisoformat(edit.made_at).tzinfo is None:
        raise ShapeError("made_at", "expected a time with its zone")
    if (edit.kind == "create") != (edit.new is not None) or (edit.kind == "change") != (edit.fields is not None):
        raise ShapeError("kind", "does not fit what the edit holds")
    fields = edit.fields or {}
    if not fields.keys() <= set(CHANGEABLE):
        raise ShapeError("fields", "has names that cannot be changed")
    read = from_json(NewBreakpoint, {"id": "", "filename": "", "line_number": 1, **fields})
    return replace(edit, fields={name: getattr(read, name) for name in fields}) if edit.fields is not None else edit
