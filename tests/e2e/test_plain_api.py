"""A plain PostHog API between agent and session: both poll, and the loop closes as well."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from livebreak_agent.vocabulary.lsp_messages import EditorBreakpoint

PLAIN_BACKEND = Path(__file__).parents[1] / "remote" / "plain_backend.py"
APP = """\
import time


def work(number):
    square = number * number
    return square


while True:
    work(7)
    time.sleep(0.05)
"""


async def test_a_breakpoint_goes_down_and_a_hit_comes_up_by_polling(
    spawn: Any, livebreak: Any, open_editor: Any, tmp_path: Path, new_checkout: Any
) -> None:
    options = ("--json", "--data-dir", str(tmp_path))
    project = json.loads(livebreak("projects", "create", "plain", *options).stdout)
    key = json.loads(livebreak("keys", "create", "--project", str(project["id"]), "--scope", "*", *options).stdout)["key"]
    backend = spawn("plain", [sys.executable, str(PLAIN_BACKEND), str(tmp_path)])
    host = backend.printed(r"listening on (http://\S+)")[1]
    checkout = new_checkout({"app.py": APP})
    in_app = {
        "LIVEBREAK_HOST": host, "LIVEBREAK_PROJECT": str(project["id"]), "LIVEBREAK_SECRET_KEY": project["secret_key"],
        "LIVEBREAK_PROJECT_TOKEN": project["project_token"], "LIVEBREAK_POLL_INTERVAL": "1",
    }  # fmt: skip
    spawn("app", [sys.executable, "-m", "livebreak_agent", "app.py"], folder=checkout, environment=in_app)
    in_editor = {"LIVEBREAK_HOST": host, "LIVEBREAK_PROJECT": str(project["id"]), "LIVEBREAK_API_KEY": key}
    editor = await open_editor(checkout, in_editor)
    uri = editor.open(checkout / "app.py")

    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=5, condition="square > 40"))
    hits = await editor.until(lambda: next(iter(editor.hits.values()), None), timeout=60)

    assert "poll" == editor.status.mode
    assert 49 == (hits.newest.variables or {})["square"]
    assert "square" in await editor.hover(uri, 5)
