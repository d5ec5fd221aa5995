"""What the README's first breakpoint looks like in a terminal."""

from __future__ import annotations


def line_of(screen: str, part: str) -> str:
    return next(line for line in screen.split("\n") if part in line)


def test_the_first_breakpoint_of_the_readme(start_terminal, shop, nothing_stored) -> None:
    terminal = start_terminal(shop.pricing)
    terminal.shows(lambda screen: "def quote" in screen)
    terminal.type(":19", "Enter", ":LiveBreak if total < 0", "Enter")
    terminal.shows(lambda screen: "●" in line_of(screen, "return Quote("))
    shop.buy()
    terminal.shows(lambda screen: "2 hits" in line_of(screen, "return Quote("))
    terminal.type(":LiveBreak show", "Enter")
    screen = terminal.shows(lambda screen: "subtotal  int" in screen)

    assert "╭ shop/pricing.py:19 · newest of 2 hits ─" in screen
    assert " · if total < 0 " in line_of(screen, "│ ")
    assert "│ ▾ quote                     shop/pricing.py:19 " in screen
    assert "│     total     int                -140 " in screen
    assert "│     subtotal  int                1400 " in screen
    assert "│   ▸ cart      shop.models.Cart   Cart(id=" in screen
    assert "│   Orders.check_out          shop/orders.py:33 " in screen
    assert "─ <CR> fold · o go to frame · [ older · ] newer · y copy · g? keys · q close ╯" in screen
    assert not terminal.waits_for_a_key

    terminal.type("q")
    terminal.shows(lambda screen: "╭" not in screen)
