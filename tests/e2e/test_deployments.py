"""Code moves while people look: revisions side by side, deploys behind the editor's back, processes that come later, forks."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from lsprotocol import types as lsp

from livebreak_agent.vocabulary.lsp_messages import EditorBreakpoint

ROOT = Path(__file__).parents[2]

CART = "def total(price, count):\n    subtotal = price * count\n    return subtotal\n"
LATER_CART = f'"""What a cart costs."""\n\nCURRENCY = "EUR"\n\n\n{CART}'
"""The same function, five lines further down."""
NEWEST_CART = f"import decimal\n\n{LATER_CART}"

BLUE, GREEN = "b1" * 20, "6e" * 20
"""Revisions."""

MAIN = """
import sys, time
import cart

try:
    while True:
        cart.total(int(sys.argv[1]), 2)
        time.sleep(0.2)
except KeyboardInterrupt:
    pass  # it says goodbye to the backend
"""


@pytest.fixture
def checkout(new_checkout: Callable[..., Path]) -> Path:
    return new_checkout({"cart.py": CART, "main.py": MAIN})


@pytest.fixture
def deploy(spawn: Any, checkout: Path, project: Any, tmp_path: Path, until: Any) -> Iterator[Callable[..., Any]]:
    """Starts a process of the checkout as it was deployed, with this text: `deploy("blue", CART, price=3)`."""
    running = []

    def start(revision: str, text: str, *, price: int = 3, environment: str = "staging", **more: str) -> Any:
        deployed = tmp_path / f"deployed-{len(running)}"
        shutil.copytree(checkout, deployed, ignore=shutil.ignore_patterns("__pycache__"))
        (deployed / "cart.py").write_text(text)
        told = {"LIVEBREAK_SERVICE": "web", "LIVEBREAK_ENVIRONMENT": environment, "LIVEBREAK_REVISION": revision, **more}
        process = spawn(
            "app",
            [sys.executable, "-m", "livebreak_agent", "main.py", str(price)],
            folder=deployed,
            environment={**project.for_app, "PYTHONPATH": str(ROOT / "server" / "agent"), **told},
        )
        process.printed("LiveBreak agent")
        running.append(process)
        return process

    yield start
    for process in running:
        process.end(signal.SIGINT)
    assert until(lambda: not processes(project))


@pytest.fixture(autouse=True)
def nothing_stored(project: Any) -> Iterator[None]:
    yield
    for item in stored(project):
        ask(project, "DELETE", f"breakpoints/{item['id']}")


def ask(project: Any, method: str, path: str, **more: Any) -> httpx.Response:
    url = f"{project.host}/api/projects/{project.id}/livebreak/{path}"
    return httpx.request(method, url, headers={"Authorization": f"Bearer {project.api_key}"}, **more).raise_for_status()


def stored(project: Any) -> list[dict[str, Any]]:
    return ask(project, "GET", "breakpoints").json()["results"]


def processes(project: Any) -> list[dict[str, Any]]:
    return ask(project, "GET", "processes").json()["results"]


def own_state(tmp_path: Path, project: Any) -> dict[str, str]:
    return {**project.for_editor, "LIVEBREAK_STATE_DIR": str(tmp_path / "state")}


def line_of(text: str) -> int:
    return text.splitlines().index("    return subtotal")


async def why(editor: Any, uri: str, id: str) -> str:
    params = lsp.ExecuteCommandParams(command="livebreak.why", arguments=[{"uri": uri, "id": id}])
    return await editor.client.workspace_execute_command_async(params)


async def test_two_revisions_at_once_bind_each_at_its_own_line_and_show_at_the_line_of_the_buffer(
    open_editor: Any, project: Any, checkout: Path, deploy: Callable[..., Any]
) -> None:
    deploy(BLUE, CART, price=3)
    deploy(GREEN, LATER_CART, price=5)
    editor = await open_editor(checkout, project.for_editor)
    uri = editor.open(checkout / "cart.py", NEWEST_CART)
    line = line_of(NEWEST_CART)
    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=line))
    bound = await editor.until(lambda: next((it for it in editor.states.get(uri, ()) if it.line == line and it.bound == 2), None))

    def both() -> Any:
        found = ask(project, "GET", "hits", params={"breakpoint_id": bound.id, "limit": 50}).json()["results"]
        return found if {6, 10} <= {it["variables"]["subtotal"] for it in found} else None

    hits = await editor.until(both)
    told = await why(editor, uri, bound.id)
    finding = await editor.until(
        lambda: next((it for it in editor.client.diagnostics.get(uri, ()) if "subtotal=" in it.message), None)
    )

    # The text of what was hit is told by each process at the line where it has it.
    lines = {it["variables"]["subtotal"]: it["line_number"] for it in hits}
    assert {6: line_of(CART) + 1, 10: line_of(LATER_CART) + 1} == lines
    assert {line} == {it.line for it in editor.states[uri]}
    assert line == finding.range.start.line
    assert f"web staging {BLUE[:8]}" in bound.message
    assert f"web staging {GREEN[:8]}" in bound.message
    assert "2 of 2 processes" in told
    assert all(revision[:8] in told for revision in (BLUE, GREEN))
    hover = await editor.hover(uri, line)
    assert f"cart.py#L{line + 1}" in hover


async def test_a_deploy_while_no_editor_is_open(
    open_editor: Any, project: Any, checkout: Path, deploy: Callable[..., Any], tmp_path: Path
) -> None:
    first = deploy(BLUE, CART)
    editor = await open_editor(checkout, own_state(tmp_path, project))
    uri = editor.open(checkout / "cart.py")
    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=line_of(CART)))
    before = await editor.until_state(uri, line_of(CART), "bound")
    await editor.client.shutdown_session()
    await editor.client.stop()

    first.end(signal.SIGINT)
    deploy(GREEN, LATER_CART, price=7)
    (checkout / "cart.py").write_text(NEWEST_CART)
    again = await open_editor(checkout, own_state(tmp_path, project))
    uri = again.open(checkout / "cart.py")
    bound = await again.until_state(uri, line_of(NEWEST_CART), "bound")
    hits = await again.until(lambda: again.hits.get(before.id))

    assert (before.id, 1, 1) == (bound.id, bound.bound, bound.processes)
    assert GREEN[:8] in bound.message
    assert hits.count >= 1
    assert [line_of(NEWEST_CART)] == [it.line for it in again.states[uri]]


async def test_a_deploy_that_removed_the_line_is_pending_and_says_so(
    open_editor: Any, project: Any, checkout: Path, deploy: Callable[..., Any]
) -> None:
    deploy(GREEN, "def total(price, count):\n    return price * count\n")
    editor = await open_editor(checkout, project.for_editor)
    uri = editor.open(checkout / "cart.py")
    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=line_of(CART)))
    pending = await editor.until_state(uri, line_of(CART), "pending")

    assert "differs" in pending.message


async def test_production_that_comes_later_is_asked_about_before_anything_is_armed_there(
    open_editor: Any, project: Any, checkout: Path, deploy: Callable[..., Any], tmp_path: Path
) -> None:
    deploy(BLUE, CART)
    editor = await open_editor(checkout, own_state(tmp_path, project), capabilities="neovim@v0.11.0")
    questions: list[str] = []
    answers = iter([None, lsp.MessageActionItem(title="Arm")])

    @editor.client.feature(lsp.WINDOW_SHOW_MESSAGE_REQUEST)
    def answer(params: lsp.ShowMessageRequestParams) -> lsp.MessageActionItem | None:
        questions.append(params.message)
        return next(answers)

    uri = editor.open(checkout / "cart.py")
    line = line_of(CART)
    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=line))
    staging = await editor.until_state(uri, line, "bound")
    assert [] == questions
    deploy(BLUE, CART, environment="production", price=11)
    kept_out = await editor.until(
        lambda: next((it for it in editor.states[uri] if "keeps out of production (1 process)" in it.message), None)
    )
    # An answer of the process in staging that is newer than the other one's coming.
    await editor.until(lambda: len(processes(project)) == 2 and len(questions) == 1)
    told = await why(editor, uri, staging.id)
    in_production = [it for it in processes(project) if it["process"]["environment"] == "production"]

    assert (1, 1) == (kept_out.bound, kept_out.processes)
    assert "to which nobody has said yes; enable it again" in told
    assert [[]] == [it.get("bindings", []) for it in in_production]

    actions = await editor.client.text_document_code_action_async(
        lsp.CodeActionParams(
            lsp.TextDocumentIdentifier(uri),
            lsp.Range(lsp.Position(line, 0), lsp.Position(line, 0)),
            lsp.CodeActionContext(diagnostics=[]),
        )
    )
    assert any("arm it in production, too" in it.title for it in actions)
    arm = lsp.ExecuteCommandParams(command="livebreak.enable", arguments=[{"uri": uri, "id": staging.id}])
    await editor.client.workspace_execute_command_async(arm)
    await editor.until(lambda: next((it for it in editor.states[uri] if it.bound == 2), None))

    assert 2 == len(questions)
    assert "production, 1 process?" in questions[0]
    assert [None] == [it.get("environment") for it in stored(project)]


def remote(checkout: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(checkout), "remote", *arguments], check=True)


async def test_a_fork_sets_what_runs_under_the_upstream_name_and_takes_along_what_was_stored_under_its_own(
    open_editor: Any, project: Any, checkout: Path, deploy: Callable[..., Any], tmp_path: Path
) -> None:
    remote(checkout, "set-url", "origin", "git@github.com:ada/shop.git")
    remote(checkout, "add", "upstream", "https://github.com/acme/shop.git")
    editor = await open_editor(checkout, own_state(tmp_path, project))
    uri = editor.open(checkout / "cart.py")
    line = line_of(CART)
    await editor.set_breakpoints(uri, EditorBreakpoint(id="early", line=line))
    early = await editor.until_state(uri, line, "stored")
    assert ["ada/shop"] == [it["repository"] for it in stored(project)]

    deploy(BLUE, CART, LIVEBREAK_REPOSITORY="acme/shop")
    moved = await editor.until_state(uri, line, "bound")
    hits = await editor.until(lambda: editor.hits.get(moved.id))
    await editor.set_breakpoints(
        uri, EditorBreakpoint(id="early", line=line), EditorBreakpoint(id="late", line=line - 1, condition="price == 3")
    )
    late = await editor.until_state(uri, line - 1, "bound")

    assert hits.count >= 1
    assert {"acme/shop"} == {it["repository"] for it in stored(project)}
    assert ("early", "late") == (moved.editor_id, late.editor_id)
    assert 2 == len(stored(project))
    assert early.owner == moved.owner


@pytest.mark.parametrize("running", ["globex/shop", "Acme/Shop"])
async def test_a_repository_of_another_name_is_pointed_out(
    open_editor: Any, project: Any, checkout: Path, deploy: Callable[..., Any], running: str
) -> None:
    deploy(BLUE, CART, LIVEBREAK_REPOSITORY=running)
    editor = await open_editor(checkout, project.for_editor)
    uri = editor.open(checkout / "cart.py")
    line = line_of(CART)
    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=line))
    if running.lower() == "acme/shop":
        bound = await editor.until_state(uri, line, "bound")
        assert (1, 1) == (bound.bound, bound.processes)
        return
    state = await editor.until(lambda: next((it for it in editor.states.get(uri, ()) if running in it.message), None))
    told = await why(editor, uri, state.id)

    assert "stored" == state.state
    assert "this file belongs to acme/shop" in state.message
    assert f"The connected processes run {running}; this file belongs to acme/shop." in told
    assert "LIVEBREAK_REPOSITORY" in told
