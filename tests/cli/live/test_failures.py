"""What goes wrong between a command and its backend: one sentence, a status, nothing on standard output, never a traceback."""

from __future__ import annotations

import json
import re
import signal
import socket
import sys
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from livebreak_agent.vocabulary import hit_event
from livebreak_agent.vocabulary.model import Hit

COMMANDS = [
    ["breakpoints", "list"],
    ["breakpoints", "add", "a.py:1", "--repository", "a/b"],
    ["breakpoints", "edit", "a.py:1", "--if", "x"],
    ["breakpoints", "enable", "a.py:1"],
    ["breakpoints", "disable", "a.py:1"],
    ["breakpoints", "remove", "a.py:1"],
    ["hits", "list"],
    ["hits", "tail"],
    ["hits", "show", "aa"],
    ["hits", "diff", "aa", "bb"],
    ["hits", "export", "aa"],
    ["processes", "list"],
    ["why", "a.py:1"],
    ["pause"],
    ["resume"],
]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def check(done: Any, status: int, sentence: str) -> None:
    assert (status, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines())), done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not re.search(r"ph[xs]_\w{5}", done.stderr)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_a_connection_nothing_is_done(livebreak: Any, command: list[str]) -> None:
    check(livebreak(*command), 3, "No backend is known.")


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"LIVEBREAK_HOST": "http://127.0.0.1:1"}, 3, "cannot be reached"),
        ({"LIVEBREAK_HOST": "nonsense"}, 3, "it must be an address"),
        ({"LIVEBREAK_API_KEY": ""}, 3, "There is no API key for http"),
        ({"LIVEBREAK_API_KEY": "phx_wrongwrongwrong"}, 4, "does not know this API key"),
        ({"LIVEBREAK_PROJECT": "987654"}, 4, ""),
    ],
)
def test_a_backend_that_does_not_let_in_is_said(
    livebreak: Any, project: Any, change: dict[str, str], status: int, sentence: str
) -> None:
    for command in (["breakpoints", "list"], ["hits", "tail"]):
        check(livebreak(*command, environment={**project.for_editor, **change}), status, sentence)


def test_a_key_that_may_only_read_changes_nothing(livebreak: Any, project: Any) -> None:
    options = ("--project", str(project.id), "--scope", "live_debugger:read", "--json", "--data-dir", str(project.data))
    reading = {**project.for_editor, "LIVEBREAK_API_KEY": json.loads(livebreak("keys", "create", *options).stdout)["key"]}
    new = ("breakpoints", "add", "a.py:1", "--repository", "a/b")

    assert 0 == livebreak("breakpoints", "list", environment=reading).returncode
    check(livebreak(*new, environment=reading), 4, "live_debugger:write")
    check(livebreak("pause", environment=reading), 4, "live_debugger:write")


def test_no_option_that_does_not_exist_is_taken(livebreak: Any) -> None:
    done = livebreak("hits", "list", "--wher", "x")

    assert (2, "") == (done.returncode, done.stdout)
    assert "--wher" in done.stderr


def test_tail_outlives_its_backend_and_says_so(livebreak: Any, spawn: Any, bare: Any, tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path))
    made = json.loads(livebreak("projects", "create", "tail", "--json", *data).stdout)
    key = json.loads(livebreak("keys", "create", "--project", str(made["id"]), "--scope", "*", "--json", *data).stdout)["key"]
    host = f"http://127.0.0.1:{(port := free_port())}"
    serve = [sys.executable, "-m", "livebreak", "serve", "--port", str(port), *data]
    environment = {"LIVEBREAK_HOST": host, "LIVEBREAK_PROJECT": str(made["id"]), "LIVEBREAK_API_KEY": key}

    def post(number: int) -> None:
        hit = Hit(
            id=str(uuid.uuid4()), breakpoint_id=breakpoint_id, timestamp=f"2026-11-23T12:00:00.{number:06}+00:00",
            filename="a.py", line_number=1, variables={"number": number},
        )  # fmt: skip
        body = {"api_key": made["project_token"], "batch": [hit_event.write(hit)]}
        httpx.post(f"{host}/batch/", json=body).raise_for_status()

    backend = spawn("backend", serve)
    backend.printed("listening on")
    new = ("breakpoints", "add", "a.py:1", "--repository", "a/b", "--no-wait", "--json")
    breakpoint_id = json.loads(livebreak(*new, environment=environment).stdout)["id"]
    post(1)
    tail = spawn("tail", [sys.executable, "-m", "livebreak", "hits", "tail", "-n", "1", "--json"], environment=environment)
    tail.printed('"number":1}')
    post(2)
    tail.printed('"number":2}')
    backend.end(signal.SIGKILL)
    tail.printed(f"The connection to {host} is lost; trying again until it is back.")
    spawn("backend", serve).printed("listening on")
    post(3)
    tail.printed(f"The connection to {host} is back.")
    post(4)
    tail.printed('"number":4}')

    hits = [json.loads(line)["variables"]["number"] for line in tail.output.splitlines() if line.startswith("{")]
    assert [1, 2, 3, 4] == hits
    assert 130 == tail.end(signal.SIGINT)
    assert "Traceback" not in tail.output
