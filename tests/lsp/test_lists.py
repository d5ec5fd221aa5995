"""What views of an editor ask for: all breakpoints, pages of hits, values to unfold, differences. Over a real backend."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

from livebreak.lsp.protocol import converter
from livebreak.remote.connect import AnyRemote
from livebreak_agent.vocabulary import anchor
from livebreak_agent.vocabulary.hit_event import write
from livebreak_agent.vocabulary.model import Awaiter, Breakpoint, Frame, Hit, NewBreakpoint

CART = "class Cart:\n    def total(self, items):\n        return sum(items)\n"
START = datetime.now(UTC) - timedelta(minutes=30)


class Desk:
    """An editor with a view of all breakpoints, and the project behind it as teammates and agents use it."""

    def __init__(self, project: Any, folder: Path, client: LanguageClient) -> None:
        self.project = project
        self.folder = folder
        self.client = client
        self.remote = AnyRemote(project.host, str(project.id), project.api_key)
        self.changed: list[object] = []
        """Notifications that the overview is another one."""

    async def ask(self, method: str, **params: Any) -> Any:
        return await self.client.protocol.send_request_async(f"livebreak/{method}", params or None)

    async def refused(self, method: str, **params: Any) -> str:
        with pytest.raises(JsonRpcException) as caught:
            await self.ask(method, **params)
        return caught.value.message

    async def breakpoint(self, filename: str, line: int, text: str | None = None, **more: Any) -> Breakpoint:
        pinned = anchor.make(text, line, anchor.digests_of(text.encode())) if text is not None else None
        new = NewBreakpoint(
            id=str(uuid.uuid4()),
            **{"repository": "acme/shop", "filename": filename, "line_number": line, "anchor": pinned, **more},
        )
        return await self.remote.create(new)

    async def send(self, *hits: Hit) -> None:
        body = json.dumps({"api_key": self.project.token, "batch": [write(hit) for hit in hits]}).encode()
        headers = {"Authorization": f"Bearer {self.project.secret_key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.project.host}/batch/", body, headers)
        await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=20).close())

    async def entry(self, item: Breakpoint, accept: Callable[[Any], bool] = lambda _: True) -> Any:
        """The overview's entry of a breakpoint, once it is there and accepted; asked for whenever it changed, as editors do."""
        for _ in range(200):
            before = len(self.changed)
            found = (await self.ask("overview"))["breakpoints"]
            if (entry := next((it for it in found if it["breakpoint"]["id"] == item.id), None)) and accept(entry):
                return entry
            await self.until_told_after(before)
        raise AssertionError(found)

    async def until_told_after(self, count: int) -> None:
        end = asyncio.get_running_loop().time() + 20
        while len(self.changed) <= count:
            assert asyncio.get_running_loop().time() < end, "It was not told."
            await asyncio.sleep(0.02)

    async def ids(self, **params: Any) -> list[str]:
        return [hit["id"] for hit in (await self.ask("hitList", **params))["hits"]]


def hit(breakpoint_id: str, number: int, **more: Any) -> Hit:
    """The hit of this number: later ones have later times."""
    given = {
        "id": str(uuid.UUID(int=uuid.uuid4().int)),
        "breakpoint_id": breakpoint_id,
        "timestamp": (START + timedelta(seconds=number)).isoformat(timespec="microseconds"),
        "filename": "cart.py",
        "line_number": 3,
        "function": "Cart.total",
        "variables": {"number": number},
        "stack": (Frame(function="Cart.total", filename="cart.py", line_number=3, in_repository=True),),
        "process_id": "p1",
        "service": "web",
        "host": "box",
        "pid": 17,
    }
    return Hit(**(given | more))


@pytest.fixture(scope="module")
async def desk(
    project: Any, bare: dict[str, str], tmp_path_factory: pytest.TempPathFactory, make_repository
) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    make_repository(folder, "git@github.com:acme/shop.git")
    (folder / "cart.py").write_text(CART)
    client = LanguageClient(converter_factory=converter)
    command = (sys.executable, "-m", "livebreak", "lsp")
    await client.start_io(*command, env={**bare, **project.for_editor}, cwd=folder)
    made = Desk(project, folder, client)

    client.feature("livebreak/changed")(lambda params: made.changed.append(params))
    client.feature("livebreak/status")(lambda _: None)
    await client.initialize_session(
        lsp.InitializeParams(
            capabilities=lsp.ClientCapabilities(),
            initialization_options={"surfaces": ["overview"], "yesProduction": True},
            workspace_folders=[lsp.WorkspaceFolder(uri=folder.as_uri(), name="desk")],
        )
    )
    yield made
    await made.remote.close()
    await client.shutdown_session()
    await client.stop()


async def test_the_overview_has_breakpoints_of_files_that_are_not_open(desk: Desk) -> None:
    item = await desk.breakpoint("cart.py", 3, CART)

    entry = await desk.entry(item)

    assert ("cart.py", "acme/shop", (desk.folder / "cart.py").as_uri()) == (entry["filename"], entry["repository"], entry["uri"])
    assert (2, "stored", True) == tuple(entry["breakpoint"][name] for name in ("line", "state", "mine"))


async def test_the_overview_finds_the_line_in_the_file_as_it_is_on_disk(desk: Desk) -> None:
    (desk.folder / "moved.py").write_text(f"# moved\n\n{CART}")
    item = await desk.breakpoint("moved.py", 3, CART)

    assert 4 == (await desk.entry(item))["breakpoint"]["line"]

    (desk.folder / "moved.py").write_text(f"# moved\n# again\n\n{CART}")
    assert 5 == (await desk.entry(item))["breakpoint"]["line"]


async def test_the_overview_has_breakpoints_of_files_and_repositories_that_are_not_here(desk: Desk) -> None:
    gone = await desk.breakpoint("gone.py", 7, CART.replace("sum", "max") * 3)
    elsewhere = await desk.breakpoint("cart.py", 9, repository="acme/mail")

    entries = [await desk.entry(gone), await desk.entry(elsewhere)]

    assert [6, 8] == [entry["breakpoint"]["line"] for entry in entries]
    assert not any("uri" in entry or "differs" in entry["breakpoint"]["message"] for entry in entries)


async def test_the_overview_follows_what_the_editor_shows_and_has_not_saved(desk: Desk) -> None:
    item = await desk.breakpoint("buffer.py", 3, CART)
    (desk.folder / "buffer.py").write_text(CART)
    uri = (desk.folder / "buffer.py").as_uri()
    document = lsp.TextDocumentItem(uri=uri, language_id="python", version=1, text=f"\n{CART}")
    desk.client.text_document_did_open(lsp.DidOpenTextDocumentParams(document))

    entry = await desk.entry(item, lambda it: it["breakpoint"]["line"] == 3)

    assert uri == entry["uri"]


async def test_a_hit_anywhere_changes_the_overview(desk: Desk) -> None:
    item = await desk.breakpoint("elsewhere.py", 3, repository="acme/mail")
    await desk.entry(item)

    await desk.send(hit(item.id, 1, variables={"total": 42}))
    entry = await desk.entry(item, lambda it: "newest" in it)

    assert ({"total": 42}, 1) == (entry["newest"]["variables"], entry["breakpoint"]["hits"])


async def test_changes_are_told_at_most_twice_a_second(desk: Desk) -> None:
    item = await desk.breakpoint("hot.py", 3)
    await desk.entry(item)
    loop = asyncio.get_running_loop()
    start, before = loop.time(), len(desk.changed)

    for number in range(20):
        await desk.send(hit(item.id, number))
    await desk.entry(item, lambda it: it["breakpoint"]["hits"] == 20)
    told = len(desk.changed) - before

    assert 1 <= told <= 2 * (loop.time() - start) + 2


async def test_hits_are_listed_page_by_page_in_both_directions(desk: Desk) -> None:
    item = await desk.breakpoint("pages.py", 3)
    hits = [hit(item.id, number) for number in range(7)]
    await desk.send(*hits)
    newest_first = [it.id for it in reversed(hits)]

    first = await desk.ask("hitList", breakpointId=item.id, limit=3)
    second = await desk.ask("hitList", breakpointId=item.id, limit=3, olderThan=first["hits"][-1]["id"])
    last = await desk.ask("hitList", breakpointId=item.id, limit=3, olderThan=second["hits"][-1]["id"])
    back = await desk.ask("hitList", breakpointId=item.id, limit=2, newerThan=last["hits"][0]["id"])

    pages = [first, second, last]
    assert newest_first == [it["id"] for page in pages for it in page["hits"]]
    assert [(True, False), (True, True), (False, True)] == [(page["hasOlder"], page["hasNewer"]) for page in pages]
    assert newest_first[4:6] == [it["id"] for it in back["hits"]]
    assert back["hasNewer"]
    assert newest_first[3:] == await desk.ids(breakpointId=item.id, cursor=first["cursor"])


async def test_what_is_told_of_a_listed_hit(desk: Desk) -> None:
    item = await desk.breakpoint("told.py", 3)
    await desk.send(hit(item.id, 1, variables={"user": "ada\x1b[31m"}), hit(item.id, 2, variables={}, message="paid\n42"))

    paid, plain = (await desk.ask("hitList", breakpointId=item.id))["hits"]

    assert ("paid 42", "paid 42") == (paid["summary"], paid["message"])
    assert (r"user='ada\x1b[31m'", "web · box:17") == (plain["summary"], plain["process"])
    assert "message" not in plain


async def test_hits_of_one_moment_are_all_listed_once(desk: Desk) -> None:
    item = await desk.breakpoint("moment.py", 3)
    hits = [hit(item.id, 5) for _ in range(5)]
    await desk.send(*hits)

    found = await desk.ids(breakpointId=item.id, limit=2)
    while older := await desk.ids(breakpointId=item.id, limit=2, olderThan=found[-1]):
        found += older

    assert sorted(it.id for it in hits) == sorted(found)


async def test_a_list_without_a_breakpoint_is_of_all_of_them(desk: Desk) -> None:
    one, other = await desk.breakpoint("one.py", 3), await desk.breakpoint("other.py", 3)
    later = [hit(one.id, 2_000), hit(other.id, 2_001)]
    await desk.send(*later)

    assert [later[1].id, later[0].id] == await desk.ids(limit=2)


async def test_a_list_is_filtered_in_the_one_filter_language(desk: Desk) -> None:
    item = await desk.breakpoint("filter.py", 3)
    hits = [hit(item.id, number, service="web" if number % 2 else "worker") for number in range(10)]
    await desk.send(*hits)
    wanted = [hits[9].id, hits[7].id, hits[5].id]

    where = "number > 4 and service == 'web'"
    assert wanted == await desk.ids(breakpointId=item.id, where=where)
    assert wanted[1:] == await desk.ids(breakpointId=item.id, where=where, olderThan=wanted[0])
    assert wanted[:2] == await desk.ids(breakpointId=item.id, where=where, newerThan=wanted[2])
    # A hit that the filter does not let through is a place in time all the same.
    assert wanted[1:] == await desk.ids(breakpointId=item.id, where=where, olderThan=hits[8].id)
    assert "This is no filter" in await desk.refused("hitList", where="number >")


async def test_a_list_beside_a_hit_that_is_gone_says_so(desk: Desk) -> None:
    assert "is gone" in await desk.refused("hitList", olderThan=str(uuid.uuid4()))


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": "x"}, {"olderThan": "a", "newerThan": "b"}, {"where": 7}])
async def test_a_malformed_list_is_refused(desk: Desk, params: dict[str, Any]) -> None:
    assert await desk.refused("hitList", **params)


@pytest.fixture(scope="module")
async def rich(desk: Desk) -> Hit:
    """A hit with values of many kinds."""
    item = await desk.breakpoint("rich.py", 3)
    user = {"py/object": "shop.User", "id": 42, "name": "ada", "token": {"py/object": "str", "value": None, "$cut": "redacted"}}
    caller = Frame(function="checkout", filename="api.py", line_number=9, in_repository=True, variables={"user": user})
    made = hit(
        item.id,
        3_000,
        variables={
            "user": user,
            "items": {"py/object": "list", "items": list(range(250)), "$cut": "items", "$size": 900},
            "table": {"a key": 1, "quote'": 2},
            "twins": {"py/object": "dict", "entries": [[{"py/object": "str", "value": "a", "$cut": "length"}, 1]] * 2},
            "text": "x" * 300,
        },
        watches={"user.id + 1": 43},
        context_variables={"request_id": "r-1"},
        globals={"RATE": 3},
        exception={"py/object": "shop.OutOfStock", "args": {"py/object": "tuple", "items": ["tea"]}},
        awaiters=(Awaiter(task="Task-1", stack=(caller,)),),
        stack=(
            Frame(function="f", filename="rich.py", line_number=3, in_repository=True),
            caller,
            Frame(function="g", filename="h.py", line_number=1),
        ),
    )
    await desk.send(made)
    return made


async def test_variables_are_unfolded_step_by_step(desk: Desk, rich: Hit) -> None:
    top = await desk.ask("variables", hitId=rich.id)
    by_name = {it["name"]: it for it in top["variables"]}
    inside = await desk.ask("variables", hitId=rich.id, path=by_name["user"]["path"])
    id_, name, token = inside["variables"]

    assert (5, list(rich.variables)) == (top["total"], list(by_name))
    assert ("shop.User", 3, "user") == tuple(by_name["user"][key] for key in ("type", "children", "expression"))
    assert "equals" not in by_name["user"]
    assert (3, "user.id == 42", "user.name == 'ada'") == (inside["total"], id_["equals"], name["equals"])
    assert (["user", "id"], "42", 0) == (id_["path"], id_["text"], id_["children"])
    assert ("<redacted>", "redacted") == (token["text"], token["note"])
    assert "equals" not in token


async def test_a_long_value_is_told_in_pages(desk: Desk, rich: Hit) -> None:
    first = await desk.ask("variables", hitId=rich.id, path=["items"])
    last = await desk.ask("variables", hitId=rich.id, path=["items"], offset=200, limit=100)

    assert (100, 50, 250) == (len(first["variables"]), len(last["variables"]), last["total"])
    assert ("items[249]", "items[249] == 249") == (last["variables"][-1]["expression"], last["variables"][-1]["equals"])


async def test_expressions_of_keys_are_what_conditions_can_use(desk: Desk, rich: Hit) -> None:
    table = (await desk.ask("variables", hitId=rich.id, path=["table"]))["variables"]

    assert ['table["a key"] == 1', 'table["quote\'"] == 2'] == [it["equals"] for it in table]
    found = await desk.ids(breakpointId=rich.breakpoint_id, where=table[1]["equals"])
    assert [rich.id] == found


async def test_parts_that_look_the_same_are_told_apart(desk: Desk, rich: Hit) -> None:
    twins = (await desk.ask("variables", hitId=rich.id, path=["twins"]))["variables"]

    assert 2 == len({tuple(it["path"]) for it in twins})


async def test_callers_watches_and_context_have_variables_of_their_own(desk: Desk, rich: Hit) -> None:
    caller = await desk.ask("variables", hitId=rich.id, frame=1, path=["user"])
    unknown = await desk.ask("variables", hitId=rich.id, frame=2)
    watches = await desk.ask("variables", hitId=rich.id, scope="watches")
    context = await desk.ask("variables", hitId=rich.id, scope="context")
    module = await desk.ask("variables", hitId=rich.id, scope="globals")
    handled = await desk.ask("variables", hitId=rich.id, scope="exception", path=["exception"])

    # A condition is evaluated where the breakpoint is.
    assert ["42", None] == [caller["variables"][0]["text"], caller["variables"][0].get("equals")]
    assert (0, "The locals of this frame were not captured.") == (unknown["total"], unknown["note"])
    assert ["user.id + 1 == 43"] == [it["equals"] for it in watches["variables"]]
    assert ["RATE == 3"] == [it["equals"] for it in module["variables"]]
    assert [("args", "('tea',)", None)] == [(it["name"], it["text"], it.get("expression")) for it in handled["variables"]]
    assert [("request_id", None)] == [(it["name"], it.get("expression")) for it in context["variables"]]


async def test_a_whole_hit_has_its_module_its_exception_and_the_tasks_that_wait(desk: Desk, rich: Hit) -> None:
    whole = await desk.ask("hit", id=rich.id)

    assert ["RATE"] == [it["name"] for it in whole["globals"]]
    assert "OutOfStock(args=('tea',))" == whole["exception"]["text"]
    assert [("Task-1", "checkout")] == [(it["task"], it["frames"][0]["function"]) for it in whole["awaiters"]]


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"path": ["nobody", "x"]}, "no value nobody > x"),
        ({"path": ["text", "0"]}, "no value text > 0"),
        ({"frame": 3}, "has 3 frames"),
        ({"frame": -1}, "has 3 frames"),
        ({"offset": -1}, "offset"),
        ({"limit": 0}, "limit"),
    ],
)
async def test_what_is_not_in_a_hit_is_refused_in_a_sentence(
    desk: Desk, rich: Hit, params: dict[str, Any], sentence: str
) -> None:
    assert sentence in await desk.refused("variables", hitId=rich.id, **params)


async def test_a_hit_is_compared_with_the_one_before(desk: Desk) -> None:
    item = await desk.breakpoint("compare.py", 3)
    older = hit(item.id, 1, variables={"cart": {"py/object": "Cart", "total": 40, "items": [1, 2]}, "same": 1, "gone": True})
    newer = hit(item.id, 2, variables={"cart": {"py/object": "Cart", "total": 41, "items": [1, 3]}, "same": 1, "new": None})
    await desk.send(older, newer)

    found = await desk.ask("compareHits", newer=newer.id)
    rows = {it["expression"]: (it["kind"], it.get("before"), it.get("after")) for it in found["rows"]}

    assert {
        "cart.total": ("changed", "40", "41"),
        "cart.items[1]": ("changed", "2", "3"),
        "gone": ("removed", "True", None),
        "new": ("added", None, "None"),
    } == rows
    assert (older.id, 1) == (found["older"], found["unchanged"])
    assert found == await desk.ask("compareHits", newer=newer.id, older=older.id)


async def test_the_first_hit_has_nothing_to_be_compared_with(desk: Desk) -> None:
    item = await desk.breakpoint("first.py", 3)
    first = hit(item.id, 1)
    await desk.send(first)

    found = await desk.ask("compareHits", newer=first.id)

    assert "There is no hit of this breakpoint before this one." == found["note"]
    assert "older" not in found
