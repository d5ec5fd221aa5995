"""The connection, the kill switch, completion, and what the plugin tells of itself."""

from __future__ import annotations

import re

import pytest

QUOTED = "    return Quote(subtotal=subtotal, loyalty=loyalty, coupon=coupon, shipping=shipping, total=total)"


def test_the_status_names_the_backend_and_the_status_line_the_project(editor, shop) -> None:
    editor.until(lambda: editor.lua("return require('livebreak').statusline()") == "LiveBreak connected neovim")

    assert shop.project.host in editor.tells("LiveBreak status")


@pytest.fixture
def resumed(editor):
    """What is paused is paused for the other tests, too."""
    yield
    editor.command("LiveBreak! resume")
    editor.until(lambda: "paused" not in editor.lua("return require('livebreak').statusline()"))


def test_pausing_stops_everything_until_it_is_resumed(editor, resumed) -> None:
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak")
    editor.until_mark(line=line, sign="●")

    told = editor.tells("LiveBreak pause too much load")
    paused = editor.until_mark(line=line, sign="‖")
    editor.until(lambda: "LiveBreak paused" in editor.lua("return require('livebreak').statusline()"))
    editor.command("LiveBreak resume")
    editor.until_mark(line=line, sign="●")

    assert "LiveBreak: the whole project is paused until `:LiveBreak resume`, for everybody." == told
    assert "too much load" in paused.text


def test_one_service_is_paused(editor) -> None:
    told = editor.tells("LiveBreak pause service=web")

    assert "service web is paused" in told
    assert "service web takes hits again" in editor.tells("LiveBreak resume service=web")


def test_what_somebody_else_paused_is_asked_about(editor) -> None:
    editor.lua(
        """
        require('livebreak.connection').status.pauses = { { by = 'grace', reason = 'an incident' } }
        vim.fn.confirm = function(question) _G.asked = question return 2 end
        """
    )

    editor.command("LiveBreak resume")
    # The server will not say that it is over, since it never was.
    editor.lua("require('livebreak.connection').status.pauses = {}")

    assert "LiveBreak: grace paused it: an incident. Resume all the same?" == editor.lua("return _G.asked")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("LiveBreak di", ["diff", "disable", "disconnect"]),
        ("LiveBreak! re", ["renew", "resume"]),
        ("1,3LiveBreak tog", ["toggle"]),
        ("LiveBreak clear x", []),
        ("LiveBreak if subtotal < loy", ["loyalty", "loyalty_discount"]),
    ],
)
def test_subcommands_and_names_in_scope_are_completed(editor, typed: str, expected: list[str]) -> None:
    editor.go_to(QUOTED)

    assert expected == editor.lua("return vim.fn.getcompletion(..., 'cmdline')", typed)


def test_the_log_of_the_server_opens(editor) -> None:
    editor.until(lambda: editor.lua("return require('livebreak.log_file').path()"))

    editor.command("LiveBreak log-file")

    assert re.search(r"lsp-\d+\.log$", editor.nvim.current.buffer.name)
    assert "Connected to" in "\n".join(editor.nvim.current.buffer[:])


def test_an_unknown_connection_leaves_the_session_as_it_was(editor) -> None:
    assert "There is no connection named 'nowhere'" in editor.tells("LiveBreak connect nowhere")
    assert "behind the URL stands the project's number" in editor.tells("LiveBreak connect http://127.0.0.1:9 shop")
    editor.until(lambda: editor.lua("return require('livebreak').statusline()") == "LiveBreak connected neovim")


def test_a_key_is_asked_for_in_secret_and_goes_to_its_host_only(start_neovim, shop) -> None:
    editor = start_neovim(shop.pricing, environment={"LIVEBREAK_HOST": "", "LIVEBREAK_PROJECT": "", "LIVEBREAK_API_KEY": ""})
    editor.until(editor.is_attached)
    editor.lua("vim.fn.inputsecret = function() return _G.key end _G.key = ...", shop.project.api_key)

    editor.command(f"LiveBreak connect {shop.project.host} {shop.project.id}")

    editor.until(lambda: editor.lua("return require('livebreak').statusline()") == "LiveBreak connected neovim")
    assert shop.project.api_key not in editor.nvim.command_output("messages") + editor.told()


def test_the_health_report_looks_at_everything(editor, shop) -> None:
    editor.command("checkhealth livebreak")
    report = "\n".join(editor.nvim.current.buffer[:])

    assert "ERROR" not in report
    for part in (
        "Neovim 0.1",
        "all are understood",
        "the server runs in",
        f"Connected to {shop.project.host}",
        "nvim-dap is not there",
    ):
        assert part in report


@pytest.mark.parametrize(
    ("init", "found"),
    [
        ("vim.g.livebreak = { cmd = { 'no-such-livebreak', 'lsp' } }", "ERROR `no-such-livebreak` cannot be run"),
        ("vim.g.livebreak = { cmd = { 'false', 'lsp' } }", "WARNING `false --version` does not tell its version"),
        ("local set = vim.g.livebreak set.auto_start = false vim.g.livebreak = set", "no server runs now"),
        ("vim.g.livebreak = { auto_start = false, flsh = true }", "ERROR there is no setting flsh"),
        ("vim.g.livebreak = 7", "ERROR vim.g.livebreak: a table is expected"),
        ("vim.env.PATH = '/nowhere'", "WARNING there is no git"),
    ],
)
def test_the_health_report_names_what_is_missing(start_neovim, init: str, found: str) -> None:
    editor = start_neovim(init=init)

    editor.command("checkhealth livebreak")

    assert found in "\n".join(editor.nvim.current.buffer[:]).replace("❌ ", "").replace("⚠️ ", "")


def test_nothing_is_loaded_before_it_is_used(start_neovim) -> None:
    editor = start_neovim()

    loaded = "return vim.tbl_filter(function(it) return vim.startswith(it, 'livebreak') end, vim.tbl_keys(package.loaded))"
    before = editor.lua(loaded)
    statusline = editor.lua("return require('livebreak').statusline()")

    assert [] == before
    assert "" == statusline
