"""Time and the stack are walked with a debugger's own keys."""

from __future__ import annotations

import pytest


async def number(client, thread_id=1) -> str:
    return (await client.locals(thread_id))["number"]["value"]


async def step(client, command, thread_id=1):
    await client.request(command, threadId=thread_id)
    return await client.expect_stop(thread_id)


async def test_the_first_stop_is_at_the_newest_hit(open_hits, new_hit) -> None:
    client = await open_hits(*map(new_hit, (2, 3, 1)))
    await client.begin()

    stop = await client.expect_stop()

    assert "breakpoint" == stop["reason"]
    assert stop["allThreadsStopped"]
    assert "3" == await number(client)


async def test_stepping_back_shows_the_older_hit_and_next_the_newer_one(open_hits, new_hit) -> None:
    client = await open_hits(*map(new_hit, (1, 2, 3)))
    await client.begin()
    await client.expect_stop()

    seen = []
    for command in ("stepBack", "stepBack", "next"):
        await step(client, command)
        seen.append(await number(client))

    assert ["2", "1", "2"] == seen


async def test_reverse_continue_is_the_oldest_and_continue_the_newest(open_hits, new_hit) -> None:
    client = await open_hits(*map(new_hit, range(1, 9)))
    await client.begin()
    await client.expect_stop()

    await step(client, "reverseContinue")
    oldest = await number(client)
    await step(client, "continue")

    assert ("1", "8") == (oldest, await number(client))


@pytest.mark.parametrize(("command", "says"), [("stepBack", "oldest"), ("next", "newest"), ("continue", "newest")])
async def test_at_an_end_of_time_it_stops_again_and_says_so(open_hits, new_hit, command, says) -> None:
    client = await open_hits(new_hit(7))
    await client.begin()
    await client.expect_stop()

    stop = await step(client, command)

    assert says in stop["text"]
    assert "7" == await number(client)


async def test_stepping_out_shows_the_caller_and_stepping_in_the_line_again(open_hits, new_hit) -> None:
    client = await open_hits(new_hit())
    await client.begin()
    await client.expect_stop()

    tops = []
    for command in ("stepOut", "stepOut", "stepOut", "stepIn", "stepIn", "stepIn"):
        await step(client, command)
        tops.append((await client.frames(1))[0]["name"])

    assert ["checkout", "run", "run", "checkout", "Cart.total", "Cart.total"] == tops


async def test_a_step_makes_what_the_client_holds_void(open_hits, new_hit) -> None:
    client = await open_hits(new_hit(1), new_hit(2))
    await client.begin()
    await client.expect_stop()
    frame = (await client.frames(1))[0]
    reference = (await client.scopes(frame["id"]))["Locals"]
    await step(client, "stepBack")

    for command, arguments in (("scopes", {"frameId": frame["id"]}), ("variables", {"variablesReference": reference})):
        error = await client.expect_error(command, **arguments)

        assert "not shown any more" in error["text"]


async def test_a_thread_is_one_breakpoint_in_one_process(open_hits, new_hit) -> None:
    hits = [
        new_hit(1),
        new_hit(2, process_id="p2", pid=42),
        new_hit(3, breakpoint_id="b2", filename="shop/api.py", line_number=9),
        new_hit(4, process_id="p3", service="mail", pid=43),
    ]
    client = await open_hits(*hits)
    await client.begin()
    await client.expect_stop()

    # Before these words is the time.
    names = [thread["name"].split(" ", 2)[2] for thread in (await client.request("threads"))["threads"]]

    assert ["mail cart.py:3", "web:41 api.py:9", "web:42 cart.py:3", "web:41 cart.py:3"] == names


async def test_walking_one_thread_leaves_the_others_where_they_are(open_hits, new_hit) -> None:
    client = await open_hits(*map(new_hit, (1, 3)), new_hit(2, process_id="p2"), new_hit(4, process_id="p2"))
    await client.begin()
    first = (await client.expect_stop())["threadId"]
    (other,) = {thread["id"] for thread in (await client.request("threads"))["threads"]} - {first}

    await step(client, "stepBack", first)

    assert ("2", "3") == (await number(client, first), await number(client, other))


async def test_a_named_hit_is_the_first_stop_and_the_others_are_a_step_away(open_hits, new_hit) -> None:
    hits = [*map(new_hit, range(1, 6)), new_hit(9, breakpoint_id="b2")]
    client = await open_hits(*hits)
    await client.begin(hit=f"livebreak://hit/{hits[2].id}")

    stop = await client.expect_stop()
    seen = [await number(client, stop["threadId"])]
    for command in ("stepBack", "next", "next"):
        await step(client, command)
        seen.append(await number(client))

    assert ("Hit (2 newer)", ["3", "2", "3", "4"]) == (stop["description"], seen)
    assert 1 == len((await client.request("threads"))["threads"])


async def test_a_named_hit_is_of_the_first_thread_however_many_processes_hit_later(open_hits, new_hit) -> None:
    old = new_hit(1, process_id="p7")
    client = await open_hits(*(new_hit(number, process_id=f"p{number}") for number in range(2, 6)), old)
    await client.begin(hit=old.id)

    stop = await client.expect_stop()

    assert (1, "1") == (stop["threadId"], await number(client, 1))
    assert 5 == len((await client.request("threads"))["threads"])


async def test_a_hit_that_is_gone_cannot_be_begun_at(open_hits, new_hit) -> None:
    client = await open_hits(new_hit(1))
    await client.request("initialize", adapterID="livebreak")

    error = await client.expect_error("attach", hit="00000000-0000-4000-8000-000000000077")

    assert (3003, True) == (error["id"], error["showUser"])
    assert "kept for a set time" in error["text"]
