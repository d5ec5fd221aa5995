"""One editor's session: what its files show, and that the backend has what the editor wants.

All of it runs on one event loop. Methods that an editor calls answer at once; the network is behind, in `Connection`.
"""

from __future__ import annotations

import uuid
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from livebreak.debugger.breakpoints import Difference, Link, from_mark, is_mine, reconcile, reunite
from livebreak.debugger.forks import to_be_moved, to_be_renamed
from livebreak.debugger.hits import HitLog
from livebreak.debugger.why import Step, why
from livebreak.debugger.workspace import Location
from livebreak.sync.followed import Followed
from livebreak.sync.hit_pages import HitPage, newest_hits
from livebreak.sync.known import Known
from livebreak.sync.open_file import OpenFile
from livebreak.sync.outbox import Outbox
from livebreak.sync.remotes import Missing, Refused, Remote
from livebreak.sync.repositories import Repositories
from livebreak.sync.shown import Shown, facts_of, in_order, show, show_homeless, stored_and_queued
from livebreak_agent.vocabulary.lsp_messages import EditorBreakpoint, Status
from livebreak_agent.vocabulary.model import Breakpoint, Frame, Hit, Process
from livebreak_agent.vocabulary.wire import PauseRequest


class Session:
    """See the module. `known` and the hits are filled by `Connection`, which also empties the outbox."""

    def __init__(
        self,
        *,
        remote: Remote | None,
        repositories: Repositories,
        outbox: Outbox,
        known: Known,
        followed: Followed | None = None,
    ) -> None:
        self._followed = followed if followed is not None else Followed(None)
        self._remote = remote
        self._repositories = repositories
        self._outbox = outbox
        self._known = known
        self._files: dict[Path, OpenFile] = {}
        # Kept when a file is closed: an editor may remove a mark in a file that it does not show.
        self._links: dict[Path, tuple[Link, ...]] = {}
        self._moved: set[tuple[str, str]] = set()
        """Breakpoints that were moved to another name of their repository, and that name."""
        self._homeless: dict[Path, tuple[EditorBreakpoint, ...]] = {}

    @property
    def status(self) -> Status:
        return self._known.status(queued=len(self._outbox))

    async def open(self, path: Path, text: str) -> Location | None:
        """A file was opened. Its place in its repository; None outside every repository."""
        location = await self._repositories.location(path)
        self._files[path] = OpenFile(location=location, text=text)
        self._place(self._files[path])
        self._place_again()
        return location

    async def look_again(self, path: Path) -> None:
        """Its working tree may be called otherwise than when an open file was opened: by another remote, or in a file."""
        await self._repositories.location(path)
        self._place_again()

    def _place_again(self) -> None:
        for path, file in self._files.items():
            old, new = file.location, self._repositories.location_again(path)
            if old is None or new is None or (old, old.also) == (new, new.also):
                continue
            before, file.location = self._place(file), new
            stored, links = self._stored(), self._links.get(path, ())
            for breakpoint_id in to_be_renamed(old, new, links, stored, self._known.running, owner=self._known.owner):
                self.change(breakpoint_id, {"repository": new.repository})
            self._known.touched(*(item.id for item in (*before, *self._place(file))))

    def edit(self, path: Path, text: str) -> None:
        """The buffer has another text now."""
        if (file := self._files.get(path)) is not None and file.text != text:
            file.edit(text)
            self._place(file)

    def close(self, path: Path) -> None:
        """The file was closed; its breakpoints stay."""
        self._files.pop(path, None)

    def prefer_running(self) -> bool:
        """Name forks as the connected processes do. True if that renamed any; marks that were not sent yet go there, and those
        of this user that are stored, if nothing runs under the name that they have."""
        running = self._known.running
        is_renamed = self._repositories.prefer(running) and self._rename_unsent()
        locations = [file.location for file in self._files.values() if file.location is not None and file.location.also]
        for breakpoint_id, repository in to_be_moved(locations, self._known.breakpoints, running, owner=self._known.owner):
            # Once only: what the backend refuses is not asked of it at every change.
            if (breakpoint_id, repository) not in self._moved:
                self._moved.add((breakpoint_id, repository))
                self.change(breakpoint_id, {"repository": repository})
        return is_renamed

    def _rename_unsent(self) -> bool:
        unsent = self._outbox.unsent_additions()
        for path, file in self._files.items():
            file.location = place = self._repositories.location_again(path) or file.location
            for new in [edit.new for edit in self._outbox.edits if edit.new and edit.breakpoint_id in unsent]:
                if place and new.filename == place.filename and new.repository in place.also:
                    self._outbox.change(new.id, {"repository": place.repository})
        return True

    def location(self, path: Path) -> Location | None:
        return file.location if (file := self._files.get(path)) is not None else None

    def set_breakpoints(self, path: Path, marks: Sequence[EditorBreakpoint]) -> None:
        """The whole list of marks of an open file, replacing the last. Outside every repository they only say why not."""
        file = self._files[path]
        if file.location is None:
            self._homeless[path] = tuple(marks)
            return
        difference = self._reconcile(file, file.location, marks, self._links.get(path, ()))
        self._links[path] = difference.links
        file.lines |= {link.breakpoint_id: link.mark.line for link in difference.links}
        self._queue(difference)

    def reunite(self) -> None:
        """Compare marks whose additions were not sent yet with what is stored: some are there since the last session."""
        unsent = self._outbox.unsent_additions()
        for path, links in list(self._links.items()):
            file = self._files.get(path)
            if file is None or file.location is None or not any(link.breakpoint_id in unsent for link in links):
                continue
            current = [
                replace(link, mark=replace(link.mark, line=file.lines.get(link.breakpoint_id, link.mark.line))) for link in links
            ]
            difference = reunite(file.location, file.text, current, unsent, self._known.breakpoints, owner=self._known.owner)
            self._links[path] = difference.links
            file.lines |= {link.breakpoint_id: link.mark.line for link in difference.links}
            self._queue(difference)

    def give_way(self, breakpoint_id: str) -> bool:
        """An addition came second to a line: its mark stands for what is there from now on, and one's own takes over what
        the addition said. False if there is nothing of the kind."""
        self.reunite()
        new = next((edit.new for edit in self._outbox.edits if edit.breakpoint_id == breakpoint_id and edit.new), None)
        if new is None:
            return True
        place = (new.repository, new.filename, new.line_number)
        there = (it for it in self._known.breakpoints.values() if place == (it.repository, it.filename, it.line_number))
        occupant = next(there, None)
        if occupant is None or not is_mine(occupant, self._known.owner):
            return False
        self.change(occupant.id, {"condition": new.condition, "log_message": new.log_message, "enabled": new.enabled})
        self.remove(breakpoint_id)
        return True

    def rename(self, breakpoint_id: str, new_id: str) -> None:
        """The backend gave a breakpoint an id of its own."""
        for path, links in self._links.items():
            self._links[path] = tuple(
                replace(link, breakpoint_id=new_id) if link.breakpoint_id == breakpoint_id else link for link in links
            )
        for file in self._files.values():
            if breakpoint_id in file.lines:
                file.lines[new_id] = file.lines.pop(breakpoint_id)

    def add(
        self, path: Path, line: int, *, condition: str | None = None, log_message: str | None = None, beside: bool = False
    ) -> None:
        """Add one breakpoint on a 0-based line of an open file: for editors without marks of their own.

        Where a teammate has one it is added only if it is to stand `beside` that one, see `is_taken`.
        """
        file = self._files[path]
        mark = EditorBreakpoint(id=str(uuid.uuid4()), line=line, condition=condition, log_message=log_message)
        if file.location is None:
            self._homeless[path] = (*self._homeless.get(path, ()), mark)
            return
        if beside:
            difference = Difference(added=(from_mark(mark.id, file.location, file.text, mark),))
            file.lines[mark.id] = line
        else:
            difference = self._reconcile(file, file.location, [mark], ())
            file.lines |= {link.breakpoint_id: line for link in difference.links}
        self._queue(difference)

    def is_taken(self, path: Path, line: int) -> bool:
        """True if the backend would refuse one more breakpoint on this 0-based line: it takes one for each repository, file
        and line number, whatever text the number refers to."""
        location = self.location(path)
        if location is None or location.repository is None:
            return False
        place = (location.repository, location.filename, line + 1)
        return any(place == (it.repository, it.filename, it.line_number) for it in self._stored().values())

    def follow(self, breakpoint_id: str, *, is_followed: bool = True) -> None:
        """Show a teammate's breakpoint in full from now on, or only count its hits again."""
        (self._followed.add if is_followed else self._followed.discard)(breakpoint_id)
        self._known.touched(breakpoint_id)

    def refresh_followed(self) -> None:
        """Everything was fetched: agree with this user's other editors, and let go of breakpoints that are gone."""
        self._followed.refresh()
        self._followed.keep_only(frozenset(self._known.breakpoints))

    async def pause(self, *, is_paused: bool, service: str | None = None, reason: str | None = None) -> None:
        """Pull the kill switch of the project or one service, or let go of it. Raises `RemoteError`."""
        if self._remote is None:
            raise Refused(self._known.message)
        request = PauseRequest(service=service, reason=reason)
        answer = await (self._remote.pause if is_paused else self._remote.resume)(request)
        self._known.replace_pauses(answer.results)

    def change(self, breakpoint_id: str, fields: Mapping[str, object]) -> None:
        """Set fields of a breakpoint of this user; one that the backend refused is sent again with them."""
        refused = self._known.refused.pop(breakpoint_id, None)
        if refused is not None:
            self._outbox.create(replace(refused.new, **fields))  # type: ignore[arg-type]  # their names are EDITABLE
        else:
            self._outbox.change(breakpoint_id, fields)
        self._known.touched(breakpoint_id)

    def renew(self, breakpoint_id: str) -> None:
        """Let a breakpoint that has expired, or soon will, go on: its time begins anew."""
        self.change(breakpoint_id, {"enabled": True, "expires_at": None})

    def remove(self, breakpoint_id: str) -> None:
        """Remove a breakpoint by name: this is the explicit command, silence is `set_breakpoints`."""
        for path, marks in self._homeless.items():
            self._homeless[path] = tuple(mark for mark in marks if mark.id != breakpoint_id)
            if len(self._homeless[path]) < len(marks):
                self._known.touched(breakpoint_id)
                return
        self._known.refused.pop(breakpoint_id, None)
        self._outbox.remove(breakpoint_id)
        self._known.touched(breakpoint_id)

    def view(self, path: Path, lines: Container[int] | None = None) -> tuple[Shown, ...]:
        """All breakpoints of an open file, everybody's, by line; only those on some 0-based `lines`, if they are given."""
        return tuple(sorted(self.views(path, lines), key=in_order))

    def views(self, path: Path, lines: Container[int] | None = None) -> Iterator[Shown]:
        """`view` one by one, in no order: of a file with hundreds they take a while."""
        file = self._files.get(path)
        if file is None:
            return
        if file.location is None:
            marks = self._homeless.get(path, ())
            yield from (show_homeless(path, mark) for mark in marks if lines is None or mark.line in lines)
            return
        for item in self._place(file):
            if lines is None or file.line_of(item) in lines:
                yield self._show(path, file, item)

    def shown(self, path: Path, breakpoint_id: str) -> Shown | None:
        """One breakpoint of an open file."""
        file = self._files.get(path)
        if file is None or file.location is None:
            return next((one for one in self.view(path) if one.state.id == breakpoint_id), None)
        item = next((item for item in self._place(file) if item.id == breakpoint_id), None)
        return self._show(path, file, item) if item is not None else None

    def paths_of(self, breakpoint_ids: frozenset[str]) -> frozenset[Path]:
        """The open files that show any of these breakpoints."""
        stored = self._stored()
        locations = [(item.repository, item.filename) for id in breakpoint_ids if (item := stored.get(id)) is not None]
        return frozenset(
            path
            for path, file in self._files.items()
            if file.location is not None
            and (
                any(link.breakpoint_id in breakpoint_ids for link in self._links.get(path, ()))
                or breakpoint_ids & file.lines.keys()
                or any(filename == file.location.filename for _, filename in locations)
            )
        )

    @property
    def open_paths(self) -> frozenset[Path]:
        return frozenset(self._files)

    def path_of(self, hit: Hit, frame: Frame) -> Path | None:
        """The local file of a frame, where its file belongs to a repository that is open here."""
        if not frame.in_repository and frame is not hit.stack[0]:
            return None
        stored = self._stored().get(hit.breakpoint_id)
        repository = stored.repository if stored is not None else None
        return self._repositories.path(Location(repository=repository, filename=frame.filename))

    def why(self, breakpoint_id: str) -> tuple[Step, ...]:
        """Why a breakpoint has no hits; empty if it is not there any more."""
        if (item := self._stored().get(breakpoint_id)) is None:
            return ()
        return why(item, facts_of(item, self._known, self._outbox), datetime.now(UTC))

    def stored(self, breakpoint_id: str) -> Breakpoint | None:
        """The breakpoint as it is, or will be once what is on its way has arrived; None if it is not there any more."""
        return self._stored().get(breakpoint_id)

    async def find_hits(self, breakpoint_id: str, where: str, limit: int) -> HitPage:
        """The newest hits of a breakpoint that a filter is true for. Raises `RemoteError`."""
        page = await self.newest_hits([breakpoint_id], where=where, limit=limit)
        for hit in page.hits:
            self._hits.keep(hit)
        return page

    @property
    def repositories(self) -> Repositories:
        """The working trees that were met."""
        return self._repositories

    @property
    def log(self) -> HitLog:
        """The hits that are held here."""
        return self._hits

    @property
    def breakpoint_list(self) -> tuple[Breakpoint, ...]:
        return tuple(self._stored().values())

    def process(self, process_id: str) -> Process | None:
        """A process whose lease is running."""
        return next((it.process for it in self._known.processes if it.process.id == process_id), None)

    async def look(self, path: Path, text: str) -> tuple[Shown, ...]:
        """`view` of any file, open or not; `text` is that of a file that is not open."""
        if path in self._files:
            return self.view(path)
        location = await self._repositories.location(path)
        if location is None:
            return ()
        file = OpenFile(location=location, text=text)
        return tuple(sorted((self._show(path, file, item) for item in self._place(file)), key=in_order))

    async def newest_hits(
        self, breakpoint_ids: Sequence[str] | None, *, where: str | None = None, limit: int, before: str | None = None
    ) -> HitPage:
        """A page of the backend's hits, newest first; see `hit_pages`. Raises `RemoteError`."""
        if self._remote is None:
            raise Refused(self._known.message)
        return await newest_hits(self._remote, breakpoint_ids, where=where, limit=limit, before=before)

    async def hit(self, hit_id: str) -> Hit | None:
        """A whole hit, from the log or the backend; None if it is gone. Raises `RemoteError`."""
        if (hit := self._hits.whole(hit_id)) is not None or self._remote is None:
            return hit
        try:
            hit = await self._remote.hit(hit_id)
        except Missing:
            return None
        self._hits.keep(hit)
        return hit

    @property
    def _hits(self) -> HitLog:
        return self._known.hits

    def _reconcile(
        self, file: OpenFile, location: Location, marks: Sequence[EditorBreakpoint], links: Sequence[Link]
    ) -> Difference:
        return reconcile(
            location, file.text, marks, links, self._stored(), owner=self._known.owner, new_id=lambda: str(uuid.uuid4())
        )

    def _queue(self, difference: Difference) -> None:
        with self._outbox.together():
            for new in difference.added:
                self._outbox.create(new)
            for change in difference.changed:
                self.change(change.breakpoint_id, change.fields)
            for breakpoint_id in difference.removed:
                self.remove(breakpoint_id)
        self._known.touched(*(new.id for new in difference.added))

    def _stored(self) -> dict[str, Breakpoint]:
        return stored_and_queued(self._known, self._outbox)

    def _place(self, file: OpenFile) -> list[Breakpoint]:
        return file.place(self._stored().values())

    def show_closed(self, path: Path | None, item: Breakpoint, text: str | None, line: int | None) -> Shown:
        """A breakpoint in a file that is not open: `line` in its text, or None where it is not surely there. Of a file that is
        not in this workspace `path` and `text` are None."""
        link = next((link for link in self._links.get(path, ()) if link.breakpoint_id == item.id), None) if path else None
        return show(
            item,
            text=text,
            line=line,
            link=link,
            known=self._known,
            outbox=self._outbox,
            followed=self._followed,
        )

    def _show(self, path: Path, file: OpenFile, item: Breakpoint) -> Shown:
        return self.show_closed(path, item, file.text, file.lines.get(item.id))
