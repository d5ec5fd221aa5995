"""Which backend and which key: the environment goes first, and a key goes to its own origin only."""

from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
import sys

import pytest

from livebreak.connections import keys, local, named
from livebreak.connections.choose import Choice, choose
from livebreak.connections.files import Folders
from livebreak.connections.local import LocalBackend
from livebreak.connections.named import Connection
from livebreak.settings import SettingsError

HERE = LocalBackend(
    origin="http://127.0.0.1:8137", project=1, owner="ada", api_key="phx_here", secret_key="phs_here", started=1.0,
    pid=os.getpid(), process_started=local.started_at(os.getpid()),
)  # fmt: skip


def target(choice: Choice) -> tuple[str | None, str | None, str]:
    return choice.settings.host, choice.settings.api_key, choice.settings.project


def test_nothing_known_says_what_to_do(folders: Folders) -> None:
    choice = choose({}, folders)

    assert (None, None, "@current") == target(choice)
    assert choice.lack is not None
    assert "`livebreak serve`" in choice.lack
    assert "`livebreak connect HOST`" in choice.lack


def test_the_backend_on_this_machine_is_found(folders: Folders) -> None:
    local.put(folders, HERE)

    assert ("http://127.0.0.1:8137", "phx_here", "1") == target(choose({}, folders))


def test_the_default_connection_goes_before_it(folders: Folders) -> None:
    local.put(folders, HERE)
    named.put(folders, Connection(name="team", host="https://team.example/api", project="7", is_default=True))
    keys.put(folders, "https://team.example", "phx_team")

    assert ("https://team.example/api", "phx_team", "7") == target(choose({}, folders))
    assert ("https://team.example/api", "phx_team", "9") == target(choose({"LIVEBREAK_PROJECT": "9"}, folders))


def test_the_environment_goes_before_everything_stored(folders: Folders) -> None:
    local.put(folders, HERE)
    keys.put(folders, "https://own.example", "phx_stored")

    given = {"LIVEBREAK_HOST": "https://own.example", "LIVEBREAK_API_KEY": "phx_given"}
    assert ("https://own.example", "phx_given", "@current") == target(choose(given, folders))
    del given["LIVEBREAK_API_KEY"]
    assert ("https://own.example", "phx_stored", "@current") == target(choose(given, folders))


@pytest.mark.parametrize(
    "host",
    [
        "https://other.example",
        "http://team.example",
        "https://team.example:444",
        "http://127.0.0.1:8138",
        "http://localhost:8137",
    ],
)
def test_a_key_goes_to_no_other_origin(folders: Folders, host: str) -> None:
    local.put(folders, HERE)
    keys.put(folders, "https://team.example", "phx_team")

    choice = choose({"LIVEBREAK_HOST": host}, folders)

    assert (host, None) == target(choice)[:2]
    assert f"There is no API key for {host}. `livebreak connect {host}` asks for it and keeps it." == choice.lack


def test_a_key_without_a_host_goes_nowhere(folders: Folders) -> None:
    local.put(folders, HERE)

    choice = choose({"LIVEBREAK_API_KEY": "phx_lost"}, folders)

    assert None is choice.settings.host
    assert choice.lack is not None
    assert "LIVEBREAK_HOST is not" in choice.lack


def test_disabled_looks_for_nothing(folders: Folders) -> None:
    local.put(folders, HERE)

    choice = choose({"LIVEBREAK_DISABLED": "1"}, folders)

    assert (None, "LIVEBREAK_DISABLED is set, so no backend is looked for.") == (choice.settings.host, choice.lack)


def test_a_connection_by_name_goes_before_the_environment(folders: Folders) -> None:
    named.put(folders, Connection(name="team", host="https://team.example"))
    keys.put(folders, "https://team.example", "phx_team")
    given = {"LIVEBREAK_HOST": "https://own.example", "LIVEBREAK_API_KEY": "phx_given", "LIVEBREAK_PROJECT": "9"}

    assert ("https://team.example", "phx_team", "@current") == target(choose(given, folders, "team"))
    with pytest.raises(SettingsError, match="no connection named 'ghost'"):
        choose(given, folders, "ghost")


def test_the_newest_backend_that_listens_is_meant(folders: Folders) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        listening = f"http://127.0.0.1:{server.getsockname()[1]}"
        local.put(folders, dataclasses.replace(HERE, origin=listening, started=1.0))
        local.put(folders, dataclasses.replace(HERE, origin="http://127.0.0.1:1", started=2.0))
        assert listening == choose({}, folders).settings.host

    # None listens: an editor waits for the one that was started last.
    assert "http://127.0.0.1:1" == choose({}, folders).settings.host


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is not known when a process began")
def test_a_process_that_has_ended_or_whose_number_is_anothers_now_is_gone(folders: Folders) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        other = dataclasses.replace(HERE, pid=process.pid, process_started=local.started_at(process.pid))
        assert other.is_running
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        # Nobody has asked after it yet, so its number is still taken.
        assert not other.is_running
    another = dataclasses.replace(HERE, process_started="1")
    local.put(folders, another)

    assert HERE.is_running
    assert not another.is_running
    assert [True, False, False] == [
        local.is_gone(folders, origin, key)
        for origin, key in ((HERE.origin, "phx_here"), (HERE.origin, "phx_other"), ("https://team.example", "phx_here"))
    ]
