"""The commands, as real processes: what they print, how they end, and that nothing is lost in between."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

BOUND = 15
"""Seconds within which a process that was told to stop must be gone; its own grace is 2."""


def livebreak(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "livebreak", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


@contextlib.contextmanager
def served(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "livebreak", "serve", "--port", "0", "--data-dir", str(data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            match = re.fullmatch(r"LiveBreak backend listening on (http://127\.0\.0\.1:\d+)\n", process.stdout.readline())
            assert match is not None
            yield process, match[1]
        finally:
            process.kill()


def made(data_dir: Path) -> tuple[dict[str, Any], str]:
    """A project, and a key for it."""
    project = json.loads(livebreak("projects", "create", "shop", "--json", "--data-dir", str(data_dir)).stdout)
    arguments = ["--project", str(project["id"]), "--scope", "*", "--for", "ada", "--json", "--data-dir", str(data_dir)]
    return project, json.loads(livebreak("keys", "create", *arguments).stdout)["key"]


def test_projects_and_keys_are_made_in_the_documented_form(tmp_path: Path) -> None:
    project, key = made(tmp_path)

    assert {"id", "name", "project_token", "secret_key"} == project.keys()
    assert "shop" == project["name"]
    assert re.fullmatch(r"phc_[A-Za-z0-9]+", project["project_token"])
    assert len(project["project_token"]) <= 64
    assert re.fullmatch(r"phs_[A-Za-z0-9]+", project["secret_key"])
    assert re.fullmatch(r"phx_[A-Za-z0-9]+", key)
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert project["project_token"].encode() in stored
    assert project["secret_key"].encode() not in stored
    assert key.encode() not in stored
    assert {0o600} == {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order_while_streams_and_polls_are_open(tmp_path: Path, number: signal.Signals) -> None:
    project, key = made(tmp_path)
    with served(tmp_path) as (process, url):
        live = f"{url}/api/projects/{project['id']}/livebreak/"
        agent = {"Authorization": f"Bearer {project['secret_key']}"}
        report = {"process": {"id": "p", "pid": 1, "host": "h"}}
        httpx.put(live + "processes/p", json=report, headers=agent)
        etag = httpx.get(live + "armed?process=p", headers=agent).headers["etag"]
        answers: list[int] = []

        def poll() -> None:
            headers = {**agent, "If-None-Match": etag}
            answers.append(httpx.get(live + "armed?process=p&wait=25", headers=headers, timeout=30).status_code)

        poller = threading.Thread(target=poll)
        poller.start()
        with httpx.stream("GET", live + "stream", headers={"Authorization": f"Bearer {key}"}) as stream:
            lines = stream.iter_lines()
            assert "event: reset" in (next(lines), next(lines))
            process.send_signal(number)
            rest = list(lines)
        poller.join(BOUND)

        assert 0 == process.wait(BOUND)
        assert [304] == answers
        assert not any(line.startswith("event") for line in rest)
        assert process.stderr is not None
        assert "" == process.stderr.read()


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    project, key = made(tmp_path)
    headers = {"Authorization": f"Bearer {key}"}
    contract = f"/api/projects/{project['id']}/live_debugger_breakpoints/"
    with served(tmp_path) as (process, url):
        created = httpx.post(url + contract, json={"filename": "a.py", "line_number": 1}, headers=headers).json()
        properties = {"$breakpoint_id": created["id"], "$line_number": 1}
        event = {"event": "$data_breakpoint_hit", "distinct_id": "d", "properties": properties}
        body = {"api_key": project["project_token"], "batch": [event]}
        assert 200 == httpx.post(url + "/batch/", json=body).status_code
        process.send_signal(signal.SIGKILL)
        process.wait(BOUND)

    with served(tmp_path) as (_, url):
        assert [created] == httpx.get(url + contract, headers=headers).json()["results"]
        assert 1 == httpx.get(url + contract + "breakpoint_hits", headers=headers).json()["count"]


def test_a_key_made_while_it_runs_works_at_once(tmp_path: Path) -> None:
    with served(tmp_path) as (_, url):
        project, key = made(tmp_path)

        answer = httpx.get(f"{url}/api/projects/{project['id']}/livebreak/", headers={"Authorization": f"Bearer {key}"})

    assert ("ada", "shop") == (answer.json()["owner"], answer.json()["project"]["name"])


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = livebreak("serve", "--port", str(taken.getsockname()[1]), "--data-dir", str(tmp_path))

    assert (1, 1) == (result.returncode, len(result.stderr.splitlines()))
    assert "in use" in result.stderr
    assert "--port" in result.stderr


@pytest.mark.parametrize(
    "command", [["serve", "--port", "0"], ["projects", "create", "x"], ["keys", "create", "--project", "1", "--scope", "*"]]
)
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "file").touch()

    result = livebreak(*command, "--data-dir", str(tmp_path / "file" / "folder"))

    assert (1, 1) == (result.returncode, len(result.stderr.splitlines()))
    assert "--data-dir" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["keys", "create", "--project", "7", "--scope", "*"], 5, "There is no project 7"),
        (["keys", "create", "--project", "7", "--scope", "admin"], 2, "There is no scope 'admin'"),
        (["projects", "create", "x", "--database-url", "mysql://h/d"], 1, "sqlite:///PATH"),
        (["projects", "create", "x", "--database-url", "nonsense"], 1, "sqlite:///PATH"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, arguments: list[str], status: int, words: str) -> None:
    result = livebreak(*arguments, "--data-dir", str(tmp_path))

    assert (status, 1) == (result.returncode, len(result.stderr.splitlines()))
    assert words in result.stderr


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "livebreak.db").write_bytes(b"this is not a database" * 100)

    result = livebreak("serve", "--port", "0", "--data-dir", str(tmp_path))

    assert (1, 1) == (result.returncode, len(result.stderr.splitlines()))
