"""Nothing that a client says, in whatever order, ends a session: each request is answered, and the next one is, too."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livebreak.dap import FileTarget, Pipe
from livebreak.dap.adapter import METHODS
from livebreak.sync.hit_file import HitFile

NO_REQUESTS = [
    b"{", b"[]", b"null", b'"text"', b"{}", b'{"seq": 1}', b"[" * 100_000, b"\xff\xfe",
    b'{"seq": "1", "type": "request", "command": "threads"}',
    b'{"seq": 300, "type": "request", "command": ["threads"]}',
    b'{"seq": 400, "type": "other", "command": "threads"}',
]  # fmt: skip


@pytest.mark.parametrize("body", NO_REQUESTS)
async def test_what_is_no_request_gets_an_error_and_the_next_one_its_answer(open_hits, new_hit, body) -> None:
    client = await open_hits(new_hit())
    await client.begin()

    client.write(body)
    while not any(not response["success"] for response in client.responses.values()):
        await client.read()

    assert await client.is_alive()


async def test_responses_and_events_of_a_client_are_passed_over(open_hits, new_hit) -> None:
    client = await open_hits(new_hit())
    await client.begin()

    for kind in ("response", "event"):
        client.write(json.dumps({"seq": 99, "type": kind, "command": "runInTerminal", "event": "x"}).encode())

    assert await client.is_alive()
    assert {} == client.responses


@pytest.mark.parametrize("command", ["threads", "stackTrace", "attach", "livebreak/replay", "nonsense"])
async def test_initialize_comes_first(open_hits, new_hit, command) -> None:
    client = await open_hits(new_hit())

    error = await client.expect_error(command, threadId=1)

    assert "initialize" in error["text"] or "no request" in error["text"]
    await client.begin()
    assert await client.is_alive()


@pytest.mark.parametrize("command", ["stackTrace", "evaluate", "configurationDone", "setBreakpoints", "next"])
async def test_what_needs_something_attached_says_so(open_hits, new_hit, command) -> None:
    client = await open_hits(new_hit())
    await client.request("initialize", adapterID="x")

    assert "`attach` comes first" in (await client.expect_error(command, threadId=1))["text"]


async def test_twice_is_once_too_often(open_hits, new_hit) -> None:
    client = await open_hits(new_hit())
    await client.begin()

    assert "already" in (await client.expect_error("initialize", adapterID="x"))["text"]
    assert "already" in (await client.expect_error("attach"))["text"]
    assert await client.request("configurationDone") is None


@pytest.mark.parametrize(
    ("command", "arguments", "says"),
    [
        ("stackTrace", {}, "threadId: is required"),
        ("stackTrace", {"threadId": "1"}, "threadId: expected an integer"),
        ("stackTrace", {"threadId": True}, "threadId: expected an integer"),
        ("stackTrace", {"threadId": 77}, "no thread 77"),
        ("scopes", {"frameId": 1}, "no frame or variable 1"),
        ("variables", {"variablesReference": -5}, "no frame or variable"),
        ("variables", {"variablesReference": 1000}, "no variable"),
        ("variables", {"variablesReference": 1000, "filter": "all"}, "filter"),
        ("evaluate", {"expression": 5}, "expected a string"),
        ("evaluate", {"expression": "1", "frameId": 123456}, "no frame or variable"),
        ("source", {"sourceReference": 99}, "no source 99"),
        ("setVariable", {}, "A hit is over"),
        ("nonsense", {}, "no request"),
    ],
)
async def test_arguments_that_make_no_sense_are_named(open_hits, new_hit, command, arguments, says) -> None:
    client = await open_hits(new_hit())
    await client.begin()
    await client.expect_stop()
    await client.frames(1)

    error = await client.expect_error(command, **arguments)

    assert says in error["text"]
    assert not error["showUser"]
    assert await client.is_alive()


@pytest.mark.parametrize(
    "arguments",
    [{"startFrame": -3, "levels": -1}, {"startFrame": 2**40}, {"levels": 2**40}, {"startFrame": 2**31, "levels": 2**31}],
)
async def test_a_page_out_of_bounds_is_what_there_is_of_it(open_hits, new_hit, arguments) -> None:
    client = await open_hits(new_hit())
    await client.begin()
    await client.expect_stop()

    assert 3 >= len((await client.request("stackTrace", threadId=1, **arguments))["stackFrames"])


@pytest.mark.parametrize("line", [-1, 0, 2**40])
async def test_a_breakpoint_on_no_line_is_refused(open_hits, new_hit, line) -> None:
    client = await open_hits(new_hit())
    await client.begin()

    body = await client.request("setBreakpoints", source={"path": "/none.py"}, breakpoints=[{"line": line}])

    assert [False] == [item["verified"] for item in body["breakpoints"]]


async def test_a_cancelled_request_is_answered_as_such(open_hits, new_hit) -> None:
    client = await open_hits(new_hit())
    await client.begin()

    # Cancelled before its turn: the cancellation is read while the first requests are worked on.
    late = client.last_number + 1_000
    await client.request("cancel", requestId=late)
    client.write(json.dumps({"seq": late, "type": "request", "command": "threads"}).encode())
    response = await client.response(late)

    assert not response["success"]
    assert "cancelled" in response["message"]
    assert await client.is_alive()


@pytest.mark.parametrize("begun", [0, 1, 2, 3])
async def test_a_client_may_leave_in_the_middle_of_anything(opened, new_hit, begun) -> None:
    pipe = Pipe(FileTarget(HitFile(hits=(new_hit(),), breakpoints=())))
    opened.pipes.append(pipe)
    client = await opened.at(await pipe.open())

    for command in ("initialize", "attach", "configurationDone")[:begun]:
        client.send(command, {"adapterID": "x"})
    client.writer.write(b"Content-Length: 500\r\n\r\n{")
    await client.close()
    other = await opened.at(await pipe.open())
    await other.begin()

    assert await other.is_alive()


async def test_disconnect_is_answered_before_the_end(open_hits, new_hit) -> None:
    client = await open_hits(new_hit())
    await client.begin()

    number = client.send("disconnect")
    client.send("threads")

    assert (await client.response(number))["success"]
    assert b"" == await client.reader.read()


async def test_terminate_ends_the_session_and_no_process(open_hits, new_hit) -> None:
    client = await open_hits(new_hit())
    await client.begin()

    await client.request("terminate")
    await client.expect_event("terminated")

    assert b"" == await client.reader.read()


async def test_launch_says_how_to_start_a_program(open_hits, new_hit) -> None:
    client = await open_hits(new_hit())
    await client.request("initialize", adapterID="x")

    error = await client.expect_error("launch", program="app.py")

    assert "livebreak run" in error["text"]
    assert error["showUser"]


async def test_the_capabilities_are_those_of_the_methods(open_hits, new_hit) -> None:
    client = await open_hits(new_hit())

    capabilities = await client.begin()

    assert capabilities["supportsStepBack"]
    assert capabilities["supportsEvaluateForHovers"]
    assert not {"supportsSetVariable", "supportTerminateDebuggee", "supportsTerminateRequest"} & capabilities.keys()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NUMBERS = st.sampled_from([-1, 0, 1, 2, 3, 999, 1000, 1001, 1002, 1005, 1010, 2**31, 2**63])
ARGUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "threadId": NUMBERS, "frameId": NUMBERS, "variablesReference": NUMBERS, "sourceReference": NUMBERS, "start": NUMBERS,
        "count": NUMBERS, "startFrame": NUMBERS, "levels": NUMBERS, "line": NUMBERS, "column": NUMBERS,
        "filter": st.sampled_from(["indexed", "named", "all"]), "text": st.text(max_size=9), "requestId": NUMBERS,
        "expression": st.sampled_from(["number", "(", "service", "names.x", "1/0", "\ud800", "[x for x in number]", ""]),
        "source": st.fixed_dictionaries({}, optional={
            "path": st.sampled_from(["/x.py", "", "\0", "file:///x"]), "sourceReference": NUMBERS,
        }),
        "breakpoints": st.lists(st.fixed_dictionaries({"line": NUMBERS}), max_size=3), "adapterID": st.just("x"),
        "context": st.sampled_from(["hover", "watch", "repl", "clipboard", "other"]),
    },
)  # fmt: skip
COMMANDS = st.sampled_from(sorted({*METHODS, "nonsense"} - {"disconnect", "terminate"}))
REQUESTS = st.lists(st.tuples(COMMANDS, ARGUMENTS | VALUES), max_size=25)


@given(requests=REQUESTS, begins=st.booleans())
@settings(max_examples=settings().max_examples * 4 // 5, suppress_health_check=list(HealthCheck))
def test_any_sequence_of_requests_is_answered(requests, begins) -> None:
    # A loop of its own, since hypothesis runs this many times inside of one test.
    asyncio.run(_converse(requests, begins))


async def _converse(requests: list[tuple[str, Any]], begins: bool) -> None:
    client_class, new_hit = _kit()
    hits = tuple(new_hit(number, process_id=f"p{number % 2}") for number in range(1, 6))
    pipe = Pipe(FileTarget(HitFile(hits=hits, breakpoints=())))
    client = client_class(*await asyncio.open_unix_connection(await pipe.open(), limit=1 << 24))
    try:
        if begins:
            await client.begin()
            await client.expect_stop()
            await client.frames(1)
        numbers = [client.send(command, arguments) for command, arguments in requests]
        for number in numbers:
            # Every message is held against the schema as it is read.
            response = await client.response(number)
            assert response["success"] or response["body"]["error"]["id"] != 1000, response
        last = await client.response(client.send("threads"))
        assert last["success"] or "initialize" in last["message"]
    finally:
        await client.close()
        await pipe.close()


_made: list[Any] = []


def _kit() -> Any:
    return _made[0]


@pytest.fixture(autouse=True)
def _take_kit(client_class, new_hit) -> None:
    _made[:] = [(client_class, new_hit)]
