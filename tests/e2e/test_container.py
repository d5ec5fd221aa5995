"""A container that holds only the agent and no .git: two variables are all that it needs."""

from __future__ import annotations

import importlib.util
import ipaddress
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from livebreak_agent.vocabulary.lsp_messages import EditorBreakpoint

ROOT = Path(__file__).parents[2]

APP = """\
import time


def work(number):
    answer = number + 1
    return answer


while True:
    work(41)
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def agent_alone(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of an environment that has the agent's wheel and, on Python 3.11, its one dependency."""
    folder = tmp_path_factory.mktemp("image")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT / "server" / "agent", check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "python")], check=True)
    python = str(folder / "python" / "bin" / "python")
    # The pip of the interpreter that the tests' own environment was made from, as in the Makefile.
    pip = [getattr(sys, "_base_executable"), "-m", "pip", "--disable-pip-version-check", "--python", python]  # noqa: B009
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*pip, "install", "-qq", "--no-deps", "--no-index", str(wheel)], check=True)
    if sys.version_info < (3, 12):
        (site,) = folder.glob("python/lib/python*/site-packages")
        spec = importlib.util.find_spec("bytecode")
        assert spec is not None
        (bytecode,) = spec.submodule_search_locations or ()
        shutil.copytree(bytecode, site / "bytecode")
    return python


def private_address() -> str:
    """An address of this machine that is not loopback, as a container sees its host; loopback where there is no such one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
        try:
            route.connect(("192.0.2.1", 9))  # Sends nothing: it only makes the system choose.
        except OSError:
            return "127.0.0.1"
        address = str(route.getsockname()[0])
        # To a public one the agent would send no key in clear.
        return address if ipaddress.ip_address(address).is_private else "127.0.0.1"


@pytest.mark.parametrize("deployed_as", ["app.py", "services/api/app.py"])
async def test_an_agent_alone_binds_a_breakpoint_that_was_set_in_the_checkout(
    deployed_as: str,
    agent_alone: str,
    spawn: Any,
    livebreak: Callable[..., subprocess.CompletedProcess[str]],
    open_editor: Any,
    new_checkout: Any,
    tmp_path: Path,
) -> None:
    home = {"HOME": str(tmp_path / "home")}
    serve = spawn("serve", [sys.executable, "-m", "livebreak", "serve", "--private-network", "--port", "0"], environment=home)
    port = serve.printed(r"listening on http://0\.0\.0\.0:(\d+)")[1]
    serve.printed(rf"LIVEBREAK_HOST=http://ADDRESS-OF-THIS-MACHINE:{port}")
    made = livebreak("keys", "create", "--project", "1", "--secret", "--json", environment=home)
    checkout = new_checkout({deployed_as: APP})
    image = tmp_path / "image"
    image.mkdir()
    shutil.copy(checkout / deployed_as, image / "app.py")

    variables = {"LIVEBREAK_HOST": f"http://{private_address()}:{port}", "LIVEBREAK_SECRET_KEY": json.loads(made.stdout)["key"]}
    app = spawn("app", [agent_alone, "-m", "livebreak_agent", "app.py"], folder=image, environment=variables)
    app.printed(r"LiveBreak agent .*'default' \(1\), no repository .*LIVEBREAK_REPOSITORY=owner/name")
    editor = await open_editor(checkout, home)
    uri = editor.open(checkout / deployed_as)
    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=5))
    hits = await editor.until(lambda: next(iter(editor.hits.values()), None))

    assert {"number": 41, "answer": 42} == hits.newest.variables
    app.end()
    serve.end()
