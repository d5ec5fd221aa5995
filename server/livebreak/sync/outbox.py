"""Edits on their way to the backend: in order, folded, and on disk, so that they survive a restart of the editor."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from livebreak.debugger.breakpoints import CHANGEABLE
from livebreak.sync import outbox_owners
from livebreak.sync.edits import Edit, edit_from_json, edit_to_json
from livebreak.sync.outbox_owners import Owner
from livebreak_agent.vocabulary.model import NewBreakpoint

ADDITIONS_LAPSE_AFTER = timedelta(hours=24)
"""An addition older than this is not sent: it is the backend's default expiry, so it would be over by now."""

_PART = ".new"
"""What a file is called while it is written."""
_OWN_NAME = 36
"""Characters of the name that a session's files begin with."""


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
        self._unsure: set[str] = set()
        """Additions that were sent, perhaps by an earlier session, and not answered: the backend may have them as they were."""
        self._path: Path | None = None
        self._lock: FileLock | None = None
        self._strange: set[Path] = set()
        """Folders of other keys that the user was told of."""
        self._is_together = False
        self._written: dict[int, tuple[Edit, str]] = {}
        """Edits as they are in the file, by identity; each is held here, so that its identity is no other's."""
        if folder is not None and self._settle(folder):
            self._take_over(folder)
            if (earlier := outbox_owners.earlier(folder)) is not None:
                self._take_over(earlier)
                outbox_owners.leave(earlier)

    def belongs_to(self, owner: Owner) -> frozenset[str]:
        """The backend said whose this is: what they queued with another key is taken over. The breakpoints of those edits."""
        if self._folder is None or self._path is None:
            return frozenset()
        outbox_owners.write(self._folder, owner)
        taken: list[Edit] = []
        for folder in outbox_owners.beside(self._folder):
            whose = outbox_owners.read(folder)
            if whose == owner:
                taken += self._take_over(folder)
            elif whose is None and folder not in self._strange:
                self._strange.add(folder)
                self.notices.append(
                    f"Edits that were queued with another API key wait in {folder}. It is not known whose they are, so they are "
                    "not sent; remove that folder if they are not wanted."
                )
        return frozenset(edit.breakpoint_id for edit in taken)

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

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Several edits, which are written at once when the block ends; nothing is to be sent meanwhile."""
        self._is_together = True
        try:
            yield
        finally:
            self._is_together = False
            self._save()

    def create(self, new: NewBreakpoint) -> None:
        self._edits.append(Edit(kind="create", breakpoint_id=new.id, made_at=_now(), new=new))
        self._save()

    def change(self, breakpoint_id: str, fields: Mapping[str, object]) -> None:
        """Fold into an earlier edit of the same breakpoint that was not sent yet, else append."""
        # A repeated addition changes nothing that is stored, so what can be changed later does not go into one.
        is_for_later = breakpoint_id in self._unsure and fields.keys() <= set(CHANGEABLE)
        for index, edit in enumerate(self._edits):
            if edit.breakpoint_id != breakpoint_id or edit is self._in_flight or (edit.kind == "create" and is_for_later):
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
        """A removal swallows what was not sent; if the create was surely not sent either, there is nothing to remove."""
        own = [edit for edit in self._edits if edit.breakpoint_id == breakpoint_id]
        never_sent = breakpoint_id not in self._unsure and any(
            edit.kind == "create" and edit is not self._in_flight for edit in own
        )
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

    def done(self, answered: Edit) -> None:
        """An edit was answered, with which that of `next` is over."""
        self._edits = [edit for edit in self._edits if edit is not answered]
        self._in_flight = None
        self._unsure.discard(answered.breakpoint_id)
        self._save()

    def retry(self, *, is_unsure: bool = False) -> None:
        """The edit of `next` was not answered, or surely not taken; it stays first. `is_unsure` where it may have arrived."""
        if is_unsure and self._in_flight is not None and self._in_flight.kind == "create":
            self._unsure.add(self._in_flight.breakpoint_id)
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

    def _settle(self, folder: Path) -> bool:
        """A file of this session's own; False if it cannot have one."""
        path = folder / f"{uuid.uuid4()}.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path.with_suffix(".lock"))
            lock.acquire(timeout=0)
        except (OSError, NotImplementedError) as error:
            # `filelock` says NotImplementedError of file systems that have no locks.
            self._say_unsaved(error)
            return False
        self._path, self._lock = path, lock
        return True

    def _take_over(self, folder: Path) -> list[Edit]:
        """The edits of sessions that have ended, which are this one's from now on; a session that runs holds its lock."""
        found: list[tuple[Path, FileLock, list[Edit]]] = []
        for path in sorted(folder.glob("*.json")):
            if path == self._path or (lock := _locked(path)) is None:
                continue
            try:
                found.append((path, lock, self._read(path)))
            except FileNotFoundError:
                # Another session that begins just now was quicker.
                _unlock(lock)
        taken = [edit for _, _, edits in found for edit in edits]
        # Whoever held them may have ended between sending and hearing the answer.
        self._unsure |= {edit.breakpoint_id for edit in taken if edit.kind == "create"}
        self._edits = sorted([*self._edits, *taken], key=lambda edit: edit.made_at)
        # They leave their old place once they are in the new one: whatever ends this process between the two loses nothing.
        is_saved = not taken or self._save(is_durable=True)
        gone = [edits for path, _, edits in found if is_saved and self._is_removed(path)]
        kept = [edit for edits in gone for edit in edits]
        if len(kept) < len(taken):
            self._edits = [edit for edit in self._edits if edit in kept or edit not in taken]
            self._save()
        for _, lock, _ in found:
            _unlock(lock)
        _sweep(folder, self._path)
        return kept

    def _is_removed(self, path: Path) -> bool:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            # What would be sent again by every session from now on is not sent.
            self.notices.append(f"Edits that were queued in {path} are not sent, since that file cannot be removed.")
            return False
        return True

    def _read(self, path: Path) -> list[Edit]:
        """Raises `FileNotFoundError`."""
        try:
            items = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise
        except (OSError, ValueError, RecursionError):
            items = None
        edits: list[Edit] = []
        is_whole = isinstance(items, list)
        for item in items if isinstance(items, list) else ():
            try:
                edits.append(edit_from_json(item))
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

    def _save(self, *, is_durable: bool = False) -> bool:
        """True if the file has all edits; `is_durable` if that is to be so after a loss of power, too."""
        if self._path is None or self._is_together:
            return False
        # Each is written out once: the file is written as often as there are edits in it.
        known = self._written
        self._written = {
            id(edit): known[id(edit)] if id(edit) in known else (edit, json.dumps(edit_to_json(edit))) for edit in self._edits
        }
        try:
            # Conditions may quote production data, so nobody else may read the file; mkstemp makes it 0600.
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.stem, suffix=_PART)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(f"[{', '.join(text for _, text in self._written.values())}]")
                    if is_durable:
                        file.flush()
                        os.fsync(file.fileno())
                Path(name).replace(self._path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            self._say_unsaved(error)
            return False
        return True

    def _say_unsaved(self, error: OSError | NotImplementedError) -> None:
        cause = error.strerror if isinstance(error, OSError) else "it has no locks"
        sentence = f"Edits cannot be kept in {self._folder} ({cause}); until that is mended a restart loses unsent ones."
        if sentence not in self.notices:
            self.notices.append(sentence)


def _locked(path: Path) -> FileLock | None:
    """The lock of a session's file, if that session has ended."""
    lock = FileLock(path.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError, NotImplementedError):
        return None
    return lock


def _unlock(lock: FileLock) -> None:
    with contextlib.suppress(OSError):
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)


def _sweep(folder: Path, own: Path | None) -> None:
    """Remove what sessions left that were ended while they wrote."""
    for part in folder.glob(f"*{_PART}"):
        path = part.with_name(f"{part.name[:_OWN_NAME]}.json")
        if path != own and (lock := _locked(path)) is not None:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            _unlock(lock)


def _now() -> str:
    return datetime.now(UTC).isoformat()
