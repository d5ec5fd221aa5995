"""The README's ways to install the plugin are carried out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[2] / "editor-clients" / "neovim"

FOUND = """
io.write(vim.json.encode({
  vim.fn.exists(':LiveBreak'),
  vim.lsp.config.livebreak ~= nil,
  #vim.fn.getcompletion('LiveBreak re', 'cmdline'),
  #vim.fn.getcompletion('livebreak-float', 'help'),
}))
"""


def snippet(beginning: str) -> str:
    """The README's code block that begins like this."""
    (block,) = [
        it for it in re.findall(r"```\w+\n(.*?)```", (PLUGIN / "README.md").read_text(), re.DOTALL) if it.startswith(beginning)
    ]
    return block


def run(nvim: Path, environment: dict[str, str], init: Path) -> list[object]:
    # Health reports and help tags are what plugin managers make by themselves.
    command = [str(nvim), "--headless", "-u", str(init), "+silent! helptags ALL", f"+lua {FOUND.strip()}", "+qa!"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=100)
    return json.loads(ended.stdout.split("\n")[-1])


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository such as this one, with the plugin in its folder."""
    clone = tmp_path / "clone"
    shutil.copytree(PLUGIN, clone / "editor-clients" / "neovim")
    git = ["git", "-C", str(clone), "-c", "user.name=ada", "-c", "user.email=ada@example.org"]
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=all"]):
        subprocess.run([*git, *command], check=True)
    return clone


def test_vim_pack_installs_it(nvim_path: Path, environment_of, clone: Path, tmp_path: Path) -> None:
    environment = environment_of({})
    init = tmp_path / "init.lua"
    # Neovim's own question, which stands before anything is fetched.
    init.write_text(
        "vim.fn.confirm = function() return 1 end\n" + snippet("vim.pack.add").replace("/path/to/the/clone", str(clone))
    )
    has_pack = [str(nvim_path), "--headless", "-u", "NONE", "+lua io.write(tostring(vim.pack ~= nil))", "+qa"]
    if subprocess.run(has_pack, capture_output=True, text=True, check=True).stdout != "true":
        pytest.skip("vim.pack is of Neovim 0.12")

    assert [2, True, 2, 1] == run(nvim_path, environment, init)


def test_a_link_into_neovims_own_packages_installs_it(nvim_path: Path, environment_of, clone: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    # Where the snippet puts it, below the home folder.
    environment = environment_of({"HOME": str(home), "XDG_DATA_HOME": str(home / ".local" / "share")})
    init = tmp_path / "init.lua"
    init.write_text("")
    subprocess.run(["sh", "-e"], input=snippet("mkdir"), text=True, check=True, env=environment, cwd=clone)

    assert [2, True, 2, 1] == run(nvim_path, environment, init)
