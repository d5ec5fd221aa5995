"""What the README's first breakpoint looks like in a terminal."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[2] / "editor-clients" / "neovim"


class Terminal:
    """A Neovim in tmux, on a server of its own."""

    def __init__(self, socket: Path) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-u", "-f", "/dev/null"]

    def run(self, *arguments: str) -> str:
        return subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, check=True, timeout=30).stdout

    def type(self, *keys: str) -> None:
        self.run("send-keys", *keys)

    @property
    def screen(self) -> str:
        return self.run("capture-pane", "-p")

    def shows(self, condition: Callable[[str], bool]) -> str:
        """Wait until the screen is like this."""
        end = time.monotonic() + 40
        while not condition(screen := self.screen):
            assert time.monotonic() < end, screen
            time.sleep(0.05)
        return screen


@pytest.fixture
def terminal(nvim_path: Path, shop, environment_of, tmp_path: Path, nothing_stored) -> Iterator[Terminal]:
    if shutil.which("tmux") is None:
        pytest.skip("NO TMUX: what the plugin looks like is not tested")
    init = tmp_path / "init.lua"
    init.write_text(
        f"""
        vim.opt.runtimepath:prepend({json.dumps(str(PLUGIN))})
        vim.opt.swapfile = false
        vim.opt.shortmess:append('I')
        vim.g.livebreak = {{ cmd = {{ {json.dumps(sys.executable)}, '-m', 'livebreak', 'lsp' }} }}
        """
    )
    own = environment_of({**shop.project.for_editor, "LANG": "C.UTF-8", "TERM": "screen-256color"})
    terminal = Terminal(tmp_path / "tmux")
    command = [
        "env",
        "-i",
        *(f"{name}={value}" for name, value in own.items()),
        str(nvim_path),
        "-u",
        str(init),
        str(shop.pricing),
    ]
    terminal.run("new-session", "-d", "-x", "120", "-y", "36", *command)
    yield terminal
    terminal.run("kill-server")


def line_of(screen: str, part: str) -> str:
    return next(line for line in screen.split("\n") if part in line)


def test_the_first_breakpoint_of_the_readme(terminal: Terminal, shop) -> None:
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
    assert {screen.split("\n").index(line) for line in screen.split("\n") if "Press ENTER" in line} == set()

    terminal.type("q")
    terminal.shows(lambda screen: "╭" not in screen)
