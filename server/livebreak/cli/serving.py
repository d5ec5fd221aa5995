"""What `serve`, `projects` and `keys` have in common: the backend's libraries, its data folder, and one-sentence failures."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated, NoReturn

import typer

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8137

_LIBRARIES = ("alembic", "sqlalchemy", "sse_starlette", "starlette", "uvicorn")
"""What the extra `[serve]` brings."""

DataDir = Annotated[
    Path | None,
    typer.Option(help="Folder of the database. By default where this system keeps an application's data.", show_default=False),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(help="Database in another place than the data folder: sqlite:///PATH.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def fail(sentence: str) -> NoReturn:
    """End with status 1 and one sentence on standard error."""
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


def require_libraries() -> None:
    if any(importlib.util.find_spec(name) is None for name in _LIBRARIES):
        fail("The backend's libraries are not installed; run: pip install 'livebreak[serve]'")


def store_url(data_dir: Path | None, url: str | None) -> str:
    if url is not None:
        return url
    if data_dir is None:
        import platformdirs

        data_dir = platformdirs.user_data_path("livebreak")
    return f"sqlite:///{data_dir.expanduser().absolute() / 'livebreak.db'}"
