"""What the documents say of the house is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from livebreak.backend.app import create_app
from livebreak.backend.settings import BackendSettings
from livebreak.backend.store import open_store
from livebreak_agent.vocabulary import lsp_messages, wire

ROOT = Path(__file__).parents[2]


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_the_map_names_every_room_and_no_other() -> None:
    rooms = {f"server/livebreak/{path.parent.name}" for path in (ROOT / "server/livebreak").glob("*/__init__.py")}
    rooms |= {"server/agent/livebreak_agent", "server/agent/livebreak_agent/vocabulary", "tests", "tools"}
    rooms |= {f"editor-clients/{path.name}" for path in (ROOT / "editor-clients").iterdir() if path.is_dir()}
    table = re.findall(r"^\| (`.+?) \|", text("ARCHITECTURE.md").split("### Deliberately absent")[0], re.MULTILINE)

    assert rooms == {name for cell in table for name in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "editor-clients/vscode/README.md"])
def test_every_make_command_of_a_document_is_there(document: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", text(document), re.MULTILINE))

    assert named
    assert named <= targets


def test_contributing_names_every_make_target() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))

    assert targets <= set(re.findall(r"make ([a-z]+)", text("CONTRIBUTING.md")))


def test_the_first_screen_of_the_readme_is_the_two_commands_in_their_order() -> None:
    first = text("README.md").split("```")[1]

    assert ["demo", "test"] == re.findall(r"^make ([a-z]+)", first, re.MULTILINE)


def test_every_message_of_ours_is_documented() -> None:
    named = set(re.findall(r"livebreak/[a-zA-Z]+", lsp_messages.__doc__ or "")) & set(lsp_messages.LSP_MESSAGES)
    in_map = set(re.findall(r"^\| `(livebreak/\w+)` \|", text("ARCHITECTURE.md"), re.MULTILINE))

    assert set(lsp_messages.LSP_MESSAGES) == named == in_map


def test_every_live_route_is_documented(tmp_path: Path) -> None:
    app = create_app(open_store(f"sqlite:///{tmp_path / 'livebreak.db'}"), BackendSettings())
    paths = {getattr(route, "path", "") for route in app.routes}
    served = {
        (re.sub(r"\{[^}]*\}", ":id", path.split("/livebreak")[1]).strip("/") or "/") for path in paths if "/livebreak" in path
    }
    table = wire.__doc__ or ""
    documented = {name for row in re.findall(r"``(?:GET|POST|PUT|PATCH|DELETE) (\S+?)``", table) for name in [row]}

    assert served == documented


def test_the_lock_files_record_no_address() -> None:
    for path in (ROOT / "requirements").iterdir():
        assert not re.search(r"https?://|--index-url|--find-links", path.read_text("utf-8")), path.name
    assert "resolved" not in text("editor-clients/vscode/package-lock.json")
