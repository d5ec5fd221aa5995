"""What was captured: behind the line, in the floating window, in lists, and in other files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

KEYS = {"fold": "<CR>", "open": "o", "older": "[", "newer": "]", "diff": "d", "copy": "y", "find": "s", "only": "c", "close": "q"}


def show(editor) -> str:
    """Open the float, and wait for its values."""
    editor.command("LiveBreak show")
    return editor.until(lambda: "subtotal" in editor.floats() and editor.floats())


def go_to_value(editor, beginning: str) -> None:
    """Put the cursor of the float on a value."""

    def line_of_value() -> int | None:
        lines = enumerate(editor.floats().split("\n"), 1)
        return next((number for number, line in lines if line.strip(" ▸▾").startswith(beginning)), None)

    number = editor.until(line_of_value)
    editor.nvim.current.window.cursor = (number, 0)


def press(editor, name: str) -> None:
    editor.nvim.input(KEYS[name])


def value_of(editor, name: str) -> str:
    return next(line.split()[-1] for line in editor.floats().split("\n") if line.strip().startswith(f"{name} "))


def test_the_float_has_the_values_and_the_stack_in_columns(hit_editor) -> None:
    page = show(hit_editor)

    lines = page.split("\n")
    assert lines[0].startswith(" ")
    assert " · if total < 0" in lines[0]
    assert lines[1].startswith(" ▾ quote")
    assert lines[1].endswith("shop/pricing.py:19")
    assert "     total     int                -62" in lines
    assert any(line.startswith("   ▸ cart      shop.models.Cart   Cart(id=") for line in lines)
    assert any(line.startswith("   check_out") and line.endswith("shop/api.py:78") for line in lines)


def test_showing_again_goes_into_the_float_and_its_key_closes_it(hit_editor) -> None:
    show(hit_editor)
    hit_editor.command("wincmd p")

    hit_editor.command("LiveBreak show")
    inside = hit_editor.lua("return vim.bo.filetype")
    press(hit_editor, "close")

    assert "livebreak" == inside
    hit_editor.until(lambda: not hit_editor.floats())
    assert "python" == hit_editor.lua("return vim.bo.filetype")


def test_values_and_frames_unfold(hit_editor) -> None:
    show(hit_editor)

    go_to_value(hit_editor, "cart ")
    press(hit_editor, "fold")
    hit_editor.until(lambda: "     ▸ user" in hit_editor.floats())
    go_to_value(hit_editor, "user ")
    press(hit_editor, "fold")
    hit_editor.until(lambda: "'ada'" in hit_editor.floats())
    go_to_value(hit_editor, "cart ")
    press(hit_editor, "fold")

    hit_editor.until(lambda: "     ▸ user" not in hit_editor.floats())


def test_older_and_newer_hits_keep_what_is_unfolded(hit_editor) -> None:
    show(hit_editor)
    go_to_value(hit_editor, "cart ")
    press(hit_editor, "fold")
    hit_editor.until(lambda: "     ▸ user" in hit_editor.floats())
    honey = value_of(hit_editor, "subtotal")

    for _ in range(2):
        before = hit_editor.lua("return require('livebreak.float').current().data.hit.id")
        press(hit_editor, "older")
        hit_editor.until(lambda: hit_editor.lua("return require('livebreak.float').current().data.hit.id") != before)  # noqa: B023 - called at once
    hit_editor.until(lambda: "     ▸ user" in hit_editor.floats())
    cup = value_of(hit_editor, "subtotal")
    press(hit_editor, "newer")
    hit_editor.until(lambda: "     ▸ user" in hit_editor.floats() and value_of(hit_editor, "subtotal") == honey)

    assert ("620", "1400") == (honey, cup)


def test_the_newest_hit_has_none_after_it(hit_editor) -> None:
    show(hit_editor)

    press(hit_editor, "newer")

    hit_editor.until(lambda: "LiveBreak: this is the newest hit." in hit_editor.told())


def test_a_value_is_copied_and_a_hit_as_json_and_as_reference(hit_editor) -> None:
    show(hit_editor)
    go_to_value(hit_editor, "total ")

    press(hit_editor, "copy")
    hit_editor.until(lambda: "total is in register" in hit_editor.told())
    value = hit_editor.lua("return vim.fn.getreg('\"')")
    hit_editor.nvim.input('"aY')
    hit_editor.until(lambda: "the hit is in register a." in hit_editor.told())
    hit = json.loads(hit_editor.lua("return vim.fn.getreg('a')"))["hit"]
    hit_editor.nvim.input('"br')
    hit_editor.until(lambda: "is in register b." in hit_editor.told())

    assert "-62" == value
    assert -62 == hit["variables"]["total"]
    assert f"livebreak://hit/{hit['id']}" == hit_editor.lua("return vim.fn.getreg('b')")


def test_only_when_it_has_this_value_becomes_the_condition(hit_editor, shop) -> None:
    show(hit_editor)
    go_to_value(hit_editor, "subtotal ")

    press(hit_editor, "only")

    hit_editor.until(lambda: [it.get("condition") for it in shop.stored()] == ["subtotal == 620"])


def test_a_value_that_no_condition_can_name_says_so(hit_editor) -> None:
    show(hit_editor)
    go_to_value(hit_editor, "cart ")

    press(hit_editor, "only")

    hit_editor.until(lambda: "cart is no plain value" in hit_editor.told())


def entries(editor) -> list[str]:
    editor.until(lambda: editor.lua("return vim.bo.buftype == 'quickfix'"))
    return editor.lua("return vim.tbl_map(function(it) return it.text end, vim.fn.getloclist(0))")


def test_the_same_is_found_in_other_hits_and_one_of_them_opens(hit_editor) -> None:
    show(hit_editor)
    go_to_value(hit_editor, "subtotal ")

    press(hit_editor, "find")
    found = entries(hit_editor)
    hit_editor.nvim.input("j<CR>")
    page = hit_editor.until(lambda: "subtotal" in hit_editor.floats() and hit_editor.floats())

    assert 2 == len(found)
    assert all("subtotal=620" in entry for entry in found)
    assert "620" in page


def test_hits_are_listed_with_a_filter(hit_editor) -> None:
    hit_editor.command("LiveBreak hits subtotal == 1400")
    found = entries(hit_editor)
    hit_editor.command("lclose")

    assert 2 == len(found)
    assert "LiveBreak: no hits where subtotal == 7." == hit_editor.tells("LiveBreak hits subtotal == 7")
    assert hit_editor.tells("LiveBreak hits subtotal ==").startswith("LiveBreak: This is no filter: ")


def test_without_a_breakpoint_on_the_line_the_hits_of_all_are_listed(hit_editor, shop) -> None:
    hit_editor.command("1")

    hit_editor.command("LiveBreak hits")
    found = entries(hit_editor)
    lines = hit_editor.lua("return vim.tbl_map(function(it) return it.lnum end, vim.fn.getloclist(0))")

    assert len(found) >= 4
    assert {19} == set(lines[:4])


def test_hits_can_be_picked(hit_editor) -> None:
    hit_editor.lua(
        """
        require('livebreak').setup({ hits = 'pick' })
        _G.real_select = vim.ui.select
        vim.ui.select = function(items, options, choose)
          _G.offered = vim.tbl_map(options.format_item, items)
          choose(items[#items])
        end
        """
    )

    hit_editor.command("LiveBreak hits")
    page = hit_editor.until(lambda: "subtotal" in hit_editor.floats() and hit_editor.floats())
    hit_editor.lua("vim.ui.select = _G.real_select")

    assert 4 == len(hit_editor.lua("return _G.offered"))
    assert "1400" in page


def test_what_changed_since_the_hit_before_is_shown(hit_editor) -> None:
    show(hit_editor)
    newest = hit_editor.lua("return require('livebreak.float').current().data.hit.id")
    press(hit_editor, "older")
    hit_editor.until(lambda: hit_editor.lua("return require('livebreak.float').current().data.hit.id") != newest)

    press(hit_editor, "diff")
    page = hit_editor.until(lambda: "the same" in hit_editor.floats() and hit_editor.floats())

    assert any(line.startswith(" ~ subtotal") and "1400" in line and line.endswith("→ 620") for line in page.split("\n"))


def test_a_frame_opens_at_its_line(hit_editor, shop) -> None:
    show(hit_editor)
    go_to_value(hit_editor, "check_out ")

    press(hit_editor, "open")
    hit_editor.until(lambda: hit_editor.nvim.current.buffer.name.endswith("shop/api.py"))

    assert 78 == hit_editor.nvim.current.window.cursor[0]
    assert "" == hit_editor.floats()


def test_frames_are_opened_by_number_and_by_choice(hit_editor, shop) -> None:
    assert "the hit has" in hit_editor.tells("LiveBreak open 99")
    assert "is not in this workspace" in hit_editor.tells("LiveBreak open 6")
    assert "open takes a frame" in hit_editor.tells("LiveBreak open sesame")
    hit_editor.lua("_G.real_select = vim.ui.select vim.ui.select = function(items, options, choose) choose(items[2]) end")

    hit_editor.command("LiveBreak open")
    hit_editor.until(lambda: not hit_editor.nvim.current.buffer.name.endswith("pricing.py"))
    hit_editor.lua("vim.ui.select = _G.real_select")
    opened = hit_editor.nvim.current.buffer.name

    assert opened.endswith("shop/orders.py")


def test_a_reference_opens_the_hit_from_any_line(hit_editor) -> None:
    show(hit_editor)
    hit = hit_editor.lua("return require('livebreak.float').current().data.hit.id")
    press(hit_editor, "close")
    hit_editor.until(lambda: not hit_editor.floats())
    hit_editor.command("1")

    hit_editor.command(f"LiveBreak open livebreak://hit/{hit}")

    hit_editor.until(lambda: "subtotal" in hit_editor.floats())


def test_a_hit_is_exported(hit_editor) -> None:
    told = hit_editor.tells("LiveBreak export")

    path = Path(told.removeprefix("LiveBreak: the hit is in ").removesuffix("."))
    assert -62 == json.loads(path.read_text())["hit"]["variables"]["total"]


def test_the_hover_of_neovim_has_our_part_in_it(hit_editor) -> None:
    hit_editor.command("normal! f(l")

    hit_editor.lua("vim.lsp.buf.hover()")

    assert "subtotal" in hit_editor.until(hit_editor.floats)


def test_a_command_in_neovims_hover_is_about_the_line_below_it(hit_editor, shop) -> None:
    for _ in range(2):
        hit_editor.lua("vim.lsp.buf.hover()")
        hit_editor.until(hit_editor.floats)
    hit_editor.until(lambda: hit_editor.lua("return vim.api.nvim_win_get_config(0).relative ~= ''"))

    hit_editor.command("LiveBreak toggle")

    hit_editor.until(lambda: not shop.stored())


def test_the_line_of_a_new_hit_flashes_once_and_tells_other_plugins(editor, shop) -> None:
    line = editor.go_to("    total = subtotal - loyalty - coupon + shipping")
    editor.lua(
        """
        _G.flashed, _G.hits = {}, 0
        local flash = require('livebreak.flash')
        local set = vim.api.nvim_buf_set_extmark
        vim.api.nvim_buf_set_extmark = function(buffer, namespace, row, column, options)
          if options.line_hl_group == 'LiveBreakFlash' then table.insert(_G.flashed, row) end
          return set(buffer, namespace, row, column, options)
        end
        vim.api.nvim_create_autocmd('User', { pattern = 'LiveBreakHit', callback = function() _G.hits = _G.hits + 1 end })
        """
    )
    editor.command("LiveBreak if subtotal > 0")
    editor.until_mark(line=line, sign="●")

    shop.buy()
    editor.until(lambda: editor.lua("return _G.hits") > 0)
    shop.buy()
    editor.until(lambda: editor.lua("return _G.hits") > 1)

    assert [line] == editor.lua("return _G.flashed")
    editor.until(lambda: not editor.marks("livebreak-flash"))


def test_what_a_process_captured_cannot_write_outside_of_its_cells(editor) -> None:
    plain = editor.lua("return require('livebreak.text').plain(...)", "a\nb\x1b[31mc\u202ed\u2028e\x9bf")

    assert "a b [31mc\ufffdd e f" == plain


def test_the_keys_are_listed_and_are_the_users(hit_editor) -> None:
    hit_editor.lua("require('livebreak').setup({ float = { keys = { older = 'H', close = { 'Q' }, diff = false } } })")
    show(hit_editor)

    hit_editor.nvim.input("g?")
    page = hit_editor.until(lambda: "unfold or fold" in hit_editor.floats() and hit_editor.floats())
    hit_editor.nvim.input("Q")

    assert "  H           the hit before" in page
    assert "what changed since" not in page
    hit_editor.until(lambda: not hit_editor.floats())


HOSTILE = [
    "a\nb\0c\x1b[31mred\x1b[0m\u202e\u2066",
    "%{system('x')}%#Error#",
    "a|copen",
    "[link](http://127.0.0.1) `x` <b>",
    "\u200b\u0301",
    "日" * 300_000,
]

SHOW_HOSTILE = """
local text = ...
local window, buffer = vim.api.nvim_get_current_win(), vim.api.nvim_get_current_buf()
local origin = { window = window, buffer = buffer, line = 3 }
local state = {
  id = 'x', line = 3, state = 'bound', message = text, trouble = text, mine = false, followed = true, owner = text,
  condition = text, enabled = true, bound = 1, processes = 1, hits = 1e15,
}
local drawing, float, hit_page = require('livebreak.drawing'), require('livebreak.float'), require('livebreak.hit_page')
drawing.take_states(buffer, { breakpoints = { state } })
drawing.take_hits(buffer, { breakpointId = 'x', line = 3, count = 1e15, summary = text, newest = { id = 'h', timestamp = text } })
local value = { name = text, type = text, text = text, note = text, path = { text }, children = 3 }
local view = {
  origin = origin, lists_keys = true, here = drawing.at(buffer, 3), unfolded = { [hit_page.key(0, {})] = true },
  values = { [hit_page.key(0, {})] = { variables = { value }, total = 1e9, note = text } },
  hit = {
    id = 'h', breakpointId = 'x', timestamp = text, process = text, message = text, watches = { value },
    frames = { { ['function'] = text, filename = text, line = 1e9 } },
  },
}
float.show({ title = hit_page.title(view), footer = hit_page.footer(), lines = hit_page.render(view), data = view }, origin)
vim.cmd.redraw()
local lines = vim.api.nvim_buf_get_lines(float.current().buffer, 0, -1, false)
local title = vim.api.nvim_win_get_config(float.current().window).title[1][1]
float.close()
require('livebreak.connection').status = { connection = 'connected', project = text, message = text, queued = 0, pauses = {} }
local bar = vim.api.nvim_eval_statusline("%{%v:lua.require'livebreak'.statusline()%}", { maxwidth = 200 }).str
local behind = vim.api.nvim_buf_get_extmarks(buffer, vim.api.nvim_get_namespaces().livebreak, 0, -1, { details = true })
return { lines, title, bar, vim.iter(behind[1][4].virt_text):map(function(it) return it[1] end):join('') }
"""


@pytest.mark.parametrize("text", HOSTILE, ids=["controls", "statusline", "bar", "markdown", "zero width", "long"])
def test_what_is_hostile_is_shown_as_text_and_stays_in_its_line(start_neovim, shop, text: str) -> None:
    editor = start_neovim(shop.pricing, init="vim.g.livebreak = { auto_start = false }")

    lines, title, bar, behind = editor.lua(SHOW_HOSTILE, text)
    shown = "".join([*lines, title, bar, behind])

    assert not set("\n\0\x1b\u202e\u2066") & set(shown)
    assert max(len(line) for line in lines) < 50_000
    assert text in (bar, bar[len("LiveBreak connected ") :]) or not text.isprintable() or len(text) > 100
    assert "" == editor.nvim.command_output("messages")
