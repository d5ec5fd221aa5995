"""A plain PostHog API behind the same session: everything is polled, nothing is missing that the contract can say."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from livebreak.remote.connect import AnyRemote
from livebreak.sync.remotes import Missing, Refused, Rejected
from livebreak_agent.vocabulary import hit_event
from livebreak_agent.vocabulary.model import Hit, NewBreakpoint
from livebreak_agent.vocabulary.wire import HitsQuery


@pytest.fixture(scope="module")
def plain(spawn: Any, livebreak: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    data = tmp_path_factory.mktemp("plain")
    options = ("--json", "--data-dir", str(data))
    project = json.loads(livebreak("projects", "create", "plain", *options).stdout)
    key = json.loads(livebreak("keys", "create", "--project", str(project["id"]), "--scope", "*", *options).stdout)
    process = spawn("plain", [sys.executable, str(Path(__file__).with_name("plain_backend.py")), str(data)])
    host = process.printed(r"listening on (http://\S+)")[1]
    yield {"host": host, "project": str(project["id"]), "token": project["project_token"], "key": key["key"]}
    process.end()


@pytest.fixture
async def remote(plain: dict[str, str]) -> AsyncIterator[AnyRemote]:
    remote = AnyRemote(plain["host"], plain["project"], plain["key"])
    yield remote
    await remote.close()


def new(line: int, **fields: Any) -> NewBreakpoint:
    return NewBreakpoint(id=str(uuid.uuid4()), repository="acme/shop", filename="a.py", line_number=line, **fields)


async def test_a_plain_api_is_recognised_and_has_no_stream(remote: AnyRemote) -> None:
    assert "stream" not in (await remote.capabilities()).features


async def test_a_breakpoint_has_the_id_that_the_server_chose(remote: AnyRemote) -> None:
    await remote.capabilities()
    wanted = new(1, condition="a")

    created = await remote.create(wanted)
    changed = await remote.change(created.id, {"condition": None, "log_message": "unknown to the contract"})
    listed = {item.id for item in (await remote.breakpoints()).results}
    await remote.remove(created.id)

    assert wanted.id != created.id
    assert ("a", None) == (created.condition, changed.condition)
    assert created.id in listed
    with pytest.raises(Missing):
        await remote.remove(created.id)


async def test_creating_what_is_there_already_finds_it(remote: AnyRemote) -> None:
    await remote.capabilities()
    first = await remote.create(new(2))
    again = await remote.create(new(2))

    assert first.created_at == again.created_at


async def test_a_line_without_a_repository_is_another_than_one_with(remote: AnyRemote) -> None:
    await remote.capabilities()
    named = await remote.create(new(77))
    nameless = NewBreakpoint(id=str(uuid.uuid4()), filename="a.py", line_number=77)

    assert named.id != (await remote.create(nameless)).id


async def test_what_the_api_refuses_is_said_in_its_words(remote: AnyRemote) -> None:
    await remote.capabilities()

    with pytest.raises(Rejected, match="greater than or equal to 0"):
        await remote.create(new(-1))


async def test_every_page_is_fetched(remote: AnyRemote) -> None:
    await remote.capabilities()
    wanted = [new(line) for line in range(1000, 1105)]
    for item in wanted:
        await remote.create(item)

    lines = {item.line_number for item in (await remote.breakpoints()).results}
    assert {item.line_number for item in wanted} <= lines


async def test_hits_are_polled_and_looked_at(remote: AnyRemote, plain: dict[str, str]) -> None:
    await remote.capabilities()
    created = await remote.create(new(3))
    hit = Hit(
        id=str(uuid.uuid4()), breakpoint_id=created.id, timestamp=datetime.now(UTC).isoformat(), filename="a.py",
        line_number=3, variables={"user": "ada"},
    )  # fmt: skip
    body = {"api_key": plain["token"], "batch": [hit_event.write(hit)]}
    httpx.post(f"{plain['host']}/batch/", json=body).raise_for_status()

    (found,) = (await remote.hits(HitsQuery(breakpoint_id=created.id))).results
    assert (created.id, {"user": "ada"}) == (found.breakpoint_id, found.variables)
    assert found == await remote.hit(hit.id)


async def test_a_wrong_key_is_refused(plain: dict[str, str]) -> None:
    remote = AnyRemote(plain["host"], plain["project"], "phx_wrong")
    with pytest.raises(Refused, match="does not know this API key"):
        await remote.capabilities()
    await remote.close()
