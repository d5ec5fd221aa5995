"""The demo's story: each step with a bound, and what a person would see at its end."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from livebreak.demo import processes, workplace
from livebreak.demo.editor import Editor
from livebreak.demo.processes import Child, StepError
from livebreak.demo.workplace import Workplace
from livebreak_agent.vocabulary.lsp_messages import BreakpointState, Connection, State

T = TypeVar("T")

FILE = "shop/pricing.py"
LINE = "return Quote(subtotal=subtotal, loyalty=loyalty, coupon=coupon, shipping=shipping, total=total)"
"""The line of the shop that a person would suspect, by its text, so that the shop may be edited."""
CONDITION = "total < 0"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What came back into the editor."""

    source: tuple[str, ...]
    """The lines around the breakpoint."""
    first_line: int
    """1-based number of the first of them."""
    line: int
    """1-based number of the breakpoint's line."""
    condition: str
    state: BreakpointState
    inlay_hint: str
    hover: str
    """Markdown."""
    set_to_bound: float
    """Seconds from the click to the mark that says bound."""
    ran_to_shown: float
    """Seconds from the pass over the line to the hit in the editor."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """The demo while it stays up."""

    place: Workplace
    host: str
    shop: str
    """The shop's own address."""
    environment: Mapping[str, str]
    """What an editor needs to connect to it: `LIVEBREAK_*` variables."""
    seen: Seen


Tell = Callable[[str], None]
"""Shows what is being done now, in a few words."""


@asynccontextmanager
async def play(root: Path, tell: Tell) -> AsyncIterator[Running]:
    """Play the story below an empty folder; everything ends with the context. Raises `StepError`."""
    async with AsyncExitStack() as ending:
        place = await _step(tell, "copying the shop into a git repository", 20, workplace.build(root))
        bare = bare_environment(place, os.environ)
        token = await _step(tell, "making a project and its keys", 60, _make_keys(place, bare))
        backend = await _start(
            ending, place, "backend", ["-m", "livebreak", "serve", "--port", "0", "--data-dir", str(place.data)], bare
        )
        found = await _step(tell, "starting the backend", 60, processes.printed(backend, r"listening on (http://\S+)"))
        host = found[1]
        in_app = bare | {
            "LIVEBREAK_HOST": host, "LIVEBREAK_SECRET_KEY": token.secret_key,
            "LIVEBREAK_SERVICE": "shop", "LIVEBREAK_ENVIRONMENT": "demo",
        }  # fmt: skip
        shop = await _start(ending, place, "shop", ["-m", "livebreak_agent", "-m", "shop", "--port", "0"], in_app)
        found = await _step(
            tell, "starting the shop with the agent in it", 30, processes.printed(shop, r"listening on (http://\S+)")
        )
        traffic = await _start(ending, place, "traffic", ["-m", "shop.traffic", "--url", found[1]], bare)
        in_editor = {"LIVEBREAK_HOST": host, "LIVEBREAK_PROJECT": str(token.project), "LIVEBREAK_API_KEY": token.api_key}
        editor = Editor(place.checkout, place.checkout / FILE, bare | in_editor)
        await _step(tell, "opening the language server as an editor does", 30, editor.open())
        ending.push_async_callback(editor.close)
        await _step(tell, "connecting the editor to the backend", 20, editor.until(lambda: _is_connected(editor)), editor)
        seen = await _find_the_bug(tell, editor, [backend, shop, traffic])
        yield Running(place=place, host=host, shop=found[1], environment=in_editor, seen=seen)


async def _find_the_bug(tell: Tell, editor: Editor, children: list[Child]) -> Seen:
    lines = editor.text.splitlines()
    line = next(number for number, text in enumerate(lines) if text.strip() == LINE)
    clicked_at = await _step(
        tell, f"setting a breakpoint on {FILE}:{line + 1}, if {CONDITION}", 10, editor.set_breakpoint(line, CONDITION), editor
    )
    state = await _step(
        tell, "waiting until the running shop has bound it", 20, editor.until(lambda: _bound(editor)), editor, children
    )
    bound_at = time.time()
    hits = await _step(
        tell, "waiting for an order that meets the condition", 90, editor.until(lambda: editor.hits), editor, children
    )
    hover = await _step(tell, "hovering over the line", 10, editor.hover(line), editor)
    inlay_hint = await _step(tell, "reading the inlay hint", 10, editor.inlay_hint(line), editor)
    if hover is None or inlay_hint is None:
        raise StepError("the language server has a hit, but shows no hover or no inlay hint for its line.")
    start = max(0, line - 4)
    return Seen(
        source=tuple(lines[start : line + 3]),
        first_line=start + 1,
        line=line + 1,
        condition=CONDITION,
        state=state,
        inlay_hint=inlay_hint,
        hover=hover,
        set_to_bound=bound_at - clicked_at,
        ran_to_shown=editor.hits_shown_at - datetime.fromisoformat(hits.newest.timestamp).timestamp(),
    )


async def _step(
    tell: Tell, what: str, bound: float, doing: Awaitable[T], editor: Editor | None = None, children: list[Child] | None = None
) -> T:
    """Do one step within `bound` seconds, or say which did not happen and what is known of why."""
    tell(what)
    watchers = [asyncio.ensure_future(child.process.wait()) for child in children or []]
    task = asyncio.ensure_future(doing)
    try:
        await asyncio.wait([task, *watchers], timeout=bound, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
    except StepError as error:
        raise StepError(f"{what}: {error}") from None
    finally:
        for future in (task, *watchers):
            future.cancel()
    ended = [child for child in children or [] if child.process.returncode is not None]
    if ended:
        raise StepError(f"{what}: the {ended[0].name} ended; its last lines:\n{ended[0].tail()}")
    raise StepError(f"{what}: it did not happen within {bound:.0f} seconds.{_known(editor)}")


def _known(editor: Editor | None) -> str:
    if editor is None:
        return ""
    parts = [f"\n    connection: {editor.status.message}"] if editor.status is not None else []
    parts += [f"\n    breakpoint: {editor.state.state} - {editor.state.message}"] if editor.state is not None else []
    parts += [f"\n    told: {message}" for message in editor.told[-3:]]
    return "".join(parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Keys:
    project: int
    secret_key: str
    api_key: str


async def _make_keys(place: Workplace, environment: Mapping[str, str]) -> _Keys:
    livebreak = [sys.executable, "-m", "livebreak"]
    data = ["--json", "--data-dir", str(place.data)]
    project = json.loads(
        await processes.run([*livebreak, "projects", "create", "shop", *data], folder=place.checkout, environment=environment)
    )
    scopes = ["--scope", "live_debugger:read", "--scope", "live_debugger:write"]
    key = json.loads(
        await processes.run(
            [*livebreak, "keys", "create", "--project", str(project["id"]), *scopes, "--for", "you", *data],
            folder=place.checkout,
            environment=environment,
        )
    )
    return _Keys(project=project["id"], secret_key=project["secret_key"], api_key=key["key"])


async def _start(
    ending: AsyncExitStack, place: Workplace, name: str, arguments: list[str], environment: Mapping[str, str]
) -> Child:
    child = await processes.start(
        name, [sys.executable, *arguments], logs=place.logs, folder=place.checkout, environment=environment
    )
    ending.push_async_callback(processes.end, child)
    return child


def bare_environment(place: Workplace, environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without a connection of the user's own, and with folders below the demo's."""
    bare = {name: value for name, value in environment.items() if not name.startswith("LIVEBREAK_")}
    return bare | {"LIVEBREAK_STATE_DIR": str(place.state), "PYTHONUNBUFFERED": "1"}


def _is_connected(editor: Editor) -> bool | None:
    status = editor.status
    return True if status is not None and status.connection is Connection.CONNECTED else None


def _bound(editor: Editor) -> BreakpointState | None:
    return editor.state if editor.state is not None and editor.state.state is State.BOUND else None
