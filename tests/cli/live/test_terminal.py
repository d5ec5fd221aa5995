"""The same commands at a terminal: colours, widths, and nothing captured that it would obey."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from rich.cells import cell_len

LINE = 14
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FULL = 6


@pytest.fixture(scope="module")
def hit(shop: Any) -> dict[str, Any]:
    """A hit of a breakpoint that is over."""
    shop.ask(
        "breakpoints", "add", f"app.py:{LINE}", "--hit-limit", str(FULL), "--if", "number > 0 and total > 0 and basket.number > 0"
    )
    end = time.monotonic() + 60
    while any(item["enabled"] for item in shop.stored()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return shop.ask("hits", "list")["hits"][0]


@pytest.mark.parametrize("width", [60, 80, 150])
def test_tables_fit_the_terminal(shop: Any, hit: dict[str, Any], width: int) -> None:
    for command in (["breakpoints", "list"], ["processes", "list"], ["hits", "list"]):
        screen = COLOUR.sub("", shop.screen(*command, width=width))
        lines = screen.splitlines()

        assert lines
        assert all(cell_len(line) <= width for line in lines), screen
        assert lines[0].split()[0] in ("ID", "TIME")
        if command[0] == "hits":
            assert hit["id"][:8] in screen
            assert f"app.py:{LINE}" in screen
            assert "…" in screen


def test_colours_are_for_terminals_that_want_them(shop: Any, hit: dict[str, Any]) -> None:
    coloured = shop.screen("breakpoints", "list")
    plain = shop.screen("breakpoints", "list", environment={"NO_COLOR": "1"})
    piped = shop.run("breakpoints", "list").stdout

    assert COLOUR.search(coloured)
    assert "36m" in coloured  # the id
    assert "36m" not in plain
    assert "\x1b" not in piped
    assert re.sub(r"\s+", " ", COLOUR.sub("", coloured)) == re.sub(r"\s+", " ", COLOUR.sub("", plain))


def test_captured_text_is_shown_and_not_obeyed(shop: Any, hit: dict[str, Any]) -> None:
    screen = COLOUR.sub("", shop.screen("hits", "show", hit["id"][:20], width=100))

    assert all(character.isprintable() or character == "\n" for character in screen)
    assert r"\x1b[31mred\x07 \u202egnp.exe\u202c 👩 wide" in screen
    assert all(cell_len(line) <= 100 for line in screen.splitlines())
    assert "<redacted>" in screen
    assert re.search(r"cut: \d+ of 1,000 items", re.sub(r"\s+", " ", screen))


def test_all_of_mine_are_removed_after_a_question_at_the_terminal(shop: Any, hit: dict[str, Any]) -> None:
    refused = shop.screen("breakpoints", "remove", "--all-mine", typed="n\n")
    left = len(shop.stored())
    removed = shop.screen("breakpoints", "remove", "--all-mine", typed="y\n")

    assert 1 == left
    assert "Nothing was removed." in refused
    assert f"app.py:{LINE}" in removed
    assert [] == shop.stored()
