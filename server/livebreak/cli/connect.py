"""`livebreak connect`: a backend that is asked who one is there, and remembered."""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import dataclass, replace
from typing import Annotated, NoReturn
from urllib.parse import urlsplit

import typer

from livebreak.cli import exit_codes
from livebreak.cli.key_scopes import may_read, may_write
from livebreak.cli.output import print_fields
from livebreak.cli.serving import AsJson
from livebreak.cli.talking import command
from livebreak.cli.target import ask, end
from livebreak.connections import keys, local, named, origins
from livebreak.connections.choose import KeySource, key_for
from livebreak.connections.files import Folders, StoredError, user_folders
from livebreak.connections.named import Connection
from livebreak.settings import OWN_PROJECT, SettingsError, from_environment, is_sendable
from livebreak_agent.vocabulary.wire import Capabilities

LONGEST_NAME = 64
"""Characters: a name is typed, and stands in a table."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """What is to be tried: the key is kept only if it is new."""

    name: str
    host: str
    project: str
    api_key: str
    kept_in: KeySource | None
    """None for a key that was just given."""


@command
def connect(
    host: Annotated[
        str | None, typer.Argument(help="Address of the backend; by default the one on this machine.", show_default=False)
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What to call the connection; by default the host's name.", show_default=False)
    ] = None,
    project: Annotated[
        str | None, typer.Option(help="The project's number; by default the key's own.", show_default=False)
    ] = None,
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the API key from standard input.")] = False,
    as_json: AsJson = False,
) -> None:
    """Connect editors and commands of this user to a backend, from now on.

    The API key (phx_) is asked for on the terminal, without an echo, and tried before it is kept: in the system's keyring, or
    where there is none in a file that only you can read.
    """
    folders = user_folders()
    if project is not None and not (project.isascii() and project.isdigit()):
        end(f"--project is {project!r}; it must be the project's number.", exit_codes.USAGE)
    if name is not None and (not name.isprintable() or not name.strip() or len(name) > LONGEST_NAME):
        end(f"A connection's name has 1 to {LONGEST_NAME} characters that can be seen.", exit_codes.USAGE)
    try:
        wanted = _wanted(folders, host, name, project, key_stdin=key_stdin)
        answer = _try(wanted)
        key_source = wanted.kept_in or keys.put(folders, origins.origin_of(wanted.host), wanted.api_key)
        made = Connection(name=wanted.name, host=wanted.host, project=wanted.project, owner=answer.owner, is_default=True)
        named.put(folders, made)
    except (StoredError, SettingsError) as error:
        end(str(error), exit_codes.FAILED)
    _tell(made, answer, key_source, as_json=as_json)


def _wanted(folders: Folders, host: str | None, name: str | None, project: str | None, *, key_stdin: bool) -> _Wanted:
    stored = named.find(folders, name) if name is not None else None
    if host is None and stored is not None:
        host, project = stored.host, project or stored.project
    if host is None:
        backend = local.find(folders)
        if backend is None or not origins.listens(backend.origin):
            end(
                "There is no backend of yours on this machine; start one with `livebreak serve`, or name a host.",
                exit_codes.NOT_CONNECTED,
            )
        host = backend.origin
    host = origins.with_scheme(host)
    try:
        origin = origins.origin_of(host)
    except origins.HostError as error:
        end(str(error), exit_codes.USAGE)
    if origin.startswith("http://") and origins.is_public(origin):
        end(f"{origin} is a public address, where plain http would show your key to others; use https.", exit_codes.USAGE)
    kept = key_for(folders, host)
    given = _given_key(host, kept, key_stdin=key_stdin)
    if given is None and kept is None:
        _fail_without_key(host)
    return _Wanted(
        name=name or urlsplit(origin).netloc,
        host=host,
        project=project or OWN_PROJECT,
        api_key=given or (kept[0] if kept is not None else ""),
        kept_in=None if given is not None or kept is None else kept[1],
    )


def _given_key(host: str, kept: tuple[str, KeySource] | None, *, key_stdin: bool) -> str | None:
    """The key that the user gives, None for the one that is kept."""
    environment = os.environ.get("LIVEBREAK_API_KEY", "").strip()
    if key_stdin:
        key = sys.stdin.readline(1024).strip()
        if not key:
            end("There is no key on standard input.", exit_codes.USAGE)
    elif environment and os.environ.get("LIVEBREAK_HOST", "").strip().rstrip("/") == host:
        key = environment
    elif sys.stdin.isatty() and (kept is None or kept[1] != "local backend"):
        keeps = "" if kept is None else "; Enter keeps the one that is stored"
        try:
            key = getpass.getpass(f"API key (phx_) for {host}{keeps}: ").strip()
        except EOFError:
            return None
    else:
        return None
    if key.startswith("phs_"):
        end("That is a secret key (phs_), which is for applications; a person needs an API key (phx_).", exit_codes.USAGE)
    if key and not is_sendable(key):
        end("That holds characters that no key has; copy it again.", exit_codes.USAGE)
    return key or None


def _fail_without_key(host: str) -> NoReturn:
    end(f"No key is kept for {host}; give one on standard input with --key-stdin, or run this on a terminal.", exit_codes.USAGE)


def _try(wanted: _Wanted) -> Capabilities:
    """What the backend says of the key; ends the command if it is of no use."""
    settings = replace(from_environment({}), host=wanted.host, project=wanted.project, api_key=wanted.api_key)
    answer = ask(settings, lambda remote: remote.capabilities())
    if not may_read(answer):
        end(
            f"{wanted.host} knows this key, but it may not read breakpoints; make one with "
            "`livebreak keys create --scope live_debugger:write`.",
            exit_codes.REFUSED,
        )
    return answer


def _tell(made: Connection, answer: Capabilities, key_source: KeySource, *, as_json: bool) -> None:
    is_reading = not may_write(answer)
    is_overruled = bool(os.environ.get("LIVEBREAK_HOST", "").strip())
    print_fields(
        {
            "name": made.name,
            "host": made.host,
            "project": {"id": answer.project.id, "name": answer.project.name},
            "owner": answer.owner,
            "scopes": list(answer.scopes),
            "key_kept_in": key_source,
        },
        as_json=as_json,
        title="Connected.",
        notes=[
            *(["This key may look, but set no breakpoint."] if is_reading else []),
            *(["LIVEBREAK_HOST is set, and goes before it; unset it to use this connection."] if is_overruled else []),
        ],
    )
