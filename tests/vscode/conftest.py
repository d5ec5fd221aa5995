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
import urllib.request
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import workbench as driver
from workbench import ARTIFACTS, Workbench, WorkbenchServer, built_extension, workbench_server

CONNECTION = "acme-test"
"""The name under which the backend is known to every window."""

DEBUGPY = Path(__file__).with_name("debugpy-extension")


@pytest.fixture(scope="session")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension as a user has it installed, in a folder."""
    return built_extension(tmp_path_factory.mktemp("extension") / "livebreak")


@pytest.fixture(scope="session")
async def server(
    tmp_path_factory: pytest.TempPathFactory, bare: dict[str, str], request: pytest.FixtureRequest
) -> AsyncIterator[WorkbenchServer]:
    """One server for all tests, whose user is connected to the backend."""
    if not driver.is_here():
        assert os.environ.get("CI") != "true", "there is no VS Code here; `make editors VSCODE=1` fetches it"
        pytest.skip("NO VS CODE: the extension is not tested in it; `make editors VSCODE=1` fetches one")
    shop_project = request.getfixturevalue("shop_project")
    home = tmp_path_factory.mktemp("workbench")
    environment = bare | {"HOME": str(home), "LIVEBREAK_STATE_DIR": str(home / "state")}
    request.getfixturevalue("livebreak")(
        "connect", shop_project.host, "--name", CONNECTION, "--project", str(shop_project.id),
        environment=environment | shop_project.for_editor,
    )  # fmt: skip
    machine = {"livebreak.path": str(Path(sys.executable).with_name("livebreak"))}
    async with workbench_server(
        home, extensions=[request.getfixturevalue("extension"), DEBUGPY], environment=environment, machine=machine
    ) as server:
        yield server


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


@pytest.fixture(autouse=True)
def tidy(server: WorkbenchServer, remote: Remote) -> Iterator[None]:
    """What a test leaves in the backend is removed."""
    yield
    for one in remote.breakpoints():
        if one["owner"] == "ada":
            remote.remove(one["id"])


@pytest.fixture
async def workbench(open_window: OpenWindow) -> Workbench:
    """A window on the checkout."""
    return await open_window()


async def go_live(workbench: Workbench) -> None:
    """Let clicks be live, in the file that is open."""

    async def shows(text: str) -> bool:
        return text in await workbench.status_bar()

    await workbench.until(lambda: shows("shop"))
    await workbench.run_command("LiveBreak: Go Live")
    await workbench.answer("Go Live")
    await workbench.until(lambda: shows("LIVE"))


@pytest.fixture(scope="module")
async def window(server: WorkbenchServer, shop: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Workbench]:
    """One window for all tests of a module that need none of their own: it takes long to open."""
    folder = tmp_path_factory.mktemp("clone") / "shop-checkout"
    folder.mkdir()
    async with server.window(copy_shop(folder)) as window:
        await window.open(PRICING, 14)
        await go_live(window)
        yield window


@pytest.fixture
async def live(window: Workbench, server: WorkbenchServer, request: pytest.FixtureRequest) -> AsyncIterator[Workbench]:
    """A window with pricing.py of the shop open, whose clicks in the gutter are live."""
    await window.open(PRICING, 14)
    yield window
    await keep_of_failure(server, request.node)
    for _ in range(2):
        await window.press("Escape")
    await window.run_command("Remove All Breakpoints")
    await window.run_command("View: Close All Editors")


@pytest.fixture(name="go_live")
def go_live_fixture() -> Callable[[Workbench], Awaitable[None]]:
    return go_live


PRICING = "shop/pricing.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test also waits for the workbench to start, on a machine that may be busy."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(300))


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Lets a fixture know whether its test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report
