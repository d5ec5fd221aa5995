"""`livebreak/setBreakpoints`, and what is pushed about breakpoints and hits."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

TEXT = "def f(a):\n    b = a + 1\n    return b\n"


async def test_a_list_that_follows_the_opening_at_once_finds_the_file_open(editor) -> None:
    path = editor.new_file(TEXT)
    editor.open(TEXT, path)
    states = await editor.set_breakpoints(path.as_uri(), {"id": "dot", "line": 1, "condition": "a > 1"})

    assert [("dot", 1, "sending", "a > 1")] == [(it["editorId"], it["line"], it["state"], it["condition"]) for it in states]
    assert None not in states[0].values()


async def test_a_file_that_was_never_opened_is_read_in_its_own_encoding(editor) -> None:
    path = editor.folder / "latin.py"
    path.write_bytes("# -*- coding: latin-1 -*-\r\nname = 'é'\r\nlast = 1\r\n".encode("latin-1"))

    (state,) = await editor.set_breakpoints(path.as_uri(), {"id": "dot", "line": 2})

    assert (2, "sending") == (state["line"], state["state"])


async def test_marks_of_a_closed_file_can_still_be_removed(editor) -> None:
    uri = editor.open(TEXT)
    (state,) = await editor.set_breakpoints(uri, {"id": "dot", "line": 1})
    editor.close(uri)

    assert [] == await editor.set_breakpoints(uri)
    assert state["id"] not in [edit[1] for edit in await editor.test("edits")]


async def test_a_file_that_is_opened_after_its_marks_keeps_them(editor) -> None:
    path = editor.new_file(TEXT)
    (before,) = await editor.set_breakpoints(path.as_uri(), {"id": "dot", "line": 1})
    uri = editor.open("# new\n" + TEXT, path)

    (after,) = await editor.set_breakpoints(uri, {"id": "dot", "line": 2})

    assert (before["id"], 2) == (after["id"], after["line"])


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "git:/a.py", "file:///nowhere/at/all.py", "file:///a%00b.py"])
async def test_what_cannot_hold_a_breakpoint_says_so(editor, uri: str) -> None:
    (state,) = await editor.set_breakpoints(uri, {"id": "dot", "line": 1})

    assert ("dot", "failed") == (state["editorId"], state["state"])
    assert state["message"].endswith(".")


async def test_a_file_outside_every_repository_says_so(editor, tmp_path: Path) -> None:
    path = tmp_path / "alone.py"
    uri = editor.open(TEXT, path)

    (state,) = await editor.set_breakpoints(uri, {"id": "dot", "line": 1})

    assert "failed" == state["state"]
    assert "repository" in state["message"]
    assert "repository" in (await editor.until_diagnostic(uri, "repository")).message


@pytest.mark.parametrize(
    ("params", "place"),
    [
        ({"uri": "file:///a.py"}, "breakpoints: is required"),
        ({"uri": 1, "breakpoints": []}, "uri: expected a string"),
        ({"uri": "file:///a.py", "breakpoints": [{"id": "x", "line": "3"}]}, "breakpoints[0].line: expected an integer"),
        ({"uri": "file:///a.py", "breakpoints": [{"id": "x", "line": -1}]}, "breakpoints[0].line: expected 0 or more"),
        (["file:///a.py"], "expected an object"),
        (None, "expected an object"),
    ],
)
async def test_a_malformed_list_is_refused_with_the_place_that_is_wrong(editor, params: Any, place: str) -> None:
    with pytest.raises(JsonRpcException) as refusal:
        await editor.request("livebreak/setBreakpoints", params)

    assert -32602 == refusal.value.code
    assert place in refusal.value.message


async def test_states_are_pushed_with_the_document_version_when_they_change(editor, stored, bound_in) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("put", breakpoint=item)
    await editor.test("process", state=bound_in(item))

    push = await editor.until(lambda: editor.last_states(uri, "bound"), "the state bound")

    assert 1 == push["version"]
    assert [(item.id, 1, True, 1, 1)] == [
        (it["id"], it["line"], it["mine"], it["bound"], it["processes"]) for it in push["breakpoints"]
    ]


async def test_states_follow_the_buffer_over_a_form_feed(editor, stored) -> None:
    text = "a = 1\n\f\nclass A:\n    pass\nlast = 1\n"
    uri = editor.open(text)
    await editor.test("put", breakpoint=stored(uri, text, 4))
    await editor.until(lambda: editor.last_line(uri) == 4, "the line")

    editor.change(uri, ((3, 0), (3, 0), "    x = 1\n"))

    assert await editor.until(lambda: editor.last_line(uri) == 5, "the line after the edit")


async def test_a_line_is_followed_through_edits_in_the_editors_units(open_editor, capabilities, stored) -> None:
    for encoding in ("utf-8", "utf-16", "utf-32"):
        one = await open_editor(capabilities(encoding), {"surfaces": []})
        text = "face = '😀é' ; tail = 1\nlast = 1"
        uri = one.open(text)
        column = {"utf-8": 4 + 2, "utf-16": 2 + 1, "utf-32": 2}[encoding] + len("face = '")
        one.change(uri, ((0, column), (0, 999), "'"), ((1, 7), (1, 999), "2"))
        await one.test("put", breakpoint=stored(uri, "face = '😀é'\nlast = 2", 1))

        assert await one.until(lambda one=one, uri=uri: one.last_line(uri) == 1, f"the line in {encoding}")
        message = one.last_states(uri)["breakpoints"][0]["message"]
        assert "differs" not in message, (encoding, message)


async def test_hits_are_pushed_with_their_count_and_a_summary(editor, stored, hit_of) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("put", breakpoint=item)
    hit = hit_of(item, variables={"a": 41, "who": "\ud800", "nan": {"jsonrpc": "2.0"}})
    await editor.test("hit", hit=hit, total=7)

    push = await editor.until(lambda: editor.last_hits(item.id), "the hit")

    assert (uri, 1, 7, hit.id) == (push["uri"], push["line"], push["count"], push["newest"]["id"])
    assert "7 hits · a=41" in push["summary"]


async def test_a_burst_of_hits_is_pushed_a_few_times_and_ends_with_the_newest(editor, stored, hit_of) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("put", breakpoint=item)
    for number in range(100):
        await editor.test(
            "hit", hit=hit_of(item, variables={"a": number}, timestamp=f"2026-11-23T12:00:{number / 2:09.6f}+00:00")
        )

    await editor.until(lambda: editor.last_hits(item.id)["newest"]["variables"] == {"a": 99}, "the newest hit")
    pushes = [it for it in editor.pushed["livebreak/hits"] if it["breakpointId"] == item.id]
    assert len(pushes) < 20


async def test_a_client_that_knows_none_of_our_messages_is_sent_none(plain_editor, stored) -> None:
    uri = plain_editor.open(TEXT)
    await plain_editor.test("put", breakpoint=stored(uri, TEXT, 1, enabled=False))
    await plain_editor.test("connection", state="refused", message="The key is not valid; make another.")

    await plain_editor.until(
        lambda: any("The key is not valid" in it.message for it in plain_editor.client.messages), "the message to the user"
    )
    await plain_editor.test("connection", state="connected", message="")
    assert {} == plain_editor.pushed


async def test_the_status_is_told_when_asked(editor) -> None:
    status = await editor.request("livebreak/status")

    assert ("connected", "http://memory", "ada") == (status["connection"], status["host"], status["owner"])
    assert {} == await editor.request("livebreak/debugAdapter")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"text": "a > 1"}, {"ok": True}),
        ({"text": "seen {a}", "kind": "log"}, {"ok": True}),
        ({"text": "a >"}, {"ok": False}),
        ({"text": "seen {a +}", "kind": "log"}, {"ok": False}),
    ],
)
async def test_a_condition_is_checked(editor, params: dict[str, str], expected: dict[str, bool]) -> None:
    result = await editor.request("livebreak/checkCondition", params)

    assert expected == {"ok": result["ok"]}
    assert result["ok"] or result["message"]


async def test_a_whole_hit_is_fetched_with_its_frames_mapped(editor, stored, hit_of, frame) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("put", breakpoint=item)
    stack = (frame("f", item.filename, 2, in_repository=True), frame("run", "/usr/lib/python3/socketserver.py", 700))
    hit = hit_of(item, variables={"a": {"py/object": "shop.Cart", "total": 1}}, stack=stack, host="box", pid=17)
    await editor.test("hit", hit=hit)

    result = await editor.request("livebreak/hit", {"id": hit.id})

    first, second = result["frames"]
    assert (uri, 1) == (first["uri"], first["line"])
    assert ("shop.Cart", "total") == (first["variables"][0]["type"], first["variables"][0]["children"][0]["name"])
    assert "uri" not in second
    assert "web · box:17" == result["process"]


async def test_what_a_hit_says_cannot_draw_on_whatever_shows_it(editor, stored, hit_of, frame) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("put", breakpoint=item)
    evil = "\x1b[2J\u202e"
    stack = (frame(f"f{evil}", item.filename, 2, text=f"\treturn 1{evil}"), frame("g", f"a\n{evil}.py", 7))
    hit = hit_of(item, stack=stack, message=f"one\n{evil}two", host=f"box{evil}", pid=17)
    await editor.test("hit", hit=hit)

    result = await editor.request("livebreak/hit", {"id": hit.id})

    shown = "\\x1b[2J\\u202e"
    assert f"one\n{shown}two" == result["message"]
    assert f"web · box{shown}:17" == result["process"]
    first, second = result["frames"]
    assert (f"f{shown}", f"        return 1{shown}") == (first["function"], first["text"])
    assert f"a\\n{shown}.py" == second["filename"]


async def test_a_hit_that_is_gone_is_an_error_with_a_sentence(editor) -> None:
    with pytest.raises(JsonRpcException) as refusal:
        await editor.request("livebreak/hit", {"id": "nowhere"})

    assert -32803 == refusal.value.code
    assert refusal.value.message.endswith(".")


async def test_a_file_is_found_through_a_nested_group_and_a_name_full_of_special_characters(
    editor, stored, make_repository, tmp_path: Path
) -> None:
    make_repository(tmp_path, "https://gitlab.com/group/sub/other.git")
    uri = editor.open(TEXT, tmp_path / "a b#é;x.py")
    item = stored(uri, TEXT, 1, repository="group/sub/other", filename="a b#é;x.py")
    await editor.test("put", breakpoint=item)

    assert await editor.until(lambda: editor.last_line(uri) == 1, "the breakpoint")


async def test_a_file_that_is_closed_and_opened_in_one_breath_is_open(editor) -> None:
    path = editor.new_file(TEXT)
    uri = editor.open(TEXT, path)
    await editor.set_breakpoints(uri, {"id": "dot", "line": 1})
    editor.close(uri)
    editor.open(TEXT, path)
    await editor.set_breakpoints(uri, {"id": "dot", "line": 1})

    assert [1] == [hint.position.line for hint in await editor.hints(uri)]


async def test_the_last_list_of_a_closed_file_is_in_force(editor) -> None:
    path = editor.new_file(TEXT)
    for number in range(20):
        await editor.set_breakpoints(path.as_uri(), {"id": "first", "line": 0})
        lists = [(), ({"id": f"second-{number}", "line": 1},), ({"id": f"third-{number}", "line": 2},)]
        answers = await asyncio.gather(*(editor.set_breakpoints(path.as_uri(), *marks) for marks in lists))

        assert [[], [1], [2]] == [[it["line"] for it in states] for states in answers]
        (last,) = answers[-1]
        edits = [edit[:2] for edit in await editor.test("edits")]
        assert ["create", last["id"]] in edits
        assert ["create", answers[1][0]["id"]] not in edits


async def test_commands_and_lists_of_a_closed_file_take_turns(editor) -> None:
    uri = editor.new_file(TEXT).as_uri()
    for _ in range(10):
        await editor.set_breakpoints(uri, {"id": "dot", "line": 0})
        add = lsp.ExecuteCommandParams(command="livebreak.add", arguments=[{"uri": uri, "line": 2}])
        _, added, states = await asyncio.gather(
            editor.set_breakpoints(uri),
            editor.client.workspace_execute_command_async(add),
            editor.set_breakpoints(uri, {"id": "other", "line": 1}),
        )

        assert None is added
        assert [1, 2] == [state["line"] for state in states]


async def test_a_name_that_no_disk_takes_is_answered_like_any_other(editor) -> None:
    uri = editor.open(TEXT, editor.folder / ("x" * 300) / "a.py")

    assert [] == await editor.set_breakpoints(uri)
    (state,) = await editor.set_breakpoints(uri, {"id": "dot", "line": 1})

    assert ("dot", 1) == (state["editorId"], state["line"])


async def test_lines_are_those_of_the_text_that_the_list_was_made_in(editor) -> None:
    uri = editor.open("above = 1\nmeant = 2\nbelow = 3\n")
    # The first list of a file waits for git; what is typed meanwhile comes before it is worked out.
    params = {"uri": uri, "version": 1, "breakpoints": [{"id": "dot", "line": 1}]}
    asked = editor.client.protocol.send_request("livebreak/setBreakpoints", params)
    editor.change(uri, ((0, 0), (0, 0), "# typed\n"))

    (state,) = (await asyncio.wrap_future(asked))["breakpoints"]
    # On a busy machine the answer may be on its way before the change arrives.
    assert state["line"] in {1, 2}
    anchors = await editor.test("anchors")
    assert (True, False) == ("meant = 2" in anchors, "above = 1" in anchors)
