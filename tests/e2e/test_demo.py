"""`livebreak demo`: the first thing that a new user runs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DEMO = [sys.executable, "-m", "livebreak", "demo"]


def leftovers() -> set[str]:
    """Demo processes and folders of this machine."""
    found = set()
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = process.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if "livebreak-demo-" in command or "shop.traffic" in command:
            found.add(command)
    return found


def test_it_finds_the_bug_says_what_a_person_would_see_and_cleans_up(bare: dict[str, str], tmp_path: Path) -> None:
    environment = bare | {"TMPDIR": str(tmp_path), "COLUMNS": "160"}
    done = subprocess.run([*DEMO, "--once"], capture_output=True, text=True, env=environment, timeout=110, check=False)

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "" == done.stderr
    assert re.search(r"●\s+\d+\s+return Quote\(", done.stdout)
    assert re.search(r"● if total < 0 · \d+ hits? · total=-\d+", done.stdout)
    assert all(
        name in done.stdout for name in ("subtotal", "loyalty", "coupon", "pricing.py", "api.py", "Bound in 1 of 1 process")
    )
    assert re.search(r"set -> bound and shown: \d+ ms\s+line ran -> hit shown: \d+ ms", done.stdout)
    assert [] == list(tmp_path.iterdir())


def test_it_stays_up_until_it_is_interrupted_and_cleans_up(spawn: Any, tmp_path: Path) -> None:
    demo = spawn("demo", DEMO, environment={"TMPDIR": str(tmp_path), "COLUMNS": "160"})
    demo.printed("It stays up")
    demo.printed("Neovim: .*LIVEBREAK_API_KEY=")
    status = demo.end(signal.SIGINT)

    assert 130 == status
    assert "Ended; everything was cleaned up." in demo.output
    assert "Traceback" not in demo.output
    assert [] == list(tmp_path.iterdir())
    assert not {command for command in leftovers() if str(tmp_path) in command}


def test_a_step_that_cannot_happen_is_named_with_its_reason(bare: dict[str, str], tmp_path: Path) -> None:
    # A git that fails, before the real one on the PATH.
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text("#!/bin/sh\necho 'fatal: no space left' >&2\nexit 128\n")
    git.chmod(0o755)
    environment = bare | {"PATH": f"{git.parent}{os.pathsep}{bare['PATH']}"}
    done = subprocess.run([*DEMO, "--once"], capture_output=True, text=True, env=environment, timeout=60, check=False)

    assert 1 == done.returncode
    assert "The demo stopped at: copying the shop into a git repository" in done.stdout
    assert "no space left" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("variable", ["LIVEBREAK_HOST", "LIVEBREAK_SECRET_KEY", "LIVEBREAK_REPOSITORY"])
def test_the_users_own_connection_is_left_alone(variable: str) -> None:
    from livebreak.demo.story import bare_environment
    from livebreak.demo.workplace import Workplace

    place = Workplace(checkout=Path("c"), data=Path("d"), state=Path("s"), logs=Path("l"))

    assert variable not in bare_environment(place, {variable: "the user's own", "PATH": "/bin"})
    assert "s" == bare_environment(place, {"LIVEBREAK_STATE_DIR": "the user's own"})["LIVEBREAK_STATE_DIR"]
