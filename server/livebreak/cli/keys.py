"""`livebreak keys`: personal API keys, with which people and their editors come in."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from livebreak.cli.serving import AsJson, DatabaseUrl, DataDir, fail, require_libraries, store_url

app = typer.Typer(no_args_is_help=True, help="Personal API keys of the backend on this machine.")


@app.callback()
def keys() -> None:
    """Personal API keys of the backend on this machine."""


@app.command()
def create(
    project: Annotated[int, typer.Option(help="The project's number.")],
    scope: Annotated[
        list[str], typer.Option(help="live_debugger:read, live_debugger:write (which implies read) or *; repeatable.")
    ],
    owner: Annotated[
        str | None, typer.Option("--for", metavar="NAME", help="The person who gets it.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key for a person."""
    require_libraries()
    import asyncio

    from livebreak.backend.administration import create_key
    from livebreak.backend.auth import SCOPES
    from livebreak.cli.storage import open_or_fail

    unknown = next((name for name in scope if name not in SCOPES), None)
    if unknown is not None:
        fail(f"There is no scope {unknown!r}; choose among {', '.join(SCOPES)}.")
    store = open_or_fail(store_url(data_dir, database_url))
    key = asyncio.run(create_key(store, project, tuple(scope), owner))
    if key is None:
        fail(f"There is no project {project}; make one with: livebreak projects create NAME")
    if as_json:
        print(json.dumps({"key": key}))
        return
    print(f"Key: {key}")
    print("It is not shown again. An editor reads it from LIVEBREAK_API_KEY, beside LIVEBREAK_HOST.")
