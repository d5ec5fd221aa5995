"""A plain PostHog API: the contract's seven endpoints, and nothing live. Everything is polled."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from livebreak.remote.http import Http
from livebreak.sync.remotes import Event, Missing, Rejected, Unreachable
from livebreak_agent.vocabulary import hit_event
from livebreak_agent.vocabulary.model import Breakpoint, Hit, NewBreakpoint
from livebreak_agent.vocabulary.where import WhereError, compile_where
from livebreak_agent.vocabulary.wire import (
    Breakpoints,
    Capabilities,
    Hits,
    HitsQuery,
    PauseRequest,
    Pauses,
    Processes,
    Project,
    Purged,
    PurgeRequest,
)

PAGE = 100
"""Breakpoints a page: the contract's default."""
MOST_PAGES = 100
"""10,000 breakpoints; a server that goes on for ever must not."""
WHOLE_HITS = 1_000
"""Hits kept of those that were listed, since the API gives none by its id: one page of the largest size."""
WRITABLE = ("repository", "filename", "line_number", "enabled", "condition")
"""What the contract can store; anything else a breakpoint has stays unknown to it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stored:
    """A breakpoint as the contract has it."""

    id: str
    filename: str
    line_number: int
    repository: str | None = None
    enabled: bool = True
    condition: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Page:
    results: tuple[_Stored, ...]
    next: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _HitRow:
    id: str
    timestamp: str
    lineNumber: int | None = None  # noqa: N815 -- the contract's spelling
    functionName: str | None = None  # noqa: N815
    variables: Mapping[str, Any] | None = None
    stackTrace: tuple[Any, ...] | None = None  # noqa: N815
    breakpoint_id: str | None = None
    filename: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _HitRows:
    results: tuple[_HitRow, ...]


class PlainRemote:
    """See `sync.remotes.Remote`. The server chooses ids, whatever id a new breakpoint was to have."""

    def __init__(self, http: Http, project: str) -> None:
        self._http = http
        self._project = project
        self._base = f"/api/projects/{project}/live_debugger_breakpoints"
        self._hits: OrderedDict[str, Hit] = OrderedDict()

    @property
    def host(self) -> str:
        return self._http.host

    async def capabilities(self) -> Capabilities:
        # Nothing tells the project's name; one breakpoint is asked for so that a wrong key or project shows at once.
        await self._http.get(_Page, f"{self._base}/", {"limit": 1})
        project = int(self._project) if self._project.isdigit() else 0
        return Capabilities(version="", api=0, features=(), project=Project(id=project, name=self._project))

    async def breakpoints(self) -> Breakpoints:
        return Breakpoints(results=tuple(_named(row) for row in await self._rows({})))

    async def _rows(self, parameters: Mapping[str, str | int]) -> list[_Stored]:
        found: list[_Stored] = []
        for page_number in range(MOST_PAGES):
            # Paged by number, not by `next`: that link may name any host, and the key goes to one only.
            paging: dict[str, str | int] = {"limit": PAGE, "offset": page_number * PAGE}
            page = await self._http.get(_Page, f"{self._base}/", {**parameters, **paging})
            found += page.results
            if page.next is None or not page.results:
                break
        return found

    async def create(self, new: NewBreakpoint) -> Breakpoint:
        try:
            row = await self._http.send(_Stored, "POST", f"{self._base}/", {name: getattr(new, name) for name in WRITABLE})
        except (Rejected, Unreachable):
            # PostHog answers a duplicate with 500 (contract.md section 5), so trouble may mean that it is there already.
            row_or_none = await self._at(new)
            if row_or_none is None:
                raise
            row = row_or_none
        return _named(row)

    async def change(self, breakpoint_id: str, fields: Mapping[str, object]) -> Breakpoint:
        body = {name: value for name, value in fields.items() if name in WRITABLE}
        return _named(await self._http.send(_Stored, "PATCH", f"{self._base}/{breakpoint_id}/", body))

    async def remove(self, breakpoint_id: str) -> None:
        await self._http.request("DELETE", f"{self._base}/{breakpoint_id}/")

    async def processes(self) -> Processes:
        return Processes(results=())

    async def hits(self, query: HitsQuery) -> Hits:
        if query.cursor is not None:
            raise Rejected(f"{self.host} is a plain PostHog API, which has no way to ask for hits before a time.")
        matches = _filter(query.where)
        parameters: dict[str, str | int] = {"limit": query.limit}
        if query.breakpoint_id is not None:
            parameters["breakpoint_ids"] = query.breakpoint_id
        rows = (await self._http.get(_HitRows, f"{self._base}/breakpoint_hits/", parameters)).results
        hits = tuple(hit for row in rows if (hit := _hit(row)) is not None)
        if query.breakpoint_id is not None:
            # PostHog drops the filter where it does not know the id, and answers everybody's hits.
            hits = tuple(hit for hit in hits if hit.breakpoint_id == query.breakpoint_id)
        for hit in hits:
            self._hits[hit.id] = hit
            self._hits.move_to_end(hit.id)
        while len(self._hits) > WHOLE_HITS:
            self._hits.popitem(last=False)
        return Hits(results=tuple(filter(matches, hits)), complete=query.where is None or len(rows) < query.limit)

    async def hit(self, hit_id: str) -> Hit:
        if hit_id not in self._hits:
            raise Missing("The hit is no longer among those that the API returns.")
        return self._hits[hit_id]

    async def pin(self, hit_id: str) -> Hit:
        raise Rejected(f"{self.host} is a plain PostHog API, which cannot keep hit {hit_id}; `livebreak hits export` does.")

    async def unpin(self, hit_id: str) -> Hit:
        return await self.pin(hit_id)

    async def purge(self, request: PurgeRequest) -> Purged:
        del request
        raise Rejected(f"{self.host} is a plain PostHog API, which removes hits by its own rules alone.")

    async def pause(self, request: PauseRequest) -> Pauses:
        del request
        raise Rejected(f"{self.host} is a plain PostHog API, which has no kill switch; disable the breakpoints instead.")

    async def resume(self, request: PauseRequest) -> Pauses:
        return await self.pause(request)

    def stream(self, last_event_id: str | None) -> AsyncIterator[Event]:
        raise Missing(f"{self.host} has no stream (asked for what follows {last_event_id}).")

    async def close(self) -> None:
        await self._http.client.aclose()

    async def _at(self, new: NewBreakpoint) -> _Stored | None:
        """What is at the place of a new breakpoint. Not asked for by repository: an empty one is no filter to the server."""
        rows = await self._rows({"filename": new.filename})
        here = (row for row in rows if (row.line_number, row.repository) == (new.line_number, new.repository))
        return next(here, None)


def _named(row: _Stored) -> Breakpoint:
    return Breakpoint(
        id=row.id,
        filename=row.filename,
        line_number=row.line_number,
        repository=row.repository,
        enabled=row.enabled,
        condition=row.condition,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _filter(where: str | None) -> Callable[[Hit], bool]:
    if where is None:
        return lambda _: True
    try:
        return compile_where(where)
    except WhereError as error:
        raise Rejected(str(error)) from None


def _hit(row: _HitRow) -> Hit | None:
    properties = {
        "$breakpoint_id": row.breakpoint_id,
        "$file_path": row.filename,
        "$line_number": row.lineNumber,
        "$locals_variables": row.variables,
        "$stack_trace": list(row.stackTrace or ()),
    }
    return hit_event.read(row.id, row.timestamp, properties, verified=False)
