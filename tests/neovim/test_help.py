"""The help is complete, and its tags build."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "editor-clients" / "neovim"


def tags(start_neovim, tmp_path: Path) -> set[str]:
    folder = tmp_path / "doc"
    shutil.copytree(PLUGIN / "doc", folder)
    start_neovim().command(f"helptags {folder}")
    return {line.split("\t")[0] for line in (folder / "tags").read_text().splitlines()}


def test_every_subcommand_map_group_and_setting_has_its_place_in_it(start_neovim, tmp_path: Path) -> None:
    built = tags(start_neovim, tmp_path)
    text = (PLUGIN / "doc" / "livebreak.txt").read_text()
    editor = start_neovim()
    names = editor.lua("return vim.tbl_keys(require('livebreak.commands').all())")
    maps = editor.lua("return vim.tbl_map(function(it) return it.lhs end, vim.api.nvim_get_keymap('n'))")
    groups = editor.lua("require('livebreak.looks') return vim.fn.getcompletion('LiveBreak', 'highlight')")
    settings = editor.lua(
        """
        local names = {}
        local function walk(settings)
          for name, value in pairs(settings) do
            table.insert(names, name)
            if type(value) == 'table' and not vim.islist(value) then walk(value) end
          end
        end
        walk(require('livebreak.config').get())
        return names
        """
    )

    assert {f":LiveBreak-{name}" for name in names} <= built
    assert {name for name in maps if name.startswith("<Plug>(livebreak-")} <= built
    assert {f"hl-{name}" for name in groups} <= built
    assert [] == [name for name in settings if not re.search(rf"\b{re.escape(name)}['\]]* = ", text)]


def test_every_tag_that_it_links_to_is_there(start_neovim, tmp_path: Path) -> None:
    own = tags(start_neovim, tmp_path)
    links = set(re.findall(r"\|([^|\s]+)\|", (PLUGIN / "doc" / "livebreak.txt").read_text()))
    editor = start_neovim()

    missing = [link for link in links - own if not editor.lua("return #vim.fn.getcompletion(..., 'help') > 0", link)]

    assert [] == missing


def test_what_the_readme_names_is_there(start_neovim) -> None:
    readme = (PLUGIN / "README.md").read_text()
    names = set(start_neovim().lua("return vim.tbl_keys(require('livebreak.commands').all())"))

    used = set(re.findall(r"`:LiveBreak!? ([a-z-]+)", readme))

    assert used <= names
