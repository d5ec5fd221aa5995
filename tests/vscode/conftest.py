"""The extension in a real VS Code workbench, with the real server, backend, and a shop under the agent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from workbench import ARTIFACTS, SOON, Workbench, in_time
from workbench_server import WorkbenchServer, is_here, workbench_server
from workbench_view import HitsView

CONNECTION = "acme-test"
"""The name under which the backend is known to every window, and where they go by themselves."""

PRODUCTION = "acme-prod"
"""Another name for it, which says production."""

OTHER = "acme-other"
"""That of a project that nothing runs in."""

OTHERS = [Path(__file__).with_name(name) for name in ("debugpy-extension", "python-extension")]
"""Extensions that stand in for those of Microsoft, which are on no registry the tests can use."""


@pytest.fixture(scope="session")
async def server(
    tmp_path_factory: pytest.TempPathFactory, bare: dict[str, str], request: pytest.FixtureRequest
) -> AsyncIterator[WorkbenchServer]:
    """One server for all tests, with the extension from its file; its user has connected on a terminal before."""
    require_vscode()
    installed = request.getfixturevalue("installed_vsix")
    shop_project = request.getfixturevalue("shop_project")
    home = tmp_path_factory.mktemp("workbench")
    environment = bare | {"HOME": str(home), "LIVEBREAK_STATE_DIR": str(home / "state"), "PATH": path_without_livebreak()}
    other_project = request.getfixturevalue("other_project")
    for name, project in ((OTHER, other_project), (PRODUCTION, shop_project), (CONNECTION, shop_project)):
        made = request.getfixturevalue("livebreak")(
            "connect", project.host, "--name", name, "--project", str(project.id), environment=environment | project.for_editor
        )
        assert made.returncode == 0, made.stderr
    async with workbench_server(home, extensions=[installed, *OTHERS], environment=environment) as server:
        yield server


def require_vscode() -> None:
    if not is_here():
        assert os.environ.get("CI") != "true", "there is no VS Code here; `make editors VSCODE=1` fetches it"
        pytest.skip("NO VS CODE: the extension is not tested in it; `make editors VSCODE=1` fetches one")


def path_without_livebreak() -> str:
    """The folders of commands, without those of an environment that has `livebreak`."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not (Path(folder) / "livebreak").exists())


class Restartable:
    """A backend that a test may stop."""

    def __init__(self, start_backend, data: Path) -> None:
        self._start = start_backend
        self.running = start_backend(data)

    def stop(self) -> None:
        self.running.process.end()

    def start(self) -> None:
        """At the same address."""
        port = urlsplit(self.running.host).port
        self.running = self._start(self.running.data, port)


@pytest.fixture(scope="session")
def restartable(start_backend, tmp_path_factory: pytest.TempPathFactory) -> Restartable:
    """The backend of all windows."""
    return Restartable(start_backend, tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def shop_project(restartable: Restartable, project_in):
    """The project of all windows: keys are kept by origin, so that one backend means one key."""
    return project_in(restartable.running, "shop")


@pytest.fixture(scope="session")
def other_project(new_project):
    """A project of another backend."""
    return new_project("elsewhere")


def copy_shop(folder: Path) -> Path:
    """The demo's shop in a git repository of acme/shop."""
    with resources.as_file(resources.files("livebreak.demo") / "shop") as shop:
        shutil.copytree(shop, folder / "shop", ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@localhost", "-c", "commit.gpgsign=false")
    for command in (
        ("init", "--quiet", "--initial-branch=main"),
        ("remote", "add", "origin", "https://github.com/acme/shop.git"),
        ("add", "--all"),
        (*author, "commit", "--quiet", "--message=The shop"),
    ):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return folder


@pytest.fixture(scope="session")
def shop(spawn, shop_project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The shop under the agent as service `web`, with customers; its address. One for all tests."""
    folder = copy_shop(tmp_path_factory.mktemp("deployed"))
    in_app = shop_project.for_app | {"LIVEBREAK_SERVICE": "web", "LIVEBREAK_ENVIRONMENT": "test"}
    process = spawn(
        "shop", [sys.executable, "-m", "livebreak_agent", "-m", "shop", "--port", "0"], folder=folder, environment=in_app
    )
    url = process.printed(r"listening on (http://\S+)")[1]
    traffic = spawn("traffic", [sys.executable, "-m", "shop.traffic", "--url", url], folder=folder)
    yield url
    traffic.end()
    process.end()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A developer's clone of what runs."""
    (tmp_path / "shop-checkout").mkdir()
    return copy_shop(tmp_path / "shop-checkout")


class Remote:
    """The backend as one person reaches it, beside the window."""

    def __init__(self, project, api_key: str) -> None:
        self._url = f"{project.host}/api/projects/{project.id}/livebreak"
        self._api_key = api_key

    def breakpoints(self) -> list[dict[str, Any]]:
        """Everybody's, newest first."""
        return self.ask("GET", "breakpoints")["results"]

    def add(self, filename: str, line: int, **fields: object) -> dict[str, Any]:
        """A breakpoint as another editor or the terminal would set it; `line` is 1-based."""
        place = {"id": str(uuid.uuid4()), "repository": "acme/shop", "filename": filename, "line_number": line}
        return self.ask("POST", "breakpoints", place | fields)

    def remove(self, id: str) -> None:
        self.ask("DELETE", f"breakpoints/{id}")

    def ask(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"{self._url}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Authorization": f"Bearer {self._api_key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read() or "null")


@pytest.fixture(scope="session")
def remote(shop_project) -> Remote:
    """The backend as the window's user reaches it."""
    return Remote(shop_project, shop_project.api_key)


@pytest.fixture(scope="session")
def teammate(shop_project, livebreak) -> Remote:
    """The backend as grace reaches it."""
    made = livebreak(
        "keys", "create", "--json", "--data-dir", str(shop_project.data), "--project", str(shop_project.id), "--for", "grace",
        "--scope", "live_debugger:read", "--scope", "live_debugger:write",
    )  # fmt: skip
    return Remote(shop_project, json.loads(made.stdout)["key"])


OpenWindow = Callable[..., Awaitable[Workbench]]


@pytest.fixture
async def open_window(
    server: WorkbenchServer, shop: str, checkout: Path, request: pytest.FixtureRequest
) -> AsyncIterator[OpenWindow]:
    """Opens windows, by default on a clone of the test's own: `await open_window(settings={...}, is_trusted=False)`."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_one(folder: Path = checkout, **options: Any) -> Workbench:
            return await stack.enter_async_context(server.window(folder, **options))

        yield open_one
        await keep_of_failure(server, request.node)


async def keep_of_failure(server: WorkbenchServer, test: pytest.Item) -> None:
    """The screens and the logs, if the test failed."""
    if not test.stash.get(FAILED, False):
        return
    kept = ARTIFACTS / "failed" / re.sub(r"\W+", "-", test.name)
    await asyncio.to_thread(kept.mkdir, parents=True, exist_ok=True)
    for number, window in enumerate(server.windows, 1):
        await window.page.screenshot(path=kept / f"window-{number}.png")
        (kept / f"console-{number}.txt").write_text("\n".join(window.console))
    (kept / "logs.txt").write_text(server.logs())


@pytest.fixture(scope="session")
def keep() -> Callable[[WorkbenchServer, pytest.Item], Awaitable[None]]:
    """Keeps the screens and logs of a server's windows if the test failed."""
    return keep_of_failure


@pytest.fixture(autouse=True)
def tidy(server: WorkbenchServer, remote: Remote, teammate: Remote) -> Iterator[None]:
    """What a test leaves in the backend is removed."""
    yield
    for one in remote.breakpoints():
        # A window may be removing it as well.
        with contextlib.suppress(urllib.error.HTTPError):
            (remote if one["owner"] == "ada" else teammate).remove(one["id"])


async def go_live(workbench: Workbench, project: str = "shop") -> None:
    """Let clicks be live."""
    await workbench.until_status_bar(f"LiveBreak: {project}")
    await workbench.run_command("LiveBreak: Go Live")
    await workbench.answer("Go Live")
    await workbench.until_status_bar("LIVE")


@pytest.fixture(scope="session")
async def window(server: WorkbenchServer, shop: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Workbench]:
    """One window for all tests that need none of their own: it takes long to open."""
    folder = tmp_path_factory.mktemp("clone") / "shop-checkout"
    folder.mkdir()
    async with server.window(copy_shop(folder)) as window:
        # The extension starts with the first Python file that is opened.
        await window.open(PRICING)
        await window.until_status_bar("LiveBreak: shop")
        yield window


@pytest.fixture
async def workbench(window: Workbench, server: WorkbenchServer, request: pytest.FixtureRequest) -> AsyncIterator[Workbench]:
    """The window of all tests, as it is after it was opened."""
    if "shop" not in await window.status_bar():
        await window.run_command("LiveBreak: Connect...")
        await window.pick(CONNECTION)
        await window.until_status_bar("LiveBreak: shop")
    yield window
    await keep_of_failure(server, request.node)
    await tidy_up(window)


async def tidy_up(window: Workbench) -> None:
    """Leave nothing of a test in the way of the next; what takes long is done only where it is needed."""
    page = window.page
    for _ in range(2):
        await window.press("Escape")
    toolbar = page.locator(".debug-toolbar")

    async def is_over() -> bool:
        # A session that was just ended is about to go.
        if await in_time(toolbar.wait_for(state="hidden", timeout=SOON)):
            return True
        await window.press("Shift+F5")
        return False

    await window.until(is_over, wanted="the end of the debug session")
    await window.run_command("Remove All Breakpoints")
    if await page.locator(".part.panel:visible").count():
        await window.run_command("View: Hide Panel")
    await window.run_command("View: Close All Editors")
    if await page.locator(".notification-list-item:visible").count():
        await window.run_command("Notifications: Clear All Notifications")


@pytest.fixture
async def live(workbench: Workbench) -> Workbench:
    """The window with pricing.py of the shop open, whose clicks in the gutter are live."""
    await workbench.open(PRICING, 14)
    if "LIVE" not in await workbench.status_bar():
        await go_live(workbench)
    return workbench


@pytest.fixture
def user_settings(server: WorkbenchServer) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Changes settings of all windows until the test ends: `user_settings({name: value})`."""
    # Those of the machine, since VS Code follows that file at once.
    file = server.home / "user" / "Machine" / "settings.json"
    before = file.read_text()

    def change(settings: Mapping[str, Any]) -> None:
        file.write_text(json.dumps(json.loads(before) | settings))

    yield change
    if file.read_text() != before:
        file.write_text(before)


@pytest.fixture
async def view(workbench: Workbench) -> HitsView:
    """The LiveBreak view, open, and empty by now."""
    view = HitsView(workbench)
    await view.open()
    await view.says("No live breakpoints yet.")
    return view


@pytest.fixture
def servers(server: WorkbenchServer) -> Callable[[], set[int]]:
    """The language servers that run for the workbench: `servers()`."""

    def found() -> set[int]:
        listed = subprocess.run(["pgrep", "-f", "(livebreak|start.py) lsp"], capture_output=True, text=True, check=False).stdout
        return {int(pid) for pid in listed.split() if _environment(pid).get("HOME") == str(server.home)}

    return found


def _environment(pid: str) -> dict[str, str]:
    try:
        rows = Path(f"/proc/{pid}/environ").read_text("utf-8", "replace").split("\0")
    except OSError:
        return {}
    return dict(row.split("=", 1) for row in rows if "=" in row)


@pytest.fixture(name="go_live")
def go_live_fixture() -> Callable[..., Awaitable[None]]:
    return go_live


PRICING = "shop/pricing.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test also builds the package and waits for the workbench, on a machine that may be busy."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(480))


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Lets a fixture know whether its test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report
