"""Diagnostics: the surface that every editor has."""

from __future__ import annotations

import pytest
from lsprotocol import types as lsp

TEXT = "def f(a):\n    b = '😀' + a  \n    return b\n"


async def test_a_breakpoint_that_failed_is_a_warning_on_its_code_with_the_reason(editor, stored, bound_in) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("put", breakpoint=item)
    state = bound_in(item, "failed", reason="There is no \x1b[31mcode\non this line.", nearest_lines=(1, 3))
    await editor.test("process", state=state)

    found = await editor.until_diagnostic(uri, "no \\x1b[31mcode on this line")

    assert (lsp.DiagnosticSeverity.Warning, "LiveBreak", "failed") == (found.severity, found.source, found.code)
    assert ((1, 4), (1, 4 + len("b = '😀' + a") + 1)) == (
        (found.range.start.line, found.range.start.character),
        (found.range.end.line, found.range.end.character),
    )
    assert "Lines near it that have code: 1, 3." in found.message


async def test_a_bound_breakpoint_without_hits_is_no_finding(editor, stored, bound_in) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("put", breakpoint=item)
    stored_finding = await editor.until_diagnostic(uri, "")
    await editor.test("process", state=bound_in(item))

    await editor.until(lambda: not editor.client.diagnostics[uri], "the finding's end")
    assert (lsp.DiagnosticSeverity.Hint, "stored") == (stored_finding.severity, stored_finding.code)


async def test_a_hit_is_shown_with_its_stack_to_click_through(editor, stored, bound_in, hit_of, frame) -> None:
    caller = editor.new_file("from m import f\n\nf('x')\n")
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("put", breakpoint=item)
    await editor.test("process", state=bound_in(item))
    stack = (
        frame("f", item.filename, 40, in_repository=True),
        frame("handle", "/usr/lib/python3/http/server.py", 12),
        frame("<module>", caller.name, 3, in_repository=True, text="f('x')"),
    )
    hit = hit_of(item, variables={"total": -4, "user": "ada"}, stack=stack)
    await editor.test("hit", hit=hit, total=3)

    found = await editor.until_diagnostic(uri, "3 hits · total=-4, user='ada' · ")
    while not found.related_information:
        found = await editor.until(
            lambda: next((it for it in editor.client.diagnostics[uri] if it.related_information), None), "the stack"
        )

    assert lsp.DiagnosticSeverity.Information is found.severity
    assert [(uri, 1), (caller.as_uri(), 2)] == [
        (it.location.uri, it.location.range.start.line) for it in found.related_information
    ]
    assert f"<module> ({caller.name}:3): f('x')" == found.related_information[1].message
    assert 1 == (await editor.test("asked")).count(hit.id)


async def test_the_hit_before_stays_with_its_stack_until_the_newest_has_its_own(editor, stored, hit_of, frame) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("put", breakpoint=item)

    def listed() -> list[tuple[str, list[str]]]:
        stacks = [
            (it.message, it.related_information or []) for it in editor.client.diagnostics.get(uri, ()) if "hit" in it.message
        ]
        return [(message.split(" · ")[1], [frame.message.split()[0] for frame in stack]) for message, stack in stacks]

    async def is_asked(hit_id: str) -> bool:
        return hit_id in await editor.test("asked")

    first, second, third = (
        hit_of(item, variables={"a": number}, stack=(frame(f"f{number}", item.filename, 2, in_repository=True),))
        for number in (1, 2, 3)
    )
    await editor.test("hit", hit=first)
    await editor.until(lambda: listed() == [("a=1", ["f1"])], "the first hit with its stack")
    await editor.test("slow", is_slow=True)
    await editor.test("hit", hit=second)
    await editor.until(lambda: is_asked(second.id), "a fetch of the second hit")
    assert [("a=1", ["f1"])] == listed()
    # The stack that comes is the second one's, whatever has come since.
    await editor.test("hit", hit=third)
    await editor.test("slow", is_slow=False)
    await editor.until(lambda: listed() == [("a=2", ["f2"])], "the second hit with its stack")

    # Where it cannot be fetched, the newest is listed all the same.
    await editor.test("away", is_away=True)
    await editor.until(lambda: listed() == [("a=3", [])], "the third hit without a stack")
    await editor.test("away", is_away=False)


async def test_an_editor_that_takes_no_related_information_costs_no_fetch(plain_editor, stored, hit_of) -> None:
    uri = plain_editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await plain_editor.test("put", breakpoint=item)
    hit = hit_of(item, variables={"total": 1})
    await plain_editor.test("hit", hit=hit)

    found = await plain_editor.until_diagnostic(uri, "1 hit · total=1")

    assert 4 + len("b = '😀' + a") + 3 == found.range.end.character
    assert hit.id not in await plain_editor.test("asked")


async def test_a_teammates_hits_are_counted_and_their_values_are_not_shown(editor, stored, hit_of) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1, owner="grace")
    await editor.test("put", breakpoint=item)
    await editor.test("hit", hit=hit_of(item, variables={"secret": 41}), total=5)

    found = await editor.until_diagnostic(uri, "5 hits")

    assert "5 hits of grace's breakpoint" == found.message


async def test_diagnostics_go_when_the_file_is_closed(editor, stored) -> None:
    uri = editor.open(TEXT)
    await editor.test("put", breakpoint=stored(uri, TEXT, 1))
    await editor.until_diagnostic(uri, "Stored")

    editor.close(uri)

    await editor.until(lambda: not editor.client.diagnostics[uri], "the end of the findings")


async def test_a_client_may_do_without(open_editor, capabilities, stored) -> None:
    bare = await open_editor(capabilities("utf-16"), {"surfaces": ["hover", "somethingNewer"]})
    uri = bare.open(TEXT)
    await bare.test("put", breakpoint=stored(uri, TEXT, 1))
    await bare.until(lambda: bare.last_states(uri), "the states")

    assert {} == bare.client.diagnostics
    assert (True, None, None) == (
        bare.capabilities.hover_provider,
        bare.capabilities.inlay_hint_provider,
        bare.capabilities.code_action_provider,
    )


async def test_a_mark_that_no_file_has_a_line_for_does_not_hide_the_others(editor, tmp_path) -> None:
    uri = editor.open(TEXT, tmp_path / "outside.py")
    await editor.set_breakpoints(uri, {"id": "far", "line": 10**12}, {"id": "near", "line": 1})

    await editor.until_diagnostic(uri, "repository")

    assert [1, 2**31 - 1] == sorted(it.range.start.line for it in editor.client.diagnostics[uri])
    assert [1] == [it.position.line for it in await editor.hints(uri)]


async def test_a_frame_that_no_file_has_a_line_for_does_not_hide_the_stack(editor, stored, hit_of, frame) -> None:
    caller = editor.new_file("a = 1\n")
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("put", breakpoint=item)
    stack = (
        frame("f", item.filename, 2, in_repository=True),
        frame("g", caller.name, 10**12, in_repository=True),
        frame("h", caller.name, -5, in_repository=True),
    )
    await editor.test("hit", hit=hit_of(item, variables={"a": 1}, stack=stack))

    found = await editor.until(
        lambda: next((it for it in editor.client.diagnostics.get(uri, ()) if it.related_information), None), "the stack"
    )

    # The nearest line that the file has.
    assert [1, 1, 0] == [it.location.range.start.line for it in found.related_information]


async def test_a_file_that_is_opened_without_findings_has_those_from_before_taken_back(editor) -> None:
    uri = editor.open(TEXT)

    await editor.until(lambda: uri in editor.client.diagnostics, "the empty list")

    assert [] == list(editor.client.diagnostics[uri])


@pytest.mark.parametrize(
    ("directive", "wrong", "sentence"),
    [
        ("if total > 1 ) + 2", ") + 2", "The brackets do not match."),
        ("if total = 100", "= 100", "An expression cannot assign; write == to compare."),
        ("if total >", ">", "This is not a Python expression."),
        ("log seen {total", "{total", "The { is never closed; write {{ for a brace."),
    ],
)
async def test_a_mistake_in_a_directive_is_a_warning_while_it_is_typed(
    editor, plain_editor, directive: str, wrong: str, sentence: str
) -> None:
    line = f"    b = '😀' + a  # livebreak: {directive}"
    for one, encoding, unit in ((editor, "utf-16-le", 2), (plain_editor, "utf-8", 1)):
        uri = one.open(TEXT)
        one.change(uri, ((1, 0), (1, 999), line))

        found = await one.until_diagnostic(uri, sentence)

        end = len(line.encode(encoding)) // unit
        assert (lsp.DiagnosticSeverity.Warning, "LiveBreak", "directive") == (found.severity, found.source, found.code)
        assert ((1, end - len(wrong)), (1, end)) == (
            (found.range.start.line, found.range.start.character),
            (found.range.end.line, found.range.end.character),
        )


async def test_a_directive_that_is_right_is_no_finding(editor) -> None:
    uri = editor.open("a = 1  # livebreak: if a >\nb = 2  # livebreak: log {b}\nc = '# livebreak: if c >'\n")
    first = await editor.until_diagnostic(uri, "")
    assert [first] == list(editor.client.diagnostics[uri])

    editor.change(uri, ((0, 26), (0, 26), " 1"))

    await editor.until(lambda: not editor.client.diagnostics[uri], "the finding's end")


async def test_where_a_hint_gets_old_a_finding_says_that_the_breakpoint_is_disabled(plain_editor, editor, stored, hit_of) -> None:
    messages = []
    for one in (plain_editor, editor):
        uri = one.open(TEXT)
        item = stored(uri, TEXT, 1, condition="a > 1", enabled=False)
        await one.test("put", breakpoint=item)
        await one.test("hit", hit=hit_of(item, variables={"a": 2}, condition="a > 1", process_id="p"))
        messages.append((await one.until_diagnostic(uri, "1 hit")).message)

    assert ["disabled · if a > 1 · 1 hit", "1 hit"] == [message.partition(" · a=2")[0] for message in messages]


async def test_a_comment_that_was_meant_for_a_directive_is_told_how_one_is_written(editor) -> None:
    uri = editor.open("a = 1  # livebreak: a > 2\n# livebreak: if a > 2\nb = 2  # see livebreak: a > 2\n# livebreak: is a tool\n")
    await editor.until_diagnostic(uri, "LiveBreak takes `# livebreak: if CONDITION`")

    found = [(it.range.start.line, it.range.start.character, it.range.end.character) for it in editor.client.diagnostics[uri]]
    editor.change(uri, ((0, 20), (0, 20), "if "), ((1, 0), (2, 0), ""))

    assert [(0, 7, 25), (1, 0, 21)] == found
    await editor.until(lambda: not editor.client.diagnostics[uri], "the findings' end")
