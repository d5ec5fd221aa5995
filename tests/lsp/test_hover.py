"""Hovers, through the wire; how they are rendered safely is in `test_page`."""

from __future__ import annotations

import asyncio

import pytest

TEXT = """\
def f(cart, user):
    total = cart.total
    return total + user.age


def g(total):
    return total
"""
CART = {"py/object": "shop.Cart", "total": 41, "owner": {"py/object": "shop.User", "name": "ada"}}


@pytest.fixture
async def scene(editor, stored, hit_of, frame):
    """A file with a breakpoint on its line 2, and two hits of it."""
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 2, condition="total > 3")
    await editor.test("put", breakpoint=item)
    stack = (
        frame("f", item.filename, 3, in_repository=True),
        frame("run", "lib/`x`|[evil](http://evil).py", 12),
    )
    old = hit_of(item, variables={"total": 40}, timestamp="2020-01-01T12:00:00+00:00")
    new = hit_of(
        item,
        variables={
            "cart": CART,
            "total": 41,
            "note": "``` <b>|\n# x [a](command:b)",
            "password": {"py/object": "str", "$cut": "redacted"},
        },
        stack=stack,
        timestamp="2020-01-01T12:03:04+00:00",
        host="box",
        pid=17,
        environment="prod",
        revision="0123456789abcdef",
        request="GET /cart/3",
    )  # fmt: skip
    for hit in (old, new):
        await editor.test("hit", hit=hit)
    return uri, item


async def test_a_breakpoints_line_shows_everything(editor, scene, bound_in) -> None:
    uri, item = scene
    # Processes of other tests with this editor would be waited for, if none answered.
    await editor.test("process", state=bound_in(item))

    hover = await editor.hover(uri, 2, 0)

    assert "**LiveBreak** Bound in 1 of 1 process (web)." in hover.split("\n\n")
    assert "if `total > 3`" in hover.split("\n\n")
    assert "**2 hits** · newest 2020-01-01 12:03:04, " in hover
    assert "\ntotal     int        41\n" in hover
    assert "\n    name  str        'ada'\n" in hover
    assert "\npassword  str        <redacted> (redacted)\n" in hover
    assert f"1. [{item.filename.replace('_', '_')}:3]({uri}#L3) `f`" in hover
    assert "2. ``lib/`x`|[evil](http://evil).py:12`` `run`" in hover
    assert "**Process** web · prod · box:17 · at 01234567 · `GET /cart/3`" in hover
    assert "- 2020-01-01 12:00:00 `total=40`" in hover


async def test_captured_fences_do_not_end_the_block_they_are_in(editor, scene) -> None:
    uri, _ = scene

    hover = await editor.hover(uri, 2, 0)

    assert 2 == [line.strip("`") for line in hover.splitlines() if line.startswith("````")].__len__()
    assert "'``` <b>|\\n# x [a](command:b)'" in hover


@pytest.mark.parametrize(
    ("line", "character", "expected"),
    [
        (1, 5, "total  int  41"),  # the name itself
        (1, 14, "cart      shop.Cart"),  # a name before a field
        (1, 19, "cart.total"),  # a field below a name
        (0, 7, "cart      shop.Cart"),  # a parameter, on the line of the def
    ],
)
async def test_a_name_in_the_hits_function_shows_its_value(editor, scene, line: int, character: int, expected: str) -> None:
    uri, _ = scene

    hover = await editor.hover(uri, line, character)

    assert expected in hover
    assert "captured 2020-01-01 12:03:04" in hover


async def test_a_names_earlier_values_are_shown(editor, scene) -> None:
    uri, _ = scene

    assert "- 2020-01-01 12:00:00 `40`" in await editor.hover(uri, 1, 5)


@pytest.mark.parametrize(("line", "character"), [(5, 6), (6, 12), (2, 21), (3, 0), (1, 1)])
async def test_a_name_that_is_not_the_hits_shows_nothing_of_it(editor, scene, line: int, character: int) -> None:
    uri, _ = scene

    hover = await editor.hover(uri, line, character)

    assert hover is None or "captured" not in hover


async def test_a_backend_that_is_away_is_one_sentence_in_the_hover(editor, stored, hit_of) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("away", is_away=True)
    try:
        await editor.test("put", breakpoint=item)
        await editor.test("hit", hit=hit_of(item, variables={"total": 40}))
        hover = await editor.hover(uri, 1, 0)
    finally:
        await editor.test("away", is_away=False)

    assert "The whole hit could not be fetched: The backend does not answer." in hover
    assert "total=40" in hover
    assert "Traceback" not in hover


async def test_an_editor_without_markdown_gets_plain_text(plain_editor, stored, hit_of) -> None:
    uri = plain_editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await plain_editor.test("put", breakpoint=item)
    await plain_editor.test("hit", hit=hit_of(item, variables={"a_b": "*x*"}, service="we_b"))

    hover = await plain_editor.hover(uri, 1, 0)

    assert "  a_b  str  '*x*'" in hover
    assert "**" not in hover.replace("'*x*'", "")
    assert "\\_" not in hover


async def test_the_line_of_no_breakpoint_has_no_hover(editor) -> None:
    assert None is await editor.hover(editor.open(TEXT), 1, 5)


async def test_all_who_ask_for_one_whole_hit_share_one_answer(editor, stored, hit_of) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 1)
    await editor.test("slow", is_slow=True)
    try:
        await editor.test("put", breakpoint=item)
        hit = hit_of(item, variables={"total": 40})
        await editor.test("hit", hit=hit)
        hovers = [asyncio.create_task(editor.hover(uri, 1, 0)) for _ in range(2)]
        fetched = asyncio.create_task(editor.request("livebreak/hit", {"id": hit.id}))
        while hit.id not in await editor.test("asked"):
            pass
        # By the answer to this one all have asked.
        asked = await editor.test("asked")
    finally:
        await editor.test("slow", is_slow=False)

    assert ["total" in hover for hover in await asyncio.gather(*hovers)] == [True, True]
    assert hit.id == (await fetched)["id"]
    assert 1 == asked.count(hit.id)
    assert 1 == (await editor.test("asked")).count(hit.id)


async def test_a_breakpoint_without_hits_says_why_in_the_hover(editor, stored, bound_in) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 5)
    await editor.test("put", breakpoint=item)
    await editor.test("process", state=bound_in(item))

    hover = await editor.hover(uri, 5, 0)

    # A blank before the closing stars would leave them standing in the text.
    assert "**No hits yet**: The line has not run since it was bound in web (pid 17)." in hover


async def test_a_state_that_its_sentence_tells_is_not_told_twice(editor, stored, bound_in) -> None:
    uri = editor.open(TEXT)
    item = stored(uri, TEXT, 5)
    await editor.test("put", breakpoint=item)
    await editor.test("process", state=bound_in(item, passes=9, hits=4, rate_limited=1, rate_limited_now=True))

    hover = await editor.hover(uri, 5, 0)

    head = "**LiveBreak** Bound in 1 of 1 process (web). Rate-limited: captured 4 of at least 9 passes."
    assert head == hover.split("\n\n")[0]
