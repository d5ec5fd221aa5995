"""The container image, without a container: its file's commands with other folders, addresses and ports.

Of its lines are run here: both builds, from no other files than those that are let in; the entry point, without protection and
with it; the health check. That the locked requirements install by hash, that group and user can be made, and that user 10001 can
serve from a folder of its own needs an index and root, and was seen by hand on Debian 12. No test here sees the base image.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")


def commands(instruction: str) -> list[list[str]]:
    """These instructions, where they are in the JSON form."""
    return [json.loads(text) for text in re.findall(rf"^{instruction}[^\[\n]*(\[.*\])$", TEXT, re.MULTILINE)]


def command(instruction: str) -> list[str]:
    """The last of them."""
    return commands(instruction)[-1]


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


def test_the_packages_are_built_of_what_is_let_in_alone(tmp_path: Path) -> None:
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        source = ROOT / line.removeprefix("!")
        if line.startswith("!") and source.is_dir():
            shutil.copytree(source, tmp_path / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif line.startswith("!"):
            (tmp_path / line[1:]).parent.mkdir(exist_ok=True)
            shutil.copy(source, tmp_path / line[1:])
    (folders,) = (command[command.index("--no-deps") + 1 :] for command in commands("RUN") if "--no-deps" in command)
    assert ["./server/agent", "."] == folders

    for folder in folders:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "wheels")]
        subprocess.run(build, cwd=tmp_path / folder, check=True, capture_output=True, timeout=120)

    assert {"livebreak", "livebreak_agent"} == {path.name.split("-")[0] for path in (tmp_path / "wheels").iterdir()}


def test_the_image_refuses_to_serve_until_it_is_told_who_protects_it(livebreak: Any, tmp_path: Path) -> None:
    words = [str(tmp_path) if part == "/data" else part for part in command("ENTRYPOINT")[1:]]

    refused = livebreak(*words)

    assert (1, 1) == (refused.returncode, len(refused.stderr.splitlines()))
    assert "--behind-proxy" in refused.stderr


def test_what_the_backend_needs_is_locked_with_hashes() -> None:
    locked = (ROOT / "requirements" / "serve.txt").read_text()
    wheel_data = (ROOT / "pyproject.toml").read_text()
    needed = re.findall(r'^    "([a-z0-9-]+)>=', wheel_data.split("[project.urls]")[0], re.MULTILINE)

    assert {"uvicorn", "sqlalchemy", "typer"} <= set(needed)
    assert not [name for name in needed if not re.search(rf"^{name}==[^\n]*\\\n    --hash=", locked, re.MULTILINE)]


@pytest.mark.parametrize("words", ["USER 10001:10001", 'VOLUME ["/data"]', "EXPOSE 8137"])
def test_the_image_runs_as_nobody_special(words: str) -> None:
    assert words in TEXT
