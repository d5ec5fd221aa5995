"""Between the language server and the backend anything may happen: the editor gets one clear sentence, nothing is lost, and
it recovers by itself. (That nothing was written to standard error is checked for every editor as it ends.)"""

from __future__ import annotations

import json
import os
import shutil
import signal
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from lsprotocol import types as lsp

import faults
from faults import Answer, Cut, Delay, Drip, Fault, FaultyNetwork
from livebreak_agent.vocabulary.lsp_messages import EditorBreakpoint

CONNECT = r"^GET \S+/livebreak/$"
TEXT = "a = 1\nb = 2\nc = 3\nd = 4\n"


@pytest.fixture
def checkout(new_checkout: Callable[..., Path]) -> Path:
    return new_checkout({"a.py": TEXT})


@pytest.fixture
def at(project: Any, network: FaultyNetwork, tmp_path: Path) -> dict[str, str]:
    """An editor's environment behind the network, with a state folder of the test's own."""
    return {**project.through(network).for_editor, "LIVEBREAK_STATE_DIR": str(tmp_path / "state")}


@pytest.fixture(autouse=True)
def nothing_stored(project: Any) -> Iterator[None]:
    yield
    for item in stored(project):
        _backend(project, "DELETE", f"breakpoints/{item['id']}")


def _backend(project: Any, method: str, path: str, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {project.api_key}"}
    url = f"{project.host}/api/projects/{project.id}/livebreak/{path}"
    return httpx.request(method, url, headers=headers, **more).raise_for_status()


def stored(project: Any) -> list[dict[str, Any]]:
    return _backend(project, "GET", "breakpoints").json()["results"]


def by_line(project: Any) -> dict[int, str | None]:
    return {item["line_number"] - 1: item.get("condition") for item in stored(project)}


def state_of(at: dict[str, str]) -> Path:
    return Path(at["LIVEBREAK_STATE_DIR"])


def make_unusable(folder: Path) -> None:
    """No permissions stop root, who runs tests in containers; this stops everybody."""
    folder.mkdir()
    for name in ("outbox", "logs"):
        (folder / name).write_text("a file where a folder should be")


def log_of(at: dict[str, str]) -> str:
    return "\n".join(path.read_text() for path in state_of(at).glob("logs/*"))


async def until_connected(editor: Any) -> None:
    await editor.until(lambda: editor.status and editor.status.connection == "connected")


FAULTS: dict[str, tuple[Fault, str]] = {
    "no answer": (Cut(None), "broke the connection off in the middle"),
    "cut in the body": (Cut(20), "broke the connection off in the middle"),
    "half a body": (Answer(body=b'{"ver', announced=100), "broke the connection off in the middle"),
    "not JSON": (Answer(body=b'{"ver'), "answered something that is not JSON"),
    "patience": (faults.too_many_requests("1"), "asks for patience (429)"),
    "patience in no known form": (faults.too_many_requests("\xb2 soon"), "asks for patience (429)"),
    "trouble": (Answer(status=500, body=b"Traceback (most recent call last):"), "has trouble of its own (500)"),
    "gateway": (faults.html(502), "has trouble of its own (502)"),
    "HTML in place of JSON": (faults.html(200), "answered something that is not JSON"),
    "another program": (faults.html(404), "is neither a LiveBreak backend nor a PostHog API"),
    "redirect": (faults.redirect("http://evil.example/"), "redirects to another address"),
    "10 MB": (faults.huge(), "answered in an unknown form"),
    "wrong types": (Answer(body=b'{"version": 3, "api": [], "features": {"\\u202e": 1}}'), "answered in an unknown form"),
    "a list": (Answer(body=b"[" * 100_000), "answered something that is not JSON"),
    "not gzip": (Answer(body=b"plain", headers={"Content-Encoding": "gzip"}), "cannot be unpacked"),
    "not HTTP": (Answer(status=200, headers={"X": "a\r\nno header"}), "broke the connection off in the middle"),
}


async def test_each_fault_is_one_sentence_and_is_over_when_its_cause_is(
    open_editor: Any, project: Any, network: FaultyNetwork, at: dict[str, str], checkout: Path
) -> None:
    editor = await open_editor(checkout, at)
    uri = editor.open(checkout / "a.py")
    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=1))
    await editor.until_state(uri, 1, "stored")
    for name, (fault, sentence) in FAULTS.items():
        editor.told.clear()
        network.set(fault, on=" /api/")
        network.cut()
        await editor.until(lambda sentence=sentence: any(sentence in told for told in editor.told), timeout=20)
        offline = await editor.until_state(uri, 1, "offline")
        network.heal()
        await until_connected(editor)
        await editor.until_state(uri, 1, "stored")

        said = [told for told in editor.told if sentence in told]
        assert (name, 1) == (name, len(said))
        assert sentence in offline.message or "broke the connection" in offline.message
        assert all(told.isprintable() and project.api_key not in told for told in editor.told)
    assert 0 == network.count("evil")
    assert "Traceback" not in log_of(at)
    assert project.api_key not in log_of(at)


async def test_a_refused_connection_at_the_start_and_later(
    open_editor: Any, project: Any, network: FaultyNetwork, at: dict[str, str], checkout: Path
) -> None:
    network.down()
    editor = await open_editor(checkout, at)
    uri = editor.open(checkout / "a.py")
    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=1))
    waiting = await editor.until_state(uri, 1, "offline")
    network.up()
    await editor.until_state(uri, 1, "stored")
    network.down()
    last_known = await editor.until_state(uri, 1, "offline")
    network.up()
    await editor.until_state(uri, 1, "stored")

    assert "Not sent yet." in waiting.message
    assert "cannot be reached" in waiting.message
    assert "Last known: Stored." in last_known.message
    assert 1 == len(stored(project))


async def test_a_slow_network_is_only_slow(
    open_editor: Any, project: Any, network: FaultyNetwork, at: dict[str, str], checkout: Path
) -> None:
    network.set(Delay(0.3))
    network.set(Drip(size=64, pause=0.01), on=CONNECT)
    editor = await open_editor(checkout, at)
    uri = editor.open(checkout / "a.py")
    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=1))
    await editor.until_state(uri, 1, "stored")

    assert not [told for told in editor.told if "Connect" not in told]


async def test_an_answer_that_was_lost_makes_no_second_breakpoint(
    open_editor: Any, project: Any, network: FaultyNetwork, at: dict[str, str], checkout: Path
) -> None:
    network.set(Cut(None), on="^(POST|DELETE) ", times=2)
    editor = await open_editor(checkout, at)
    uri = editor.open(checkout / "a.py")
    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=1))
    await editor.until(lambda: network.count("^POST ") >= 3)
    await editor.until_state(uri, 1, "stored")
    assert [1] == list(by_line(project))

    network.set(Cut(None), on="^DELETE ", times=1)
    await editor.set_breakpoints(uri)
    await editor.until(lambda: network.count("^DELETE ") == 2)
    await editor.until(lambda: editor.status.queued == 0)
    assert {} == by_line(project)


async def test_edits_made_offline_survive_a_killed_server_and_arrive_once_folded_and_in_order(
    open_editor: Any, project: Any, network: FaultyNetwork, at: dict[str, str], checkout: Path
) -> None:
    first = await open_editor(checkout, at)
    uri = first.open(checkout / "a.py")
    await first.set_breakpoints(uri, EditorBreakpoint(id="0", line=0))
    await first.until_state(uri, 0, "stored")
    network.down()
    await first.until_state(uri, 0, "offline")
    marks = [EditorBreakpoint(id="0", line=0)]
    for number in (1, 2, 3):
        marks.append(EditorBreakpoint(id=str(number), line=number))
        await first.set_breakpoints(uri, *marks)
    for condition in ("b > 1", "b > 2"):
        marks[1] = EditorBreakpoint(id="1", line=1, condition=condition)
        await first.set_breakpoints(uri, *marks)
    await first.set_breakpoints(uri, *marks[1:3])
    await first.until(lambda: first.status.queued == 3)
    os.kill(first.pid, signal.SIGKILL)
    network.up()
    before = len(network.seen)

    second = await open_editor(checkout, at)
    second.open(checkout / "a.py")
    await second.until_state(uri, 1, "stored")
    await second.until_state(uri, 2, "stored")
    await second.until(lambda: second.status.queued == 0)

    edits = [request for request in network.seen[before:] if request.method != "GET"]
    assert ["POST", "POST", "DELETE"] == [request.method for request in edits]
    assert [2, 3] == [json.loads(request.body)["line_number"] for request in edits[:2]]
    assert {1: "b > 2", 2: None} == by_line(project)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"LIVEBREAK_API_KEY": "phx_nobodys"}, "does not know this API key. Make one with `livebreak keys create`"),
        ({"LIVEBREAK_API_KEY": "read-only"}, "live_debugger:write"),
        ({"LIVEBREAK_PROJECT": "999999"}, "project"),
    ],
)
async def test_a_refusal_is_told_once_in_an_editor_without_a_plugin(
    open_editor: Any, project: Any, livebreak: Any, at: dict[str, str], checkout: Path, change: dict[str, str], sentence: str
) -> None:
    if change.get("LIVEBREAK_API_KEY") == "read-only":
        options = ("--scope", "live_debugger:read", "--json", "--data-dir", str(project.data))
        made = livebreak("keys", "create", "--project", str(project.id), *options)
        change = {"LIVEBREAK_API_KEY": json.loads(made.stdout)["key"]}
    editor = await open_editor(checkout, {**at, **change}, has_plugin=False)
    uri = editor.open(checkout / "a.py")
    await editor.client.workspace_execute_command_async(add_on_line(uri, 1))
    await editor.until(lambda: editor.client.messages)
    # A second refusal comes within two seconds, and says nothing new.
    await editor.client.workspace_execute_command_async(add_on_line(uri, 2))
    findings = await editor.until(lambda: [it for it in editor.client.diagnostics.get(uri, ()) if it.range.start.line == 2])

    assert [True] == [sentence in shown.message for shown in editor.client.messages]
    assert {"LiveBreak"} == {it.source for it in findings}


def add_on_line(uri: str, line: int) -> lsp.ExecuteCommandParams:
    return lsp.ExecuteCommandParams(command="livebreak.add", arguments=[{"uri": uri, "line": line}])


async def test_two_editors_on_one_line_agree(
    open_editor: Any, project: Any, network: FaultyNetwork, at: dict[str, str], checkout: Path
) -> None:
    one, other = await open_editor(checkout, at), await open_editor(checkout, at)
    network.set(Delay(0.2), on="^POST ")
    uris = [editor.open(checkout / "a.py") for editor in (one, other)]
    uri = uris[0]
    await one.set_breakpoints(uri, EditorBreakpoint(id="ones", line=1, condition="b > 1"))
    await other.set_breakpoints(uri, EditorBreakpoint(id="others", line=1, condition="b > 2"))

    def conditions(editor: Any) -> list[tuple[str, str | None]]:
        return sorted((it.id, it.condition) for it in editor.states.get(uri, ()))

    await one.until(lambda: one.status.queued == 0 and other.status.queued == 0 and conditions(one) == conditions(other))

    assert conditions(one) == sorted((it["id"], it["condition"]) for it in stored(project))
    await one.set_breakpoints(uri)
    await other.set_breakpoints(uri)
    await one.until(lambda: not stored(project))
    await other.until(lambda: not other.states[uri])


async def test_an_outbox_that_is_damaged_or_of_another_version_is_set_aside_and_the_rest_is_sent(
    open_editor: Any, project: Any, network: FaultyNetwork, at: dict[str, str], checkout: Path
) -> None:
    network.down()
    first = await open_editor(checkout, at)
    uri = first.open(checkout / "a.py")
    await first.set_breakpoints(uri, EditorBreakpoint(id="0", line=0))
    await first.until(lambda: first.status and first.status.queued == 1)
    os.kill(first.pid, signal.SIGKILL)
    (queue,) = state_of(at).glob("outbox/*/*/*.json")
    (edit,) = json.loads(queue.read_text())
    newer = [
        {"kind": "annotate", "breakpoint_id": "1", "made_at": edit["made_at"]},
        {**edit, "made_at": "yesterday"},
        {"kind": "change", "breakpoint_id": edit["breakpoint_id"], "made_at": edit["made_at"], "fields": {"colour": 3}},
        {"kind": "change", "breakpoint_id": edit["breakpoint_id"], "made_at": edit["made_at"], "fields": {"condition": 3}},
        {"kind": "create", "breakpoint_id": "1", "made_at": edit["made_at"]},
        3,
    ]
    queue.write_text(json.dumps([*newer, edit]))
    (queue.parent / f"{uuid.uuid4()}.json").write_bytes(b"\xff\x00{{{")

    second = await open_editor(checkout, at)
    second.open(checkout / "a.py")
    network.up()
    await second.until_state(uri, 0, "stored")
    told = await second.until(lambda: len(second.client.messages) >= 2 and second.client.messages)

    assert [0] == list(by_line(project))
    assert {"LiveBreak: Edits that were", "LiveBreak: Some edits that were"} == {it.message.split(" queued")[0] for it in told}
    assert 2 == len(list(queue.parent.glob("*.damaged")))


async def test_a_state_folder_that_cannot_be_written_is_told_once_and_all_else_works(
    open_editor: Any, project: Any, at: dict[str, str], checkout: Path
) -> None:
    make_unusable(state_of(at))
    editor = await open_editor(checkout, at)
    uri = editor.open(checkout / "a.py")
    await editor.set_breakpoints(uri, EditorBreakpoint(id="0", line=0))
    await editor.until_state(uri, 0, "stored")
    await editor.set_breakpoints(uri)
    await editor.until(lambda: not editor.states[uri])

    assert ["cannot be kept"] == [
        part for shown in editor.client.messages for part in ("cannot be kept",) if part in shown.message
    ]
    assert "There is no log in" in editor.errors.read_text()
    editor.errors.write_text("")


async def test_a_workspace_that_vanishes_takes_nothing_else_with_it(
    open_editor: Any, project: Any, at: dict[str, str], checkout: Path
) -> None:
    editor = await open_editor(checkout, at)
    uri = editor.open(checkout / "a.py")
    await editor.set_breakpoints(uri, EditorBreakpoint(id="0", line=0), EditorBreakpoint(id="1", line=1))
    await editor.until_state(uri, 1, "stored")
    shutil.rmtree(checkout)

    assert "Stored" in await editor.hover(uri, 1)
    await editor.set_breakpoints(uri, EditorBreakpoint(id="0", line=0))
    await editor.until(lambda: [0] == list(by_line(project)))
    elsewhere = (checkout / "b.py").as_uri()
    (refused,) = await editor.set_breakpoints(elsewhere, EditorBreakpoint(id="2", line=0))
    assert ("failed", True) == (refused.state, "cannot be read" in refused.message)


async def test_what_an_editor_may_get_wrong_is_a_sentence_on_the_mark(
    open_editor: Any, project: Any, at: dict[str, str], checkout: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text(TEXT)
    editor = await open_editor(checkout, at)
    uri = editor.open(checkout / "a.py")
    (homeless,) = await editor.set_breakpoints(editor.open(outside), EditorBreakpoint(id="0", line=0))
    await editor.set_breakpoints(
        uri, EditorBreakpoint(id="1", line=1, condition="b >"), EditorBreakpoint(id="2", line=2, condition="open('x')")
    )
    unparsable = await editor.until_state(uri, 1, "failed")
    refused = await editor.until_state(uri, 2, "failed")

    assert ("failed", True) == (homeless.state, "in no git repository" in homeless.message)
    assert "This is not a Python expression." in unparsable.message
    assert "The condition cannot be used: " in refused.message


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_server_that_is_ended_leaves_its_breakpoints_and_no_trace(
    open_editor: Any, project: Any, at: dict[str, str], checkout: Path, number: signal.Signals
) -> None:
    editor = await open_editor(checkout, at)
    uri = editor.open(checkout / "a.py")
    await editor.set_breakpoints(uri, EditorBreakpoint(id="0", line=0))
    await editor.until_state(uri, 0, "stored")
    os.kill(editor.pid, number)
    await editor.client._server.wait()

    assert (0 if number is signal.SIGTERM else -number) == editor.client._server.returncode
    assert [0] == list(by_line(project))
    assert "Traceback" not in log_of(at)
