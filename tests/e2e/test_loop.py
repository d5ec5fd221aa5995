"""From a line in an editor to the locals of a running process, and back: all of it as processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from livebreak_agent.vocabulary.lsp_messages import EditorBreakpoint

ROOT = Path(__file__).parents[2]
TOTAL_LINE = "return Quote(subtotal=subtotal, loyalty=loyalty, coupon=coupon, shipping=shipping, total=total)"


def pythons() -> dict[str, str]:
    """The environment's own Python, and the newest of each later minor version that is here."""
    found = subprocess.run([sys.executable, ROOT / "tools" / "pythons.py"], capture_output=True, text=True, check=True)
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    # Python 3.11 needs `bytecode`, which only the environment's own has.
    others = {row["minor"]: row["path"] for row in json.loads(found.stdout) if row["minor"] not in (own, "3.11")}
    return {own: sys.executable, **others}


PYTHONS = pythons()


@pytest.fixture(scope="module", params=PYTHONS.values(), ids=PYTHONS.keys())
def interpreter(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def shop(interpreter, spawn, shop_checkout: Path, project) -> Iterator[str]:
    """The shop under the agent with traffic on it; its address."""
    agent = [interpreter, "-m", "livebreak_agent", "-m", "shop", "--port", "0"]
    # On 3.11 the agent needs `bytecode`, which the environment's own Python has.
    path = os.pathsep.join([str(ROOT / "server" / "agent"), str(shop_checkout)])
    in_app = project.for_app | {"LIVEBREAK_SERVICE": "web", "LIVEBREAK_ENVIRONMENT": "test", "PYTHONPATH": path}
    process = spawn("shop", agent, folder=shop_checkout, environment=in_app)
    url = process.printed(r"listening on (http://\S+)")[1]
    traffic = spawn("traffic", [interpreter, "-m", "shop.traffic", "--url", url], folder=shop_checkout)
    yield url
    traffic.end()
    process.end()


async def test_a_condition_on_a_line_brings_the_locals_of_the_order_that_meets_it(
    open_editor, project, shop, shop_checkout: Path
) -> None:
    editor = await open_editor(shop_checkout, project.for_editor)
    file = shop_checkout / "shop" / "pricing.py"
    line = next(number for number, text in enumerate(file.read_text().splitlines()) if text.strip() == TOTAL_LINE)
    uri = editor.open(file)

    (sending,) = await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=line, condition="total < 0"))
    bound = await editor.until_state(uri, line, "bound")
    hits = await editor.until(lambda: editor.hits.get(bound.id), timeout=90)
    hover = await editor.hover(uri, line)
    hint = (await editor.inlay_hints(uri))[line]

    assert ("dot", line) == (sending.editor_id, sending.line)
    assert (1, 1) == (bound.bound, bound.processes)
    assert hits.count >= 1
    assert "total=" in hint
    assert all(name in hover for name in ("subtotal", "loyalty", "coupon", "total", "cart", "quote", "pricing.py"))
    diagnostics = [item for item in editor.client.diagnostics[uri] if item.range.start.line == line]
    assert diagnostics
    related = diagnostics[0].related_information or []
    assert any(item.location.uri == uri and item.location.range.start.line == line for item in related)

    await editor.set_breakpoints(uri)
    await editor.until(lambda: not editor.states[uri])


async def test_a_killed_process_leaves_within_seconds_and_its_successor_takes_over(
    open_editor, project, spawn, shop_checkout: Path
) -> None:
    agent = [sys.executable, "-m", "livebreak_agent", "-m", "shop", "--port", "0"]
    first = spawn("shop", agent, folder=shop_checkout, environment=project.for_app)
    first.printed("LiveBreak agent")
    editor = await open_editor(shop_checkout, project.for_editor)
    file = shop_checkout / "shop" / "pricing.py"
    uri = editor.open(file)
    line = file.read_text().splitlines().index("    " + TOTAL_LINE)
    await editor.set_breakpoints(uri, EditorBreakpoint(id="dot", line=line))
    await editor.until_state(uri, line, "bound")

    first.end(signal.SIGKILL)
    left = await editor.until_state(uri, line, "stored")
    second = spawn("shop", agent, folder=shop_checkout, environment=project.for_app)
    bound = await editor.until_state(uri, line, "bound")

    assert "No process with an agent is connected" in left.message
    assert (1, 1) == (bound.bound, bound.processes)
    await editor.set_breakpoints(uri)
    second.end()


async def test_a_wrong_setting_is_said_in_the_editor(open_editor, shop_checkout: Path) -> None:
    editor = await open_editor(shop_checkout, {"LIVEBREAK_HOST": "127.0.0.1:8137", "LIVEBREAK_API_KEY": "phx_any"})
    file = shop_checkout / "shop" / "pricing.py"
    (state,) = await editor.set_breakpoints(editor.open(file), EditorBreakpoint(id="dot", line=3))

    assert "offline" == state.state
    assert "LIVEBREAK_HOST is '127.0.0.1:8137'; it must be an address such as https://livebreak.example." in state.message
