"""`:LiveBreak` sets, changes and removes breakpoints, and shows everybody's."""

from __future__ import annotations

from typing import Any

import pytest

QUOTED = "    return Quote(subtotal=subtotal, loyalty=loyalty, coupon=coupon, shipping=shipping, total=total)"
TOTAL = "    total = subtotal - loyalty - coupon + shipping"


def test_toggling_a_line_sets_a_breakpoint_and_toggling_it_again_removes_it(editor, shop) -> None:
    line = editor.go_to(QUOTED)

    editor.command("LiveBreak")
    (item,) = editor.until(shop.stored)
    mark = editor.until_mark(line=line, sign="●")
    editor.command("LiveBreak toggle")

    assert ("shop/pricing.py", line + 1) == (item["filename"], item["line_number"])
    assert mark.text.startswith("Bound in 1 of 1 process")
    assert [] == editor.marks()
    editor.until(lambda: not shop.stored())


def test_a_range_sets_one_on_each_line_that_is_not_blank(editor, shop) -> None:
    first = editor.go_to(QUOTED)

    editor.command(f"{first + 1},{first + 4}LiveBreak")
    editor.until(lambda: len(shop.stored()) == 2)

    assert [first, first + 3] == [mark.line for mark in editor.marks()]


def test_a_range_of_many_lines_is_asked_about(editor, shop) -> None:
    editor.lua("_G.asked = {} vim.fn.confirm = function(question) table.insert(_G.asked, question) return 2 end")

    editor.command("%LiveBreak")
    editor.until(lambda: editor.lua("return #_G.asked"))

    assert ["LiveBreak: Do this on 19 lines?"] == editor.lua("return _G.asked")
    assert [] == editor.marks() == shop.stored()


def test_a_condition_is_checked_before_it_is_set(editor, shop) -> None:
    line = editor.go_to(QUOTED)

    refused = editor.tells("LiveBreak if total <")
    nothing = editor.marks() + shop.stored()
    editor.command("LiveBreak if total < 0")
    (item,) = editor.until(shop.stored)

    assert refused.startswith("LiveBreak: ")
    assert "\n" not in refused
    assert [] == nothing
    assert "total < 0" == item["condition"]
    assert "if total < 0" in editor.until_mark(line=line).text


def test_a_condition_that_will_find_nothing_is_set_with_a_warning(editor, shop) -> None:
    editor.go_to(QUOTED)

    assert "totl" in editor.tells("LiveBreak if totl < 0")
    editor.until(shop.stored)


def test_without_words_a_condition_is_asked_for_and_what_is_there_is_offered(editor, shop) -> None:
    editor.go_to(QUOTED)
    editor.lua(
        """
        _G.defaults = {}
        vim.ui.input = function(options, answer)
          table.insert(_G.defaults, options.prompt .. options.default)
          answer(({ 'total < 0', 'total < 1', nil })[#_G.defaults])
        end
        """
    )

    editor.command("LiveBreak if")
    editor.until(lambda: [it.get("condition") for it in shop.stored()] == ["total < 0"])
    editor.command("LiveBreak edit")
    editor.until(lambda: [it.get("condition") for it in shop.stored()] == ["total < 1"])
    editor.command("LiveBreak log")

    asked = ["Live breakpoint if: ", "Live breakpoint if: total < 0", "Log: "]
    assert asked == editor.until(lambda: editor.lua("return #_G.defaults == 3 and _G.defaults"))


def test_a_logpoint_has_a_sign_of_its_own(editor, shop) -> None:
    line = editor.go_to(QUOTED)

    editor.command("LiveBreak log total is {total}")
    editor.until_mark(line=line, sign="◆")

    assert ["total is {total}"] == [it["log_message"] for it in shop.stored()]


def test_disabling_keeps_a_breakpoint_and_enabling_brings_it_back(editor, shop) -> None:
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak if total < 0")
    editor.until_mark(line=line, sign="●")

    editor.command("LiveBreak disable")
    editor.until_mark(line=line, sign="⊖")
    disabled = shop.stored()
    editor.command("LiveBreak enable")
    editor.until_mark(line=line, sign="●")

    assert [(False, "total < 0")] == [(it["enabled"], it.get("condition")) for it in disabled]


def test_a_change_by_a_code_action_is_not_undone_by_the_next_command(editor, shop) -> None:
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak")
    editor.until_mark(line=line, sign="●")

    editor.lua("vim.lsp.buf.code_action({ apply = true, filter = function(it) return it.title:match('disable') end })")
    editor.until_mark(line=line, sign="⊖")
    editor.go_to(TOTAL)
    editor.command("LiveBreak")
    editor.until_mark(sign="●")

    assert {line: False, line - 1: True} == {it["line_number"] - 1: it["enabled"] for it in shop.stored()}


def test_a_removal_by_a_code_action_takes_the_mark_away(editor, shop) -> None:
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak")
    editor.until_mark(line=line, sign="●")

    editor.lua("vim.lsp.buf.code_action({ apply = true, filter = function(it) return it.title:match('remove') end })")

    editor.until(lambda: not editor.marks())
    editor.until(lambda: not shop.stored())


def test_a_breakpoint_goes_with_its_line_and_comes_back_when_that_is_undone(editor, shop) -> None:
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak if total < 0")
    editor.until(shop.stored)

    editor.nvim.input("ggO# a line above<Esc>")
    editor.until_mark(line=line + 1)
    editor.go_to(QUOTED)
    editor.nvim.input("dd")
    editor.until(lambda: not shop.stored())
    editor.nvim.input("u")
    (item,) = editor.until(shop.stored)

    assert [line + 1] == [mark.line for mark in editor.marks()]
    assert "total < 0" == item["condition"]


@pytest.mark.parametrize(
    ("keys", "moved"), [(":%!cat\r", 0), ("ddp", 1), (":%sort\r", -5)], ids=["a filter", "cut and put", "sorted"]
)
def test_a_breakpoint_stays_with_its_text_when_its_line_becomes_another_one(editor, shop, keys: str, moved: int) -> None:
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak if total < 0")
    editor.until_mark(line=line, sign="●")

    editor.nvim.input(keys)
    editor.until_mark(line=line + moved)
    editor.until(lambda: [it.get("condition") for it in shop.stored()] == ["total < 0"])

    assert QUOTED == editor.nvim.current.buffer[line + moved]
    assert 1 == len(editor.marks())


@pytest.mark.parametrize("again", ["edit!", "bdelete | edit"])
def test_breakpoints_are_still_ones_own_after_the_file_was_loaded_again(editor, shop, again: str) -> None:
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak if total < 0")
    (before,) = editor.until(shop.stored)

    editor.command(f"{again} {shop.pricing}")
    editor.until_mark(line=line)
    (after,) = shop.stored()
    editor.go_to(QUOTED)
    editor.command("LiveBreak toggle")

    assert (before["id"], "total < 0") == (after["id"], after["condition"])
    editor.until(lambda: not shop.stored())
    assert [] == editor.marks()


def test_a_breakpoint_of_another_session_is_ones_own_all_the_same(editor, shop) -> None:
    line = editor.go_to(QUOTED)
    shop.set(shop.project, line_number=line + 1)
    editor.until_mark(line=line)

    editor.command("LiveBreak if total < 0")
    editor.until(lambda: [it.get("condition") for it in shop.stored()] == ["total < 0"])
    editor.command("LiveBreak toggle")

    editor.until(lambda: not shop.stored())
    editor.until(lambda: not editor.marks())


def test_clearing_asks_and_removes_all_of_the_file(editor, shop) -> None:
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak")
    editor.go_to(TOTAL)
    editor.command("LiveBreak")
    editor.until(lambda: len(shop.stored()) == 2)
    editor.lua("_G.asked = {} vim.fn.confirm = function(question) table.insert(_G.asked, question) return 2 end")

    editor.command("LiveBreak clear")
    kept = [mark.line for mark in editor.marks()]
    editor.command("LiveBreak! clear")

    assert ["LiveBreak: Remove your 2 live breakpoints from pricing.py?"] == editor.lua("return _G.asked")
    assert [line - 1, line] == kept
    assert [] == editor.marks()
    editor.until(lambda: not shop.stored())


def test_next_and_prev_go_around_the_file(editor) -> None:
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak")
    editor.go_to(TOTAL)
    editor.command("LiveBreak")
    editor.until(lambda: len(editor.marks()) == 2)
    places = []

    for command in ("next", "next", "prev", "prev"):
        editor.command(f"LiveBreak {command}")
        places.append(editor.nvim.current.window.cursor[0] - 1)

    assert [line, line - 1, line, line - 1] == places


def of_grace(shop, line: int, **fields: Any) -> dict[str, Any]:
    return shop.set(shop.teammate, line_number=line + 1, **fields)


def test_a_teammates_breakpoint_has_their_name_and_is_not_changed_by_a_slip(editor, shop) -> None:
    line = editor.go_to(QUOTED)
    of_grace(shop, line)
    editor.until(lambda: editor.until_mark(line=line).text.endswith("grace"))

    for command in ("toggle", "disable", "edit"):
        told = editor.tells(f"LiveBreak {command}")
        assert f"LiveBreak: this is grace's; `:LiveBreak! {command}` does it all the same." == told
    assert [True] == [it["enabled"] for it in shop.stored()]
    editor.command("LiveBreak! disable")
    editor.until_mark(line=line, sign="⊖")
    editor.command("LiveBreak! toggle")

    editor.until(lambda: not editor.marks())
    editor.until(lambda: not shop.stored())


def test_a_teammates_breakpoint_is_followed_and_extended(editor, shop) -> None:
    line = editor.go_to(QUOTED)
    of_grace(shop, line, condition="total > 10")
    editor.until_mark(line=line, sign="●")

    assert "this is grace's; `:LiveBreak! if …` lets it take yours, too." in editor.tells("LiveBreak if total < 0")
    assert "LiveBreak: grace's breakpoint is shown in full." == editor.tells("LiveBreak follow")
    editor.command("LiveBreak! if total < 0")
    editor.until(lambda: [it.get("condition") for it in shop.stored()] == ["(total > 10) or (total < 0)"])

    # Whether it is followed is told soon after.
    editor.until(lambda: "only counted again" in editor.tells("LiveBreak follow"))


def test_a_teammates_breakpoint_follows_the_text_before_the_server_says_so(editor, shop) -> None:
    line = editor.go_to(QUOTED)
    of_grace(shop, line)
    editor.until_mark(line=line)

    editor.nvim.input("ggO# one<CR># two<Esc>")

    editor.until(lambda: [mark.line for mark in editor.marks()] == [line + 2])
    editor.lua("vim.wait(300)")
    assert [line + 2] == [mark.line for mark in editor.marks()]


def test_the_sign_is_beside_that_of_another_debugger(editor) -> None:
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak")
    editor.until_mark(line=line, sign="●")

    editor.lua(
        """
        vim.wo.signcolumn = 'auto:2'
        vim.fn.sign_define('DapBreakpoint', { text = 'B' })
        vim.fn.sign_place(0, 'dap', 'DapBreakpoint', vim.api.nvim_get_current_buf(), { lnum = vim.fn.line('.'), priority = 21 })
        vim.cmd.normal({ 'zt', bang = true })
        vim.cmd.redraw()
        """
    )
    signs = editor.lua("return vim.fn.screenstring(1, 1) .. vim.fn.screenstring(1, 3)")
    editor.lua("vim.fn.sign_unplace('*')")

    assert {"B", "●"} == set(signs)


def test_all_breakpoints_of_the_project_are_in_the_quickfix_list(editor, shop) -> None:
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak if total < 0")
    editor.until_mark(line=line, sign="●")
    shop.set(shop.teammate, filename="shop/api.py", line_number=78)
    shop.set(shop.teammate, repository="acme/elsewhere", filename="main.py", line_number=3)

    editor.command("LiveBreak list")
    editor.until(lambda: editor.lua("return vim.bo.buftype == 'quickfix'"))
    entries = editor.lua(
        """
        return vim.tbl_map(function(it)
          return { it.bufnr > 0 and vim.fn.fnamemodify(vim.fn.bufname(it.bufnr), ':t') or '', it.lnum, it.text }
        end, vim.fn.getqflist())
        """
    )

    assert [("", 0), ("api.py", 78), ("pricing.py", line + 1)] == [(file, lnum) for file, lnum, _ in entries]
    assert "main.py:3, not in this workspace" in entries[0][2]
    assert entries[1][2].endswith("grace")
    assert entries[2][2].startswith("● Bound in 1 of 1 process")
    assert "if total < 0" in entries[2][2]


def test_why_tells_every_step(editor) -> None:
    line = editor.go_to(QUOTED)
    assert "no live breakpoint on this line" in editor.tells("LiveBreak why")
    editor.command("LiveBreak if total > 1000000000")
    editor.until_mark(line=line, sign="●")

    editor.command("LiveBreak why")

    assert "The backend answers." in editor.until(editor.floats)
