"""A person in a real Helix, with no plugin of ours, does the whole job: what is typed here is what they would type."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
LINE = "return Quote(subtotal=subtotal, loyalty=loyalty, coupon=coupon, shipping=shipping, total=total)"
COLUMNS, ROWS = 240, 60
"""A window wide enough for a line of code with a sentence behind it, and high enough for a hover."""

LANGUAGES = """
[language-server.livebreak]
command = {python}
args = ["-m", "livebreak", "lsp"]

[[language]]
name = "python"
language-servers = ["livebreak"]
"""
CONFIG = """
[editor]
end-of-line-diagnostics = "hint"
"""


@dataclass(frozen=True, kw_only=True)
class Screen:
    """A terminal with Helix in it."""

    tmux: tuple[str, ...]
    wait: Callable[..., Any]

    def type(self, *keys: str) -> None:
        """Keys by tmux's names of them; what is no name is typed letter by letter."""
        subprocess.run([*self.tmux, "send-keys", "-t", "helix", "--", *keys], check=True)

    @property
    def text(self) -> str:
        shown = subprocess.run([*self.tmux, "capture-pane", "-p", "-t", "helix"], capture_output=True, text=True, check=True)
        return shown.stdout

    def until(self, pattern: str, *, timeout: float = 30.0) -> re.Match[str]:
        """Wait until the screen shows this."""
        found = self.wait(lambda: re.search(pattern, self.text), timeout=timeout)
        assert found, f"The screen does not show {pattern!r}:\n{self.text}"
        return found

    def until_not(self, pattern: str) -> None:
        assert self.wait(lambda: re.search(pattern, self.text) is None), f"The screen goes on to show {pattern!r}:\n{self.text}"

    def choose(self, title: str) -> None:
        """The code action of this title, in the line of the cursor."""
        assert self.wait(lambda: self._opens_menu_with(title), timeout=60), f"There is no action {title!r}:\n{self.text}"
        titles = re.findall(r"LiveBreak: (.*)", self.text)
        # The first is chosen before anything is typed.
        place = next(index for index, it in enumerate(titles) if re.match(title, it))
        self.type(*["Down"] * place, "Enter")
        self.until_not(r"LiveBreak: (remove|set a live)")

    def escape(self) -> None:
        """Back to normal mode; what is typed behind an escape too soon would be taken for a part of it."""
        self.type("Escape")
        self.until(" NOR ")

    def _opens_menu_with(self, title: str) -> bool:
        """A server that has only just started, or heard of the newest hit, answers the next time."""
        self.type("Space", "a")
        if self.wait(lambda: re.search(rf"LiveBreak: {title}", self.text), timeout=3):
            return True
        if self._is_menu_open():
            self.type("Escape")
            assert self.wait(lambda: not self._is_menu_open()), f"The menu stays open:\n{self.text}"
        return False

    def _is_menu_open(self) -> bool:
        # The last line is for sentences, which begin alike.
        return "LiveBreak: " in self.text.rstrip("\n").rpartition("\n")[0]


@pytest.fixture(scope="module")
def helix() -> Path:
    """The folder of the Helix that `make editors` fetched, and of its tmux."""
    folder = ROOT / ".editors" / "helix" / "bin"
    if not (folder / "hx").exists():
        assert os.environ.get("CI") != "true", "there is no Helix here; `make editors` fetches it"
        pytest.skip("NO HELIX: nobody does the whole job in an editor without a plugin; `make editors` fetches it")
    return folder


@pytest.fixture
def screen(helix: Path, shop_checkout: Path, project: Any, bare: dict[str, str], until: Any, tmp_path: Path) -> Iterator[Screen]:
    home = tmp_path / "home"
    configuration = home / ".config" / "helix"
    configuration.mkdir(parents=True)
    (configuration / "languages.toml").write_text(LANGUAGES.format(python=f'"{sys.executable}"'))
    (configuration / "config.toml").write_text(CONFIG)
    # Its socket is found by a path, which must be short.
    tmux = (str(helix / "tmux"), "-L", f"livebreak-{os.getpid()}", "-f", "/dev/null")
    environment = {**bare, **project.for_editor, "HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    environment.pop("TMUX", None)
    command = shlex.join([str(helix / "hx"), "shop/pricing.py"])
    subprocess.run(
        [*tmux, "new-session", "-d", "-s", "helix", "-x", str(COLUMNS), "-y", str(ROWS), command],
        cwd=shop_checkout, env=environment, check=True,
    )  # fmt: skip
    yield Screen(tmux=tmux, wait=until)
    subprocess.run([*tmux, "kill-server"], check=False, env=environment)


def stored(project: Any) -> list[dict[str, Any]]:
    url = f"{project.host}/api/projects/{project.id}/livebreak/breakpoints"
    return httpx.get(url, headers={"Authorization": f"Bearer {project.api_key}"}).raise_for_status().json()["results"]


@pytest.fixture
def start_shop(spawn: Any, project: Any, shop_checkout: Path) -> Callable[[str], Any]:
    """Starts the shop under the agent in an environment of this name."""

    def start(name: str) -> Any:
        path = os.pathsep.join([str(ROOT / "server" / "agent"), str(shop_checkout)])
        environment = project.for_app | {"LIVEBREAK_SERVICE": "web", "LIVEBREAK_ENVIRONMENT": name, "PYTHONPATH": path}
        agent = [sys.executable, "-m", "livebreak_agent", "-m", "shop", "--port", "0"]
        return spawn("shop", agent, folder=shop_checkout, environment=environment)

    return start


def test_the_whole_job(
    screen: Screen, start_shop: Callable[[str], Any], spawn: Any, project: Any, shop_checkout: Path, until: Any
) -> None:
    shop = start_shop("test")
    url = shop.printed(r"listening on (http://\S+)")[1]
    number = 1 + (shop_checkout / "shop" / "pricing.py").read_text().splitlines().index(f"    {LINE}")
    here = rf"{number} +return Quote\(.*total=total\)"

    # Set it: what it says is behind the line at once, and follows what becomes of it.
    screen.until("What a cart costs")
    screen.type(f":{number}", "Enter")
    screen.until(rf"{number}:1")
    screen.choose("set a live breakpoint here")
    screen.until(rf"{here} +Bound in 1 of 1 process \(web test\)")
    screen.choose("why are there no hits")
    screen.until("The line has not run since it was bound")

    # It is hit: the newest values behind the line, everything under the cursor, and the callers a choice away.
    traffic = spawn("traffic", [sys.executable, "-m", "shop.traffic", "--url", url], folder=shop_checkout)
    screen.until(rf"{here} +[\d,]+ hits? · subtotal=\d+")
    screen.type("Space", "k")
    screen.until(r"subtotal +int +\d+")
    screen.escape()
    screen.until_not(r"subtotal +int +\d+")
    screen.choose("open the newest hit's caller")
    screen.until(r"NOR +shop/(?!pricing)\w+\.py")
    screen.type("C-o")
    screen.until(rf"{here} ")

    # A condition, typed behind the line: names are completed, mistakes are told, and the comment goes once it is applied.
    screen.choose("add a condition, as a comment to apply")
    screen.until(r"total=total\)  # livebreak: if True")
    screen.type("A", "BSpace", "BSpace", "BSpace", "BSpace", "to")
    screen.until(r"total +variable")
    screen.type("tal >")
    screen.until("This is not a Python expression")
    screen.type(" 0 and tota")
    screen.escape()
    screen.until("`tota` is not a name in `quote`; did you mean `total`")
    screen.type("A", "l > 1")
    screen.escape()
    screen.until(r"# livebreak: if total > 0 and total > 1")
    screen.choose("set a live breakpoint with the condition `total > 0 and total > 1`")
    screen.until(rf"{here} +if total > 0 and total > 1 · [\d,]+ hits?, [\d,]+ before the condition changed")
    assert ["total > 0 and total > 1"] == [it["condition"] for it in stored(project)]

    # Away with it.
    screen.choose("remove the live breakpoint")
    screen.until(rf"{here} *\n")
    assert until(lambda: not stored(project))
    traffic.end()
    shop.end()


def test_production_is_asked_about(screen: Screen, start_shop: Callable[[str], Any], project: Any, until: Any) -> None:
    shop = start_shop("production")
    shop.printed("LiveBreak agent")
    screen.until("What a cart costs")
    screen.type(":26", "Enter")
    screen.until("26:1")

    screen.choose("set a live breakpoint here")
    screen.until(r"│ LiveBreak: Arm live breakpoints in .*/production, 1 process\? │")
    assert [] == stored(project)
    screen.type("Enter")
    screen.until(r"26 +return SHIPPING +Bound in 1 of 1 process \(web production\)")

    screen.choose("remove the live breakpoint")
    assert until(lambda: not stored(project))
    shop.end()
