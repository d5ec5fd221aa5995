"""What reaches production is asked about, and a `!` answers."""

from __future__ import annotations

import pytest

QUOTED = "    return Quote(subtotal=subtotal, loyalty=loyalty, coupon=coupon, shipping=shipping, total=total)"


@pytest.fixture
def terminal(start_terminal, production):
    terminal = start_terminal(production.pricing, columns=80, rows=24, environment=production.project.for_editor)
    terminal.until(lambda: terminal.lua("return (require('livebreak.connection').status or {}).processes") == 1)
    terminal.go_to(QUOTED)
    return terminal


def question(screen: str) -> bool:
    return "Arm live breakpoints in neovim-production/production, 1 process?" in screen.replace("\n", "")


def test_on_no_nothing_is_armed_and_on_yes_it_is(terminal, production) -> None:
    terminal.type(":LiveBreak", "Enter")
    terminal.shows(question)
    before = production.stored()
    terminal.type("2", "Enter")
    refused = terminal.until_mark(sign="✕")
    after_no = production.stored()
    terminal.type(":LiveBreak clear", "Enter")
    terminal.until(lambda: not terminal.marks())
    terminal.type(":LiveBreak", "Enter")
    terminal.shows(question)
    terminal.type("1", "Enter")
    terminal.until_mark(sign="●")

    assert [] == before == after_no
    assert refused.text.startswith("Not armed: it would reach production, and nobody said yes.")
    assert 1 == len(production.stored())


def test_a_bang_answers_and_it_does_so_for_its_own_command_only(terminal, production) -> None:
    terminal.type(":LiveBreak! clear", "Enter")
    terminal.until(lambda: "no live breakpoints of yours here" in terminal.messages())
    terminal.type(":LiveBreak", "Enter")
    terminal.shows(question)
    terminal.type("2", "Enter")
    terminal.until_mark(sign="✕")
    terminal.type(":LiveBreak clear", "Enter")
    terminal.until(lambda: not terminal.marks())
    nothing = production.stored()

    terminal.type(":LiveBreak! if total < 0", "Enter")
    terminal.until_mark(sign="●")

    assert [] == nothing
    assert ["total < 0"] == [it.get("condition") for it in production.stored()]
    assert not question(terminal.screen)
