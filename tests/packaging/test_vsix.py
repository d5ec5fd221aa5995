"""The extension as people install it: one file, and in it a server that any Python from 3.11 on runs, with nothing installed."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(480)
"""Seconds: the first test builds the package, and fetches what it is made of."""

ROOT = pathlib.Path(__file__).parents[2]

LARGEST = 8 * 1024 * 1024


def test_it_is_small_and_holds_what_is_needed_and_nothing_else(vsix: pathlib.Path, installed_vsix: pathlib.Path) -> None:
    assert vsix.stat().st_size < LARGEST
    top = {path.name for path in installed_vsix.iterdir()}
    texts = {"LICENSE.txt", "ThirdPartyNotices.txt", "changelog.md", "package.json", "readme.md", "start.py"}
    assert {*texts, "bundled", "media", "out"} == top
    assert ["extension.js"] == [path.name for path in (installed_vsix / "out").iterdir()]
    # Everything is for any machine, and names no place where it was built.
    assert [] == [path for path in installed_vsix.rglob("*") if path.suffix in {".so", ".pyd", ".dylib", ".ts", ".map", ".pyc"}]
    assert [] == [path for path in installed_vsix.rglob("*") if path.is_file() and str(ROOT).encode() in path.read_bytes()]
    # Their licences ask to travel with them.
    packages = [path.name for path in (installed_vsix / "bundled").glob("*.dist-info")]
    assert {"pygls", "httpx", "livebreak", "livebreak_agent"} <= {name.partition("-")[0] for name in packages}


def test_its_commands_settings_and_pictures_are_there(installed_vsix: pathlib.Path) -> None:
    manifest = json.loads((installed_vsix / "package.json").read_text())
    contributes = manifest["contributes"]
    bundle = (installed_vsix / "out" / "extension.js").read_text()
    assert [] == [one["command"] for one in contributes["commands"] if one["command"].rpartition(".")[2] not in bundle]
    # VS Code's language client reads the trace by itself, by the name of the server.
    settings = [name for name in contributes["configuration"]["properties"] if name != "livebreak.trace.server"]
    assert [] == [name for name in settings if name.rpartition(".")[2] not in bundle]
    assert [] == [name for name, it in contributes["configuration"]["properties"].items() if not it.get("markdownDescription")]
    pictures = [manifest["icon"], *re.findall(r'"(media/[\w./-]+)"', json.dumps(contributes))]
    assert [] == [name for name in pictures if not (installed_vsix / name).is_file()]
    readme = (installed_vsix / "readme.md").read_text()
    assert [] == [name for name in contributes["configuration"]["properties"] if name not in readme]


def test_a_workspace_says_neither_what_is_run_nor_where_to(installed_vsix: pathlib.Path) -> None:
    manifest = json.loads((installed_vsix / "package.json").read_text())
    properties: dict[str, dict[str, Any]] = manifest["contributes"]["configuration"]["properties"]
    critical = {"livebreak.path", "livebreak.interpreter"}
    assert critical <= set(manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
    assert {"machine"} == {properties[name]["scope"] for name in critical}
    assert [] == [name for name in properties if re.search(r"host|key|token", name, re.IGNORECASE)]


def test_client_and_server_have_one_version(installed_vsix: pathlib.Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == json.loads((installed_vsix / "package.json").read_text())["version"]


def test_a_plain_python_runs_the_bundled_server(installed_vsix: pathlib.Path, tmp_path: pathlib.Path) -> None:
    # The interpreter that the tests' environment was made from: it has none of the libraries.
    command = [sys._base_executable, "-I", str(installed_vsix / "start.py"), "lsp"]
    bare = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LIVEBREAK_STATE_DIR": str(tmp_path / "state")}
    kept = tmp_path / ".local" / "share" / "livebreak"
    kept.mkdir(parents=True)
    (kept / "keys.json").write_text(json.dumps({"https://livebreak.example": {"in": "keyring"}}))
    nobody = {"processId": None, "capabilities": {}, "rootUri": None}
    answers = speak(
        command,
        tmp_path,
        bare,
        {"id": 1, "method": "initialize", "params": {**nobody, "initializationOptions": {"surfaces": [], "connect": False}}},
        {"method": "initialized", "params": {}},
        {"id": 2, "method": "livebreak/status"},
        {"id": 3, "method": "livebreak/targets"},
        {"id": 4, "method": "livebreak/debugAdapter"},
        {"id": 5, "method": "livebreak/connect", "params": {"host": "https://livebreak.example"}},
        {"id": 6, "method": "shutdown"},
        {"method": "exit"},
    )  # fmt: skip
    assert "livebreak" == answers[1]["serverInfo"]["name"]
    assert "off" == answers[2]["connection"]
    assert {"connections": []} == answers[3]
    assert answers[4]["pipe"]
    assert "the LiveBreak inside this editor cannot read" in answers[5]["message"]


def test_a_python_that_is_too_old_is_told_in_one_sentence(installed_vsix: pathlib.Path) -> None:
    program = (installed_vsix / "start.py").read_text()
    faked = "import sys; sys.version_info = (3, 8, 10); " + f"exec(compile({program!r}, 'start.py', 'exec'), {{'__file__': 'x'}})"
    ended = subprocess.run([sys._base_executable, "-I", "-c", faked], capture_output=True, text=True, check=False, timeout=30)
    assert (1, "LiveBreak needs Python 3.11 or newer, and this is 3.8.\n") == (ended.returncode, ended.stderr)


def speak(command: list[str], folder: pathlib.Path, environment: dict[str, str], *messages: dict[str, Any]) -> dict[int, Any]:
    """Say these messages to a language server, each request once the last is answered; its answers by id."""
    answers: dict[int, Any] = {}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stderr is not None
        for message in messages:
            body = json.dumps({"jsonrpc": "2.0", **message}).encode()
            server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            server.stdin.flush()
            while "id" in message and message["id"] not in answers:
                header = server.stdout.readline()
                assert header, server.stderr.read().decode()
                length = int(re.search(rb"\d+", header)[0]) if header.startswith(b"Content-Length") else 0  # type: ignore[index]
                while server.stdout.readline().strip():
                    pass
                answer = json.loads(server.stdout.read(length))
                if "method" not in answer:
                    answers[answer["id"]] = answer["error"] if "error" in answer else answer["result"]
        server.stdin.close()
        assert 0 == server.wait(20), server.stderr.read().decode()
    return answers


def test_the_readme_names_every_command_and_setting_and_its_pictures_are_there() -> None:
    client = ROOT / "editor-clients" / "vscode"
    contributes = json.loads((client / "package.json").read_text())["contributes"]
    readme = (client / "README.md").read_text()
    names = [command["title"] for command in contributes["commands"]] + list(contributes["configuration"]["properties"])
    pictures = re.findall(r"!\[[^\]]+\]\((images/[^)]+)\)", readme)

    assert [] == [name for name in names if name not in readme]
    assert [] == [name for name in pictures if not (client / name).is_file()]
    assert [] == [file.name for file in (client / "images").iterdir() if f"images/{file.name}" not in pictures]
    assert [] == [file.name for file in (client / "images").iterdir() if file.stat().st_size > LARGEST_PICTURE]


LARGEST_PICTURE = 200_000
"""Bytes: the extension is downloaded whole."""
