"""The store by itself: migrations, groups of writes, parallel writers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, func, select

from livebreak.backend.app import create_app
from livebreak.backend.settings import BackendSettings
from livebreak.backend.store import open_store
from livebreak.backend.store.database import Database, Transaction
from livebreak.backend.store.hit_shapes import Retention
from livebreak.backend.store.interface import BACKEND_ITSELF, KeyDraft, OccupiedError, Place, StoreClosedError
from livebreak.backend.store.sqlite import open_sqlite
from livebreak.backend.store.tables import metadata, pauses
from livebreak.backend.upkeep import keep_up
from livebreak_agent.vocabulary.model import Breakpoint


def breakpoint_at(line: int, number: str) -> Breakpoint:
    return Breakpoint(id=number, repository="acme/shop", filename="a.py", line_number=line)


async def test_the_migrations_lead_to_the_tables_as_declared(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'new.db'}")
    await store.close()

    with create_engine(f"sqlite:///{tmp_path / 'new.db'}").connect() as connection:
        assert [] == compare_metadata(MigrationContext.configure(connection), metadata)


async def test_every_commit_waits_for_the_disk(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "new.db")

    def settings(transaction: Transaction) -> list[object]:
        return [transaction.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]

    assert ["wal", 2] == await database.write(settings)
    await database.close()


def insert(transaction: Transaction, project_id: int) -> None:
    row = {"project_id": project_id, "service": "", "by": "x", "at": 0}
    transaction.connection.execute(pauses.insert().values(row))


async def count(database: Database) -> int:
    return await database.read(lambda connection: connection.execute(select(func.count()).select_from(pauses)).scalar_one())


async def test_of_writes_that_share_a_commit_a_bad_one_fails_alone(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "new.db")

    def bad(transaction: Transaction) -> None:
        insert(transaction, 1000)
        raise ValueError("bad")

    works = [bad if number % 5 == 0 else (lambda t, n=number: insert(t, n)) for number in range(200)]
    results = await asyncio.gather(*(database.write(work) for work in works), return_exceptions=True)

    assert [number % 5 == 0 for number in range(200)] == [isinstance(result, ValueError) for result in results]
    assert 160 == await count(database)
    await database.close()


async def test_uniqueness_holds_between_processes_that_write_at_once(tmp_path: Path) -> None:
    stores = [open_store(f"sqlite:///{tmp_path / 'shared.db'}") for _ in range(4)]

    creates = (
        stores[number % 4].create_breakpoint(1, breakpoint_at(number // 8, f"id-{number}"), number) for number in range(80)
    )
    results = await asyncio.gather(*creates, return_exceptions=True)

    assert 70 == sum(isinstance(result, OccupiedError) for result in results)
    assert 10 == len(await stores[0].breakpoints(1, Place()))
    for store in stores:
        await store.close()


async def test_events_are_delivered_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'new.db'}")
    delivered: list[int] = []
    store.subscribe(lambda events: delivered.extend(event.id for event in events))

    await asyncio.gather(*(store.create_breakpoint(1, breakpoint_at(line, f"id-{line}"), line) for line in range(100)))

    assert list(range(1, 101)) == delivered
    await store.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "postgresql://h/d", "x"])
def test_a_database_that_is_not_understood_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///PATH"):
        open_store(url)


async def test_whoever_asks_a_closed_store_is_told_so_at_once(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'new.db'}")
    await store.close()

    asked = (
        store.check(), store.projects(), store.key("digest"), store.project(1), store.latest_event(), store.disable_expired(0),
        store.prune_hits(1, Retention(since=0, pinned_since=0, count=1), 1), store.page_of_hits(1, None, 0, 1, 0),
    )  # fmt: skip
    for question in asked:
        with pytest.raises(StoreClosedError):
            async with asyncio.timeout(5):
                await question
    await store.close()


async def test_what_was_asked_before_the_store_is_closed_is_done(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "new.db")
    asked = [asyncio.create_task(database.write(lambda t, n=number: insert(t, n))) for number in range(200)]
    await asyncio.sleep(0)
    await database.close()

    results = await asyncio.gather(*asked, return_exceptions=True)

    assert [None] * 200 == results
    database = open_sqlite(tmp_path / "new.db")
    assert 200 == await count(database)
    await database.close()


async def test_upkeep_ends_by_itself_when_the_store_is_closed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'new.db'}")
    app = create_app(store, BackendSettings(upkeep_interval=0.01))
    async with app.router.lifespan_context(app):
        upkeep = asyncio.create_task(keep_up(app.state.backend))
        await store.close()
        async with asyncio.timeout(5):
            await upkeep

    assert [] == caplog.records


async def test_what_is_remembered_of_keys_ends_with_a_commit_of_another_process(tmp_path: Path) -> None:
    here, elsewhere = (open_store(f"sqlite:///{tmp_path / 'shared.db'}") for _ in range(2))
    secret = KeyDraft(kind="secret", digest="d", hint="phs_...")
    project = await here.create_project("shop", "phc_x", secret, 0)
    key = await here.key("d")
    assert key is not None
    assert (project, key) == (await here.project_of_token("phc_x"), await here.key("d"))

    await elsewhere.revoke_key(key.id, 1, by=BACKEND_ITSELF)
    await elsewhere.set_retention(project.id, 5, None, 1)

    assert await here.key("d") is None
    assert [5, 5] == [row.retention_us for row in (await here.project(project.id), await here.project_of_token("phc_x")) if row]
    for store in (here, elsewhere):
        await store.close()
