"""A user with a home of their own, and the commands as they type them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

LIVEBREAK = (sys.executable, "-m", "livebreak")


@dataclass(frozen=True, kw_only=True)
class User:
    """Somebody with nothing stored yet."""

    home: Path
    bare: Mapping[str, str]
    spawn: Callable[..., Any] = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        return {"HOME": str(self.home), "LIVEBREAK_STATE_DIR": str(self.home / "state")}

    @property
    def data(self) -> Path:
        return self.home / ".local" / "share" / "livebreak"

    @property
    def config(self) -> Path:
        return self.home / ".config" / "livebreak"

    def run(
        self, *arguments: str, stdin: str = "", folder: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """A command to its end; no command may ever show a traceback, nor the key that it was given."""
        done = subprocess.run(
            [*LIVEBREAK, *arguments], input=stdin, capture_output=True, text=True, check=False, timeout=60,
            cwd=folder or self.home, env={**self.bare, **self.environment, **environment},
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        assert not stdin.strip() or stdin.strip() not in done.stdout + done.stderr
        return done

    def refused(self, status: int, *arguments: str, **options: Any) -> str:
        """The one sentence with which a command ends that cannot do it."""
        done = self.run(*arguments, **options)
        assert (status, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines())), done
        return done.stderr

    def until(self, condition: Callable[[subprocess.CompletedProcess[str]], bool], *arguments: str, **options: Any) -> None:
        """Run a command until what it prints is as it is to be."""
        done = self.run(*arguments, **options)
        end = time.monotonic() + 30
        while not condition(done):
            assert time.monotonic() < end, done
            done = self.run(*arguments, **options)

    def serve(self, *arguments: str, **environment: str) -> Any:
        """`livebreak serve`, once it listens."""
        process = self.spawn("serve", [*LIVEBREAK, "serve", *arguments], environment={**self.environment, **environment})
        process.printed(r"listening on \S+\nData: ")
        return process


@pytest.fixture
def new_user(tmp_path: Path, bare: dict[str, str], spawn: Any) -> Callable[[str], User]:
    def make(name: str) -> User:
        (tmp_path / name).mkdir()
        return User(home=tmp_path / name, bare=bare, spawn=spawn)

    return make


@pytest.fixture
def user(new_user: Callable[[str], User]) -> User:
    return new_user("ada")
