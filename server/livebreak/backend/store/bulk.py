"""Many rows in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table, select

from livebreak.backend.store.tables import hits

LARGEST_STATEMENT = 200
"""Rows of one statement: below every engine's number of parameters for tables as wide as ours."""


def insert_rows(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows whose values stand in the order of `columns`.

    SQLite gives up Python's lock once a statement, and then waits for it again while other threads unpack and pack; a
    statement a row would spend most of its time on that.
    """
    if connection.dialect.paramstyle != "qmark":
        connection.execute(table.insert(), [dict(zip(columns, row, strict=True)) for row in rows])
        return
    for start in range(0, len(rows), LARGEST_STATEMENT):
        part = rows[start : start + LARGEST_STATEMENT]
        connection.exec_driver_sql(_statement(table.name, columns, len(part)), tuple(chain.from_iterable(part)))


def known_ids(connection: Connection, project_id: int, ids: Sequence[str]) -> list[str]:
    """Those of the ids that the project has hits of."""
    known: list[str] = []
    for start in range(0, len(ids), LARGEST_STATEMENT):
        part = ids[start : start + LARGEST_STATEMENT]
        if connection.dialect.paramstyle == "qmark":
            found = connection.exec_driver_sql(_search(len(part)), (project_id, *part))
        else:
            found = connection.execute(select(hits.c.id).where(hits.c.project_id == project_id, hits.c.id.in_(part)))
        known += found.scalars()
    return known


@lru_cache(maxsize=2 * LARGEST_STATEMENT)
def _search(count: int) -> str:
    return f"SELECT id FROM hits WHERE project_id = ? AND id IN ({', '.join('?' * count)})"  # noqa: S608 -- question marks alone


@lru_cache(maxsize=2 * LARGEST_STATEMENT)
def _statement(table: str, columns: tuple[str, ...], count: int) -> str:
    """Names and question marks alone: the values travel beside it."""
    row = "(" + ", ".join("?" * len(columns)) + ")"
    names = ", ".join(f'"{name}"' for name in columns)
    return f'INSERT INTO "{table}" ({names}) VALUES ' + ", ".join([row] * count)  # noqa: S608 -- see the docstring
