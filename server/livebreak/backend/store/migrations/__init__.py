"""The history of the tables, applied by Alembic when the backend starts."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

_FOLDER = Path(__file__).parent


class NewerDatabaseError(Exception):
    """The database has a version that this program does not know."""


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the database to a version, by default the newest, inside the transaction of `connection`. `NewerDatabaseError`."""
    if revision == "head" and _current(connection) == newest():
        return
    # Loaded when there is something to do, which is once: it is as large as all the rest of the backend.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise NewerDatabaseError("The database was made by a newer version of LiveBreak; upgrade this one.") from error


def newest() -> str:
    """The newest version, by the names of the files: `v0003_what_it_does.py` is version 0003."""
    return max(path.name[1:5] for path in (_FOLDER / "versions").glob("v*.py"))


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
