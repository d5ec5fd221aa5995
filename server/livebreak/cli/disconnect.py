"""`livebreak disconnect`: a connection that is remembered no more."""

from __future__ import annotations

from typing import Annotated

import typer

from livebreak.cli import exit_codes
from livebreak.cli.output import print_fields
from livebreak.cli.serving import AsJson
from livebreak.cli.talking import command
from livebreak.cli.target import end
from livebreak.connections import named
from livebreak.connections.files import StoredError, user_folders


@command
def disconnect(
    name: Annotated[str | None, typer.Option(help="Which connection; by default the default one.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Remove a stored connection. Its key stays until `livebreak forget` removes it; an editor that runs stays connected."""
    folders = user_folders()
    try:
        connection = named.find(folders, name)
        if connection is None:
            wanted = "default connection" if name is None else f"connection named {name!r}"
            others = ", ".join(one.name for one in named.read_all(folders)) or "none"
            end(f"There is no {wanted}; stored are: {others}.", exit_codes.NOT_CONNECTED)
        named.remove(folders, connection.name)
    except StoredError as error:
        end(str(error), exit_codes.FAILED)
    print_fields({"name": connection.name, "host": connection.host}, as_json=as_json, title="Disconnected.")
