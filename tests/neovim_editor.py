"""Drives a real Neovim: by its API, and in a terminal that is looked at. tests/neovim has the fixtures that start one."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pynvim

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Screen:
    """What a person sees of one breakpoint."""

    line: int
    """0-based."""
    sign: str
    text: str


class Neovim:
    """One Neovim with the plugin."""

    def __init__(self, nvim: pynvim.Nvim) -> None:
        self.nvim = nvim

    def lua(self, code: str, *arguments: Any) -> Any:
        return self.nvim.exec_lua(code, *arguments)

    def command(self, command: str) -> None:
        self.nvim.command(command)

    def marks(self, namespace: str = "livebreak") -> list[Screen]:
        marks = self.lua(
            """
            local namespace = vim.api.nvim_get_namespaces()[...]
            return namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true }) or {}
            """,
            namespace,
        )
        return [
            Screen(
                line=row,
                sign=details.get("sign_text", "").strip(),
                text="".join(chunk for chunk, *_ in details.get("virt_text", [])).strip(),
            )
            for _, row, _, details in marks
            if not details.get("invalid")
        ]

    def go_to(self, text: str) -> int:
        """Put the cursor on a line; its 0-based number."""
        line = self.nvim.current.buffer[:].index(text)
        self.nvim.current.window.cursor = (line + 1, 0)
        return line

    def told(self) -> str:
        return "\n".join(self.lua("return _G.told"))

    def tells(self, command: str) -> str:
        """What is told because of a command."""
        self.lua("_G.told = {}")
        self.command(command)
        return self.until(self.told)

    def floats(self) -> str:
        return self.lua(
            """
            local text = {}
            for _, window in ipairs(vim.api.nvim_list_wins()) do
              if vim.api.nvim_win_get_config(window).relative ~= '' then
                vim.list_extend(text, vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false))
              end
            end
            return table.concat(text, '\\n')
            """
        )

    def is_attached(self) -> bool:
        return self.lua("return #vim.lsp.get_clients({ bufnr = 0, name = 'livebreak' }) > 0")

    def until(self, condition: Callable[[], T | None], timeout_ms: int = 30_000) -> T:
        """Wait until a condition gives something; the failure shows what is on the screen."""
        for _ in range(timeout_ms // 20):
            if result := condition():
                return result
            # Neovim goes on with its own work meanwhile.
            self.lua("vim.wait(20)")
        raise AssertionError(f"It did not come. On the screen: {self.marks()}; told: {self.told()!r}; float: {self.floats()!r}")

    def until_mark(self, **wanted: Any) -> Screen:
        def found() -> Screen | None:
            return next(
                (mark for mark in self.marks() if all(getattr(mark, key) == value for key, value in wanted.items())), None
            )

        return self.until(found)


class Terminal(Neovim):
    """A Neovim that a person looks at: in tmux, on a server of its own."""

    def __init__(self, tmux: list[str], nvim: pynvim.Nvim) -> None:
        super().__init__(nvim)
        self._tmux = tmux

    def type(self, *keys: str) -> None:
        subprocess.run([*self._tmux, "send-keys", *keys], check=True, timeout=30)

    @property
    def screen(self) -> str:
        command = [*self._tmux, "capture-pane", "-p"]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout

    def shows(self, condition: Callable[[str], bool]) -> str:
        """Wait until the screen is like this."""
        end = time.monotonic() + 40
        while not condition(screen := self.screen):
            assert time.monotonic() < end, screen
            time.sleep(0.05)
        return screen

    @property
    def waits_for_a_key(self) -> bool:
        """True at "Press ENTER or type command to continue"."""
        return self.nvim.api.get_mode()["mode"].startswith("r")

    def lua(self, code: str, *arguments: Any) -> Any:
        # It would not answer before the key.
        assert not self.waits_for_a_key, self.screen
        return super().lua(code, *arguments)

    def messages(self) -> str:
        """What `:messages` has."""
        assert not self.waits_for_a_key, self.screen
        return self.nvim.command_output("messages")

    def told(self) -> str:
        return self.messages()
