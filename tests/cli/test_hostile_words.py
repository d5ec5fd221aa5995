"""What others chose the words of, on a person's terminal."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

EVIL = "\x1b]0;owned\x07\x1b[31mfake prompt\u202e"


@pytest.fixture
def debugpy_port() -> Iterator[int]:
    """Something that answers the first request of a debugger with a refusal, and closes the connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                body = json.dumps({"type": "response", "request_seq": 1, "success": False, "message": EVIL}).encode()
                connection.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

        threading.Thread(target=answer, daemon=True).start()
        yield int(server.getsockname()[1])


def test_the_refusal_of_a_peer_is_shown_without_its_controls(user: Any, debugpy_port: int) -> None:
    backend = {"LIVEBREAK_HOST": "http://127.0.0.1:1", "LIVEBREAK_SECRET_KEY": "phs_x"}

    sentence = user.refused(1, "attach", f"debugpy://127.0.0.1:{debugpy_port}", **backend)

    assert "debugpy refuses: \\x1b]0;owned\\x07\\x1b[31mfake prompt\\u202e\n" == sentence


def test_doctor_names_a_file_that_is_nested_too_deeply(user: Any, tmp_path: Path) -> None:
    checkout = tmp_path / "shop"
    subprocess.run(["git", "init", "--quiet", checkout], check=True)
    (checkout / "pyproject.toml").write_text(f"a = {'[' * 5000}{']' * 5000}\n")
    (checkout / "shop.py").write_text("x = 1\n")

    done = user.run("doctor", str(checkout / "shop.py"))

    assert 1 == done.returncode
    assert f"{checkout / 'pyproject.toml'} cannot be read (it is nested too deeply)" in done.stdout
