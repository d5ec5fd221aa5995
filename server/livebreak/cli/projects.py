"""`livebreak projects`: what breakpoints, hits and keys belong to."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from livebreak.cli import exit_codes
from livebreak.cli.serving import AsJson, DatabaseUrl, DataDir, fail, require_libraries, store_url
from livebreak.cli.tables import Cell, Column, id_cell, print_json, print_table
from livebreak.cli.talking import command

app = typer.Typer(no_args_is_help=True, help="Projects of the backend on this machine.")


@app.callback()
def projects() -> None:
    """Projects of the backend on this machine."""


@app.command()
@command
def create(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Make a project, with the two keys that its applications use."""
    require_libraries()
    from livebreak.backend.administration import create_project
    from livebreak.cli.storage import ask_or_fail, open_or_fail

    if not name.strip():
        fail("A project needs a name.", exit_codes.USAGE)
    project = ask_or_fail(create_project(open_or_fail(store_url(data_dir, database_url)), name.strip()))
    if as_json:
        print(json.dumps(project))
        return
    print(f"Project {project['id']}: {project['name']}")
    print(f"Secret key, for LIVEBREAK_SECRET_KEY of its applications: {project['secret_key']}")
    print(f"Project token, for other clients that send events:        {project['project_token']}")
    print("The secret key is not shown again.")
    print(f"Next, a key for a person: livebreak keys create --project {project['id']} --scope '*' --for NAME")


@app.command()
@command
def retention(
    project: Annotated[int, typer.Argument(help="The project's number.")],
    hours: Annotated[
        float | None,
        typer.Option(min=0.01, max=87600, help="How long hits are kept; as the backend is told if left out.", show_default=False),
    ] = None,
    hits: Annotated[
        int | None,
        typer.Option(min=1, max=100_000_000, help="How many at most; the same.", show_default=False),
    ] = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Say how long and how many hits of a project are kept. Pinned ones stay longer."""
    require_libraries()
    from livebreak.backend.administration import set_retention
    from livebreak.cli.storage import ask_or_fail, open_or_fail

    if not ask_or_fail(set_retention(open_or_fail(store_url(data_dir, database_url)), project, hours, hits)):
        fail(f"There is no project {project}; `livebreak projects list` shows what there is.", exit_codes.NOT_FOUND)
    age = "as long as the backend is told" if hours is None else f"for {hours:g} hours"
    number = "as many as the backend is told" if hits is None else f"{hits:,} at most"
    print(f"Hits of project {project} are kept {age}, {number}.")


@app.command("list")
@command
def list_(as_json: AsJson = False, database_url: DatabaseUrl = None, data_dir: DataDir = None) -> None:
    """List all projects."""
    require_libraries()
    from livebreak.backend.administration import list_projects
    from livebreak.cli.storage import ask_or_fail, open_or_fail

    rows = ask_or_fail(list_projects(open_or_fail(store_url(data_dir, database_url))))
    if as_json:
        print_json(rows)
        return
    print_table(
        (Column(name="id", right=True), Column(name="name", gives_way=True), Column(name="project token")),
        [(id_cell(str(row["id"])), Cell(text=row["name"]), Cell(text=row["project_token"])) for row in rows],
    )


@app.command("rotate-secret")
@command
def rotate_secret(
    project: Annotated[int, typer.Argument(help="The project's number.")],
    keep_old: Annotated[
        bool, typer.Option("--keep-old", help="Leave the old keys valid until `livebreak keys revoke` ends them.")
    ] = False,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Give a project a new secret key, and make its old ones invalid: agents that hold them disarm everything and leave."""
    require_libraries()
    from livebreak.backend.administration import rotate_secret as rotate
    from livebreak.cli.storage import ask_or_fail, open_or_fail

    done = ask_or_fail(rotate(open_or_fail(store_url(data_dir, database_url)), project, keep_old=keep_old))
    if done is None:
        fail(f"There is no project {project}; see them with: livebreak projects list", exit_codes.NOT_FOUND)
    secret, revoked = done
    if as_json:
        print(json.dumps({"id": project, "secret_key": secret, "revoked": revoked}))
        return
    print(f"Secret key, for LIVEBREAK_SECRET_KEY of its applications: {secret}")
    print("It is not shown again.")
    print(f"Revoked: {', '.join(revoked)}" if revoked else "The old keys still work; end them with: livebreak keys revoke")
