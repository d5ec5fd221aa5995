"""An editor that chooses where it is connected to while its server runs: with the real server, backend, files and keys."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from livebreak_agent.vocabulary.lsp_messages import Connection, EditorBreakpoint, KeyProject, Status

CODE = {"shop/pricing.py": "def price(total):\n    discount = total * 0.1\n    return total - discount\n"}


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """A user with nothing stored."""
    return {"HOME": str(tmp_path / "home"), "LIVEBREAK_STATE_DIR": str(tmp_path / "state")}


@pytest.fixture
async def editor(open_editor: Any, new_checkout: Any, home: dict[str, str]) -> Any:
    """An editor that is connected to nothing until it says so, and its checkout."""
    folder = new_checkout(CODE)
    return await open_editor(folder, home, connect=False), folder


@pytest.fixture(scope="module")
async def unconnected(open_editor: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One for all tests that leave nothing behind and look at no file."""
    folder = tmp_path_factory.mktemp("unconnected")
    home = {"HOME": str(folder), "LIVEBREAK_STATE_DIR": str(folder / "state")}
    return await open_editor(folder, home, connect=False)


def is_there(path: str) -> bool:
    return Path(path).exists()


def written(folder: str) -> bytes:
    """All that is in the files below a folder."""
    return b"".join(path.read_bytes() for path in Path(folder).rglob("*") if path.is_file())


async def test_a_session_is_off_until_it_is_connected_and_off_again_after(
    editor: Any, project: Any, home: dict[str, str]
) -> None:
    here, folder = editor
    uri = here.open(folder / "shop/pricing.py")
    (before,) = await here.set_breakpoints(uri, EditorBreakpoint(id="a", line=1))
    off = await here.ask("livebreak/status")
    assert (Connection.OFF, "offline") == (off.connection, before.state)

    connected: Status = await here.ask("livebreak/connect", host=project.host, project=project.id, key=project.api_key)
    assert (Connection.CONNECTED, project.host, "ada", 0) == (
        connected.connection,
        connected.host,
        connected.owner,
        connected.breakpoints,
    )
    await here.until(lambda: here.states[uri] == () or None)

    await here.set_breakpoints(uri, EditorBreakpoint(id="b", line=2))
    stored = await here.until_state(uri, 2, "stored")
    await here.until(lambda: (here.status is not None and here.status.breakpoints == 1) or None)

    gone = await here.ask("livebreak/disconnect")
    assert (Connection.OFF, None) == (gone.connection, gone.host)
    await here.until(lambda: here.states[uri] == () or None)

    # What was armed stays armed, and is there again.
    await here.ask("livebreak/connect", host=project.host, key=project.api_key)
    found = await here.until_state(uri, 2, "stored")
    assert (stored.id, None, True) == (found.id, found.editor_id, found.mine)

    await here.client.workspace_execute_command_async(
        lsp.ExecuteCommandParams(command="livebreak.remove", arguments=[{"uri": uri, "id": found.id}])
    )
    await here.until(lambda: here.states[uri] == () or None)
    assert project.api_key.encode() not in written(home["LIVEBREAK_STATE_DIR"]) + written(home["HOME"])


async def test_each_backend_has_its_own_breakpoints_and_none_comes_along(editor: Any, project: Any, new_project: Any) -> None:
    here, folder = editor
    other = new_project("another-for-choosing")
    uri = here.open(folder / "shop/pricing.py")
    await here.ask("livebreak/connect", host=project.host, key=project.api_key)
    await here.set_breakpoints(uri, EditorBreakpoint(id="a", line=1))
    await here.until_state(uri, 1, "stored")

    status = await here.ask("livebreak/connect", host=other.host, key=other.api_key)
    assert ("another-for-choosing", 0) == (status.project, status.breakpoints)
    await here.until(lambda: here.states[uri] == () or None)

    # An empty list of the new session removes nothing of the old one.
    assert () == await here.set_breakpoints(uri)
    await here.ask("livebreak/connect", host=project.host, key=project.api_key)
    assert "stored" == (await here.until_state(uri, 1, "stored")).state
    await here.set_breakpoints(uri, EditorBreakpoint(id="a", line=1))
    await here.set_breakpoints(uri)
    await here.until(lambda: here.states[uri] == () or None)


async def test_a_debug_session_ends_with_the_session_that_it_shows(unconnected: Any, project: Any) -> None:
    await unconnected.ask("livebreak/connect", host=project.host, key=project.api_key)
    first = (await unconnected.ask("livebreak/debugAdapter")).pipe
    await unconnected.ask("livebreak/disconnect")
    second = (await unconnected.ask("livebreak/debugAdapter")).pipe
    assert [False, True] == [is_there(first), is_there(second)]


async def test_a_host_and_a_key_are_tested_before_anything_is_kept(unconnected: Any, project: Any, livebreak: Any) -> None:
    found = await unconnected.ask("livebreak/projects", host=project.host.removeprefix("http://"), key=f" {project.api_key}\n")
    assert (project.host, [project.id], "ada", True) == (
        found.host,
        [it.id for it in found.projects],
        found.owner,
        found.can_write,
    )
    assert [KeyProject] == [type(it) for it in found.projects]

    scope = ("--scope", "live_debugger:read")
    made = livebreak("keys", "create", "--project", str(project.id), *scope, "--json", "--data-dir", str(project.data))
    key = json.loads(made.stdout)["key"]
    assert not (await unconnected.ask("livebreak/projects", host=project.host, key=key)).can_write


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"host": "HOST", "key": "phs_secret"}, "for applications"),
        ({"host": "HOST", "key": "phx_ wrong"}, "no key; copy it again"),
        ({"host": "HOST"}, "No API key is kept for"),
        ({"host": "https://me:pw@livebreak.example", "key": "phx_a"}, "user name or a password"),
        ({"host": "ftp://livebreak.example", "key": "phx_a"}, "is no address"),
        ({"host": "http://8.8.8.8", "key": "phx_a"}, "use https"),
        ({"name": "nobody"}, "no connection named"),
        ({"key": "phx_a"}, "no host"),
        ({}, "No backend is known"),
    ],
)
async def test_what_cannot_be_connected_to_leaves_the_session_as_it_is(
    unconnected: Any, project: Any, params: dict[str, str], expected: str
) -> None:
    given = {name: text.replace("HOST", project.host) for name, text in params.items()}
    with pytest.raises(JsonRpcException) as raised:
        await unconnected.ask("livebreak/connect", **given)
    assert expected in raised.value.message
    assert not any(secret in raised.value.message for secret in ("phs_secret", "phx_ wrong", "phx_a", ":pw"))
    assert Connection.OFF is (await unconnected.ask("livebreak/status")).connection


async def test_a_key_that_the_backend_does_not_know_is_refused_in_one_sentence(unconnected: Any, project: Any) -> None:
    key = "phx_" + "a" * 40
    with pytest.raises(JsonRpcException) as raised:
        await unconnected.ask("livebreak/projects", host=project.host, key=key)
    assert key not in raised.value.message
    refused = await unconnected.ask("livebreak/connect", host=project.host, key=key)
    assert (Connection.REFUSED, raised.value.message) == (refused.connection, refused.message)
    await unconnected.ask("livebreak/disconnect")


async def test_a_stored_key_goes_to_its_own_origin_only(
    editor: Any, project: Any, home: dict[str, str], livebreak: Any, network: Any
) -> None:
    here, _ = editor
    stored = home | {"LIVEBREAK_HOST": project.host, "LIVEBREAK_API_KEY": project.api_key}
    assert 0 == livebreak("connect", project.host, "--name", "eu-prod", environment=stored).returncode
    found = await here.ask("livebreak/targets")
    (target,) = found.connections
    assert ("eu-prod", project.host, True, True, True) == (
        target.name,
        target.host,
        target.is_default,
        target.is_production,
        target.has_key,
    )
    assert (None, None) == (found.local, found.environment)

    # However one gets there, it is production.
    for params in ({"name": "eu-prod"}, {"host": project.host}, {}):
        status = await here.ask("livebreak/connect", **params)
        assert (Connection.CONNECTED, True) == (status.connection, status.is_production)
    with pytest.raises(JsonRpcException, match="No API key is kept for"):
        await here.ask("livebreak/connect", host=network.host)


async def test_a_backend_on_this_machine_is_found_by_itself_while_it_listens(
    editor: Any, spawn: Any, home: dict[str, str]
) -> None:
    here, _ = editor
    serving = spawn("own-backend", [sys.executable, "-m", "livebreak", "serve", "--port", "0"], environment=home)
    host = serving.printed(r"listening on (http://\S+)")[1]
    found = (await here.ask("livebreak/targets")).local
    assert (host, True) == (found.host, found.has_key)
    connected = await here.ask("livebreak/connect", host=found.host, project=found.project)
    assert (Connection.CONNECTED, "default") == (connected.connection, connected.project)

    serving.end()
    assert (await here.ask("livebreak/targets")).local is None


async def test_a_host_that_cannot_be_reached_is_kept_being_tried(unconnected: Any) -> None:
    status = await unconnected.ask("livebreak/connect", host="http://127.0.0.1:9", key="phx_a")
    assert (Connection.OFFLINE, "http://127.0.0.1:9") == (status.connection, status.host)
    await unconnected.ask("livebreak/disconnect")
