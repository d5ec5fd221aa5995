"""What `serve`, `projects` and `keys` have in common: the backend's libraries, its data folder, and one-sentence failures."""

from __future__ import annotations

import importlib.util
import ipaddress
import socket
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from livebreak.cli import exit_codes
from livebreak.connections.files import user_folders

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8137
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 -- only where --private-network asks for it

_LIBRARIES = ("alembic", "msgspec", "sqlalchemy", "sse_starlette", "starlette", "uvicorn")
"""What the extra `[serve]` brings."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DataDir = Annotated[
    Path | None,
    typer.Option(help="Folder of the database. By default where this system keeps an application's data.", show_default=False),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(help="Database in another place than the data folder: sqlite:///PATH.", show_default=False),
]


def require_protection(host: str, *, is_protected: bool) -> None:
    """Refuse to send keys and captured values in clear through a network, unless somebody has said that this is well."""
    if not is_protected and not _is_of_this_machine_alone(host):
        fail(
            f"{host} can be reached from other machines, where keys and captured values would be read on their way: give "
            "--tls-certificate and --tls-key, or say --behind-proxy or --private-network."
        )


def fail(sentence: str, status: int = exit_codes.FAILED) -> NoReturn:
    """End with this status and one sentence on standard error."""
    typer.echo(sentence, err=True)
    raise typer.Exit(status)


def missing_libraries() -> list[str]:
    return [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]


def require_libraries() -> None:
    if missing_libraries():
        fail("The backend's libraries are not installed; run: pip install 'livebreak[serve]'")


def store_url(data_dir: Path | None, url: str | None) -> str:
    if url is not None:
        return url
    if data_dir is None:
        data_dir = user_folders().data
    return f"sqlite:///{data_dir.expanduser().absolute() / 'livebreak.db'}"


def _is_of_this_machine_alone(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True  # No address at all: `listen` says so.
    return all(ipaddress.ip_address(str(sockaddr[0]).partition("%")[0]).is_loopback for *_, sockaddr in found)
