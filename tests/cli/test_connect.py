"""`connect`, `disconnect`, `status`, `doctor`, `forget`, and what each says when it cannot."""

from __future__ import annotations

import http.server
import json
import os
import pty
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def keys(backend: Any, livebreak: Any, project: Any) -> dict[str, str]:
    """Further keys of the project, by what they may do."""

    def make(scope: str) -> str:
        made = livebreak(
            "keys", "create", "--project", str(project.id), "--scope", scope, "--json", "--data-dir", str(backend.data)
        )
        return str(json.loads(made.stdout)["key"])

    return {"write": project.api_key, "read": make("live_debugger:read")}


@pytest.fixture
def no_backend() -> Iterator[str]:
    """A web server that is something else."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    server.RequestHandlerClass.log_message = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_connection_is_tried_kept_used_and_removed(user: Any, project: Any, keys: dict[str, str]) -> None:
    made = json.loads(user.run("connect", project.host, "--name", "team", "--key-stdin", "--json", stdin=keys["write"]).stdout)

    scopes = ["live_debugger:read", "live_debugger:write"]
    named = {"id": project.id, "name": made["project"]["name"]}
    assert {
        "name": "team",
        "host": project.host,
        "project": named,
        "owner": "ada",
        "scopes": scopes,
        "key_kept_in": "file",
    } == made
    assert keys["write"] not in (user.config / "connections.json").read_text()
    assert {0o600} == {path.stat().st_mode & 0o777 for path in (user.config / "connections.json", user.data / "keys.json")}

    status = json.loads(user.run("status", "--json").stdout)
    assert ("the connection 'team'", "stream", "file", 0) == tuple(
        status[name] for name in ("connected_by", "mode", "key_from", "processes")
    )
    assert {"enabled": 0, "disabled": 0} == status["breakpoints"]

    # Another project is tried before anything is changed.
    assert "no such project" in user.refused(4, "connect", "--name", "team", "--project", "999")
    assert "the connection 'team'" in user.run("status").stdout

    assert "Disconnected." in user.run("disconnect").stdout
    assert "No backend is known." in user.refused(3, "status")
    assert "stored are: none" in user.refused(3, "disconnect", "--name", "team")
    assert "There is no connection named 'team'" in user.refused(3, "status", "--connection", "team")
    # The key was kept, so that coming back is one word; `forget` is what removes it.
    assert "Connected." in user.run("connect", project.host).stdout
    assert {"forgotten": [project.host]} == json.loads(user.run("forget", project.host, "--json").stdout)
    assert f"There is no API key for {project.host}" in user.refused(3, "status")
    assert "No key is kept for" in user.refused(1, "forget", project.host)
    assert {"forgotten": []} == json.loads(user.run("forget", "--all", "--json").stdout)


def test_a_key_that_only_reads_connects_and_says_so(user: Any, project: Any, keys: dict[str, str]) -> None:
    said = user.run("connect", project.host, "--key-stdin", stdin=keys["read"]).stdout

    assert "This key may look, but set no breakpoint." in said
    doctor = json.loads(user.run("doctor", "--json").stdout)
    advice = next(check["advice"] for check in doctor["checks"] if check["name"] == "you are")
    assert doctor["ok"]
    assert "It may set no breakpoint" in advice

    refused = user.refused(4, "breakpoints", "add", "app.py:1", "--repository", "acme/shop")
    way_out = "Make one that has it with `livebreak keys create --scope live_debugger:write`, and connect again."
    assert f"API key missing required scope 'live_debugger:write'. {way_out}" in " ".join(refused.split())


@pytest.mark.parametrize(
    ("status", "arguments", "key", "words"),
    [
        (4, ["{host}", "--key-stdin"], "phx_wrong", "does not know this API key"),
        (4, ["{host}", "--key-stdin", "--project", "999"], "{key}", "has no such project"),
        (2, ["{host}", "--key-stdin"], "phs_wrong", "a person needs an API key (phx_)"),
        (2, ["{host}", "--key-stdin"], "phx_ä", "characters that no key has"),
        (2, ["{host}", "--key-stdin"], "", "no key on standard input"),
        (2, ["{host}"], "", "--key-stdin, or run this on a terminal"),
        (2, ["{host}", "--project", "shop"], "", "must be the project's number"),
        (2, ["gopher://a.example"], "", "write it as https://livebreak.example"),
        (2, ["http://8.8.8.8", "--key-stdin"], "phx_a", "use https"),
        (2, ["{host}", "--name", "\x1b[31m"], "", "characters that can be seen"),
        (3, ["http://127.0.0.1:1", "--key-stdin"], "phx_a", "cannot be reached"),
        (4, ["{other}", "--key-stdin"], "phx_a", "neither a LiveBreak backend nor a PostHog API"),
        (3, [], "", "start one with `livebreak serve`, or name a host"),
    ],
)
def test_what_cannot_be_connected_is_one_sentence_and_changes_nothing(
    user: Any, project: Any, no_backend: str, status: int, arguments: list[str], key: str, words: str
) -> None:
    filled = [it.format(host=project.host, other=no_backend) if "{" in it else it for it in arguments]

    assert words in user.refused(status, "connect", *filled, stdin=key.format(key=project.api_key))
    assert not user.config.exists()
    assert not (user.data / "keys.json").exists()


def test_the_key_is_asked_for_without_an_echo(user: Any, project: Any) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "livebreak", "connect", project.host], stdin=theirs, stdout=theirs, stderr=theirs,
        env={**user.bare, **user.environment}, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    is_typed = False
    while select.select([ours], [], [], 60)[0]:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # The other end is closed.
            break
        if b"API key (phx_) for" in shown and not is_typed:
            is_typed = True
            os.write(ours, project.api_key.encode() + b"\n")
    os.close(ours)

    assert 0 == process.wait(10)
    assert is_typed
    assert b"Connected." in shown
    assert project.api_key.encode() not in shown


def test_the_environment_goes_before_what_is_stored(user: Any, project: Any) -> None:
    given = json.loads(user.run("status", "--json", **project.for_editor).stdout)
    assert ("LIVEBREAK_HOST", "environment") == (given["connected_by"], given["key_from"])

    # A proxy of the environment is none of the key's business.
    assert 0 == user.run("status", HTTP_PROXY="http://127.0.0.1:1", **project.for_editor).returncode

    assert "does not know this API key" in user.refused(4, "status", **(project.for_editor | {"LIVEBREAK_API_KEY": "phx_wrong"}))
    assert "cannot be reached" in user.refused(3, "status", **(project.for_editor | {"LIVEBREAK_HOST": "http://127.0.0.1:1"}))
    assert "must be an address" in user.refused(3, "status", LIVEBREAK_HOST="127.0.0.1:1")
    assert "pass" not in user.refused(3, "status", LIVEBREAK_HOST="https://ada:pass@a.example").replace("password", "")
    assert "LIVEBREAK_HOST is not" in user.refused(3, "status", LIVEBREAK_API_KEY="phx_a")
    assert "LIVEBREAK_DISABLED is set" in user.refused(3, "status", LIVEBREAK_DISABLED="1")


@pytest.mark.parametrize("command", ["status", "disconnect", "connect"])
def test_a_damaged_file_of_connections_is_one_sentence(user: Any, project: Any, command: str) -> None:
    user.config.mkdir(parents=True)
    (user.config / "connections.json").write_text('{"connections": 7}')
    arguments = [command, *([project.host, "--key-stdin"] if command == "connect" else [])]

    assert "connections.json is damaged; mend it" in user.refused(
        1, *arguments, stdin="" if command != "connect" else project.api_key
    )


def test_a_folder_of_settings_that_cannot_be_written_is_one_sentence(user: Any, project: Any) -> None:
    user.config.parent.mkdir(parents=True)
    user.config.touch()

    assert "cannot be written" in user.refused(1, "connect", project.host, "--key-stdin", stdin=project.api_key)


def found(done: subprocess.CompletedProcess[str]) -> dict[str, tuple[bool | None, str]]:
    checks = json.loads(done.stdout)["checks"]
    return {check["name"]: (check["ok"], f"{check['found']} {check['advice'] or ''}") for check in checks}


def test_the_doctor_names_what_is_wrong_and_what_to_do(user: Any, project: Any) -> None:
    (user.home / "app.py").write_text("pass\n")

    done = user.run("doctor", "app.py", "--json")
    checks = found(done)

    assert 1 == done.returncode
    assert {"connection", "this code"} == {name for name, (is_ok, _) in checks.items() if is_ok is False}
    assert "`livebreak serve`" in checks["connection"][1]
    assert "is in no git repository Put it into one (git init)" in checks["this code"][1]


def test_the_doctor_says_what_a_file_is_called_and_that_other_code_runs(user: Any, project: Any, spawn: Any) -> None:
    checkout = user.home / "checkout"
    (checkout / "shop").mkdir(parents=True)
    (checkout / "shop" / "cart.py").write_text("import time\ntime.sleep(600)\n")
    for command in (["init", "--quiet"], ["remote", "add", "origin", "git@github.com:acme/shop.git"]):
        subprocess.run(["git", "-C", str(checkout), *command], check=True)

    done = user.run("doctor", "shop/cart.py", "--json", folder=checkout, **project.for_editor)
    assert (0, True) == (done.returncode, json.loads(done.stdout)["ok"])
    assert f"shop/cart.py of acme/shop, at {checkout} " == found(done)["this code"][1]
    assert project.api_key not in done.stdout
    text = user.run("doctor", folder=checkout, **project.for_editor).stdout
    assert f"ok    connection       {project.host}, by LIVEBREAK_HOST, key from LIVEBREAK_API_KEY" in text

    agent = [sys.executable, "-m", "livebreak_agent", "shop/cart.py"]
    app = spawn("app", agent, folder=checkout, environment={**project.for_app, "LIVEBREAK_REPOSITORY": "acme/other"})
    app.printed("LiveBreak agent")
    words = "The connected processes run acme/other; this code belongs to acme/shop."
    user.until(
        lambda done: done.returncode == 1 and words in found(done)["this code"][1],
        "doctor", "shop/cart.py", "--json", folder=checkout, **project.for_editor,
    )  # fmt: skip
    app.end()


def test_the_doctor_names_files_that_others_can_read(user: Any, project: Any) -> None:
    user.run("connect", project.host, "--key-stdin", stdin=project.api_key)
    (user.data / "keys.json").chmod(0o644)

    done = user.run("doctor", "--json")

    assert (1, (False, f"{user.data}/keys.json can be read by others chmod 600 {user.data}/keys.json")) == (
        done.returncode,
        found(done)["keys.json"],
    )
