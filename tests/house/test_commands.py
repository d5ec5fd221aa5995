"""docs/commands.md and the command line say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from livebreak.cli import exit_codes
from livebreak.cli.app import app

TEXT = (Path(__file__).parents[2] / "docs/commands.md").read_text("utf-8")
HEADING = r"^### `livebreak ([a-z -]+?)(?: [^`a-z][^`]*)?`\n(.*?)(?=^##|\Z)"
SECTIONS: dict[str, str] = dict(re.findall(HEADING, TEXT, re.MULTILINE | re.DOTALL))
GROUPS = ("breakpoints", "hits", "why", "processes", "pause", "resume", "keys", "projects", "audit")
EVERYWHERE = {"--help"}


def commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for part, inner in command.commands.items():
            yield from commands(f"{name} {part}".strip(), inner)
    else:
        yield name, command


COMMANDS = {name: it for name, it in commands("", typer.main.get_command(app)) if name.split()[0] in GROUPS}


def test_every_command_has_a_section_and_no_other_has() -> None:
    assert set(COMMANDS) == set(SECTIONS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_names_the_options_of_its_command(name: str) -> None:
    options = {text for parameter in COMMANDS[name].params for text in parameter.opts if text.startswith("-")} - EVERYWHERE
    named = set(re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)", re.sub(r"```.*?```", "", SECTIONS[name], flags=re.DOTALL)))

    assert options == named


def test_every_exit_status_is_documented() -> None:
    codes = {value for name, value in vars(exit_codes).items() if name.isupper()}
    documented = {int(number) for number in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)}

    assert codes | {0} == documented
