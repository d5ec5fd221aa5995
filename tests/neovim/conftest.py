"""Real Neovims with the plugin, on the real `livebreak lsp`, backend, and a shop under the agent: started once for all tests."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pynvim
import pytest

from neovim_editor import Neovim, Terminal

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "editor-clients" / "neovim"
QUOTED = "    return Quote(subtotal=subtotal, loyalty=loyalty, coupon=coupon, shipping=shipping, total=total)"
"""A line of the shop that runs whenever something is bought."""

T = TypeVar("T")


def neovims() -> list[Path]:
    """Those that `make editors` fetched, else the machine's own."""
    fetched = sorted(ROOT.glob(".editors/nvim-*/bin/nvim"))
    own = shutil.which("nvim")
    return fetched or ([Path(own)] if own else [])


def is_served(nvim: Path) -> bool:
    """True if it is new enough for the plugin."""
    command = [str(nvim), "--headless", "-u", "NONE", "+lua io.write(vim.fn.has('nvim-0.11'))", "+qa"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1"


def missing(what: str) -> None:
    assert os.environ.get("CI") != "true", f"there is no {what} here; `make editors` fetches it"
    pytest.skip(f"NO {what.upper()}: the plugin is not tested with it; `make editors` fetches it")


@pytest.fixture(scope="session")
def nvim_path() -> Path:
    """A Neovim that the plugin is for."""
    found = [nvim for nvim in neovims() if is_served(nvim)]
    if not found:
        missing("Neovim 0.11")
    return found[0]


@pytest.fixture(scope="session")
def old_nvim_path() -> Path:
    """A Neovim that is too old for the plugin."""
    found = [nvim for nvim in neovims() if not is_served(nvim)]
    if not found:
        missing("Neovim 0.10")
    return found[0]


@dataclass(frozen=True, kw_only=True)
class Shop:
    """The demo's shop under the agent, in a repository, and what the backend holds of it."""

    checkout: Path
    url: str
    project: Any
    teammate: Any
    """The same project, with the key of another person."""

    @property
    def pricing(self) -> Path:
        return self.checkout / "shop" / "pricing.py"

    def buy(self, sku: str = "cup") -> None:
        """Somebody buys something with a coupon that makes the total negative."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)

        def send(method: str, path: str, body: object = None) -> Any:
            connection.request(method, path, None if body is None else json.dumps(body))
            return json.load(connection.getresponse())

        cart = send("POST", "/carts", {"user": "ada"})["id"]
        send("POST", f"/carts/{cart}/items", {"sku": sku, "quantity": 1})
        send("PUT", f"/carts/{cart}/coupon", {"code": "GIFT15"})
        send("POST", f"/carts/{cart}/checkout")
        connection.close()

    def stored(self) -> list[dict[str, Any]]:
        return self._ask(self.project, "GET", "breakpoints")["results"]

    def set(self, project: Any, **fields: Any) -> dict[str, Any]:
        """A breakpoint that was not set in this editor."""
        place = {"id": str(uuid.uuid4()), "repository": "acme/shop", "filename": "shop/pricing.py"}
        return self._ask(project, "POST", "breakpoints", {**place, **fields})

    def remove(self, item: Mapping[str, Any]) -> None:
        self._ask(self.project, "DELETE", f"breakpoints/{item['id']}")

    def _ask(self, project: Any, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"{project.host}/api/projects/{project.id}/livebreak/{path}",
            method=method,
            headers={"Authorization": f"Bearer {project.api_key}", "Content-Type": "application/json"},
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read()
        return json.loads(text) if text else None


@pytest.fixture(scope="session")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    return tmp_path_factory.mktemp


def open_shop(spawn: Callable[..., Any], checkout: Path, environment: Mapping[str, str]) -> tuple[Any, str]:
    """Its process, under the agent, and where it listens."""
    agent = [sys.executable, "-m", "livebreak_agent", "-m", "shop", "--port", "0"]
    process = spawn("shop", agent, folder=checkout, environment={**environment, "PYTHONPATH": str(checkout)})
    return process, process.printed(r"listening on (http://\S+)")[1]


@pytest.fixture(scope="session")
def shop(new_project, livebreak, spawn, new_folder) -> Iterator[Shop]:
    """One shop for all tests; each leaves no breakpoint in it."""
    project = new_project("neovim")
    scopes = ("--scope", "live_debugger:read", "--scope", "live_debugger:write")
    arguments = ("keys", "create", "--project", str(project.id), *scopes, "--for", "grace", "--json", "--data-dir")
    key = json.loads(livebreak(*arguments, str(project.data)).stdout)["key"]
    checkout = new_folder("shop")
    (checkout / "shop").mkdir()
    with resources.as_file(resources.files("livebreak.demo") / "shop") as source:
        for file in source.glob("*.py"):
            (checkout / "shop" / file.name).write_text(file.read_text())
    for command in (["init", "--quiet"], ["remote", "add", "origin", "https://github.com/acme/shop.git"]):
        subprocess.run(["git", "-C", str(checkout), *command], check=True)
    process, url = open_shop(spawn, checkout, project.for_app)
    yield Shop(checkout=checkout, url=url, project=project, teammate=replace(project, api_key=key))
    process.end()


@pytest.fixture
def production(shop: Shop, new_project, spawn) -> Iterator[Shop]:
    """The same shop in production, with a project of its own."""
    project = new_project("neovim-production")
    process, url = open_shop(spawn, shop.checkout, {**project.for_app, "LIVEBREAK_ENVIRONMENT": "production"})
    yield replace(shop, url=url, project=project, teammate=project)
    process.end()


START = """
vim.opt.runtimepath:prepend({plugin})
vim.opt.swapfile = false
vim.opt.shortmess:append('I')
vim.g.livebreak = {{ cmd = {{ {python}, '-m', 'livebreak', 'lsp' }} }}
_G.told = {{}}
vim.notify = function(message) table.insert(_G.told, message) end
{more}
"""

StartNeovim = Callable[..., Neovim]


@pytest.fixture(scope="session")
def environment_of(bare: dict[str, str], new_folder) -> Callable[[Mapping[str, str]], dict[str, str]]:
    """The environment of a Neovim with folders of its own."""

    def make(more: Mapping[str, str]) -> dict[str, str]:
        home = new_folder("user")
        names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
        folders = {name: str(home / name) for name in names} | {"LIVEBREAK_STATE_DIR": str(home / "state")}
        return {**bare, **folders, **more}

    return make


@pytest.fixture(scope="session")
def start_neovim(nvim_path: Path, shop: Shop, environment_of, new_folder) -> Iterator[StartNeovim]:
    """Starts a Neovim: `start_neovim(file, init="more Lua", environment={}, nvim=path)`."""
    opened: list[pynvim.Nvim] = []

    def start(file: Path | None = None, *, init: str = "", environment: Mapping[str, str] = {}, nvim: Path = nvim_path) -> Neovim:
        script = new_folder("init") / "init.lua"
        script.write_text(START.format(plugin=json.dumps(str(PLUGIN)), python=json.dumps(sys.executable), more=init))
        own = environment_of({**shop.project.for_editor, **environment})
        # pynvim gives its child its own environment, and no other.
        command = ["env", "-i", *(f"{name}={value}" for name, value in own.items())]
        argv = [*command, str(nvim), "--embed", "--headless", "-u", str(script), *([str(file)] if file else [])]
        opened.append(pynvim.attach("child", argv=argv))
        return Neovim(opened[-1])

    yield start
    for nvim in opened:
        # The answer to `quit` never comes.
        nvim.command("qall!", async_=True)
        nvim.close()


StartTerminal = Callable[..., Terminal]

TERMINAL = """
vim.opt.runtimepath:prepend({plugin})
vim.opt.swapfile = false
vim.opt.shortmess:append('I')
vim.g.livebreak = {{ cmd = {{ {python}, '-m', 'livebreak', 'lsp' }} }}
{more}
"""
"""All else is as Neovim has it, so that a message shows as it does to a person."""


@pytest.fixture
def start_terminal(nvim_path: Path, shop: Shop, environment_of) -> Iterator[StartTerminal]:
    """Starts a Neovim in a terminal: `start_terminal(file, columns=120, rows=36, init="more Lua", environment={}, nvim=path)`."""
    if shutil.which("tmux") is None:
        missing("tmux")
    servers: list[list[str]] = []

    def start(
        file: Path | None = None,
        *,
        columns: int = 120,
        rows: int = 36,
        init: str = "",
        environment: Mapping[str, str] = {},
        nvim: Path = nvim_path,
    ) -> Terminal:
        # A socket's path has room for some hundred characters, and a folder of pytest's may be longer than that.
        folder = Path(tempfile.mkdtemp(prefix="livebreak-"))
        script = folder / "init.lua"
        script.write_text(TERMINAL.format(plugin=json.dumps(str(PLUGIN)), python=json.dumps(sys.executable), more=init))
        own = environment_of({**shop.project.for_editor, "LANG": "C.UTF-8", "TERM": "screen-256color", **environment})
        command = ["env", "-i", *(f"{name}={value}" for name, value in own.items()), str(nvim), "-u", str(script)]
        command += ["--listen", str(folder / "nvim"), *([str(file)] if file else [])]
        tmux = ["tmux", "-S", str(folder / "tmux"), "-u", "-f", "/dev/null"]
        servers.append(tmux)
        subprocess.run([*tmux, "new-session", "-d", "-x", str(columns), "-y", str(rows), *command], check=True, timeout=30)
        end = time.monotonic() + 40
        while True:
            try:
                terminal = Terminal(tmux, pynvim.attach("socket", path=str(folder / "nvim")))
                break
            except OSError:
                assert time.monotonic() < end, "Neovim did not start"
                time.sleep(0.05)
        # It answers before it has a screen.
        terminal.until(lambda: terminal.lua("return vim.v.vim_did_enter == 1 and #vim.api.nvim_list_uis() > 0"))
        return terminal

    yield start
    for tmux in servers:
        # One whose Neovim was quit has ended with it.
        subprocess.run([*tmux, "kill-server"], check=False, capture_output=True, timeout=30)
        shutil.rmtree(Path(tmux[2]).parent)


@pytest.fixture(scope="session")
def shared(start_neovim: StartNeovim, shop: Shop) -> Neovim:
    editor = start_neovim(shop.pricing)
    editor.until(editor.is_attached)
    return editor


RESET = """
require('livebreak').setup({})
require('livebreak.float').close()
vim.cmd('silent! cclose | silent! lclose | silent! only! | enew! | silent! %bwipeout!')
_G.told = {}
"""


@pytest.fixture
def nothing_stored(shop: Shop) -> Iterator[None]:
    """What a test has set goes with it."""
    yield
    for item in shop.stored():
        shop.remove(item)


LEFT = """
local client = vim.lsp.get_clients({ name = 'livebreak' })[1]
local status = client and client:request_sync('livebreak/status', nil, 10000, 0)
local told = require('livebreak.connection').status
local overview = client and client:request_sync('livebreak/overview', nil, 10000, 0)
local is_there = status and status.result and overview and overview.result and told and told.connection == 'connected'
return is_there and { status.result.queued or 0, #overview.result.breakpoints } or { -1, -1 }
"""
"""Edits that are on their way, and breakpoints that the server knows of, once it is connected."""


@pytest.fixture
def editor(shared: Neovim, shop: Shop, nothing_stored) -> Iterator[Neovim]:
    """The shared Neovim with a fresh view of `pricing.py`, and the shop without breakpoints."""
    shared.lua(RESET)
    shared.command(f"edit! {shop.pricing}")
    # What the test before had set is gone from the backend, and the server has heard of that.
    shared.until(lambda: shared.is_attached() and shared.lua(LEFT) == [0, 0] and not shared.marks())
    yield shared
    shared.until(lambda: shared.lua(LEFT)[0] == 0)


@pytest.fixture
def hit_editor(editor: Neovim, shop: Shop) -> Neovim:
    """The editor with a breakpoint below the cursor that has four hits: two of a cup, then two of honey."""
    line = editor.go_to(QUOTED)
    editor.command("LiveBreak if total < 0")
    editor.until_mark(line=line, sign="●")
    shop.buy("cup")
    editor.until(lambda: "2 hits" in editor.marks()[0].text)
    shop.buy("honey")
    editor.until(lambda: "4 hits" in editor.marks()[0].text)
    return editor
