"""Code actions and the commands behind them: live breakpoints in an editor that has no gutter of ours."""

from __future__ import annotations

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

TEXT = """\
def f(total):
    é = '😀'; total += 1  # livebreak: if total > 100

    return total  # livebreak: log total was {total}
"""


async def view(editor, uri: str, line: int):
    """The state of the breakpoint on a line, as the hint shows it."""
    return next((it.label for it in await editor.hints(uri) if it.position.line == line), None)


async def test_a_breakpoint_is_set_disabled_enabled_and_removed(editor) -> None:
    uri = editor.open("a = 1\nb = 2\n")

    (set_here,) = await editor.actions(uri, 1)
    await editor.run(set_here)
    assert "LiveBreak: set a live breakpoint here" == set_here.title
    assert "· sending" == await view(editor, uri, 1)

    remove, disable, add_condition, why = await editor.actions(uri, 1)
    assert ["livebreak.remove", "livebreak.disable", "livebreak.why"] == [it.command.command for it in (remove, disable, why)]
    assert "LiveBreak: add a condition, as a comment to apply" == add_condition.title
    await editor.run(disable)
    _, enable, _ = await editor.actions(uri, 1)
    assert "LiveBreak: enable the live breakpoint" == enable.title
    await editor.run(enable)
    await editor.run(remove)

    assert None is await view(editor, uri, 1)


async def test_a_directive_becomes_a_breakpoint_and_its_comment_goes(editor) -> None:
    uri = editor.open(TEXT)
    action, _ = await editor.actions(uri, 1)

    (edit,) = action.edit.changes[uri]
    editor.change(uri, ((edit.range.start.line, edit.range.start.character), (edit.range.end.line, edit.range.end.character), ""))
    await editor.run(action)

    assert "LiveBreak: set a live breakpoint with the condition `total > 100`" == action.title
    assert len("    é = '😀'; total += 1") + 1 == edit.range.start.character
    push = await editor.until(lambda: editor.last_states(uri), "the states")
    assert [(1, "total > 100", "sending")] == [(it["line"], it["condition"], it["state"]) for it in push["breakpoints"]]
    edits = [it for it in await editor.test("edits") if it[1] == push["breakpoints"][0]["id"]]
    assert ["create"] == [it[0] for it in edits]


async def test_a_directive_changes_the_breakpoint_that_is_there(editor, stored) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 3, condition="total > 1")
    await editor.test("put", breakpoint=item)

    action = (await editor.actions(uri, 3))[0]
    await editor.run(action)

    assert "LiveBreak: set a live breakpoint that logs `total was {total}`" == action.title
    assert ["change", item.id, {"condition": None, "log_message": "total was {total}", "enabled": True}] in await editor.test(
        "edits"
    )


async def test_a_directive_that_is_wrong_says_why(editor, plain_editor) -> None:
    text = "a = 1  # livebreak: if a >\n"

    broken, _ = await editor.actions(editor.open(text), 0)
    without = await plain_editor.actions(plain_editor.open(text), 0)

    assert broken.disabled.reason.endswith(".")
    assert broken.command is None
    assert ["LiveBreak: set a live breakpoint here"] == [it.title for it in without]


async def test_a_teammates_breakpoint_is_left_alone(editor, stored) -> None:
    uri = editor.open("a = 1\nb = 2\n")
    item = stored(uri, "a = 1\nb = 2\n", 1, owner="grace")
    await editor.test("put", breakpoint=item)

    assert ["LiveBreak: follow grace's live breakpoint", "LiveBreak: why are there no hits of grace's breakpoint?"] == [
        it.title for it in await editor.actions(uri, 1)
    ]
    for command in ("livebreak.remove", "livebreak.disable", "livebreak.enable"):
        with pytest.raises(JsonRpcException, match="grace's"):
            await editor.client.workspace_execute_command_async(
                lsp.ExecuteCommandParams(command=command, arguments=[{"uri": uri, "id": item.id}])
            )


async def test_no_bulb_is_lit_on_a_line_that_has_nothing_of_ours(editor, stored) -> None:
    uri = editor.open("a = 1\nb = 2\n\n")
    await editor.test("put", breakpoint=stored(uri, "a = 1\nb = 2\n\n", 1))
    by_itself = {"trigger_kind": lsp.CodeActionTriggerKind.Automatic}

    assert [] == await editor.actions(uri, 0, **by_itself)
    assert 2 == len(await editor.actions(uri, 1, **by_itself))
    assert [] == await editor.actions(uri, 2)
    assert [] == await editor.actions(uri, 0, only=["quickfix"])
    assert 1 == len(await editor.actions(uri, 0, only=["livebreak"]))


async def test_a_file_outside_every_repository_has_no_actions(editor, tmp_path) -> None:
    assert [] == await editor.actions(editor.open("a = 1\n", tmp_path / "a.py"), 0)


@pytest.mark.parametrize(
    ("command", "arguments", "problem"),
    [
        ("livebreak.add", [], "one argument"),
        ("livebreak.add", [{"uri": "file:///a.py"}], "line: is required"),
        ("livebreak.add", [{"uri": "untitled:a", "line": 0}], "Only files"),
        ("livebreak.remove", [{"uri": "file:///a.py"}], "id: is required"),
        ("livebreak.nothing", [], "not defined"),
    ],
)
async def test_a_malformed_command_is_refused(editor, command: str, arguments: list[object], problem: str) -> None:
    with pytest.raises(JsonRpcException, match=problem):
        await editor.client.workspace_execute_command_async(lsp.ExecuteCommandParams(command=command, arguments=arguments))


async def test_why_no_hits_tells_every_step_and_what_to_do(editor, stored, bound_in) -> None:
    uri = editor.open("a = 1\nb = 2\n")
    item = stored(uri, "a = 1\nb = 2\n", 1)
    await editor.test("put", breakpoint=item)
    await editor.test("process", state=bound_in(item))
    (why,) = [it for it in await editor.actions(uri, 1) if it.command and it.command.command == "livebreak.why"]

    steps = (await run_for_result(editor, why)).split("\n")
    await editor.test("left", process_id=f"process-{item.id}")

    assert "LiveBreak: why are there no hits?" == why.title
    assert "1. ✓ The backend answers." == steps[0]
    assert steps[-1].startswith(f"{len(steps)}. ✕ The line has not run since it was bound in web (pid 17). Do in the application")


async def test_hits_from_before_the_condition_was_changed_leave_the_question_why_there_are_none(
    editor, stored, bound_in, hit_of
) -> None:
    uri = editor.open("a = 1\nb = 2\n")
    item = stored(uri, "a = 1\nb = 2\n", 1, condition="b > 2")
    await editor.test("put", breakpoint=item)
    await editor.test("process", state=bound_in(item, passes=22))
    await editor.test("hit", hit=hit_of(item, process_id="p", condition="b > 1"), total=30)
    (why,) = [it for it in await editor.actions(uri, 1) if "why" in it.title]

    steps = (await run_for_result(editor, why)).split("\n")
    hover = await editor.hover(uri, 1, 0)
    await editor.test("hit", hit=hit_of(item, process_id="p", condition="b > 2"), total=31)
    later = [it.title for it in await editor.actions(uri, 1)]
    await editor.test("left", process_id=f"process-{item.id}")

    reason = "The condition `b > 2` was false all 22 times. Take a hit without the condition to see the values."
    assert f"{len(steps)}. ✕ {reason}" == steps[-1]
    assert "**No hits yet under this condition**: The condition" in hover
    assert not any("why" in title for title in later)


async def test_without_a_plugin_the_reason_is_a_message(plain_editor, stored) -> None:
    uri = plain_editor.open("a = 1\nb = 2\n")
    await plain_editor.test("put", breakpoint=stored(uri, "a = 1\nb = 2\n", 1, service="nowhere", enabled=True))
    (why,) = [it for it in await plain_editor.actions(uri, 1) if it.command and it.command.command == "livebreak.why"]

    await plain_editor.run(why)

    messages = [message.message for message in plain_editor.client.messages]
    assert any(message.startswith("LiveBreak: ") and ("nowhere" in message or "No process" in message) for message in messages)


async def run_for_result(editor, action: lsp.CodeAction):
    params = lsp.ExecuteCommandParams(command=action.command.command, arguments=action.command.arguments)
    return await editor.client.workspace_execute_command_async(params)


async def test_an_expired_breakpoint_is_renewed(editor, stored) -> None:
    text = "a = 1\nb = 2\n"
    uri = editor.open(text)
    item = stored(uri, text, 1, expires_at="2020-01-01T00:00:00+00:00", enabled=False)
    await editor.test("put", breakpoint=item)
    finding = await editor.until_diagnostic(uri, "expired")

    (renew,) = [it for it in await editor.actions(uri, 1) if it.command and it.command.command == "livebreak.renew"]
    await editor.run(renew)

    assert "renew it" in finding.message
    assert "LiveBreak: renew the live breakpoint, which has expired" == renew.title
    assert ["change", item.id, {"enabled": True, "expires_at": None}] in await editor.test("edits")
    assert "· sending" == await view(editor, uri, 1)


async def test_a_condition_is_edited_as_a_comment_that_has_it(editor, stored) -> None:
    text = "a = 1\nb = 2  # a note \nc = '''\n'''\n"
    uri = editor.open(text)
    for line, condition in ((0, None), (1, "b > 1"), (2, "c")):
        await editor.test("put", breakpoint=stored(uri, text, line, condition=condition))

    titles = [[it.title for it in await editor.actions(uri, line) if it.edit] for line in (0, 1, 2)]
    (action,) = [it for it in await editor.actions(uri, 1) if it.edit]
    (edit,) = action.edit.changes[uri]
    start, end = edit.range.start, edit.range.end
    editor.change(uri, ((start.line, start.character), (end.line, end.character), edit.new_text))
    apply = (await editor.actions(uri, 1))[0]

    add, change = "LiveBreak: add a condition, as a comment to apply", "LiveBreak: edit the condition, as a comment to apply"
    # The third line ends inside of a string, where a comment would be text.
    assert [[add], [change], []] == titles
    assert "  # livebreak: if b > 1" == edit.new_text
    assert "LiveBreak: set a live breakpoint with the condition `b > 1`" == apply.title
    # The user's own comment stays.
    assert len("b = 2  # a note") == apply.edit.changes[uri][0].range.start.character
