"""The Neovim plugin in a real Neovim, with the real `livebreak lsp`, backend, and a shop under the agent."""

from __future__ import annotations

import json
import os
import shutil
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pynvim
import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "editor-clients" / "neovim"
LINE = "    return Quote(subtotal=subtotal, loyalty=loyalty, coupon=coupon, shipping=shipping, total=total)"

T = TypeVar("T")


def neovims() -> list[Path]:
    """Those that `make editors` fetched, else the machine's own."""
    fetched = sorted(ROOT.glob(".editors/nvim-*/bin/nvim"))
    own = shutil.which("nvim")
    return fetched or ([Path(own)] if own else [])


def name_of(nvim: Path) -> str:
    return nvim.parent.parent.name


@pytest.fixture(scope="module", params=neovims() or [None], ids=lambda nvim: name_of(nvim) if nvim else "none")
def nvim_path(request: pytest.FixtureRequest) -> Path:
    if request.param is None:
        assert os.environ.get("CI") != "true", "there is no Neovim here; `make editors` fetches it"
        pytest.skip("NO NEOVIM: its plugin is not tested; `make editors` fetches one")
    return request.param


@dataclass(frozen=True, kw_only=True)
class Screen:
    """What a person sees of one breakpoint."""

    line: int
    """0-based."""
    sign: str
    text: str


class Neovim:
    """One Neovim with the plugin and one file."""

    def __init__(self, nvim: pynvim.Nvim) -> None:
        self.nvim = nvim

    def marks(self) -> list[Screen]:
        marks = self.nvim.exec_lua(
            """
            local namespace = vim.api.nvim_get_namespaces().livebreak
            return namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true }) or {}
            """
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
        return self.nvim.exec_lua("return table.concat(_G.told, '\\n')")

    def floats(self) -> str:
        return self.nvim.exec_lua(
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

    def until(self, condition: Callable[[], T | None], timeout_ms: int = 30_000) -> T:
        """Wait until a condition gives something; the failure shows what is on the screen."""
        for _ in range(timeout_ms // 20):
            if result := condition():
                return result
            # Neovim goes on with its own work meanwhile.
            self.nvim.exec_lua("vim.wait(20)")
        raise AssertionError(f"It did not come. On the screen: {self.marks()}; told: {self.told()!r}; float: {self.floats()!r}")

    def until_mark(self, **wanted: Any) -> Screen:
        def found() -> Screen | None:
            return next(
                (mark for mark in self.marks() if all(getattr(mark, key) == value for key, value in wanted.items())), None
            )

        return self.until(found)


OpenNeovim = Callable[..., Neovim]


@pytest.fixture
def open_neovim(nvim_path: Path, bare: dict[str, str], project, tmp_path: Path) -> Iterator[OpenNeovim]:
    """Opens a file in Neovims of one user: `open_neovim(file)`."""
    opened: list[pynvim.Nvim] = []
    init = tmp_path / "init.lua"
    init.write_text(
        f"""
        vim.opt.runtimepath:prepend({json.dumps(str(PLUGIN))})
        vim.opt.swapfile = false
        vim.g.livebreak = {{ cmd = {{ {json.dumps(sys.executable)}, '-m', 'livebreak', 'lsp' }} }}
        _G.told = {{}}
        vim.notify = function(message) table.insert(_G.told, message) end
        """
    )
    folders = {name: str(tmp_path / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    environment = {**bare, **folders, **project.for_editor, "LIVEBREAK_STATE_DIR": str(tmp_path / "state")}

    def start(file: Path) -> Neovim:
        # pynvim gives its child its own environment, and no other.
        command = ["env", "-i", *(f"{name}={value}" for name, value in environment.items())]
        nvim = pynvim.attach("child", argv=[*command, str(nvim_path), "--embed", "--headless", "-u", str(init), str(file)])
        opened.append(nvim)
        editor = Neovim(nvim)
        editor.until(lambda: nvim.exec_lua("return #vim.lsp.get_clients({ bufnr = 0 }) > 0"))
        return editor

    yield start
    for nvim in opened:
        # The answer to `quit` never comes.
        nvim.command("qall!", async_=True)
        nvim.close()


@pytest.fixture
def pricing(shop_checkout: Path) -> Path:
    return shop_checkout / "shop" / "pricing.py"


def stored(project) -> list[dict[str, Any]]:
    """What the backend holds."""
    url = f"{project.host}/api/projects/{project.id}/livebreak/breakpoints"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {project.api_key}"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)["results"]


@pytest.fixture(autouse=True)
def nothing_stored(project) -> Iterator[None]:
    """Tests share the project, and each ends with nothing in it."""
    yield
    for item in stored(project):
        url = f"{project.host}/api/projects/{project.id}/livebreak/breakpoints/{item['id']}"
        request = urllib.request.Request(url, method="DELETE", headers={"Authorization": f"Bearer {project.api_key}"})
        urllib.request.urlopen(request, timeout=10).close()


@pytest.fixture
def shop(spawn, shop_checkout: Path, project) -> Iterator[None]:
    """The shop under the agent, with traffic on it."""
    agent = [sys.executable, "-m", "livebreak_agent", "-m", "shop", "--port", "0"]
    in_app = project.for_app | {"PYTHONPATH": str(shop_checkout)}
    process = spawn("shop", agent, folder=shop_checkout, environment=in_app)
    url = process.printed(r"listening on (http://\S+)")[1]
    traffic = spawn("traffic", [sys.executable, "-m", "shop.traffic", "--url", url], folder=shop_checkout)
    yield
    traffic.end()
    process.end()


def test_a_condition_brings_the_locals_of_the_order_that_meets_it(open_neovim: OpenNeovim, shop, pricing: Path) -> None:
    editor = open_neovim(pricing)
    line = editor.go_to(LINE)

    editor.nvim.command("LiveBreak condition total < 0")
    editor.until_mark(line=line, sign="●")
    editor.until(lambda: "total=-" in editor.marks()[0].text, timeout_ms=90_000)
    editor.nvim.command("LiveBreak hits")
    hit = editor.until(editor.floats)

    for part in ("subtotal: int = ", "loyalty: int = ", "total: int = -", "cart: shop.models.Cart = ", "shop/pricing.py:19"):
        assert part in hit


def test_a_command_in_a_floating_window_is_about_the_line_below_it(open_neovim: OpenNeovim, project, pricing: Path) -> None:
    editor = open_neovim(pricing)
    line = editor.go_to(LINE)
    editor.nvim.command("LiveBreak condition total < 0")
    editor.until(lambda: stored(project) and editor.until_mark(line=line).text.startswith("if total < 0 · Stored"))
    for _ in range(2):
        editor.nvim.exec_lua("vim.lsp.buf.hover()")
        editor.until(editor.floats)
    editor.until(lambda: editor.nvim.exec_lua("return vim.api.nvim_win_get_config(0).relative ~= ''"))

    editor.nvim.command("LiveBreak hits")
    editor.until(lambda: "no hits yet" in editor.told())
    editor.nvim.command("LiveBreak renew")
    editor.nvim.command("LiveBreak toggle")

    editor.until(lambda: not stored(project))
    assert "Python files" not in editor.told()


def test_toggling_a_line_sets_a_breakpoint_and_toggling_it_again_removes_it(
    open_neovim: OpenNeovim, project, pricing: Path
) -> None:
    editor = open_neovim(pricing)
    line = editor.go_to(LINE)

    editor.nvim.command("LiveBreak toggle")
    (item,) = editor.until(lambda: stored(project))
    mark = editor.until(lambda: next((mark for mark in editor.marks() if "Stored" in mark.text), None))
    editor.nvim.command("LiveBreak")

    assert ("shop/pricing.py", line + 1) == (item["filename"], item["line_number"])
    assert (line, "○") == (mark.line, mark.sign)
    assert [] == editor.marks()
    editor.until(lambda: not stored(project))


def test_a_breakpoint_goes_with_its_line_and_comes_back_when_that_is_undone(
    open_neovim: OpenNeovim, project, pricing: Path
) -> None:
    editor = open_neovim(pricing)
    line = editor.go_to(LINE)
    editor.nvim.command("LiveBreak condition total < 0")
    editor.until(lambda: stored(project))

    editor.nvim.input("ggO# a line above<Esc>")
    editor.until_mark(line=line + 1)
    editor.go_to(LINE)
    editor.nvim.input("dd")
    editor.until(lambda: not stored(project))
    editor.nvim.input("u")
    (item,) = editor.until(lambda: stored(project))

    assert [line + 1] == [mark.line for mark in editor.marks()]
    assert "total < 0" == item["condition"]


@pytest.mark.parametrize("again", ["edit!", "bdelete | edit"])
def test_breakpoints_are_still_ones_own_after_the_file_was_loaded_again(
    open_neovim: OpenNeovim, project, pricing: Path, again: str
) -> None:
    editor = open_neovim(pricing)
    line = editor.go_to(LINE)
    editor.nvim.command("LiveBreak condition total < 0")
    (before,) = editor.until(lambda: stored(project))

    editor.nvim.command(f"{again} {pricing}")
    editor.until_mark(line=line)
    (after,) = stored(project)
    editor.go_to(LINE)
    editor.nvim.command("LiveBreak toggle")

    assert (before["id"], "total < 0") == (after["id"], after["condition"])
    editor.until(lambda: not stored(project))
    assert [] == editor.marks()


def test_a_breakpoint_of_an_earlier_session_is_shown_and_can_be_removed(open_neovim: OpenNeovim, project, pricing: Path) -> None:
    first = open_neovim(pricing)
    line = first.go_to(LINE)
    first.nvim.command("LiveBreak toggle")
    first.until(lambda: stored(project))

    second = open_neovim(pricing)
    second.until_mark(line=line)
    second.go_to(LINE)
    second.nvim.command("LiveBreak toggle")

    second.until(lambda: not stored(project))
    second.until(lambda: not second.marks())


def test_clearing_removes_the_marks_of_the_file(open_neovim: OpenNeovim, project, pricing: Path) -> None:
    editor = open_neovim(pricing)
    editor.go_to(LINE)
    editor.nvim.command("LiveBreak toggle")
    editor.nvim.command("normal! k")
    editor.nvim.command("LiveBreak toggle")
    editor.until(lambda: len(stored(project)) == 2)

    editor.nvim.command("LiveBreak clear")

    editor.until(lambda: not stored(project))
    assert [] == editor.marks()


def test_a_condition_that_is_refused_sets_nothing_and_says_why(open_neovim: OpenNeovim, project, pricing: Path) -> None:
    editor = open_neovim(pricing)
    editor.go_to(LINE)

    editor.nvim.command("LiveBreak condition total <")
    told = editor.until(editor.told)

    assert told.startswith("LiveBreak: ")
    assert [] == editor.marks() == stored(project)


def test_the_status_names_the_project(open_neovim: OpenNeovim, project, pricing: Path) -> None:
    editor = open_neovim(pricing)

    status = "return require('livebreak').statusline()"
    editor.until(lambda: editor.nvim.exec_lua(status).startswith("LiveBreak connected "))
    editor.nvim.command("LiveBreak status")

    assert project.host in editor.until(editor.told)


def test_a_command_that_does_not_exist_says_which_do(open_neovim: OpenNeovim, pricing: Path) -> None:
    editor = open_neovim(pricing)

    editor.nvim.command("LiveBreak nonsense")
    editor.nvim.command("LiveBreak clear all")

    assert "there is no nonsense; say one of clear, condition, hits, renew, status, toggle." in editor.told()
    assert "clear takes nothing after it." in editor.told()
