"""`livebreak run`: an application and its children under the agent, with no change to their code."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from livebreak_agent.vocabulary.lsp_messages import EditorBreakpoint

APP = """\
import subprocess
import sys
import time

subprocess.Popen([sys.executable, "child.py"])
while True:
    time.sleep(0.05)
"""
CHILD = """\
import os
import time


def work(number):
    return number + 1


parent = os.getppid()
while os.getppid() == parent:  # However the test ends, and it with its parent.
    work(41)
    time.sleep(0.05)
"""


async def test_a_python_child_of_the_application_answers(spawn: Any, open_editor: Any, project: Any, new_checkout: Any) -> None:
    checkout = new_checkout({"app.py": APP, "child.py": CHILD})
    run = [sys.executable, "-m", "livebreak", "run", "--service", "worker", "app.py"]
    app = spawn("app", run, folder=checkout, environment=project.for_app)
    app.printed("LiveBreak agent .*acme/shop@.*service worker")
    editor = await open_editor(checkout, project.for_editor)
    uri = editor.open(checkout / "child.py")

    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=5))
    hits = await editor.until(lambda: next(iter(editor.hits.values()), None))

    assert ({"number": 41}, "worker") == (hits.newest.variables, hits.newest.service)


@pytest.mark.parametrize(
    ("arguments", "files"),
    [(["app.py", "--flag", "-m"], {"app.py": ""}), (["-m", "package", "--flag", "-m"], {"package/__main__.py": ""})],
)
def test_arguments_and_exit_status_are_the_applications_own(
    arguments: list[str], files: dict[str, str], spawn: Any, new_checkout: Any
) -> None:
    program = "import sys\nprint('got', sys.argv[1:], flush=True)\nsys.exit(7)\n"
    checkout = new_checkout(dict.fromkeys(files, program))
    app = spawn("app", [sys.executable, "-m", "livebreak", "run", *arguments], folder=checkout)

    app.printed(r"got \['--flag', '-m'\]")
    assert 7 == app.popen.wait(20)
