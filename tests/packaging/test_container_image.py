"""The container image: what its file says is run as it stands, but for the folder, the address and the port."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")


def command(instruction: str) -> list[str]:
    """The last of these instructions in its JSON form."""
    return json.loads(re.findall(rf"^{instruction}[^\[\n]*(\[.*\])$", TEXT, re.MULTILINE)[-1])


def test_the_image_starts_and_its_health_check_tells_so(spawn: Any, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    changed = {"livebreak": "livebreak", "0.0.0.0": "127.0.0.1", "8137": port, "/data": str(tmp_path)}
    entry, check = command("ENTRYPOINT"), command("HEALTHCHECK")
    check = [sys.executable, *(part.replace(":8137/", f":{port}/") for part in check[1:])]
    assert 0 != subprocess.run(check, capture_output=True, check=False, timeout=30).returncode

    process = spawn("image", [sys.executable, "-m", *(changed.get(part, part) for part in entry)])
    process.printed("listening on")

    assert 0 == subprocess.run(check, check=False, timeout=30).returncode
    assert 0 == process.end()


def test_the_image_is_made_of_files_that_are_there_and_let_in() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source for line in re.findall(r"^COPY (?!--from)(.*)$", TEXT, re.MULTILINE) for source in line.split()[:-1]
    }  # fmt: skip

    assert let_in == copied
    assert all((ROOT / name).exists() for name in copied)


def test_what_the_backend_needs_is_locked_with_hashes() -> None:
    locked = (ROOT / "requirements" / "serve.txt").read_text()
    wheel_data = (ROOT / "pyproject.toml").read_text()
    needed = re.findall(r'^    "([a-z0-9-]+)>=', wheel_data.split("[project.urls]")[0], re.MULTILINE)

    assert {"uvicorn", "sqlalchemy", "typer"} <= set(needed)
    assert not [name for name in needed if not re.search(rf"^{name}==[^\n]*\\\n    --hash=", locked, re.MULTILINE)]


@pytest.mark.parametrize("words", ["USER 10001:10001", 'VOLUME ["/data"]', "EXPOSE 8137"])
def test_the_image_runs_as_nobody_special(words: str) -> None:
    assert words in TEXT
