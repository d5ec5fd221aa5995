"""Breakpoints of teammates: shown as theirs, followed, extended, and never changed by a slip."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

TEXT = "a = 1\nb = 2\nc = 3  # livebreak: if c > 5\n"


async def command(editor, name: str, argument: dict[str, Any]) -> Any:
    return await editor.client.workspace_execute_command_async(lsp.ExecuteCommandParams(command=name, arguments=[argument]))


@pytest.fixture
async def theirs(editor, stored, hit_of):
    """Grace's breakpoint with a condition on the third line, and a hit of it."""
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 2, owner="grace", condition="c > 1")
    await editor.test("put", breakpoint=item)
    await editor.test("hit", hit=hit_of(item, variables={"c": 3}, condition="c > 1", process_id="p"))
    return uri, item


def titles(actions: list[lsp.CodeAction]) -> list[str]:
    return [action.title.removeprefix("LiveBreak: ") for action in actions]


async def test_one_that_is_followed_is_shown_in_full_until_it_is_not(editor, theirs) -> None:
    uri, item = theirs
    (counted,) = [it.label for it in await editor.hints(uri)]

    (follow,) = [it for it in await editor.actions(uri, 2) if "follow" in it.title]
    await editor.run(follow)
    (full,) = [it.label for it in await editor.hints(uri)]
    pushed = await editor.until(
        lambda: (states := editor.last_states(uri)) and states["breakpoints"][0].get("followed"), "that it is followed"
    )
    (unfollow,) = [it for it in await editor.actions(uri, 2) if "follow" in it.title]
    await editor.run(unfollow)

    assert "● 1 hit · grace" == counted
    assert full.startswith("● if c > 1 · 1 hit · c=3 · ")
    assert full.endswith(" · grace")
    assert pushed is True
    assert "LiveBreak: stop following grace's live breakpoint" == unfollow.title
    assert [counted] == [it.label for it in await editor.hints(uri)]
    assert [] == [edit for edit in await editor.test("edits") if edit[1] == item.id]


async def test_on_their_line_ones_own_condition_is_joined_by_or(editor, theirs) -> None:
    uri, item = theirs

    (extend,) = [it for it in await editor.actions(uri, 2) if "extend" in it.title]
    await editor.run(extend)

    assert "LiveBreak: extend grace's condition with `or c > 5`" == extend.title
    assert ["change", item.id, {"condition": "(c > 1) or (c > 5)"}] in await editor.test("edits")
    assert any(it.label.startswith("● if (c > 1) or (c > 5) · ") for it in await editor.hints(uri))


async def test_who_has_typed_no_condition_is_given_the_comment_to_type_it_in(editor, stored) -> None:
    uri = editor.open(TEXT)
    for line, condition in ((0, "a > 1"), (1, None)):
        await editor.test("put", breakpoint=stored(uri, TEXT, line, owner="grace", condition=condition))

    (comment,) = [it for it in await editor.actions(uri, 0) if it.edit]
    (edit,) = comment.edit.changes[uri]
    place = edit.range
    editor.change(uri, ((0, place.start.character), (0, place.end.character), edit.new_text.replace("1", "7")))
    offered = titles(await editor.actions(uri, 0))

    assert "LiveBreak: extend grace's condition by `or`, as a comment to apply" == comment.title
    assert "extend grace's condition with `or a > 7`" in offered
    # One without a condition takes every pass already.
    assert ["follow grace's live breakpoint"] == [
        it for it in titles(await editor.actions(uri, 1)) if "grace" in it and "why" not in it
    ]


async def test_nothing_is_set_on_an_occupied_line_in_silence(editor, theirs) -> None:
    uri, _ = theirs

    with pytest.raises(JsonRpcException, match="grace has a live breakpoint on this line"):
        await command(editor, "livebreak.add", {"uri": uri, "line": 2})
    assert not any("set a live breakpoint" in title for title in titles(await editor.actions(uri, 2)))


async def test_beside_one_that_was_set_in_another_text_an_own_one_fits(editor, stored) -> None:
    before = "x = 0\na = 1\nb = 2\n"
    uri = editor.open("a = 1\nb = 2\n")
    await editor.test("put", breakpoint=stored(uri, before, 2, owner="grace"))

    (add,) = [it for it in await editor.actions(uri, 1) if "of my own" in it.title]
    await editor.run(add)

    assert ["· sending", "· stored · grace"] == sorted(it.label for it in await editor.hints(uri) if it.position.line == 1)


async def test_theirs_is_removed_only_by_a_command_that_names_them(editor, theirs) -> None:
    uri, item = theirs
    for owner in ({}, {"owner": "ada"}):
        with pytest.raises(JsonRpcException, match="grace's"):
            await command(editor, "livebreak.remove", {"uri": uri, "id": item.id, **owner})
    with pytest.raises(JsonRpcException, match="not linus's"):
        await command(editor, "livebreak.extend", {"uri": uri, "id": item.id, "owner": "linus", "condition": "c"})
    assert [] == [edit for edit in await editor.test("edits") if edit[1] == item.id]

    await command(editor, "livebreak.remove", {"uri": uri, "id": item.id, "owner": "grace"})

    assert ["remove"] == [edit[0] for edit in await editor.test("edits") if edit[1] == item.id]


async def test_a_condition_that_cannot_be_used_extends_nothing(editor, theirs) -> None:
    uri, item = theirs
    with pytest.raises(JsonRpcException, match="cannot be used"):
        await command(editor, "livebreak.extend", {"uri": uri, "id": item.id, "owner": "grace", "condition": "c >"})
    assert [] == [edit for edit in await editor.test("edits") if edit[1] == item.id]
