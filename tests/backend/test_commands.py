"""The commands beside the backend: whatever goes wrong is one sentence and a status, and never a traceback."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from livebreak.cli.app import app

FULL = Path("/dev/full")
"""Takes nothing, as a full disk does."""

needs_full = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")

COMMANDS = [["projects", "list"], ["keys", "list"], ["audit"], ["keys", "create", "--project", "1", "--scope", "*"]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    assert 0 == CliRunner().invoke(app, ["projects", "create", "shop", "--data-dir", str(folder)]).exit_code
    return folder


def run(bare: dict[str, str], data: Path, command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "livebreak", *command, "--data-dir", str(data)],
        env=bare, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, timeout=60, **options,
    )  # fmt: skip


def callbacks(group: typer.Typer, path: str = "livebreak") -> Iterator[tuple[str, Any]]:
    for command in group.registered_commands:
        yield f"{path} {command.name or command.callback.__name__}", command.callback
    for inner in group.registered_groups:
        yield from callbacks(inner.typer_instance, f"{path} {inner.name}")


OTHER_DOORS = {"livebreak demo", "livebreak lsp", "livebreak dap"}
"""The first loads its command, which has the door, when it is called; the others speak a protocol."""


def test_every_command_goes_through_the_one_door_for_failures() -> None:
    open_ones = {name for name, callback in callbacks(app) if not hasattr(callback, "__wrapped__")}

    assert OTHER_DOORS == open_ones


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_key_is_its_makers_where_nobody_else_is_named(data: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]) -> None:
    monkeypatch.setenv("LOGNAME", "grace")

    made = CliRunner().invoke(app, ["keys", "create", "--project", "1", "--scope", "*", *options, "--data-dir", str(data)])

    assert (0, "") == (made.exit_code, made.stderr)
    if options:
        key = json.loads(made.stdout)["key"]
    else:
        key = made.stdout.split()[1]
        assert "It is for grace. With --for NAME it is another person's." in made.stdout
    listed = json.loads(CliRunner().invoke(app, ["keys", "list", "--json", "--data-dir", str(data)]).stdout)
    assert ["grace"] == [row["owner"] for row in listed if key.startswith(row["prefix"].removesuffix("..."))]


@needs_full
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_output_that_cannot_be_written_is_one_sentence(bare: dict[str, str], data: Path, command: list[str]) -> None:
    with FULL.open("w") as full:
        done = run(bare, data, command, stdout=full)

    assert (1, "The operating system does not let it be done (No space left on device).\n") == (done.returncode, done.stderr)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_reader_that_has_gone_is_no_failure_to_talk_about(bare: dict[str, str], data: Path, command: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run(bare, data, command, stdout=writer)
    finally:
        os.close(writer)

    assert (141, "") == (done.returncode, done.stderr)


@needs_full
def test_the_backend_serves_though_nobody_reads_what_it_says(bare: dict[str, str], data: Path, until: Callable[..., Any]) -> None:
    port = free_port()
    with FULL.open("w") as full:
        command = [sys.executable, "-m", "livebreak", "serve", "--port", str(port), "--access-log", "--data-dir", str(data)]
        server = subprocess.Popen(command, env=bare, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True)
    try:
        until(lambda: answers(port))
        assert answers(port)
    finally:
        server.terminate()
        _, errors = server.communicate(timeout=60)
    assert "" == errors


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    return False


@pytest.mark.parametrize("command", [*COMMANDS, ["projects", "create", "x"], ["serve", "--port", "0"]], ids=" ".join)
def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path, command: list[str]) -> None:
    CliRunner().invoke(app, ["projects", "create", "shop", "--data-dir", str(tmp_path)])
    with contextlib.closing(sqlite3.connect(tmp_path / "livebreak.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    done = CliRunner().invoke(app, [*command, "--data-dir", str(tmp_path)])

    assert (1, "") == (done.exit_code, done.stdout)
    assert re.fullmatch(r"The database was made by a newer version of LiveBreak; upgrade this one\.\n", done.stderr)
