"""Edits on their way to the backend: in order, folded, and on disk, so that they survive a restart of the editor."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from livebreak_agent.vocabulary.codec import ShapeError, from_json, to_json
from livebreak_agent.vocabulary.wire import NewBreakpoint

ADDITIONS_LAPSE_AFTER = timedelta(hours=24)
"""An addition older than this is not sent: it is the backend's default expiry, so it would be over by now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """One edit of one breakpoint."""

    kind: Literal["create", "change", "remove"]
    breakpoint_id: str
    made_at: str
    new: NewBreakpoint | None = None
    fields: Mapping[str, object] | None = None


class Outbox:
    """The queue. Each edit is written to the file before it can be sent, and leaves it once it is answered.

    Parameters
    ----------
    path
        The file; None keeps the queue in memory only. An unreadable file is set aside as `….damaged`, not lost.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.damaged: Path | None = None
        """Where an unreadable queue was put."""
        self._edits: list[Edit] = self._load()
        self._in_flight: Edit | None = None

    def __len__(self) -> int:
        return len(self._edits)

    @property
    def edits(self) -> tuple[Edit, ...]:
        return tuple(self._edits)

    def pending_ids(self) -> frozenset[str]:
        return frozenset(edit.breakpoint_id for edit in self._edits)

    def create(self, new: NewBreakpoint) -> None:
        self._edits.append(Edit(kind="create", breakpoint_id=new.id, made_at=_now(), new=new))
        self._save()

    def change(self, breakpoint_id: str, fields: Mapping[str, object]) -> None:
        """Fold into an earlier edit of the same breakpoint that was not sent yet, else append."""
        for index, edit in enumerate(self._edits):
            if edit.breakpoint_id != breakpoint_id or edit is self._in_flight:
                continue
            if edit.kind == "create" and edit.new is not None:
                self._edits[index] = replace(edit, new=replace(edit.new, **fields))  # type: ignore[arg-type]  # checked by reconcile
                break
            if edit.kind == "change":
                self._edits[index] = replace(edit, fields={**(edit.fields or {}), **fields})
                break
        else:
            self._edits.append(Edit(kind="change", breakpoint_id=breakpoint_id, made_at=_now(), fields=dict(fields)))
        self._save()

    def remove(self, breakpoint_id: str) -> None:
        """A removal swallows what was not sent; if the create was not sent either, there is nothing to remove."""
        own = [edit for edit in self._edits if edit.breakpoint_id == breakpoint_id]
        never_sent = any(edit.kind == "create" and edit is not self._in_flight for edit in own)
        self._edits = [edit for edit in self._edits if edit.breakpoint_id != breakpoint_id or edit is self._in_flight]
        if not never_sent:
            self._edits.append(Edit(kind="remove", breakpoint_id=breakpoint_id, made_at=_now()))
        self._save()

    def next(self) -> Edit | None:
        """The oldest edit; it stays in the queue, and cannot be folded into, until `done` or `retry`."""
        self._in_flight = self._edits[0] if self._edits else None
        return self._in_flight

    def done(self) -> None:
        """The edit of `next` was answered."""
        self._edits = [edit for edit in self._edits if edit is not self._in_flight]
        self._in_flight = None
        self._save()

    def retry(self) -> None:
        """The edit of `next` was not answered; it stays first."""
        self._in_flight = None

    def drop_lapsed(self) -> tuple[Edit, ...]:
        """Take out additions that waited too long; removals always stay."""
        horizon = datetime.now(UTC) - ADDITIONS_LAPSE_AFTER
        lapsed = tuple(edit for edit in self._edits if edit.kind == "create" and datetime.fromisoformat(edit.made_at) < horizon)
        if lapsed:
            gone = {edit.breakpoint_id for edit in lapsed}
            self._edits = [edit for edit in self._edits if edit.breakpoint_id not in gone or edit.kind == "remove"]
            self._save()
        return lapsed

    def _load(self) -> list[Edit]:
        if self._path is None or not self._path.exists():
            return []
        try:
            return [from_json(Edit, item) for item in json.loads(self._path.read_text("utf-8"))]
        except (OSError, ValueError, TypeError, ShapeError):
            self.damaged = self._path.with_suffix(".damaged")
            self._path.replace(self.damaged)
            return []

    def _save(self) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Conditions may quote production data, so nobody else may read the file; mkstemp makes it 0600.
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump([_edit_to_json(edit) for edit in self._edits], file)
        Path(name).replace(self._path)


def _edit_to_json(edit: Edit) -> object:
    written = to_json(edit)
    if edit.fields is not None:
        # In `fields` a None clears, so it is kept there.
        written["fields"] = dict(edit.fields)
    return written


def _now() -> str:
    return datetime.now(UTC).isoformat()
