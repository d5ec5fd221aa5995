"""`livebreak attach`: the agent into processes that were started without it, and out of them again."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from livebreak.attach import debugpy, process
from livebreak.attach.errors import AttachError
from livebreak.attach.payload import Payload

ROOT = Path(__file__).parents[3]
APP = """\
import sys
import threading
import time

import prices

if len(sys.argv) > 1:
    import debugpy
    debugpy.listen(("127.0.0.1", int(sys.argv[1])))
print("ready", flush=True)


def forever():
    number = 0
    while True:
        number += 1
        prices.total(number, 2)
        time.sleep(0.05)


threading.Thread(target=forever, daemon=True).start()
while True:
    time.sleep(0.05)
"""


@pytest.fixture
def checkout(checkout_of) -> Path:
    folder = checkout_of("wsgi_shop")
    (folder / "app.py").write_text(APP)
    return folder


@pytest.fixture(scope="module")
def python_314() -> str:
    found = subprocess.run([sys.executable, ROOT / "tools" / "pythons.py"], capture_output=True, text=True, check=True)
    paths = [row["path"] for row in json.loads(found.stdout) if row["minor"] == "3.14"]
    if not paths:
        assert os.environ.get("CI") != "true", "CPython 3.14 must be there in CI"
        pytest.skip("CPython 3.14 is not here; `make editors` fetches it.")
    return str(paths[0])


def comes_and_goes(live, livebreak, checkout: Path, target: str, pid: int) -> None:
    """The agent is loaded, answers from a loop in flight, and leaves."""
    identity = live.arm(checkout, "prices.py")
    first = livebreak("attach", target, environment=live.for_app)
    bound = live.bound(identity, 1)
    hit = live.hits(identity)[0]
    again = livebreak("attach", target, environment=live.for_app)
    gone = livebreak("attach", target, "--detach")
    nothing = livebreak("attach", target, "--detach")

    assert (0, "") == (first.returncode, first.stderr)
    assert "and connects" in first.stdout
    assert {pid} == bound
    assert 2 == hit["variables"]["count"]
    assert "already" in again.stdout
    assert "has left" in gone.stdout
    assert "There is no agent" in nothing.stdout
    assert [] == live.processes()


def test_by_number(live, livebreak, serve, checkout, python_314: str) -> None:
    app = serve(checkout, python_314, "app.py", run=())
    app.printed("ready")

    comes_and_goes(live, livebreak, checkout, str(app.popen.pid), app.popen.pid)

    assert app.popen.poll() is None
    assert "phs_" not in app.output


def test_where_debugpy_listens(live, livebreak, serve, checkout, free_port: int) -> None:
    app = serve(checkout, sys.executable, "app.py", str(free_port), run=(), PYDEVD_DISABLE_FILE_VALIDATION="1")
    app.printed("ready")

    comes_and_goes(live, livebreak, checkout, f"debugpy://127.0.0.1:{free_port}", app.popen.pid)

    assert app.popen.poll() is None


def test_the_owner_of_the_process_can_refuse(live, livebreak, serve, checkout, python_314: str) -> None:
    app = serve(checkout, python_314, "app.py", run=(), LIVEBREAK_DISABLED="1")
    app.printed("ready")
    done = livebreak("attach", str(app.popen.pid), environment=live.for_app)

    assert 1 == done.returncode
    assert "LIVEBREAK_DISABLED is set in its environment" in done.stderr


def test_a_python_that_is_too_old_is_named(live, livebreak, serve, checkout) -> None:
    app = serve(checkout, sys.executable, "app.py", run=())
    app.printed("ready")
    done = livebreak("attach", str(app.popen.pid), environment=live.for_app)

    assert 1 == done.returncode
    assert f"runs Python {sys.version.split()[0]}, and only Python 3.14 and newer" in done.stderr


NOBODY = 65534
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can attach to the processes of others")


@pytest.fixture
def strangers() -> Iterator[subprocess.Popen[bytes]]:
    """A process of another user, with a program of that user's that calls itself Python."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        program = Path(shutil.copy(shutil.which("sleep") or "", Path(folder) / "python3"))
        os.chown(program, NOBODY, NOBODY)
        with subprocess.Popen([program, "600"], user=NOBODY, group=NOBODY, extra_groups=[], cwd="/") as running:
            yield running
            running.kill()


@as_root
def test_root_runs_no_interpreter_that_others_can_change(strangers: subprocess.Popen[bytes]) -> None:
    with pytest.raises(AttachError, match="can be changed by others than root") as refused:
        process.find(strangers.pid)

    assert f"as the user of process {strangers.pid} (number {NOBODY})" in str(refused.value)


@as_root
def test_the_script_is_whole_before_its_folder_is_another_users(
    strangers: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    owners = []

    def give(path: Path, user: int, group: int) -> None:
        folder = path if path.is_dir() else path.parent
        owners.append((path.name.startswith("attach.py"), folder.stat().st_uid, len((folder / "attach.py").read_text()) > 0))
        real(path, user, group)

    real = os.chown
    monkeypatch.setattr(os, "chown", give)
    monkeypatch.setattr(process, "find", lambda pid: process.Target(pid=pid, interpreter=sys.executable, version="3.14"))
    with pytest.raises(AttachError):
        process.attach(strangers.pid, Payload(action="stop", options={}))

    assert [(True, 0, True), (False, 0, True)] == owners


@pytest.mark.parametrize("kind", ["link", "pipe", "no JSON"])
def test_an_answer_is_a_file_of_the_process_itself(tmp_path: Path, kind: str) -> None:
    (tmp_path / "secret").write_text('"what only root may read"')
    answer = tmp_path / "answer.json"
    match kind:
        case "link":
            answer.symlink_to(tmp_path / "secret")
        case "pipe":
            os.mkfifo(answer)
        case _:
            answer.write_text("[" * 100_000)

    assert "It answered in an unknown form." == process._read(answer)


@pytest.mark.parametrize(
    ("target", "environment", "sentence"),
    [
        ("4194999", {}, "There is no process 4194999; check the number."),
        ("shop", {}, "'shop' is neither the number of a process nor debugpy://HOST:PORT."),
        ("debugpy://127.0.0.1:9", {}, "Nothing answers at 127.0.0.1:9;"),
        ("debugpy://93.184.216.34:5678", {}, "is a public address"),
        ("1", {"LIVEBREAK_HOST": ""}, "LIVEBREAK_SECRET_KEY is set, but LIVEBREAK_HOST is not."),
        ("1", {"LIVEBREAK_SECRET_KEY": "phc_wrong"}, "LIVEBREAK_SECRET_KEY is not a project's secret key"),
    ],
)
def test_what_cannot_be_attached_to_is_one_sentence(livebreak, target: str, environment: dict[str, str], sentence: str) -> None:
    settings = {"LIVEBREAK_HOST": "http://127.0.0.1:9", "LIVEBREAK_SECRET_KEY": "phs_abc"} | environment
    done = livebreak("attach", target, environment=settings)

    assert 1 == done.returncode
    assert sentence in done.stderr
    assert 1 == done.stderr.count("\n")
    assert "phs_abc" not in done.stderr
    assert "phc_wrong" not in done.stderr


def test_a_name_is_connected_to_where_it_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def rebinding(host: object, port: object, *_: object, **__: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if len(asked) == 1 else "127.0.0.2", port))]

    def hang_up() -> None:
        connection, _ = checked.accept()
        with connection:
            connection.recv(2**16)

    with socket.create_server(("127.0.0.1", 0)) as checked:
        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(AttachError, match="closed the connection"):
            debugpy.attach(f"debugpy://name.test:{checked.getsockname()[1]}", Payload(action="stop", options={}))

    assert ["name.test"] == asked


@pytest.mark.parametrize(("platform", "told"), [("win32", "On Windows"), (sys.platform, "no Python interpreter")])
def test_a_process_is_looked_for_without_a_signal(monkeypatch: pytest.MonkeyPatch, platform: str, told: str) -> None:
    sent: list[int] = []
    with subprocess.Popen(["sleep", "600"]) as sleeping:
        try:
            with monkeypatch.context() as there:
                there.setattr(os, "kill", lambda pid, _: sent.append(pid))
                there.setattr(process.sys, "platform", platform)
                with pytest.raises(AttachError, match=told):
                    process.find(sleeping.pid)
        finally:
            sleeping.kill()

    assert [] == sent
