"""Edits on their way to the backend: in order, folded, and on disk, so that they survive a restart of the editor."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from livebreak.debugger.breakpoints import CHANGEABLE
from livebreak_agent.vocabulary.codec import ShapeError, from_json, to_json
from livebreak_agent.vocabulary.model import NewBreakpoint

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
    """The queue of one session. Each edit is written before it can be sent, and leaves the disk once it is answered.

    Parameters
    ----------
    folder
        Of one host, project and key; None keeps the queue in memory only. Each session has a file of its own in it, and
        holds a lock on it; what a session that has ended could not send is taken over by the next one. A file with edits
        that cannot be read, or that another version wrote in words this one does not know, is set aside as `….damaged`.
    """

    def __init__(self, folder: Path | None) -> None:
        self.notices: list[str] = []
        """What the user should be told of the disk, once."""
        self._folder = folder
        self._in_flight: Edit | None = None
        self._edits: list[Edit] = []
        self._path: Path | None = None
        self._lock: FileLock | None = None
        if folder is not None:
            self._take_over(folder)
            self._settle(folder)

    def close(self) -> None:
        """Leave what was not sent to the next session."""
        if self._lock is not None and self._path is not None:
            # The folder may have gone, or been made read-only, meanwhile.
            with contextlib.suppress(OSError):
                if not self._edits:
                    self._path.unlink(missing_ok=True)
                self._lock.release()
                Path(self._lock.lock_file).unlink(missing_ok=True)
            self._lock = None

    def __len__(self) -> int:
        return len(self._edits)

    @property
    def edits(self) -> tuple[Edit, ...]:
        return tuple(self._edits)

    def unsent_additions(self) -> frozenset[str]:
        """Ids of additions that are not being sent just now."""
        return frozenset(edit.breakpoint_id for edit in self._edits if edit.kind == "create" and edit is not self._in_flight)

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

    def discard(self, breakpoint_id: str) -> tuple[Edit, ...]:
        """Take out what was not sent of a breakpoint; a removal stays."""
        gone = tuple(
            edit
            for edit in self._edits
            if edit.breakpoint_id == breakpoint_id and edit.kind != "remove" and edit is not self._in_flight
        )
        self._edits = [edit for edit in self._edits if edit not in gone]
        self._save()
        return gone

    def next(self, held: Collection[str] = ()) -> Edit | None:
        """The oldest edit, but for those of breakpoints that are held back, unless it removes one; it stays in the queue, and
        cannot be folded into, until `done` or `retry`."""
        self._in_flight = next((edit for edit in self._edits if edit.kind == "remove" or edit.breakpoint_id not in held), None)
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

    def rename(self, breakpoint_id: str, new_id: str) -> None:
        """The backend knows the breakpoint under an id of its own."""
        self._edits = [
            replace(edit, breakpoint_id=new_id) if edit.breakpoint_id == breakpoint_id else edit for edit in self._edits
        ]
        self._save()

    def _take_over(self, folder: Path) -> None:
        """The edits of sessions that have ended; a session that runs holds its lock."""
        left: list[Edit] = []
        for path in sorted(folder.glob("*.json")):
            lock = FileLock(path.with_suffix(".lock"))
            try:
                lock.acquire(timeout=0)
            except (Timeout, OSError, NotImplementedError):
                continue
            found = self._read(path)
            try:
                path.unlink(missing_ok=True)
                left += found
            except OSError:
                # What would be sent again by every session from now on is not sent.
                self.notices.append(f"Edits that were queued in {path} are not sent, since that file cannot be removed.")
            with contextlib.suppress(OSError):
                lock.release()
                Path(lock.lock_file).unlink(missing_ok=True)
        self._edits = sorted(left, key=lambda edit: edit.made_at)

    def _settle(self, folder: Path) -> None:
        """A file of this session's own."""
        path = folder / f"{uuid.uuid4()}.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path.with_suffix(".lock"))
            lock.acquire(timeout=0)
        except (OSError, NotImplementedError) as error:
            # `filelock` says NotImplementedError of file systems that have no locks.
            self._say_unsaved(error)
            return
        self._path, self._lock = path, lock
        if self._edits:
            self._save()

    def _read(self, path: Path) -> list[Edit]:
        try:
            items = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            items = None
        edits: list[Edit] = []
        is_whole = isinstance(items, list)
        for item in items if isinstance(items, list) else ():
            try:
                edits.append(_edit_from_json(item))
            except (ValueError, TypeError):
                is_whole = False
        if not is_whole:
            damaged = path.with_suffix(".damaged")
            with contextlib.suppress(OSError):
                damaged.write_bytes(path.read_bytes())
                damaged.chmod(0o600)
            which = "Some edits" if edits else "Edits"
            self.notices.append(f"{which} that were queued could not be read; they were set aside in {damaged}.")
        return edits

    def _save(self) -> None:
        if self._path is None:
            return
        try:
            # Conditions may quote production data, so nobody else may read the file; mkstemp makes it 0600.
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.stem, suffix=".new")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump([_edit_to_json(edit) for edit in self._edits], file)
            Path(name).replace(self._path)
        except OSError as error:
            self._say_unsaved(error)

    def _say_unsaved(self, error: OSError | NotImplementedError) -> None:
        cause = error.strerror if isinstance(error, OSError) else "it has no locks"
        sentence = f"Edits cannot be kept in {self._folder} ({cause}); until that is mended a restart loses unsent ones."
        if sentence not in self.notices:
            self.notices.append(sentence)


def _edit_to_json(edit: Edit) -> object:
    written = to_json(edit)
    if edit.fields is not None:
        # In `fields` a None clears, so it is kept there.
        written["fields"] = dict(edit.fields)
    return written


def _edit_from_json(item: object) -> Edit:
    """`ValueError` for anything that `_edit_to_json` of this version could not have written."""
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


def _now() -> str:
    return datetime.now(UTC).isoformat()
