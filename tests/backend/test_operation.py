"""The backend in operation: health, access log, rate limit, proxies, keys from outside, expiry for everybody."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livebreak.backend.errors import ApiError
from livebreak.backend.rate_limit import LIMITS, RateLimit
from livebreak.backend.settings import BackendSettings

SECRET, TOKEN, KEY = "phs_" + "s" * 40, "phc_" + "t" * 40, "phx_" + "k" * 40
PERSON = {"Authorization": f"Bearer {KEY}"}
SECOND = 1_000_000


@dataclass
class Served:
    process: Any
    url: str
    data: Path


@pytest.fixture(scope="module")
def served(spawn: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Served:
    """A backend as a container runs it: behind a proxy, with keys from outside."""
    data = tmp_path_factory.mktemp("operated")
    (data / "key").write_text(KEY + "\n")
    options = ["--access-log", "--root-path", "/debug/", "--forwarded-allow-ips", "127.0.0.1,10.0.0.0/8"]
    given = {"PROJECT": "shop", "SECRET_KEY": SECRET, "PROJECT_TOKEN": TOKEN, "API_KEY_FILE": str(data / "key"), "OWNER": "ada"}
    process = spawn(
        "operated",
        [sys.executable, "-m", "livebreak", "serve", "--port", "0", "--data-dir", str(data), *options],
        environment={f"LIVEBREAK_BOOTSTRAP_{name}": value for name, value in given.items()},
    )
    return Served(process, process.printed(r"listening on (http://\S+)")[1], data)


# --- Health ---------------------------------------------------------------------------------------------------------


def test_health_is_told_without_a_key(project: Any) -> None:
    for path in ("/healthz", "/readyz", "/readyz/"):
        answer = httpx.get(project.backend.url + path)
        assert (200, "ok\n", "no-store") == (answer.status_code, answer.text, answer.headers["cache-control"])


def test_one_that_is_about_to_end_is_not_ready(own_backend: Any) -> None:
    own_backend.parts.changes.stop()

    assert [200, 503] == [httpx.get(own_backend.url + path).status_code for path in ("/healthz", "/readyz")]


# --- The access log -------------------------------------------------------------------------------------------------


def test_the_access_log_tells_each_request_and_no_secret(served: Served, kit: Any) -> None:
    contract = served.url + "/api/projects/1/live_debugger_breakpoints/"
    forwarded = {**PERSON, "X-Forwarded-For": "203.0.113.9"}
    httpx.get(contract, params={"personal_api_key": KEY}, headers=forwarded)
    httpx.get(served.url + f"/api/projects/{KEY}/livebreak/%1b[31m", headers=PERSON)
    properties = {"$breakpoint_id": "b", "$line_number": 1, "$locals_variables": {"password": '"hunter2"'}}
    event = {"event": "$data_breakpoint_hit", "distinct_id": "d", "properties": properties}
    httpx.post(served.url + "/batch/", json={"api_key": TOKEN, "batch": [event]}, headers={"Authorization": f"Bearer {SECRET}"})
    kit.wait_until(lambda: "/batch/" in served.process.output)

    output = served.process.output
    assert not [secret for secret in (KEY, SECRET, TOKEN, "hunter2", "\x1b") if secret in output]
    entries = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    (listed,) = [entry for entry in entries if entry["client"] == "203.0.113.9"]
    assert ("GET", "/debug/api/projects/1/live_debugger_breakpoints/", 200) == tuple(
        listed[name] for name in ("method", "path", "status")
    )
    assert listed["bytes"] > 0
    assert ["phx_..."] == [entry["path"].split("/")[4] for entry in entries if "phx_" in entry["path"]]


# --- Behind a proxy -------------------------------------------------------------------------------------------------


def test_links_are_those_that_the_proxy_shows(served: Served) -> None:
    contract = served.url + "/api/projects/1/live_debugger_breakpoints/"
    for line in (1, 2):
        httpx.post(contract, json={"filename": "links.py", "line_number": line}, headers=PERSON)
    headers = {**PERSON, "Host": "livebreak.example", "X-Forwarded-Proto": "https"}

    page = httpx.get(contract, params={"limit": 1}, headers=headers).json()

    assert page["next"].startswith("https://livebreak.example/debug/api/projects/1/live_debugger_breakpoints/?")


def test_headers_beyond_the_limit_are_refused(project: Any) -> None:
    answer = httpx.get(project.live, headers={"X-Long": "x" * 40_000})

    assert 400 <= answer.status_code < 500


# --- Keys from outside ----------------------------------------------------------------------------------------------


def test_a_project_and_keys_come_from_the_environment_and_from_files(served: Served) -> None:
    capabilities = httpx.get(served.url + "/api/projects/@current/livebreak/", headers=PERSON).json()
    active = httpx.get(
        served.url + "/api/projects/1/live_debugger_breakpoints/active/", headers={"Authorization": f"Bearer {SECRET}"}
    )

    assert ("shop", "ada", TOKEN) == (capabilities["project"]["name"], capabilities["owner"], capabilities["ingestion_token"])
    assert 200 == active.status_code
    stored = b"".join(path.read_bytes() for path in served.data.glob("livebreak.db*"))
    assert SECRET.encode() not in stored
    assert KEY.encode() not in stored


def serve_once(data: Path, bare: dict[str, str], *options: str, **given: str) -> subprocess.CompletedProcess[str]:
    """For starts that are refused."""
    environment = {f"LIVEBREAK_BOOTSTRAP_{name}": value for name, value in given.items()}
    command = [sys.executable, "-m", "livebreak", "serve", "--port", "0", "--data-dir", str(data), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={**bare, **environment})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"SECRET_KEY": "hunter2"}, "LIVEBREAK_BOOTSTRAP_SECRET_KEY is no usable key"),
        ({"SECRET_KEY": KEY}, "write phs_"),
        ({"API_KEY": "phx_short"}, "LIVEBREAK_BOOTSTRAP_API_KEY is no usable key"),
        ({"API_KEY": KEY, "API_KEY_FILE": "/x"}, "both set"),
        ({"API_KEY_FILE": "/nowhere"}, "cannot be read"),
        ({"KEY": KEY}, "LIVEBREAK_BOOTSTRAP_KEY is not known"),
    ],
)
def test_a_key_from_outside_that_will_not_do_is_one_sentence(
    tmp_path: Path, bare: dict[str, str], given: dict[str, str], words: str
) -> None:
    result = serve_once(tmp_path, bare, **given)

    assert (1, 1) == (result.returncode, len(result.stderr.splitlines())), result.stderr
    assert words in result.stderr
    assert "hunter2" not in result.stderr
    assert KEY not in result.stderr


def test_a_key_of_another_project_is_refused(served: Served, bare: dict[str, str]) -> None:
    result = serve_once(served.data, bare, PROJECT="another", SECRET_KEY=SECRET)

    assert (1, 1) == (result.returncode, len(result.stderr.splitlines())), result.stderr
    assert "another project" in result.stderr


def test_a_key_that_was_revoked_does_not_come_back(tmp_path: Path, bare: dict[str, str], livebreak: Callable[..., Any]) -> None:
    data = ("--data-dir", str(tmp_path))
    assert "one" in livebreak("projects", "create", "one", *data).stdout
    key = json.loads(livebreak("keys", "create", "--project", "1", "--scope", "*", "--json", *data).stdout)["key"]
    assert 0 == livebreak("keys", "revoke", key, *data).returncode

    result = serve_once(tmp_path, bare, PROJECT="one", API_KEY=key)

    assert (1, 1) == (result.returncode, len(result.stderr.splitlines())), result.stderr
    assert "revoked" in result.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [(["--root-path", "debug"], "--root-path"), (["--forwarded-allow-ips", "proxy"], "--forwarded-allow-ips")],
)
def test_an_option_that_makes_no_sense_is_one_sentence(
    tmp_path: Path, bare: dict[str, str], options: list[str], words: str
) -> None:
    result = serve_once(tmp_path, bare, *options)

    assert (1, 1) == (result.returncode, len(result.stderr.splitlines())), result.stderr
    assert words in result.stderr


# --- The rate limit -------------------------------------------------------------------------------------------------


def test_a_key_is_throttled_in_the_contracts_words_and_others_are_not(tmp_path: Path, kit: Any) -> None:
    with kit.run_backend(tmp_path / "livebreak.db", BackendSettings(limits_rate=True)) as running:
        project = kit.make_project(running)
        other = {"Authorization": f"Bearer {project.new_key('*')}"}
        answers = [project.client.get(project.url + "active/") for _ in range(481)]

        assert {200} == {answer.status_code for answer in answers[:480]}
        seconds = answers[480].headers["retry-after"]
        assert 1 <= int(seconds) <= 60
        assert (
            429,
            "throttled_error",
            "throttled",
            f"Request was throttled. Expected available in {seconds} seconds.",
            None,
        ) == (
            answers[480].status_code,
            *answers[480].json().values(),
        )
        # The throttle comes after permission, and before method and input.
        assert 403 == project.client.put(project.url).status_code
        late = [
            project.client.post(project.url + "active/"),
            project.client.options(project.url),
            project.client.post(project.url),
        ]
        assert [429] * 3 == [answer.status_code for answer in late]
        assert 200 == project.client.get(project.url, headers=other).status_code
        assert 200 == project.client.get(project.live + "processes").status_code
        assert 200 == project.send(project.hit("b")).status_code


@given(st.lists(st.integers(0, 400 * SECOND), max_size=60))
def test_no_window_ever_holds_more_than_its_limit(gaps: list[int]) -> None:
    limits = ((60 * SECOND, 3), (3600 * SECOND, 10))
    limit, now, let_in = RateLimit(limits), 0, []
    for gap in gaps:
        now += gap
        try:
            limit.count(1, now)
            let_in.append(now)
        except ApiError as error:
            wait = int(error.headers["Retry-After"]) * SECOND
            now += wait
            limit.count(1, now)  # who waits as long as told is let in
            let_in.append(now)

    for length, most in limits:
        assert all(sum(start <= time < start + length for time in let_in) <= most for start in let_in)


def test_the_limits_are_the_contracts() -> None:
    assert ((60 * SECOND, 480), (3600 * SECOND, 4800)) == LIMITS


# --- Expiry ---------------------------------------------------------------------------------------------------------


def test_breakpoints_of_plain_clients_last_unless_told_otherwise(tmp_path: Path, kit: Any) -> None:
    with kit.run_backend(tmp_path / "livebreak.db") as running:
        project = kit.make_project(running)
        older = project.create(line_number=1)["id"]
        assert "expires_at" not in project.client.get(project.live + "breakpoints/" + older).json()

    settings = BackendSettings(expires_plain=True, upkeep_interval=0.05)
    with kit.run_backend(tmp_path / "livebreak.db", settings) as running:
        project.backend = running
        newer = project.create(line_number=2)["id"]
        with kit.open_stream(project) as stream:
            stream.wait_for("reset")
            running.clock.ahead += 24 * 3600 * SECOND
            changes = stream.wait_for("breakpoint", 2)

    assert {older, newer} == {change["breakpoint"]["id"] for change in changes}
    assert [("expired", False)] * 2 == [(change["reason"], change["breakpoint"]["enabled"]) for change in changes]


def test_the_stream_tells_why_a_breakpoint_was_disabled(project: Any, kit: Any) -> None:
    created = project.create_live(hit_limit=1)
    with kit.open_stream(project) as stream:
        stream.wait_for("reset")
        project.send(project.hit(created["id"]))
        (change,) = stream.wait_for("breakpoint")
        project.client.patch(project.live + "breakpoints/" + created["id"], json={"enabled": False})
        (_, again) = stream.wait_for("breakpoint", 2)

    assert ("hit_limit", False) == (change["reason"], change["breakpoint"]["enabled"])
    assert "reason" not in again
