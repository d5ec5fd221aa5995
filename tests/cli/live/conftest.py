"""A checkout whose application runs under the agent, and the commands in a terminal or in a pipe."""

from __future__ import annotations

import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path
from typing import Any

import httpx
import pytest

COMMAND = [sys.executable, "-m", "livebreak"]
APP = '''\
import time


class Basket:
    def __init__(self, number):
        self.number = number
        self.lines = [{"item": number, "price": 5}, {"item": 7, "price": number * 3}]


def price(number, basket, password, note):
    """Hostile on purpose."""
    many = list(range(1000))
    total = number * 2
    return total  # the line


def shop(number):
    note = "\\x1b[31mred\\x07 \\u202egnp.exe\\u202c \\U0001f469 " + "wide " * 100
    return price(number, Basket(number), "hunter2", note)


number = 0
while True:
    number += 1
    shop(number)
    time.sleep(0.05)
'''


@dataclass(frozen=True, kw_only=True)
class Shop:
    """The checkout, and the commands run in it."""

    folder: Path
    environment: Mapping[str, str]
    bare: Mapping[str, str]

    def run(
        self, *arguments: str, environment: Mapping[str, str] = {}, folder: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """A command in a pipe."""
        return subprocess.run(
            [*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=60, cwd=folder or self.folder,
            env={**self.bare, **self.environment, **environment}, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def ask(self, *arguments: str, **options: Any) -> Any:
        """The JSON of a command that must succeed."""
        done = self.run(*arguments, "--json", **options)
        assert (0, "") == (done.returncode, done.stderr)
        return json.loads(done.stdout)

    def stored(self) -> list[dict[str, Any]]:
        """The breakpoints that the backend has, asked without a command, since each takes half a second."""
        return self._http().get("breakpoints").json()["results"]

    def clear(self) -> None:
        """No breakpoint is left."""
        for item in self.stored():
            self._http().delete(f"breakpoints/{item['id']}")

    def _http(self) -> httpx.Client:
        env = self.environment
        base = f"{env['LIVEBREAK_HOST']}/api/projects/{env['LIVEBREAK_PROJECT']}/livebreak/"
        return httpx.Client(base_url=base, headers={"Authorization": f"Bearer {env['LIVEBREAK_API_KEY']}"})

    def open(self, *arguments: str, environment: Mapping[str, str] = {}, stdout: Any = subprocess.PIPE) -> subprocess.Popen[str]:
        """A command that runs on."""
        return subprocess.Popen(
            [*COMMAND, *arguments], text=True, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
            env={**self.bare, **self.environment, **environment},
        )  # fmt: skip

    def screen(self, *arguments: str, width: int = 80, environment: Mapping[str, str] = {}, typed: str = "") -> str:
        """What a terminal of this width receives, its own echo included."""
        main, child = pty.openpty()
        ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        process = subprocess.Popen(
            [*COMMAND, *arguments], cwd=self.folder, stdin=child, stdout=child, stderr=child,
            env={**self.bare, **self.environment, "TERM": "xterm-256color", **environment},
        )  # fmt: skip
        os.close(child)
        os.write(main, typed.encode())
        received = b""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if select.select([main], [], [], 0.1)[0]:
                try:
                    more = os.read(main, 65536)
                except OSError:  # the other side is closed, on Linux
                    break
                if not more:
                    break
                received += more
        assert process.wait(10) is not None
        os.close(main)
        return received.decode("utf-8").replace("\r\n", "\n")


@pytest.fixture(scope="module")
def shop(project: Any, spawn: Any, bare: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """acme/shop in git, its app.py running under the agent, connected to the module's project."""
    folder = tmp_path_factory.mktemp("shop").resolve()
    (folder / "app.py").write_text(APP)
    for command in (["init", "--quiet"], ["remote", "add", "origin", "https://github.com/acme/shop.git"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    run = [*COMMAND, "run", "--service", "web", "--environment", "test", "app.py"]
    spawn("shop", run, folder=folder, environment=project.for_app).printed("LiveBreak agent .*acme/shop@")
    return Shop(folder=folder, environment=project.for_editor, bare=bare)
