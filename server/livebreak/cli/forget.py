"""`livebreak forget`: keys that are kept no more."""

from __future__ import annotations

from typing import Annotated

import typer

from livebreak.cli import exit_codes
from livebreak.cli.output import print_fields
from livebreak.cli.serving import AsJson
from livebreak.cli.talking import command
from livebreak.cli.target import end
from livebreak.connections import keys, local
from livebreak.connections.files import Folders, StoredError, user_folders
from livebreak.connections.origins import HostError, origin_of, with_scheme


@command
def forget(
    origin: Annotated[str | None, typer.Argument(help="Address of the backend whose keys are to go.", show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help="The keys of every backend.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove stored keys from this machine. The backend still knows them; they are only kept here no more."""
    folders = user_folders()
    if (origin is None) != every:
        end("Say which backend's keys are to go, or --all.", exit_codes.USAGE)
    try:
        wanted = _stored(folders) if origin is None else [origin_of(with_scheme(origin))]
        # Both in every case: one origin may have keys of either kind.
        gone = [one for one in wanted if any([keys.remove(folders, one), local.remove(folders, one)])]
        if origin is not None and not gone:
            kept = ", ".join(_stored(folders)) or "none"
            end(f"No key is kept for {wanted[0]}; there are keys for: {kept}.", exit_codes.FAILED)
    except HostError as error:
        end(str(error), exit_codes.USAGE)
    except StoredError as error:
        end(str(error), exit_codes.FAILED)
    print_fields({"forgotten": gone}, as_json=as_json)


def _stored(folders: Folders) -> list[str]:
    return sorted({*keys.origins(folders), *(backend.origin for backend in local.read_all(folders))})
