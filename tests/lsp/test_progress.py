"""Work-done progress."""

from __future__ import annotations

import asyncio

TEXT = "a = 1\nb = 2\n"


async def test_what_takes_longer_than_a_moment_is_seen_to_go_on_until_it_is_over(editor, stored, hit_of) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("put", breakpoint=item)
    hit = hit_of(item)
    # Before it is there, since its stack is fetched for the diagnostic at once.
    await editor.test("slow", is_slow=True)
    await editor.test("hit", hit=hit)
    editor.client.progress_reports.clear()

    asked = asyncio.create_task(editor.request("livebreak/hit", {"id": hit.id}))
    await editor.until(editor.progress, "progress")
    await editor.test("slow", is_slow=False)
    await asked
    await editor.until(lambda: len(editor.progress()) == 2, "the end of progress")

    assert ["LiveBreak: fetching a hit", "end"] == editor.progress()


async def test_an_editor_without_a_place_for_progress_is_sent_none(plain_editor, stored, hit_of) -> None:
    uri = plain_editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await plain_editor.test("put", breakpoint=item)
    await plain_editor.test("hit", hit=hit_of(item))

    assert "1 hit" in await plain_editor.hover(uri, 1)
    assert [] == plain_editor.progress()
