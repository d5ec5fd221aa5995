"""Keys: made, listed, used, rotated, revoked; and never told again."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from livebreak.backend.clock import system_clock
from livebreak.backend.store.interface import Actor
from livebreak.cli.app import app

ADMIN = Actor(name="grace")


def livebreak(data: Path, *arguments: str) -> Result:
    """The command, in this process: a new one takes a second to begin."""
    return CliRunner().invoke(app, [*arguments, "--data-dir", str(data)])


def told(data: Path, *arguments: str) -> Any:
    result = livebreak(data, *arguments, "--json")
    assert (0, "") == (result.exit_code, result.stderr)
    return json.loads(result.stdout)


def revoke(project: Any, key: str) -> None:
    backend = project.backend
    (row,) = (row for row in backend.run(backend.store.keys(project.id)) if key.startswith(row.hint.removesuffix("...")))
    assert backend.run(backend.store.revoke_key(row.id, system_clock(), by=ADMIN))


def status(project: Any, key: str, path: str = "") -> int:
    return httpx.get(project.live + path, headers={"Authorization": f"Bearer {key}"}).status_code


def test_a_revoked_key_opens_nothing_any_more(project: Any) -> None:
    other = project.new_key("*")
    assert 200 == status(project, other)

    revoke(project, other)

    assert 401 == status(project, other)
    assert 401 == httpx.get(project.url, headers={"Authorization": f"Bearer {other}"}).status_code
    assert 200 == status(project, project.key)


def test_a_revoked_key_ends_its_streams_and_leaves_those_of_others(project: Any, kit: Any) -> None:
    leaver, stayer = kit.as_holder(project, project.new_key("*")), project
    with kit.open_stream(leaver) as ended, kit.open_stream(stayer) as open_still:
        ended.wait_for("reset")
        open_still.wait_for("reset")
        revoke(project, leaver.key)
        assert ended.ended.wait(10)
        created = project.create_live()

        assert created["id"] == open_still.wait_for("breakpoint")[0]["breakpoint"]["id"]
    assert [] == ended.named("breakpoint")


def test_a_revoked_secret_key_ends_long_polls_with_401(project: Any) -> None:
    etag = httpx.get(project.live + "armed?process=p", headers=project.agent).headers["etag"]
    httpx.put(project.live + "processes/p", json={"process": {"id": "p", "pid": 1, "host": "h"}}, headers=project.agent)
    answers: list[int] = []

    def poll() -> None:
        headers = {**project.agent, "If-None-Match": etag}
        answers.append(httpx.get(project.live + "armed?process=p&wait=25", headers=headers, timeout=30).status_code)

    poller = threading.Thread(target=poll)
    poller.start()
    revoke(project, project.secret)
    poller.join(15)

    assert [401] == answers


def test_hits_sent_with_a_revoked_secret_key_count_as_unverified(project: Any) -> None:
    breakpoint = project.create_live()
    revoke(project, project.secret)

    assert 200 == project.send(project.hit(breakpoint["id"])).status_code
    (hit,) = project.client.get(project.live + "hits").json()["results"]
    assert not hit["verified"]


def test_a_key_is_seen_to_be_used_soon_after_its_first_use_and_then_by_the_minute(own_backend: Any, kit: Any) -> None:
    project = kit.make_project(own_backend)
    project.client.get(project.live)

    def last_used() -> int | None:
        (row,) = (row for row in own_backend.run(own_backend.store.keys(project.id)) if row.kind == "personal")
        return row.last_used_at

    first = kit.wait_until(last_used)
    own_backend.clock.ahead = 61_000_000
    project.client.get(project.live)

    assert kit.wait_until(lambda: (last_used() or 0) > first + 60_000_000)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with project 1, and keys 1 (secret) and 2 (personal)."""
    folder = tmp_path_factory.mktemp("keys")
    told(folder, "projects", "create", "shop")
    told(folder, "keys", "create", "--project", "1", "--scope", "live_debugger:read", "--for", "ada")
    return folder


def test_keys_are_listed_by_their_beginning(data: Path) -> None:
    secret, personal = told(data, "keys", "list", "--project", "1")[:2]
    lines = livebreak(data, "keys", "list").stdout.splitlines()

    assert ("secret", "phs_", None, []) == (secret["kind"], secret["prefix"][:4], secret["owner"], secret["scopes"])
    assert ("personal", "ada", ["live_debugger:read"]) == (personal["kind"], personal["owner"], personal["scopes"])
    assert 11 == len(personal["prefix"])
    assert (None, None) == (personal["last_used_at"], personal["revoked_at"])
    assert [str(personal["id"]), personal["prefix"], "1", "ada"] == lines[1].split("\t")[:4]
    assert [] == told(data, "keys", "list", "--project", "7")


@pytest.mark.parametrize("naming", ["number", "prefix", "whole"])
def test_a_key_is_revoked_by_number_by_beginning_or_as_a_whole(data: Path, naming: str) -> None:
    key = told(data, "keys", "create", "--project", "1", "--scope", "*")["key"]
    row = told(data, "keys", "list")[-1]
    named = {"number": str(row["id"]), "prefix": row["prefix"], "whole": key}[naming]

    first = livebreak(data, "keys", "revoke", named)
    again = livebreak(data, "keys", "revoke", named)

    assert (0, 5) == (first.exit_code, again.exit_code)
    assert "There is no such valid key; see them with: livebreak keys list\n" == again.stderr
    assert key not in first.stdout + again.stderr
    assert told(data, "keys", "list")[-1]["revoked_at"]


def test_a_secret_key_is_rotated_with_or_without_an_overlap(data: Path) -> None:
    first = told(data, "projects", "rotate-secret", "1", "--keep-old")
    second = told(data, "projects", "rotate-secret", "1")

    valid = [row for row in told(data, "keys", "list") if row["kind"] == "secret" and row["revoked_at"] is None]
    assert [] == first["revoked"]
    assert first["secret_key"][:8] + "..." in second["revoked"]
    assert 2 == len(second["revoked"])
    assert [second["secret_key"][:8] + "..."] == [row["prefix"] for row in valid]
    unknown = livebreak(data, "projects", "rotate-secret", "7")
    assert (5, 1) == (unknown.exit_code, len(unknown.stderr.splitlines()))


def test_projects_are_listed_with_their_public_token(data: Path) -> None:
    (project,) = told(data, "projects", "list")

    assert (1, "shop", "phc_") == (project["id"], project["name"], project["project_token"][:4])
    assert f"1\tshop\t{project['project_token']}\n" == livebreak(data, "projects", "list").stdout


def test_no_key_is_ever_logged_echoed_or_stored(data: Path, tmp_path: Path) -> None:
    key = told(data, "keys", "create", "--project", "1", "--scope", "*", "--for", "ada")["key"]
    secret = told(data, "projects", "rotate-secret", "1")["secret_key"]
    wrong = ["phx_wrongwrongwrongwrong", "phs_wrongwrongwrongwrong"]
    command = [sys.executable, "-m", "livebreak", "serve", "--port", "0", "--data-dir", str(data)]
    said: list[str] = []
    with (tmp_path / "errors").open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            live, contract = (
                f"{first.split()[-1]}/api/projects/1/{name}/" for name in ("livebreak", "live_debugger_breakpoints")
            )
            for one in (key, secret, *wrong):
                bearer = {"Authorization": f"Bearer {one}"}
                answers = [
                    httpx.get(live, headers=bearer),
                    httpx.get(live + "hits", headers=bearer, params={"where": one + "("}),
                    httpx.get(live + "armed", headers=bearer, params={"process": "p"}),
                    httpx.get(contract, params={"personal_api_key": one, "limit": 1, "offset": 5}),
                    httpx.get(contract + "active", headers=bearer),
                    httpx.post(contract, json={"personal_api_key": one, "filename": "a.py"}),
                    httpx.post(contract, json={"secret_api_key": one}),
                    httpx.post(contract, content=b"{" + one.encode(), headers={**bearer, "Content-Type": "application/json"}),
                    httpx.post(contract, content=b"x", headers={**bearer, "Content-Type": "text/plain"}),
                    httpx.get(first.split()[-1] + "/nothing", params={"key": one}),
                    httpx.post(first.split()[-1] + "/batch/", json={"api_key": one, "batch": [{}]}, headers=bearer),
                ]
                said += [answer.text + repr(dict(answer.headers)) for answer in answers]
        finally:
            process.terminate()
            said.append(process.communicate(timeout=30)[0])
    said.append((tmp_path / "errors").read_text())
    said.append(livebreak(data, "audit").stdout + livebreak(data, "audit", "--json").stdout)
    said += [path.read_bytes().decode("latin-1") for path in data.iterdir()]

    assert [] == [text for text in said for one in (key, secret, *wrong) if one in text]
