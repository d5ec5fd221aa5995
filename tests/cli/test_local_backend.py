"""`livebreak serve` on a machine's own data folder: what it makes, keeps, and leaves alone."""

from __future__ import annotations

import getpass
import json
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

APP = """\
import os

print("host", os.environ.get("LIVEBREAK_HOST"), "key", len(os.environ.get("LIVEBREAK_SECRET_KEY", "")), flush=True)
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def stored(user: Any) -> dict[str, Any]:
    return dict(json.loads((user.data / "local.json").read_text()))


def owner_at(user: Any) -> tuple[str, int]:
    found = json.loads(user.run("status", "--json").stdout)
    return found["owner"], found["project"]["id"]


def test_the_first_start_makes_a_project_and_its_users_keys_and_says_what_to_do(user: Any) -> None:
    port = free_port()
    first = user.serve("--port", str(port))
    origin = f"http://127.0.0.1:{port}"
    (kept,) = stored(user).values()

    assert {origin} == stored(user).keys()
    assert 0o600 == (user.data / "local.json").stat().st_mode & 0o777
    assert ("phx_", "phs_") == (kept["api_key"][:4], kept["secret_key"][:4])
    assert kept["api_key"] not in first.output
    assert kept["secret_key"] not in first.output
    for words in ("Project 1 (default): 1 key of people, 1 key of applications", "livebreak run app.py", "open it", "--secret"):
        assert words in first.output
    assert (getpass.getuser(), 1) == owner_at(user)

    # A second start on the same port keeps what still works.
    first.end()
    second = user.serve("--port", str(port))
    of_the_process = {name: kept[name] for name in ("started", "pid", "process_started")}
    assert {origin: kept} == {key: value | of_the_process for key, value in stored(user).items()}
    assert "1 key of people, 1 key of applications" in second.output

    # One beside it has keys of its own, for its own origin, and takes none from the first.
    other_port = free_port()
    third = user.serve("--port", str(other_port))
    both = stored(user)
    assert {origin, f"http://127.0.0.1:{other_port}"} == both.keys()
    assert 4 == len({row[name] for row in both.values() for name in ("api_key", "secret_key")})
    assert "2 keys of people, 2 keys of applications" in third.output
    assert kept["api_key"] == both[origin]["api_key"]


def test_lost_keys_are_made_anew_and_so_is_a_lost_database(user: Any) -> None:
    port = ("--port", str(free_port()))
    user.serve(*port).end()
    (before,) = stored(user).values()
    (user.data / "local.json").unlink()

    again = user.serve(*port)
    (after,) = stored(user).values()
    assert before["api_key"] != after["api_key"]
    assert "Project 1 (default): 2 keys of people, 2 keys of applications" in again.output
    assert 1 == again.output.count("Project ")
    assert (getpass.getuser(), 1) == owner_at(user)
    again.end()

    for path in user.data.glob("livebreak.db*"):
        path.unlink()
    anew = user.serve(*port)
    assert "Project 1 (default): 1 key of people, 1 key of applications" in anew.output
    assert (getpass.getuser(), 1) == owner_at(user)


def test_a_lone_project_is_taken_instead_of_making_another(user: Any) -> None:
    user.run("projects", "create", "shop")

    serve = user.serve("--port", str(free_port()))

    assert "Project 1 (shop): 1 key of people, 2 keys of applications" in serve.output
    assert "default" not in serve.output


def test_another_data_folder_leaves_the_users_own_connection_alone(user: Any, tmp_path: Path) -> None:
    serve = user.serve("--port", "0", "--data-dir", str(tmp_path / "other"))

    assert "Next, in another terminal: livebreak projects create NAME" in serve.output
    assert not user.data.exists()
    assert not user.config.exists()
    assert "No backend is known." in user.refused(3, "status")


def test_a_port_of_the_moment_is_forgotten_with_it(user: Any) -> None:
    serve = user.serve("--port", "0")
    assert 1 == len(stored(user))

    serve.end()
    assert {} == stored(user)

    # One that was killed could not forget it, and anybody may come to listen on its port.
    user.serve("--port", "0").end(signal.SIGKILL)
    assert "No backend is known." in user.refused(3, "status")
    user.serve("--port", "0")
    assert 1 == len(stored(user))


def test_who_listens_on_the_port_of_a_backend_that_has_ended_gets_no_key(user: Any) -> None:
    port = free_port()
    user.serve("--port", str(port)).end(signal.SIGKILL)
    with socket.create_server(("127.0.0.1", port)) as squatter:
        squatter.setblocking(False)
        assert f"The backend at http://127.0.0.1:{port} has ended" in user.refused(3, "status")
        status, said, warned = ran(user)
        with pytest.raises(BlockingIOError):
            squatter.accept()

    assert (0, "host None key 0") == (status, said)
    assert "has ended, so the application runs without the agent" in warned

    user.serve("--port", str(port))
    assert (getpass.getuser(), 1) == owner_at(user)


def test_a_damaged_file_of_keys_is_a_sentence(user: Any) -> None:
    user.data.mkdir(parents=True)
    (user.data / "local.json").write_text("{")

    assert "local.json is damaged" in user.refused(1, "serve", "--port", "0")
    assert "local.json is damaged" in user.refused(1, "status")


def test_a_port_in_use_mints_nothing(user: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "in use" in user.refused(1, "serve", "--port", str(taken.getsockname()[1]))

    assert not (user.data / "local.json").exists()


@pytest.mark.parametrize(
    "arguments", [("serve", "--port", "0"), ("projects", "create", "x"), ("keys", "create", "--project", "1", "--secret")]
)
def test_a_data_folder_that_cannot_be_written_is_a_sentence(user: Any, arguments: tuple[str, ...]) -> None:
    user.data.parent.mkdir(parents=True)
    user.data.touch()

    sentence = user.refused(1, *arguments)

    assert "cannot be written" in sentence
    assert "--data-dir" in sentence


def ran(user: Any, **environment: str) -> tuple[int, str, str]:
    (user.home / "app.py").write_text(APP)
    done = user.run("run", "app.py", **environment)
    return done.returncode, done.stdout.strip(), done.stderr


def test_run_finds_the_backend_and_what_the_environment_says_goes_first(user: Any) -> None:
    status, printed, said = ran(user)
    assert (0, "host None key 0") == (status, printed)
    assert "No backend is known, so the application runs without the agent." in said

    port = free_port()
    user.serve("--port", str(port))
    origin = f"http://127.0.0.1:{port}"
    length = len(next(iter(stored(user).values()))["secret_key"])

    assert f"host {origin} key {length}" == ran(user)[1]
    assert f"host {origin} key {length}" == ran(user, LIVEBREAK_HOST=origin)[1]
    assert (0, "host None key 0", "") == ran(user, LIVEBREAK_DISABLED="1")
    assert "host http://127.0.0.1:9 key 0" == ran(user, LIVEBREAK_HOST="http://127.0.0.1:9")[1]
    assert f"host {origin} key 6" == ran(user, LIVEBREAK_HOST=origin, LIVEBREAK_SECRET_KEY="phs_ab")[1]
    status, printed, said = ran(user, LIVEBREAK_SECRET_KEY="phs_ab")
    assert (0, "host None key 6") == (status, printed)
    assert "LIVEBREAK_HOST is not, so the application runs without the agent." in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "0.0.0.0"], "say --behind-proxy or --private-network"),
        (["--host", "::"], "say --behind-proxy or --private-network"),
        (["--tls-certificate", "a.pem"], "TLS needs both"),
        (["--tls-certificate", "a.pem", "--tls-key", "b.pem"], "a.pem cannot be read (No such file or directory)"),
        (["--tls-certificate", "text", "--tls-key", "text"], "are no certificate and its key"),
        (["--host", "name.invalid", "--private-network"], "choose an address of this machine with --host"),
    ],
)
def test_what_serve_cannot_listen_with_is_a_sentence(user: Any, arguments: list[str], words: str) -> None:
    (user.home / "text").write_text("this is no certificate")

    assert words in user.refused(1, "serve", "--port", "0", *arguments)
    assert not user.data.exists()


def test_two_that_start_at_the_same_moment_make_one_project(user: Any, spawn: Callable[..., Any]) -> None:
    command = [sys.executable, "-m", "livebreak", "serve", "--port"]
    both = [spawn("serve", [*command, str(free_port())], environment=user.environment) for _ in range(2)]
    for process in both:
        process.printed(r"listening on \S+\nData: ")

    assert 2 == len(stored(user))
    assert ["1 (default)"] * 2 == [process.printed(r"Project (\d+ \(default\))")[1] for process in both]
    assert all(1 == process.output.count("Project ") for process in both)
