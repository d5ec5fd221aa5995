"""The store by itself: migrations, groups of writes, parallel writers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, func, select

from livebreak.backend.store import open_store
from livebreak.backend.store.database import Database, Transaction
from livebreak.backend.store.interface import OccupiedError, Place
from livebreak.backend.store.sqlite import open_sqlite
from livebreak.backend.store.tables import metadata, pauses
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
