"""Inlay hints: what is known of a breakpoint, behind its line."""

from __future__ import annotations

import pytest

TEXT = "face = '😀é'\nlast = 1"


async def hint(editor, uri: str):
    (found,) = await editor.hints(uri)
    return found


async def test_a_hint_stands_behind_the_line_and_says_what_is_bound(editor, stored, bound_in) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 0)
    await editor.test("put", breakpoint=item)
    assert "· stored" == (await hint(editor, uri)).label

    await editor.test("process", state=bound_in(item))
    found = await hint(editor, uri)

    assert "○ bound 1/1" == found.label
    assert (0, len("face = '😀é'") + 1) == (found.position.line, found.position.character)


async def test_a_hint_shows_the_newest_hit(editor, stored, bound_in, hit_of) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("put", breakpoint=item)
    await editor.test("process", state=bound_in(item))
    await editor.test("hit", hit=hit_of(item, variables={"total": 39, "user": "bob"}, timestamp="2020-01-01T11:00:00+00:00"))
    await editor.test(
        "hit", hit=hit_of(item, variables={"total": 40, "user": "a`b\n[x](y)"}, timestamp="2020-01-01T12:03:04+00:00")
    )

    found = await hint(editor, uri)

    assert "● 2 hits · total=40, user='a`b\\n[x](y)' · 2020-01-01 12:03:04" == found.label
    assert (1, 8) == (found.position.line, found.position.character)
    assert found.tooltip is None


async def test_the_tooltip_is_made_when_it_is_asked_for(editor, stored, hit_of) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 0)
    await editor.test("put", breakpoint=item)
    newest = hit_of(item, variables={"total": 40})
    await editor.test("hit", hit=newest)

    resolved = await editor.client.inlay_hint_resolve_async(await hint(editor, uri))

    assert resolved.tooltip.value == await editor.hover(uri, 0)
    assert "total" in resolved.tooltip.value


async def test_hints_outside_the_range_are_not_sent(editor, stored) -> None:
    uri = editor.open("a = 1\n" * 50)
    await editor.test("put", breakpoint=stored(uri, "a = 1\n" * 50, 40))

    assert 1 == len(await editor.hints(uri))
    assert 0 == len(await editor.hints(uri, last_line=39))


async def test_the_editor_is_asked_to_ask_again_only_if_it_can(editor, plain_editor, stored) -> None:
    for one, refreshes in ((editor, True), (plain_editor, False)):
        uri = one.open(TEXT)
        before = one.refreshes
        await one.test("put", breakpoint=stored(uri, TEXT, 0))
        await one.until_diagnostic(uri, "Stored")
        if refreshes:
            await one.until(lambda one=one, before=before: one.refreshes > before, "a refresh")
        else:
            assert before == one.refreshes


async def test_a_logpoint_shows_its_message_and_a_teammates_shows_a_count(editor, stored, hit_of) -> None:
    uri = editor.open("a = 1\nb = 2\n")
    mine, theirs = stored(uri, "a = 1\nb = 2\n", 0), stored(uri, "a = 1\nb = 2\n", 1, owner="grace")
    for item in (mine, theirs):
        await editor.test("put", breakpoint=item)
        await editor.test("hit", hit=hit_of(item, message="total was 7", timestamp="2020-01-01T12:03:04+00:00"))

    assert ["● 1 hit · total was 7 · 2020-01-01 12:03:04", "● 1 hit · grace"] == [it.label for it in await editor.hints(uri)]


@pytest.mark.parametrize(("state", "label"), [("failed", "✕ failed"), ("pending", "· pending")])
async def test_a_hint_names_what_is_wrong(editor, stored, bound_in, state: str, label: str) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 0)
    await editor.test("put", breakpoint=item)
    await editor.test("process", state=bound_in(item, state, reason="It is so."))

    assert label == (await hint(editor, uri)).label


async def test_a_hint_shows_what_the_breakpoint_waits_for(editor, stored, bound_in) -> None:
    uri = editor.open(TEXT)
    waits, logs = (
        stored(uri, TEXT, 0, condition="face == '😀' and face != 'a longer one'"),
        stored(uri, TEXT, 1, log_message="{last}"),
    )
    for item in (waits, logs):
        await editor.test("put", breakpoint=item)
        await editor.test("process", state=bound_in(item))

    assert ["○ if face == '😀' and face != 'a lo… · bound 1/1", "○ log {last} · bound 1/1"] == [
        it.label for it in await editor.hints(uri)
    ]


async def test_hits_from_before_the_condition_was_changed_are_counted_apart(editor, stored, bound_in, hit_of) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1, condition="last > 1")
    await editor.test("put", breakpoint=item)
    await editor.test("process", state=bound_in(item))
    old = "2020-01-01T11:00:00+00:00"
    for condition in (None, "last > 0"):
        await editor.test("hit", hit=hit_of(item, process_id="p", condition=condition, timestamp=old))
    assert "● if last > 1 · 0 hits, 2 before the condition changed · 2020-01-01 11:00:00" == (await hint(editor, uri)).label

    newest = hit_of(item, process_id="p", condition="last > 1", variables={"last": 2}, timestamp="2020-01-01T12:00:00+00:00")
    await editor.test("hit", hit=newest, total=31)

    assert "1 hit, 30 before the condition changed · last=2" in (await hint(editor, uri)).label


async def test_a_hit_that_does_not_tell_its_condition_counts(editor, stored, bound_in, hit_of) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1, condition="last > 1")
    await editor.test("put", breakpoint=item)
    await editor.test("hit", hit=hit_of(item))

    assert " 1 hit · " in (await hint(editor, uri)).label


async def test_a_line_that_is_not_what_runs_says_so_until_it_is_again(editor, stored, bound_in) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("put", breakpoint=item)
    await editor.test("process", state=bound_in(item))
    editor.change(uri, ((1, 7), (1, 8), "2"))

    finding = await editor.until_diagnostic(uri, "This line differs from what runs: last = 1")
    label = (await hint(editor, uri)).label
    (state,) = (await editor.until(lambda: editor.last_states(uri), "the states"))["breakpoints"]
    editor.change(uri, ((1, 7), (1, 8), "1"), version=3)
    await editor.until(lambda: not editor.client.diagnostics[uri], "the finding's end")

    assert "○ bound 1/1 · differs from what runs" == label
    assert 3 == finding.severity
    assert "last = 1" == state["runs"]
