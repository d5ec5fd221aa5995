"""The history of the tables, applied by Alembic when the backend starts."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection


class NewerDatabaseError(Exception):
    """The database has a version that this program does not know."""


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the database to a version, by default the newest, inside the transaction of `connection`. `NewerDatabaseError`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise NewerDatabaseError("The database was made by a newer version of LiveBreak; upgrade this one.") from error
