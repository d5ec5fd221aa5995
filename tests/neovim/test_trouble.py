"""What goes wrong is one clear line with the way out, and never a stack trace."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

QUOTED = "    return Quote(subtotal=subtotal, loyalty=loyalty, coupon=coupon, shipping=shipping, total=total)"
LSP_PIDS = "return vim.tbl_map(function(it) return it.rpc and it.id end, vim.lsp.get_clients({ name = 'livebreak' }))"


@pytest.fixture(autouse=True)
def no_traceback(shared):
    """Nothing that Lua says of itself may reach the user."""
    yield
    messages = shared.nvim.command_output("messages") + shared.told()
    shared.command("messages clear")
    assert "stack traceback" not in messages
    assert ".lua:" not in messages


@pytest.mark.parametrize(
    ("setup", "sentence"),
    [
        ("enew", "this buffer has no file yet; `:write NAME` gives it one."),
        ("edit notes.txt", "live breakpoints are for python files."),
        ("new | setlocal buftype=nofile", "this window shows no file; go to one with your code."),
    ],
)
def test_what_is_no_file_of_code_says_so(editor, setup: str, sentence: str) -> None:
    editor.command(setup)

    for command in ("LiveBreak", "LiveBreak if total < 0", "LiveBreak show", "LiveBreak list"):
        assert f"LiveBreak: {sentence}" == editor.tells(command)


def test_a_subcommand_that_does_not_exist_names_the_right_ones(editor) -> None:
    assert "LiveBreak: there is no cler; say clear. `:help :LiveBreak` has all." == editor.tells("LiveBreak cler")
    assert "say clear, connect, debug, diff, disable, disconnect, edit, enable, export" in editor.tells("LiveBreak 42")
    assert "LiveBreak: clear takes nothing after it." == editor.tells("LiveBreak clear all")
    assert "LiveBreak: status asks nothing, so it takes no `!`." == editor.tells("LiveBreak! status")


def test_a_file_that_changed_on_disk_keeps_its_breakpoints(editor, shop) -> None:
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak if total < 0")
    editor.until_mark(line=line, sign="●")
    text = shop.pricing.read_text()
    try:
        shop.pricing.write_text("# another line\n" + text)
        os.utime(shop.pricing, (2e9, 2e9))
        editor.lua("vim.o.autoread = true")
        editor.command("checktime")

        editor.until(lambda: [mark.line for mark in editor.marks()] == [line + 1])
        assert ["total < 0"] == [it.get("condition") for it in shop.stored()]
    finally:
        shop.pricing.write_text(text)


def test_a_buffer_that_was_never_saved_takes_breakpoints_by_its_text(editor, shop) -> None:
    editor.nvim.input("ggO# not saved<Esc>")
    line = editor.go_to(QUOTED)

    editor.command("LiveBreak")

    editor.until_mark(line=line, sign="●")


def test_without_the_command_it_says_how_to_get_it(start_neovim, shop) -> None:
    editor = start_neovim(shop.pricing, init="vim.g.livebreak = { cmd = { 'no-such-livebreak', 'lsp' } }")

    silent = editor.told()
    told = editor.tells("LiveBreak")

    assert "" == silent
    assert "LiveBreak: no `no-such-livebreak` here; `pipx install livebreak` gets it." in told
    assert "\n" not in told
    assert [] == editor.marks()


def test_a_server_that_ends_at_once_is_not_started_for_ever(start_neovim, shop) -> None:
    editor = start_neovim(shop.pricing, init="vim.g.livebreak = { cmd = { 'false' } }")

    told = editor.until(editor.told)

    assert "LiveBreak: the server ended at once (exit code 1); `false` says why." == told


def kill_server(editor) -> None:
    pid = editor.lua("return vim.fn.getpid()")
    output = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    (line,) = [line for line in output.splitlines() if "livebreak lsp" in line]
    os.kill(int(line.split()[0]), signal.SIGKILL)


def test_a_server_that_is_killed_comes_back_with_the_breakpoints(start_neovim, shop, nothing_stored) -> None:
    editor = start_neovim(shop.pricing)
    editor.until(editor.is_attached)
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak if total < 0")
    editor.until_mark(line=line, sign="●")
    (before,) = shop.stored()
    log = editor.until(lambda: editor.lua("return require('livebreak.log_file').path()"))

    kill_server(editor)
    told = editor.until(editor.told)
    editor.until(lambda: editor.lua("return require('livebreak').statusline()").startswith("LiveBreak connected"))
    editor.command("LiveBreak if total < 1")
    editor.until(lambda: [it.get("condition") for it in shop.stored()] == ["total < 1"])
    editor.until_mark(line=line, sign="●")

    assert "LiveBreak: the server has ended (signal 9); it is started again." == told
    assert [before["id"]] == [it["id"] for it in shop.stored()]
    assert 1 == len(editor.marks())
    assert log != editor.until(lambda: editor.lua("return require('livebreak.log_file').path()"))


def test_outside_of_a_repository_it_says_what_is_missing(editor, tmp_path: Path) -> None:
    file = tmp_path / "alone.py"
    file.write_text("x = 1\n")
    editor.command(f"edit {file}")

    told = editor.tells("LiveBreak")

    assert ".livebreak.toml" in told
    assert "\n" not in told
    editor.until_mark(sign="✕")


def test_live_mode_that_is_off_says_how_to_turn_it_on(start_neovim, shop, nothing_stored) -> None:
    editor = start_neovim(shop.pricing)
    editor.until(editor.is_attached)
    line = editor.go_to(QUOTED)

    off = editor.tells("LiveBreak disconnect")
    told = editor.tells("LiveBreak")
    stored = shop.stored()
    editor.lua(
        "vim.ui.select = function(items, options, choose) _G.items = vim.tbl_map(options.format_item, items) choose(items[1]) end"
    )
    editor.lua("vim.fn.confirm = function(question) _G.asked = question return 1 end")
    editor.command("LiveBreak connect")
    editor.until_mark(line=line, sign="●")

    assert off.startswith("LiveBreak: Live mode is off")
    assert "LiveBreak: not armed: live mode is off; `:LiveBreak connect` to go on." == told
    assert [] == stored
    assert "LiveBreak: Arm your live breakpoint there?" == editor.lua("return _G.asked")
    assert f"Neovim's environment  {shop.project.host}" in editor.lua("return _G.items[1]")


def test_a_backend_that_is_away_is_told_once_and_the_breakpoint_waits(start_neovim, shop) -> None:
    editor = start_neovim(shop.pricing, environment={"LIVEBREAK_HOST": "http://127.0.0.1:9"})
    editor.until(editor.is_attached)
    editor.go_to(QUOTED)

    editor.command("LiveBreak")
    editor.until_mark(sign="◌")
    editor.until(editor.told)

    assert "LiveBreak offline" in editor.until(lambda: editor.lua("return require('livebreak').statusline()"))
    assert 1 == editor.told().count("LiveBreak: ")


def test_an_older_neovim_is_told_what_is_needed(start_neovim, old_nvim_path, shop) -> None:
    editor = start_neovim(shop.pricing, nvim=old_nvim_path)

    told = editor.tells("LiveBreak toggle")

    assert told.startswith("LiveBreak needs Neovim 0.11+; this is 0.10.")
    assert "\n" not in told


def test_settings_that_are_not_understood_are_named_and_left_out(editor) -> None:
    editor.lua(
        """
        _G.told = {}
        require('livebreak').setup({ flsh = true, hits = 'tree', float = { width = 'wide', keys = { older = 'H' } } })
        """
    )
    config = json.loads(editor.lua("return vim.json.encode(require('livebreak.config').get())"))

    told = editor.told()
    assert (
        "float.width: a number is expected, not a string; there is no setting flsh; hits: one of list, pick is expected" in told
    )
    assert ("list", 0.8, "H", "]") == (
        config["hits"],
        config["float"]["width"],
        config["float"]["keys"]["older"],
        config["float"]["keys"]["newer"],
    )


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("livebreak/breakpoints", {"uri": "here", "breakpoints": [{"line": "nineteen"}]}),
        ("livebreak/breakpoints", {"uri": "here", "breakpoints": 7}),
        ("livebreak/hits", {"uri": "here", "breakpointId": "x", "newest": []}),
        ("livebreak/hits", {}),
        ("livebreak/status", {"connection": ["connected"], "pauses": 3, "queued": "many"}),
        ("window/showMessage", []),
    ],
)
def test_a_server_of_another_version_is_no_stack_trace(start_neovim, shop, method: str, params: object) -> None:
    editor = start_neovim(shop.pricing, init="vim.g.livebreak = { auto_start = false }")
    text = json.dumps(params)

    editor.lua(
        """
        local method, text = ...
        local params = vim.json.decode((text:gsub('"here"', vim.json.encode(vim.uri_from_bufnr(0)))))
        require('livebreak.server').config().handlers[method](nil, params)
        require('livebreak').statusline()
        """,
        method,
        text,
    )

    assert editor.told() in ("", "LiveBreak: the server is not understood; is it of another version?")
    assert "stack traceback" not in editor.nvim.command_output("messages")


def test_a_key_that_is_revoked_is_told_and_no_more_is_taken(start_neovim, shop, livebreak, nothing_stored) -> None:
    scopes = ("--scope", "live_debugger:read", "--scope", "live_debugger:write")
    data = ("--json", "--data-dir", str(shop.project.data))
    created = livebreak("keys", "create", "--project", str(shop.project.id), *scopes, "--for", "ada", *data).stdout
    key = json.loads(created)
    editor = start_neovim(shop.pricing, environment={"LIVEBREAK_API_KEY": key["key"]})
    editor.until(lambda: editor.lua("return require('livebreak').statusline()").startswith("LiveBreak connected"))

    number = max(it["id"] for it in json.loads(livebreak("keys", "list", *data).stdout))
    assert "" == livebreak("keys", "revoke", str(number), "--data-dir", str(shop.project.data)).stderr
    editor.until(lambda: editor.lua("return require('livebreak').statusline()").startswith("LiveBreak refused"))
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak")
    editor.until_mark(line=line, sign="◌")

    assert "does not know this API key. Make one with `livebreak keys create`, and connect again." in editor.told()
    assert key["key"] not in editor.told()
    assert [] == shop.stored()
