"""Threads and transactions: one writer that commits in groups, a few readers, and one apart for long scans.

Under `synchronous=FULL` a commit waits for the disk. So writes that arrive while the disk is busy share the next
commit, each in a savepoint of its own: one that fails takes no other with it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, bindparam
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, ProgrammingError

from livebreak.backend.store.interface import Event, StoreClosedError, StoreUnavailableError
from livebreak.backend.store.prepared import Prepared
from livebreak.backend.store.tables import events
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.wire import STREAM_EVENTS

T = TypeVar("T")

READERS = 4
"""Threads for short reads; SQLite's own work runs without Python's lock."""

PAGERS = 2
"""Threads for pages of full hits: megabytes that are unpacked and written, which nobody's key should have to wait for."""

CONNECTIONS = READERS + PAGERS + 1
"""One for each thread that reads."""

CALM_SECONDS = 10.0
"""Without a failure after which trouble is over: a disk that is nearly full takes every other write."""

LARGEST_GROUP = 64
"""Writes in one commit: enough to hide the disk, few enough that the first does not wait long for the last."""

_OUR_FAULT = (DataError, IntegrityError, ProgrammingError)
"""Those of the driver's errors that say that what was asked is wrong; all others are about the database, its file, its disk."""

_log = logging.getLogger(__name__)

_EVENT_NAMES = {kind: name for name, kind in STREAM_EVENTS.items()}

_TELL = Prepared(
    events.insert()
    .values({column: bindparam(f"of_{column}") for column in ("project_id", "name", "data", "created_at")})
    .returning(events.c.id)
)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One write under way: the connection, and the events that streams will be told once it is committed."""

    connection: Connection
    events: list[Event] = field(default_factory=list)

    def emit(self, project_id: int, message: object, now: int) -> None:
        """Number and store an event; `message` is one of the dataclasses in `wire.STREAM_EVENTS`."""
        name = _EVENT_NAMES[type(message)]
        data = json.dumps(to_json(message), separators=(",", ":"))
        row = {"of_project_id": project_id, "of_name": name, "of_data": data, "of_created_at": now}
        number = _TELL.run(self.connection, **row).scalar_one()
        self.events.append(Event(id=number, project_id=project_id, name=name, data=data, created_at=now))


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Transaction], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class _Outcome:
    job: _Job
    result: Any = None
    error: Exception | None = None
    events: Sequence[Event] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Extras:
    """What each engine does in its own way."""

    version: Callable[[], object | None]
    """Differs after each commit of whatever process; None if it cannot be told just now. Takes microseconds."""
    problem: Callable[[], str | None]
    """Why nothing may be read or written any more, whatever the engine says; None while all is well. Takes microseconds."""
    empty_log: Callable[[], bool]
    """See `Database.empty_log`; may take long."""
    dispose: Callable[[], None]
    """Lets go of what these need."""


class Database:
    """Runs functions over a connection in its threads; the engine behind it can be any that SQLAlchemy knows."""

    def __init__(self, writer: Engine, reader: Engine, extras: Extras) -> None:
        self._writer_engine = writer
        self._reader_engine = reader
        self._extras = extras
        self._closing = threading.Lock()
        self._is_closed = False
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="livebreak-read")
        self._pagers = ThreadPoolExecutor(PAGERS, thread_name_prefix="livebreak-page")
        self._scanner = ThreadPoolExecutor(1, thread_name_prefix="livebreak-scan")
        self._trouble = _Trouble()
        self._listeners: list[Callable[[Sequence[Event]], None]] = []
        self._thread = threading.Thread(target=self._write_loop, name="livebreak-write", daemon=True)
        self._thread.start()

    def subscribe(self, listener: Callable[[Sequence[Event]], None]) -> None:
        self._listeners.append(listener)

    def version(self) -> object | None:
        """Differs after each commit; None if it cannot be told just now. Takes microseconds, and never waits."""
        return None if self._is_closed or self._extras.problem() is not None else self._extras.version()

    async def empty_log(self) -> bool:
        """Leave nothing of what was removed in any file beside the tables; False if it must be tried again."""
        return await self._in_thread(self._scanner, self._extras.empty_log)

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """What `work` returns, once it is durable. `StoreUnavailableError`, from all of these."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._closing:  # so that no job comes behind the last one, where nobody would ever look at it
            if self._is_closed:
                raise StoreClosedError
            self._jobs.put(_Job(work, future, loop))
        return await future

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._read_in(self._readers, work)

    async def page(self, work: Callable[[Connection], T]) -> T:
        """A read of much at once, which takes some tens of milliseconds."""
        return await self._read_in(self._pagers, work)

    async def scan(self, work: Callable[[Connection], T]) -> T:
        """A read that may take long: one at a time, and never in the way of short ones."""
        return await self._read_in(self._scanner, work)

    async def close(self) -> None:
        """Finish what was asked for, and let go of the database; who asks later gets `StoreClosedError` at once."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        with self._closing:
            self._is_closed = True
            self._jobs.put(None)
        self._thread.join()
        self._readers.shutdown()
        self._pagers.shutdown()
        self._scanner.shutdown()
        self._reader_engine.dispose()
        self._extras.dispose()
        # Last, since the last connection to be closed moves the log into the database.
        self._writer_engine.dispose()

    async def _read_in(self, threads: ThreadPoolExecutor, work: Callable[[Connection], T]) -> T:
        return await self._in_thread(threads, lambda: self._read(work))

    async def _in_thread(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            future = asyncio.get_running_loop().run_in_executor(threads, work)
        except RuntimeError:  # how an executor says that it takes nothing any more
            raise StoreClosedError from None
        return await future

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            self._check()
            with self._reader_engine.connect() as connection:
                return work(connection)
        except _OUR_FAULT:
            raise
        except DatabaseError as error:
            raise self._unavailable(str(error.orig)) from error

    def _check(self) -> None:
        if (problem := self._extras.problem()) is not None:
            raise self._unavailable(problem)

    def _unavailable(self, problem: str) -> StoreUnavailableError:
        self._trouble.report(problem)
        return StoreUnavailableError(problem)

    def _write_loop(self) -> None:
        while (job := self._jobs.get()) is not None:
            group, last = self._group(job)
            self._deliver(self._commit(group))
            if last:
                return

    def _group(self, first: _Job) -> tuple[list[_Job], bool]:
        """The jobs that wait by now, and whether the end of all jobs was among them."""
        group = [first]
        while len(group) < LARGEST_GROUP:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return group, True
            group.append(job)
        return group, False

    def _commit(self, group: list[_Job]) -> list[_Outcome]:
        try:
            self._check()
            with self._writer_engine.begin() as connection:
                outcomes = [self._run(connection, job) for job in group]
            self._check()  # or it was written where nobody will find it
        except StoreUnavailableError as error:
            return [_Outcome(job, error=error) for job in group]
        except DatabaseError as error:
            unavailable = self._unavailable(str(error.orig))
            unavailable.__cause__ = error
            return [_Outcome(job, error=unavailable) for job in group]
        except Exception as error:  # noqa: BLE001 -- whatever it is belongs to those who wait; this thread must live on
            return [_Outcome(job, error=error) for job in group]
        self._trouble.is_over()
        return outcomes

    def _run(self, connection: Connection, job: _Job) -> _Outcome:
        transaction = Transaction(connection)
        try:
            with connection.begin_nested():
                result = job.work(transaction)
        except DatabaseError as error:
            if not isinstance(error, _OUR_FAULT):
                raise
            return _Outcome(job, error=error)
        except Exception as error:  # noqa: BLE001 -- as above: the others of the group go on
            return _Outcome(job, error=error)
        return _Outcome(job, result=result, events=transaction.events)

    def _deliver(self, outcomes: list[_Outcome]) -> None:
        loops = {outcome.job.loop for outcome in outcomes}
        for loop in loops:
            mine = [outcome for outcome in outcomes if outcome.job.loop is loop]
            try:
                loop.call_soon_threadsafe(self._settle, mine)
            except RuntimeError:
                continue  # the loop was closed: nobody waits any more

    def _settle(self, outcomes: list[_Outcome]) -> None:
        for outcome in outcomes:
            if outcome.job.future.done():
                continue  # the client went away; the write stands all the same
            if outcome.error is not None:
                outcome.job.future.set_exception(outcome.error)
            else:
                outcome.job.future.set_result(outcome.result)
        # After those who wrote: their answers must not stand behind those of thousands of polls. Nobody runs in between.
        told = [event for outcome in outcomes for event in outcome.events]
        if told:
            for listener in self._listeners:
                listener(told)


class _Trouble:
    """Says once that the database does not answer, and once that it does again, however many requests meet it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed_at: float | None = None
        """When it failed last; None while all is well."""

    def report(self, problem: str) -> None:
        with self._lock:
            is_new, self._failed_at = self._failed_at is None, time.monotonic()
        if is_new:
            _log.warning("The database does not answer (%s); requests are answered with 503 until it does.", problem)

    def is_over(self) -> None:
        """A write went through."""
        if self._failed_at is None:
            return  # without the lock, since this is asked at every commit
        with self._lock:
            is_calm = self._failed_at is not None and time.monotonic() - self._failed_at > CALM_SECONDS
            if is_calm:
                self._failed_at = None
        if is_calm:
            _log.warning("The database answers again.")
