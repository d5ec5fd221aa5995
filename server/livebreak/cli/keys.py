"""`livebreak keys`: with which people and their editors, and agents, come in."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from livebreak.cli import exit_codes
from livebreak.cli.output import shown
from livebreak.cli.serving import AsJson, DatabaseUrl, DataDir, fail, require_libraries, store_url
from livebreak.cli.tables import Cell, Column, id_cell, print_json, print_table, time_cell
from livebreak.cli.talking import command
from livebreak.cli.target import end

app = typer.Typer(no_args_is_help=True, help="Keys of the backend on this machine: make, list and revoke.")


_COLUMNS = (
    Column(name="id", right=True),
    Column(name="key"),
    Column(name="project", right=True),
    Column(name="for", gives_way=True),
    Column(name="scopes", gives_way=True),
    Column(name="made"),
    Column(name="last used"),
    Column(name="revoked"),
)


@app.callback()
def keys() -> None:
    """Keys of the backend on this machine: make, list and revoke."""


@app.command()
@command
def create(
    project: Annotated[int, typer.Option(help="The project's number.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="What a person may do: live_debugger:read, live_debugger:write (which implies read) or *; repeatable.",
            show_default=False,
        ),
    ] = None,
    is_secret: Annotated[
        bool, typer.Option("--secret", help="A further secret key (phs_) for the project's applications, and for no person.")
    ] = False,
    owner: Annotated[
        str | None, typer.Option("--for", metavar="NAME", help="The person who gets it; by default you.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key for a person, or with --secret one for applications."""
    require_libraries()
    from livebreak.backend.administration import create_key, operator, rotate_secret
    from livebreak.backend.auth import SCOPES
    from livebreak.cli.storage import ask_or_fail, open_or_fail

    if is_secret == bool(scope):
        end(
            "Say what a person may do with --scope, or --secret for a key of applications; for instance --scope '*'.",
            exit_codes.USAGE,
        )
    unknown = next((name for name in scope or () if name not in SCOPES), None)
    if unknown is not None:
        fail(f"There is no scope {unknown!r}; choose among {', '.join(SCOPES)}.", exit_codes.USAGE)
    # A key of nobody would own nothing, and what it makes would be everybody's.
    person = owner or operator().name
    store = open_or_fail(store_url(data_dir, database_url))
    if is_secret:
        rotated = ask_or_fail(rotate_secret(store, project, keep_old=True))
        key = None if rotated is None else rotated[0]
    else:
        key = ask_or_fail(create_key(store, project, tuple(scope or ()), person))
    if key is None:
        fail(f"There is no project {project}; make one with: livebreak projects create NAME", exit_codes.NOT_FOUND)
    if as_json:
        print(json.dumps({"key": key}))
        return
    print(f"Key: {key}")
    print("It is not shown again.")
    if is_secret:
        print("An application's agent reads it from LIVEBREAK_SECRET_KEY, beside LIVEBREAK_HOST.")
    else:
        print(f"It is for {shown(person)}." + ("" if owner else " With --for NAME it is another person's."))
        print("`livebreak connect HOST` asks for it and keeps it; LIVEBREAK_API_KEY beside LIVEBREAK_HOST does as well.")


@app.command("list")
@command
def list_(
    project: Annotated[int | None, typer.Option(help="Only keys of this project.", show_default=False)] = None,
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """List all keys by their first characters, revoked ones too, and when each was used last."""
    require_libraries()
    from livebreak.backend.administration import list_keys
    from livebreak.cli.storage import ask_or_fail, open_or_fail

    rows = ask_or_fail(list_keys(open_or_fail(store_url(data_dir, database_url)), project))
    if as_json:
        print_json(rows)
        return
    print_table(
        _COLUMNS,
        [
            (
                id_cell(str(row["id"])),
                Cell(text=row["prefix"]),
                Cell(text=str(row["project"])),
                Cell(text="(agents)" if row["kind"] == "secret" else row["owner"] or ""),
                Cell(text=" ".join(row["scopes"])),
                time_cell(row["created_at"]),
                time_cell(row["last_used_at"]),
                time_cell(row["revoked_at"]),
            )
            for row in rows
        ],
    )


@app.command()
@command
def revoke(
    key: Annotated[str, typer.Argument(help="Its number or its beginning, as `livebreak keys list` shows them.")],
    as_json: AsJson = False,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key invalid, at once and for good; a running backend ends what it has open."""
    require_libraries()
    from livebreak.backend.administration import AmbiguousKeyError, revoke_key
    from livebreak.cli.storage import ask_or_fail, open_or_fail

    try:
        revoked = ask_or_fail(revoke_key(open_or_fail(store_url(data_dir, database_url)), key))
    except AmbiguousKeyError as error:
        fail(f"Several keys begin like that; name the one you mean by its number: {error}.", exit_codes.NOT_FOUND)
    if revoked is None:
        # It is not repeated: what was given may be a whole key.
        fail("There is no such valid key; see them with: livebreak keys list", exit_codes.NOT_FOUND)
    if as_json:
        print(json.dumps(revoked))
        return
    print(f"Key {revoked['id']} ({revoked['prefix']}) of project {revoked['project']} is revoked.")
    if revoked["kind"] == "secret":
        print(f"If agents still need one: livebreak projects rotate-secret {revoked['project']}")
