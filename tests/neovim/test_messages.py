"""What is said fits into the command line: Neovim never waits for a key because of it."""

from __future__ import annotations

from pathlib import Path

import pytest

QUOTED = "    return Quote(subtotal=subtotal, loyalty=loyalty, coupon=coupon, shipping=shipping, total=total)"


def said(terminal, command: str, part: str) -> str:
    """What the screen's last line has after a command, and that `:messages` has all of it."""
    terminal.command("messages clear")
    terminal.type(f":{command}", "Enter")
    terminal.until(lambda: part in terminal.messages())
    (line,) = [line for line in terminal.messages().split("\n") if part in line]
    return terminal.shows(lambda screen: line[:20] in screen.rstrip().split("\n")[-1]).rstrip().split("\n")[-1]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_sentence_of_any_length_is_one_line_and_whole_in_the_messages(start_terminal, columns: int) -> None:
    terminal = start_terminal(columns=columns, rows=24)
    say = "local kind, sentence = ... vim.schedule(function() require('livebreak.tell')[kind](sentence) end)"

    for length in (*range(columns - 40, columns + 2), 500, 4_000):
        for kind in ("info", "warn", "error"):
            sentence = f"{length} {kind} " + "größe 日本 " * length
            # Two in one moment would be two lines.
            terminal.lua(say, kind, sentence[:length])
            terminal.lua(say, kind, "and " + sentence[:length])
            terminal.until(lambda: sentence[:length].rstrip() in terminal.messages())  # noqa: B023 - called at once

    # The screen is drawn later than `:messages` has a sentence.
    screen = terminal.shows(lambda screen: "and 4000 error" in screen and screen.rstrip().endswith(":messages"))
    last = screen.rstrip().split("\n")[-1]
    assert last.startswith("LiveBreak: and 4000 error größe")
    assert last.endswith(" … :messages")


def test_nothing_that_is_said_waits_for_a_key(start_terminal, shop, nothing_stored) -> None:
    terminal = start_terminal(shop.pricing, columns=80, rows=24)
    terminal.until(lambda: terminal.lua("return require('livebreak').statusline()").startswith("LiveBreak connected"))
    terminal.go_to(QUOTED)

    for command, part in (
        ("LiveBreak cler", "there is no cler; say clear."),
        ("LiveBreak 42", "there is no 42; say clear, connect,"),
        ("LiveBreak clear all", "clear takes nothing after it."),
        ("LiveBreak! status", "status asks nothing, so it takes no `!`."),
        ("LiveBreak show", "no live breakpoint on this line"),
        ("LiveBreak next", "none in this file"),
        ("LiveBreak list", "no live breakpoints in the project"),
        ("LiveBreak clear", "there are no live breakpoints of yours here."),
        ("LiveBreak open sesame", "open takes a frame"),
        ("LiveBreak open livebreak://hit/none", "This hit is gone"),
        ("LiveBreak if total <", "This is not a Python expression."),
        ("LiveBreak log {total", "is never closed"),
        ("LiveBreak connect nowhere", "There is no connection named 'nowhere'"),
        ("LiveBreak connect one two three", "connect takes a name"),
        ("LiveBreak connect http://127.0.0.1:9 shop", "behind the URL stands"),
        ("LiveBreak if totl < 0", "did you mean `total`?"),
        ("LiveBreak show", "no hits yet."),
        ("LiveBreak follow", "this breakpoint is yours"),
        ("LiveBreak pause because of an incident whose name is long, as they are at times", "the whole project is paused"),
        ("LiveBreak resume", "the project takes hits again."),
        ("LiveBreak hits total ==", "This is no filter"),
        ("LiveBreak hits total == 77", "no hits where total == 77."),
    ):
        said(terminal, command, part)
    terminal.command("LiveBreak clear")
    terminal.until(lambda: not terminal.marks() and not shop.stored())
    terminal.command("LiveBreak if total < 0")
    terminal.until_mark(sign="●")
    shop.buy()
    terminal.until(lambda: "2 hits" in terminal.marks()[0].text)
    for command, part in (
        ("LiveBreak open 99", "the hit has"),
        ("LiveBreak open 6", "is not in this workspace"),
        ("LiveBreak export", "the hit is in "),
        ("LiveBreak debug", "no nvim-dap here"),
        ("LiveBreak disconnect", "Live mode is off"),
        ("LiveBreak if total < 1", "not armed: live mode is off"),
    ):
        said(terminal, command, part)


def test_what_is_a_teammates_waits_for_no_key(start_terminal, shop, nothing_stored) -> None:
    terminal = start_terminal(shop.pricing, columns=80, rows=24)
    line = terminal.go_to(QUOTED)
    shop.set(shop.teammate, line_number=line + 1)
    terminal.until_mark(line=line)

    for command in ("toggle", "edit", "disable", "renew"):
        said(terminal, f"LiveBreak {command}", f"this is grace's; `:LiveBreak! {command}` does it all the same.")
    said(terminal, "LiveBreak if total < 0", "this is grace's; `:LiveBreak! if …`")
    said(terminal, "LiveBreak follow", "grace's breakpoint is shown in full.")


def test_what_stands_in_the_way_waits_for_no_key(start_terminal, tmp_path: Path) -> None:
    alone = tmp_path / "alone.py"
    alone.write_text("x = 1\n")
    terminal = start_terminal(alone, columns=80, rows=24, environment={"LIVEBREAK_HOST": "http://127.0.0.1:9"})
    # Before any key is pressed.
    terminal.until(lambda: "127.0.0.1:9" in terminal.messages())

    said(terminal, "LiveBreak", "is in no git repository")
    for setup, part in (
        ("enew", "this buffer has no file yet"),
        ("edit notes.txt", "live breakpoints are for python files."),
        ("setlocal buftype=nofile", "this window shows no file"),
    ):
        terminal.command(setup)
        said(terminal, "LiveBreak", part)


def test_a_command_that_is_not_there_waits_for_no_key(start_terminal, shop) -> None:
    missing = start_terminal(
        shop.pricing, columns=80, rows=24, init="vim.g.livebreak = { cmd = { '/no/such/livebreak', 'lsp' } }"
    )
    said(missing, "LiveBreak", "no `/no/such/livebreak` here; `pipx install livebreak` gets it.")
    ending = start_terminal(shop.pricing, columns=80, rows=24, init="vim.g.livebreak = { cmd = { 'false' } }")
    ending.until(lambda: "the server ended at once (exit code 1); `false` says why." in ending.messages())


def test_questions_wait_for_their_answer_only(start_terminal, shop) -> None:
    without = {"LIVEBREAK_API_KEY": "", "LIVEBREAK_HOST": "", "LIVEBREAK_PROJECT": ""}
    terminal = start_terminal(shop.pricing, columns=60, rows=24, environment=without)
    terminal.until(terminal.is_attached)

    terminal.type(":LiveBreak connect", "Enter")
    # A backend of this machine may stand before it.
    screen = terminal.shows(lambda screen: "another backend" in screen)
    number = next(line for line in screen.split("\n") if "another backend" in line).split(":")[0]
    terminal.type(number, "Enter")
    terminal.shows(lambda screen: "Backend: https://" in screen)
    terminal.type("C-u", shop.project.host, "Enter")
    terminal.shows(lambda screen: "Personal API key" in screen.replace("\n", ""))
    terminal.type(shop.project.api_key, "Enter")
    screen = terminal.shows(lambda screen: "LiveBreak: Connected to" in screen)

    assert not terminal.waits_for_a_key
    assert shop.project.api_key not in screen
