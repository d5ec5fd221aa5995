"""`livebreak projects`: what breakpoints, hits and keys belong to."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from livebreak.cli.serving import AsJson, DatabaseUrl, DataDir, fail, require_libraries, store_url

app = typer.Typer(no_args_is_help=True, help="Projects of the backend on this machine.")


@app.callback()
def projects() -> None:
    """Projects of the backend on this machine."""


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Make a project, with the two keys that its applications use."""
    require_libraries()
    import asyncio

    from livebreak.backend.administration import create_project
    from livebreak.cli.storage import open_or_fail

    if not name.strip():
        fail("A project needs a name.")
    project = asyncio.run(create_project(open_or_fail(store_url(data_dir, database_url)), name.strip()))
    if as_json:
        print(json.dumps(project))
        return
    print(f"Project {project['id']}: {project['name']}")
    print(f"Secret key, for LIVEBREAK_SECRET_KEY of its applications: {project['secret_key']}")
    print(f"Project token, for other clients that send events:        {project['project_token']}")
    print("The secret key is not shown again.")
    print(f"Next, a key for a person: livebreak keys create --project {project['id']} --scope '*' --for NAME")
