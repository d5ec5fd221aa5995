"""What can be done with a hit from the menu: as JSON, as a file, at a frame, as a reference, and those like it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

TEXT = """\
def total(cart, user):
    result = cart.total + user
    return result
"""
CALLER = "x = 0\n\ndef run(cart):\n    return total(cart, 42)\n"
CART = {"py/object": "shop.Cart", "total": 41, "name": "it's"}


async def command(editor, name: str, argument: dict[str, Any]) -> Any:
    return await editor.client.workspace_execute_command_async(lsp.ExecuteCommandParams(command=name, arguments=[argument]))


async def scene(editor, stored, hit_of, frame) -> tuple[str, Any, Any, Path]:
    """A breakpoint with one hit, whose caller has moved by two lines in its file since it was deployed."""
    caller = editor.new_file(CALLER)
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1, condition="user")
    hit = hit_of(
        item,
        variables={"user": 42, "cart": CART, "token": {"py/object": "str", "$cut": "redacted"}},
        stack=(
            frame("total", item.filename, 2, in_repository=True, text="    result = cart.total + user"),
            frame("run", caller.name, 2, in_repository=True, text="    return total(cart, 42)"),
            frame("serve", "/usr/lib/python3/wsgi.py", 7),
        ),
        condition="user",
        process_id="p",
    )
    await editor.test("put", breakpoint=item)
    await editor.test("hit", hit=hit)
    return uri, item, hit, caller


async def test_a_plugin_is_given_the_json_the_reference_and_the_file(editor, stored, hit_of, frame) -> None:
    uri, item, hit, _ = await scene(editor, stored, hit_of, frame)
    actions = {it.title: it for it in await editor.actions(uri, 1) if it.command}

    async def run(title: str) -> Any:
        (argument,) = actions[f"LiveBreak: {title}"].command.arguments
        return await command(editor, actions[f"LiveBreak: {title}"].command.command, argument)

    copied = json.loads(await run("copy the newest hit as JSON"))
    path = Path(await run("export the newest hit to a file"))
    mode, exported = await asyncio.to_thread(lambda: (path.stat().st_mode & 0o777, json.loads(path.read_text())))

    assert (hit.id, 42, item.id) == (copied["hit"]["id"], copied["hit"]["variables"]["user"], copied["breakpoint"]["id"])
    assert (0o600, copied) == (mode, exported)
    assert f"livebreak://hit/{hit.id}" == await run("copy a reference to the newest hit")


async def test_the_caller_opens_where_its_line_is_now(editor, stored, hit_of, frame) -> None:
    uri, _, hit, caller = await scene(editor, stored, hit_of, frame)
    offered = [it for it in await editor.actions(uri, 1) if it.command and it.command.command == "livebreak.openFrame"]

    await editor.run(offered[0])

    # The framework's frame is not in this workspace, so it is not offered.
    assert ["LiveBreak: open the newest hit's caller run"] == [it.title for it in offered]
    shown = editor.client.shown_documents[-1]
    assert (caller.as_uri(), 3) == (shown.uri, shown.selection.start.line)
    assert f"{caller.as_uri()}#L4" in await editor.hover(uri, 1)
    for frame_number, problem in ((2, "not in this workspace"), (9, "3 frames")):
        with pytest.raises(JsonRpcException, match=problem):
            await command(editor, "livebreak.openFrame", {"id": hit.id, "frame": frame_number})


async def test_an_editor_that_opens_nothing_is_told_the_place(plain_editor, stored, hit_of, frame) -> None:
    uri, _, hit, caller = await scene(plain_editor, stored, hit_of, frame)
    assert await plain_editor.hints(uri)

    await command(plain_editor, "livebreak.openFrame", {"id": hit.id, "frame": 1})
    await command(plain_editor, "livebreak.copyHit", {"id": hit.id})
    await command(plain_editor, "livebreak.shareHit", {"id": hit.id})

    said = [message.message for message in plain_editor.client.messages]
    assert any(f"{caller}:4 is the place" in message for message in said)
    assert any(f"{hit.id}.json is the place" in message for message in said)
    assert any(f"livebreak hits show livebreak://hit/{hit.id}" in message for message in said)


@pytest.mark.parametrize(
    ("line", "character", "condition"),
    [(0, 17, "user == 42"), (1, 21, "cart.total == 41"), (1, 15, None), (2, 12, None)],
)
async def test_a_captured_value_becomes_a_condition(editor, stored, hit_of, frame, line, character, condition) -> None:
    uri, item, _, _ = await scene(editor, stored, hit_of, frame)
    place = lsp.Range(lsp.Position(line, character), lsp.Position(line, character))
    found = await editor.client.text_document_code_action_async(
        lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), place, lsp.CodeActionContext(diagnostics=[]))
    )
    only = [it for it in found if "break only when" in it.title]

    assert ([] if condition is None else [f"LiveBreak: break only when {condition}"]) == [it.title for it in only]
    for action in only:
        await editor.run(action)
        edit = ["change", item.id, {"condition": condition, "log_message": None, "enabled": True}]
        assert edit in await editor.test("edits")


async def test_hits_like_it_are_found_by_the_filter_language(editor, stored, hit_of, frame) -> None:
    uri, item, hit, _ = await scene(editor, stored, hit_of, frame)
    await editor.test("hit", hit=hit_of(item, variables={"user": 7}))

    found = await command(editor, "livebreak.findHits", {"uri": uri, "id": item.id, "where": "user == 42"})

    assert [f"livebreak://hit/{hit.id}"] == [line.split("  ")[-1] for line in found]
    with pytest.raises(JsonRpcException, match="no filter"):
        await command(editor, "livebreak.findHits", {"uri": uri, "id": item.id, "where": "user ="})


async def test_a_hit_that_is_gone_is_a_sentence(editor) -> None:
    for name in ("livebreak.copyHit", "livebreak.exportHit", "livebreak.openFrame"):
        with pytest.raises(JsonRpcException, match="This hit is gone"):
            await command(editor, name, {"id": "hit-nobody-knows"})


async def test_the_kill_switch_is_pulled_and_let_go(editor, stored, hit_of) -> None:
    uri = editor.open("a = 1\n")
    await editor.test("put", breakpoint=stored(uri, "a = 1\n", 0))

    await command(editor, "livebreak.pause", {"reason": "too much load"})
    (paused,) = [it.label for it in await editor.hints(uri)]
    (resume,) = [it for it in await editor.actions(uri, 0) if "resume" in it.title]
    status = await editor.request("livebreak/status")
    await editor.run(resume)

    assert "◌ paused by ada: too much load" == paused
    assert "LiveBreak: resume live breakpoints (paused by ada: too much load)" == resume.title
    assert "too much load" == status["pauses"][0]["reason"]
    assert "paused" not in next(it.label for it in await editor.hints(uri))


async def test_without_a_plugin_a_pause_is_a_message(plain_editor) -> None:
    async def switched(name: str, *arguments: object) -> None:
        await plain_editor.client.workspace_execute_command_async(lsp.ExecuteCommandParams(name, list(arguments)))
        await plain_editor.test("connection", state="connected", message="Connected.")

    def is_told(sentence: str) -> bool:
        return any(sentence in message.message for message in plain_editor.client.messages)

    await switched("livebreak.pause", {"reason": "too much load"})
    await plain_editor.until(lambda: is_told("The project is paused by ada: too much load."), "the pause")
    await switched("livebreak.resume")
    await plain_editor.until(lambda: is_told("Live breakpoints are no longer paused."), "its end")


@pytest.mark.parametrize(("title", "answer"), [("Arm", True), ("Do not arm", False), (None, False)])
async def test_only_a_yes_that_was_said_is_one(editor, title: str | None, answer: bool) -> None:
    asked: list[str] = []

    def choose(params: lsp.ShowMessageRequestParams) -> lsp.MessageActionItem | None:
        asked.append(params.message)
        return next((action for action in params.actions or () if action.title == title), None)

    editor.client.protocol.fm.features.pop(lsp.WINDOW_SHOW_MESSAGE_REQUEST, None)
    editor.client.feature(lsp.WINDOW_SHOW_MESSAGE_REQUEST)(choose)

    assert answer is await editor.test("ask", question="Arm live breakpoints in acme/prod, 12 processes?")
    assert ["LiveBreak: Arm live breakpoints in acme/prod, 12 processes?"] == asked


async def test_an_editor_that_cannot_ask_is_told_the_way(plain_editor) -> None:
    assert False is await plain_editor.test("ask", question="Arm live breakpoints in acme/prod, 1 process?")
    await plain_editor.until(
        lambda: any("--yes-production" in message.message for message in plain_editor.client.messages), "the way"
    )


async def test_a_server_without_a_log_names_none(editor) -> None:
    params = lsp.ExecuteCommandParams(command="livebreak.logFile", arguments=[])

    assert await editor.client.workspace_execute_command_async(params) is None
