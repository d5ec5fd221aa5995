"""What thousands of waiting agents cost the store when something changes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from livebreak.backend.armed_sets import Answer, ArmedSets
from livebreak.backend.changes import Changes
from livebreak.backend.clock import SECOND, system_clock
from livebreak.backend.store.interface import Place, StoreUnavailableError
from livebreak.backend.store.sql_store import SqlStore
from livebreak.backend.store.sqlite import open_sqlite
from livebreak_agent.vocabulary.model import Breakpoint
from livebreak_agent.vocabulary.wire import ArmedQuery

WAITERS = 2000


class CountingStore(SqlStore):
    """A store that counts how often the armed list is read."""

    reads = 0
    is_broken = False

    async def breakpoints(self, project_id: int, place: Place) -> tuple[Breakpoint, ...]:
        self.reads += 1
        if self.is_broken:
            raise StoreUnavailableError("the disk is gone")
        return await super().breakpoints(project_id, place)


@contextlib.asynccontextmanager
async def opened(path: Path) -> AsyncIterator[tuple[CountingStore, Changes, ArmedSets]]:
    store = CountingStore(open_sqlite(path / "new.db"))
    changes = Changes(store, await store.latest_event())
    store.subscribe(changes.deliver)
    yield store, changes, ArmedSets(store, changes, system_clock, 120 * SECOND)
    await store.close()


async def change(store: CountingStore, line: int) -> None:
    await store.create_breakpoint(1, Breakpoint(id=f"id-{line}", filename="a.py", line_number=line), system_clock())


async def test_a_change_is_read_once_however_many_wait_for_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as (store, changes, armed):

        async def wait(number: int) -> Answer:
            changed = changes.next_armed(1)
            await armed.answer(1, ArmedQuery(process=str(number), service=f"service-{number % 3}"))
            await changed.wait()
            return await armed.answer(1, ArmedQuery(process=str(number), service=f"service-{number % 3}"))

        waiters = [asyncio.create_task(wait(number)) for number in range(WAITERS)]
        await asyncio.sleep(0)
        await armed.answer(1, ArmedQuery(process="one more"))
        assert 1 == store.reads
        await change(store, 1)
        answers = await asyncio.gather(*waiters)

        assert 2 == store.reads
        assert 1 == len({answer.etag for answer in answers})
        assert b"id-1" in answers[0].known.body


async def test_those_who_are_woken_have_their_answer_already(tmp_path: Path) -> None:
    async with opened(tmp_path) as (store, changes, armed):
        query = ArmedQuery(process="1", service="web")
        before = await armed.answer(1, query)
        changed = changes.next_armed(1)
        await change(store, 1)
        await changed.wait()

        step = armed.answer(1, query).__await__()
        with pytest.raises(StopIteration) as done:  # at its first step, so that thousands need no second one
            next(step)

        assert before.etag != done.value.value.etag
        assert b"id-1" in done.value.value.known.body


async def test_those_who_wait_are_woken_though_the_store_does_not_answer(tmp_path: Path) -> None:
    async with opened(tmp_path) as (store, changes, armed):
        await armed.answer(1, ArmedQuery(process="1"))
        changed = changes.next_armed(1)
        store.is_broken = True
        await change(store, 1)

        async with asyncio.timeout(30):
            await changed.wait()

        with pytest.raises(StoreUnavailableError):
            await armed.answer(1, ArmedQuery(process="1"))
        store.is_broken = False
        assert b"id-1" in (await armed.answer(1, ArmedQuery(process="1"))).known.body


async def test_one_that_goes_away_takes_the_answer_from_nobody(tmp_path: Path) -> None:
    async with opened(tmp_path) as (store, _, armed):
        first, second = [asyncio.create_task(armed.answer(1, ArmedQuery(process=name))) for name in ("first", "second")]
        await asyncio.sleep(0)

        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

        assert first.cancelled()
        assert (await second).known.body
        assert 1 == store.reads
