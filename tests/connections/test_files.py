"""What is stored is whole, for its owner's eyes only, and a damaged file is a sentence."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from livebreak.connections import files, keys, local, named
from livebreak.connections.files import Folders, StoredError
from livebreak.connections.local import LocalBackend
from livebreak.connections.named import Connection

WRITER = """
import sys
from pathlib import Path
from livebreak.connections import files
for number in range(50):
    with files.changed(Path(sys.argv[1])) as data:
        data["count"] = data.get("count", 0) + 1
"""

BACKEND = LocalBackend(origin="http://127.0.0.1:8137", project=1, owner="ada", api_key="phx_a", secret_key="phs_a", started=1.0)


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file.json"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) for _ in range(3)]

    assert [0, 0, 0] == [writer.wait(60) for writer in writers]
    assert {"count": 150} == files.read(path)


def test_only_the_owner_can_read_what_is_written(folders: Folders) -> None:
    named.put(folders, Connection(name="a", host="https://a.example"))
    keys.put(folders, "https://a.example", "phx_a")
    local.put(folders, BACKEND)
    written = [path for folder in (folders.config, folders.data) for path in folder.iterdir()]

    assert {"connections.json", "keys.json", "local.json"} == {path.name for path in written if path.suffix == ".json"}
    assert {0o600} == {path.stat().st_mode & 0o777 for path in written}
    assert {0o700} == {folder.stat().st_mode & 0o777 for folder in (folders.config, folders.data)}


def test_a_block_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    with files.changed(path) as data:
        data["a"] = 1

    def fail() -> None:
        with files.changed(path) as data:
            data["a"] = 2
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert {"a": 1} == files.read(path)


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"[" * 100_000, b'{"a": "' + b"x" * files.LARGEST_FILE + b'"}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)

    with pytest.raises(StoredError, match=r"file\.json is damaged; mend it, or remove it"):
        files.read(path)


@pytest.mark.parametrize(
    ("file", "content", "read"),
    [
        ("config/connections.json", '{"connections": []}', named.read_all),
        ("config/connections.json", '{"connections": {"a": 1}}', named.read_all),
        ("config/connections.json", '{"connections": {"a": {"host": 1}}}', named.read_all),
        ("config/connections.json", '{"connections": {"a": {"host": "gopher://a"}}}', named.read_all),
        ("data/keys.json", '{"https://a.example": {"key": 1}}', lambda folders: keys.get(folders, "https://a.example")),
        ("data/local.json", '{"https://elsewhere.example": {}}', local.read_all),
        ("data/local.json", '{"http://127.0.0.1:1": {"project": "x"}}', local.read_all),
        ("data/local.json", '{"http://127.0.0.1:1": {"project": [], "owner": 1, "api_key": 2, "secret_key": 3}}', local.read_all),
    ],
)
def test_json_of_another_form_is_named(folders: Folders, file: str, content: str, read: Callable[[Folders], Any]) -> None:
    path = folders.config.parent / file
    path.parent.mkdir()
    path.write_text(content)

    with pytest.raises(StoredError, match=path.name):
        read(folders)


def test_a_folder_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "config").touch()
    folders = Folders(config=tmp_path / "config", data=tmp_path / "config")

    with pytest.raises(StoredError, match="cannot be written"):
        named.put(folders, Connection(name="a", host="https://a.example"))
    assert () == named.read_all(folders)


def test_the_default_is_one_and_no_other_takes_its_place(folders: Folders) -> None:
    for name, is_default in (("a", True), ("b", True), ("c", False)):
        named.put(folders, Connection(name=name, host=f"https://{name}.example", is_default=is_default))

    assert [("a", False), ("b", True), ("c", False)] == [(one.name, one.is_default) for one in named.read_all(folders)]
    assert (True, False) == (named.remove(folders, "b"), named.remove(folders, "b"))
    assert None is named.find(folders, None)
