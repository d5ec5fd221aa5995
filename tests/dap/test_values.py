"""Frames, scopes, variables and expressions of a hit that is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from livebreak_agent.vocabulary.model import Awaiter, Breakpoint, Frame


async def stopped(open_hits, hit, **attach):
    client = await open_hits(
        hit, breakpoints=[Breakpoint(id="b1", filename="shop/cart.py", line_number=3, repository="acme/shop")]
    )
    await client.begin(**attach)
    await client.expect_stop()
    return client, await client.frames(1)


@pytest.fixture
async def rich(open_hits, new_hit):
    hit = new_hit(
        variables={
            "cart": {
                "py/object": "shop.cart.Cart",
                "items": [1, 2, 3],
                "$object": True,
                "owner": {"py/object": "shop.User", "name": "ada"},
            },
            "names": {"a b": 1, "ключ": [True]},
            "many": list(range(5000)),
            "short": {"py/object": "list", "items": [1, 2], "$cut": "items", "$size": 90},
            "password": {"py/object": "str", "$cut": "redacted"},
            "text": "x\u202e\x1b[31m",
        },
        watches={"sum(cart.items)": 6},
        request="GET /cart",
    )
    return await stopped(open_hits, hit)


async def test_frames_of_libraries_are_subtle(rich) -> None:
    _, frames = rich

    assert [None, None, "subtle"] == [frame.get("presentationHint") for frame in frames]
    assert [3, 9, 1000] == [frame["line"] for frame in frames]


async def test_a_library_on_another_host_is_not_looked_for(open_hits, new_hit, tmp_path) -> None:
    """Windows would send the user's credentials there; here two slashes are one, so that a file there is would be found."""
    library = tmp_path / "library.py"
    library.write_text("run()\n")
    stack = [Frame(function=name, filename=name, line_number=1, text="run()") for name in ("shop/cart.py", str(library))]
    stack += [replace(stack[1], filename=f"/{library}"), replace(stack[1], filename=f"\\\\{library}")]
    _, frames = await stopped(open_hits, new_hit(stack=tuple(stack)))

    sources = [frame["source"] for frame in frames[1:]]
    assert [False, True, True] == [bool(source.get("sourceReference")) for source in sources]
    assert str(library) == sources[0]["path"]


async def test_the_stack_comes_in_pages(rich) -> None:
    client, _ = rich

    body = await client.request("stackTrace", threadId=1, startFrame=1, levels=1)

    assert ["checkout"] == [frame["name"] for frame in body["stackFrames"]]
    assert 3 == body["totalFrames"]


async def test_scopes_tell_arguments_watches_and_the_process(open_hits, new_hit, checkout) -> None:
    hit = new_hit(
        variables={"self": 1, "items": [1], "rate": 2, "subtotal": 3},
        watches={"a": 1},
        context_variables={"tenant": "acme"},
        stack=(
            Frame(
                function="Cart.total", filename="shop/cart.py", line_number=3, text="return sum(items) * rate", in_repository=True
            ),
        ),
    )
    client, frames = await stopped(open_hits, hit, folder=str(checkout))
    scopes = await client.scopes(frames[0]["id"])

    assert ["Arguments", "Locals", "Watch expressions", "Context variables", "Process and request"] == list(scopes)
    assert ["self", "items", "rate"] == list(await client.variables(scopes["Arguments"]))
    assert ["subtotal"] == list(await client.variables(scopes["Locals"]))
    assert "'web'" == (await client.variables(scopes["Process and request"]))["service"]["value"]


async def test_every_evaluate_name_gives_the_value_again(rich) -> None:
    client, frames = rich
    pending = list((await client.scopes(frames[0]["id"])).values())
    compared = 0
    while pending:
        for variable in (await client.variables(pending.pop(), start=0, count=20)).values():
            if variable["variablesReference"]:
                pending.append(variable["variablesReference"])
            if "evaluateName" in variable:
                compared += 1
                assert variable["value"] == await client.evaluate(variable["evaluateName"], frames[0]["id"])
            assert "readOnly" in variable["presentationHint"]["attributes"]

    assert compared > 40


async def test_variables_come_in_pages_and_a_huge_count_is_bounded(rich) -> None:
    client, frames = rich
    many = (await client.variables((await client.scopes(frames[0]["id"]))["Locals"]))["many"]

    page = await client.variables(many["variablesReference"], filter="indexed", start=4990, count=2**31)
    everything = await client.variables(many["variablesReference"], count=2**31)

    assert 5000 == many["indexedVariables"]
    assert [str(number) for number in range(4990, 5000)] == list(page)
    assert "3,000 more" in everything["…"]["value"]


async def test_what_is_missing_of_a_value_is_said(rich) -> None:
    client, frames = rich
    shown = await client.variables((await client.scopes(frames[0]["id"]))["Locals"])

    assert "cut: 2 of 90 items" in shown["short"]["value"]
    assert "redacted" in shown["password"]["value"]
    assert r"'x\u202e\x1b[31m'" == shown["text"]["value"]


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("cart.owner.name", "'ada'"),
        ("cart.items[-1] * 2", "6"),
        ("[n for n in many if n > 4997]", "[4998, 4999]"),
        ("names['a b']", "1"),
        ("service", "'web'"),
        ("sum(cart.items)", "6"),
        ("many[10:12]", "[10, 11]"),
    ],
)
async def test_expressions_are_evaluated_over_the_frozen_hit(rich, expression, result) -> None:
    client, frames = rich

    assert result == await client.evaluate(expression, frames[0]["id"])


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("password", None),
        ("password == 'x'", "redacted"),
        ("short[5]", "captured"),
        ("nobody", "No variable"),
        ("print(1)", ""),
        ("cart.items.append(1)", ""),
        ("", "no expression"),
    ],
)
async def test_what_cannot_be_evaluated_is_a_sentence(rich, expression, says) -> None:
    client, frames = rich
    if says is None:
        assert "<redacted>" == await client.evaluate(expression, frames[0]["id"])
        return

    error = await client.expect_error("evaluate", expression=expression, frameId=frames[0]["id"], context="repl")

    assert says in error["text"]
    assert not error["showUser"]


async def test_another_frame_is_evaluated_with_its_own_locals(rich) -> None:
    client, frames = rich

    assert "'ada'" == await client.evaluate("user", frames[1]["id"])
    assert "were not captured" in (await client.expect_error("evaluate", expression="x", frameId=frames[2]["id"]))["text"]
    assert "'web'" == await client.evaluate("service", frames[2]["id"])


async def test_the_clipboard_gets_the_whole_value(rich) -> None:
    client, frames = rich

    copied = await client.evaluate("many", frames[0]["id"], "clipboard")

    assert str(list(range(5000))) == copied


async def test_a_console_without_a_frame_means_the_hit_that_is_looked_at(rich) -> None:
    client, _ = rich

    assert "'ada'" == await client.evaluate("cart.owner.name", context="repl")


@pytest.mark.parametrize(
    ("text", "column", "labels"),
    [
        ("ca", 3, ["cart"]),
        ("cart.", 6, ["items", "owner"]),
        ("len(cart.owner.n", 17, ["name"]),
        ("names.", 7, []),
        ("🙂 ca", 6, ["cart"]),
    ],
)
async def test_the_console_completes_names_and_fields(rich, text, column, labels) -> None:
    client, frames = rich

    targets = (await client.request("completions", text=text, column=column, frameId=frames[0]["id"]))["targets"]

    assert labels == [target["label"] for target in targets]
    typed = text.encode("utf-16-le")
    for target in targets:
        start = (target["start"] - 1) * 2
        assert target["label"].startswith(typed[start : start + target["length"] * 2].decode("utf-16-le"))


async def test_the_exception_that_is_handled_is_told(open_hits, new_hit, checkout) -> None:
    text = "try:\n    pay()\nexcept OSError as error:\n    log(error)\n"
    (checkout / "shop/cart.py").write_text(text)
    error = {"py/object": "builtins.OSError", "args": {"py/object": "tuple", "items": [2, "gone"]}}
    hit = new_hit(
        line_number=4,
        variables={"error": error},
        stack=(Frame(function="<module>", filename="shop/cart.py", line_number=4, text="log(error)", in_repository=True),),
    )
    client, _ = await stopped(open_hits, hit, folder=str(checkout))

    info = await client.request("exceptionInfo", threadId=1)

    assert "builtins.OSError" == info["exceptionId"]
    assert "gone" in info["description"]
    assert "error" == info["details"]["evaluateName"]


async def test_the_exception_that_the_process_tells_needs_no_source(open_hits, new_hit) -> None:
    handled = {"py/object": "shop.OutOfStock", "args": {"py/object": "tuple", "items": ["tea"]}}
    client, (frame, *_) = await stopped(open_hits, new_hit(exception=handled))

    info = await client.request("exceptionInfo", threadId=1)
    scope = await client.variables((await client.scopes(frame["id"]))["Exception being handled"])
    parts = await client.variables(scope["exception"]["variablesReference"])

    assert ("shop.OutOfStock", "OutOfStock(args=('tea',))") == (info["exceptionId"], info["description"])
    # No expression gives it: the line's frame has no name for it.
    assert "evaluateName" not in info["details"]
    assert [("args", None)] == [(name, part.get("evaluateName")) for name, part in parts.items()]


async def test_the_modules_variables_are_a_scope_of_the_lines_own_frame(open_hits, new_hit) -> None:
    hit = new_hit(variables={"rate": 2}, globals={"RATES": {"tea": 3}, "rate": 9, "service": "mine"})
    client, frames = await stopped(open_hits, hit)

    variables = await client.variables((await client.scopes(frames[0]["id"]))["Globals"])

    assert ["RATES", "rate", "service"] == list(variables)
    assert "RATES" == variables["RATES"]["evaluateName"]
    # A local hides the module's variable of its name, and that one the fact, as in code.
    assert ["3", "2", "'mine'"] == [await client.evaluate(it, frames[0]["id"]) for it in ("RATES['tea']", "rate", "service")]
    assert "Globals" not in await client.scopes(frames[1]["id"])
    assert "'web'" == await client.evaluate("service", frames[1]["id"])
    labels = [
        it["label"] for it in (await client.request("completions", text="RA", column=3, frameId=frames[0]["id"]))["targets"]
    ]
    assert ["RATES"] == labels


async def test_tasks_that_wait_are_below_the_stack(open_hits, new_hit) -> None:
    waiting = Frame(function="serve", filename="shop/api.py", line_number=30, text="await task", in_repository=True)
    client, frames = await stopped(open_hits, new_hit(awaiters=(Awaiter(task="Task-1", stack=(waiting,)),)))

    label, outer = frames[-2:]

    assert ("awaited by Task-1", "label") == (label["name"], label["presentationHint"])
    assert ("serve", 30) == (outer["name"], outer["line"])
    assert {} == await client.scopes(label["id"])
    assert "not captured" in next(iter(await client.scopes(outer["id"])))
    # Stepping out ends where the task's own stack does.
    for _ in range(5):
        await client.request("stepOut", threadId=1)
        await client.expect_stop()
    assert "run" == (await client.frames(1))[0]["name"]


async def test_without_an_exception_there_is_no_dialog(rich) -> None:
    client, _ = rich

    error = await client.expect_error("exceptionInfo", threadId=1)

    assert not error["showUser"]


async def test_lines_and_columns_start_where_the_client_says(open_hits, new_hit) -> None:
    client = await open_hits(new_hit())
    await client.begin(initialize={"linesStartAt1": False, "columnsStartAt1": False})
    await client.expect_stop()

    frame = (await client.frames(1))[0]

    assert (2, 0) == (frame["line"], frame["column"])


async def test_the_shown_hit_is_replayed_with_the_local_source(open_hits, new_hit, checkout) -> None:
    hit = new_hit(
        variables={"self": {"py/object": "shop.cart.Cart"}, "items": [1, 2], "rate": {"py/object": "X", "$cut": "depth"}}
    )
    client, _ = await stopped(open_hits, hit, folder=str(checkout))

    made = await client.request("livebreak/replay", threadId=1)

    assert str(checkout / "shop/cart.py") in made["script"]
    assert "    'items': [1, 2],\n" in made["script"]
    assert 1 == len(made["missing"])


async def test_without_the_source_a_replay_says_so(rich) -> None:
    client, _ = rich

    assert "is not on this machine" in (await client.expect_error("livebreak/replay", threadId=1))["text"]
