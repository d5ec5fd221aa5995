"""Answers that no backend of ours gives."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

import faults
from faults import Answer, FaultyNetwork
from livebreak.remote.connect import AnyRemote
from livebreak.remote.http import Http
from livebreak.remote.live import LARGEST_EVENT, LiveRemote
from livebreak.sync.remotes import Event, Refused, Unreachable


@pytest.fixture
async def remote(network: FaultyNetwork, project: Any) -> AsyncIterator[LiveRemote]:
    made = LiveRemote(Http(network.host, project.api_key), str(project.id))
    yield made
    await made.close()


async def read(remote: LiveRemote) -> list[Event]:
    return [event async for event in remote.stream(None)]


async def test_a_key_is_not_sent_in_clear_to_a_public_address() -> None:
    remote = AnyRemote("http://93.184.215.14", "1", "phx_a")

    with pytest.raises(Refused, match=r"^http://93.184.215.14 is a public address"):
        await remote.capabilities()
    await remote.close()


async def test_a_key_that_is_withheld_is_not_sent(network: FaultyNetwork, project: Any) -> None:
    reasons: list[str | None] = [None]
    remote = AnyRemote(network.host, str(project.id), project.api_key, withheld=lambda: reasons[-1])
    await remote.capabilities()
    reasons.append("It has ended.")

    with pytest.raises(Unreachable, match=r"^It has ended\.$"):
        await remote.breakpoints()
    await remote.close()


async def test_an_event_without_an_end_is_cut_off(remote: LiveRemote, network: FaultyNetwork) -> None:
    endless = b"data: " + b"x" * (LARGEST_EVENT + 1)
    network.set(Answer(body=endless, content_type="text/event-stream", announced=10 * LARGEST_EVENT))

    with pytest.raises(Unreachable, match="sent an event of more than 8 MiB"):
        await read(remote)


async def test_a_packed_stream_is_not_unpacked(remote: LiveRemote, network: FaultyNetwork) -> None:
    packed = gzip.compress(b"data: " + b"x" * 2 * LARGEST_EVENT)
    network.set(Answer(body=packed, content_type="text/event-stream", headers={"Content-Encoding": "gzip"}))

    with pytest.raises(Unreachable, match="packs the stream"):
        await read(remote)


async def test_many_events_are_no_large_one(remote: LiveRemote, network: FaultyNetwork) -> None:
    one = b"event: unknown\ndata: " + b"x" * 100_000 + b"\n\n"
    count = LARGEST_EVENT // 100_000 + 3
    network.set(Answer(body=one * count, content_type="text/event-stream"))

    assert count + 1 == len(await read(remote))


@pytest.mark.parametrize(
    ("fault", "kind", "sentence"),
    [
        (faults.html(500), Unreachable, "trouble of its own"),
        (faults.html(200), Unreachable, "answered the stream with something else"),
        (faults.redirect("http://evil.example/"), Refused, "redirects to another address"),
        (faults.huge(40 << 20), Unreachable, "answered the stream with something else"),
    ],
)
async def test_a_stream_that_is_none(
    remote: LiveRemote, network: FaultyNetwork, fault: Answer, kind: type[Exception], sentence: str
) -> None:
    network.set(fault)

    with pytest.raises(kind, match=sentence):
        await read(remote)


async def test_an_answer_that_is_too_large_is_cut_off(remote: LiveRemote, network: FaultyNetwork) -> None:
    network.set(faults.huge(33 << 20))

    with pytest.raises(Unreachable, match="more than 32 MiB"):
        await remote.capabilities()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", (7, 7)),
        # The time is that of the collection, which may be half an hour before the test, and differs between workers.
        pytest.param(format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True), (80_000, 86_400), id="tomorrow"),
        ("Wed, 21 Oct 2015 07:28:00 GMT", (0, 0)),
        ("9" * 400, (10**17, 10**18)),
        ("-1", None),
        ("\xb2", None),
        ("soon", None),
        ("", None),
    ],
)
async def test_how_long_a_server_asks_to_wait(
    remote: LiveRemote, network: FaultyNetwork, header: str, seconds: tuple[float, float] | None
) -> None:
    network.set(faults.too_many_requests(header))

    with pytest.raises(Unreachable) as caught:
        await remote.capabilities()

    asked = caught.value.retry_after
    assert (seconds is None) == (asked is None)
    assert asked is None or seconds is None or seconds[0] <= asked <= seconds[1]
