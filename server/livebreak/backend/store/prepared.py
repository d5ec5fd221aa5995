"""Statements that are built once: to build one anew takes several times as long as SQLite needs to run it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ClauseElement, Connection, CursorResult, Dialect


class Prepared:
    """A statement whose values are named by `bindparam`; for the few that run thousands of times a second.

    Rows have the values as the driver gives them: a boolean may be 0 or 1, so look at its truth. It takes no list for an
    `in_`, whose length is a part of the statement.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._written: dict[str, tuple[str, dict[str, Any], list[str] | None]] = {}
        """By dialect: the SQL, its values with None for those to come, and their order where it goes by position."""

    def run(self, connection: Connection, **values: object) -> CursorResult[Any]:
        dialect = connection.dialect
        sql, known, order = self._written.get(dialect.name) or self._write(dialect)
        given = {**known, **values}
        return connection.exec_driver_sql(sql, given if order is None else tuple([given[name] for name in order]))

    def _write(self, dialect: Dialect) -> tuple[str, dict[str, Any], list[str] | None]:
        compiled: Any = self._statement.compile(dialect=dialect)
        written = (str(compiled), dict(compiled.params), compiled.positiontup if compiled.positional else None)
        self._written[dialect.name] = written
        return written
