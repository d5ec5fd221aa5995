"""A hit as the event that carries it."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from livebreak_agent.vocabulary import hit_event
from livebreak_agent.vocabulary.model import Awaiter, Frame, Hit

HIT = Hit(
    id="0199a1b2-0000-7000-8000-000000000001",
    breakpoint_id="0199a1b2-0000-7000-8000-000000000002",
    timestamp="2026-11-23T07:20:00.120000Z",
    filename="shop/cart.py",
    line_number=42,
    function="Cart.total",
    variables={"total": 120, "user": "ada", "items": [1, {"py/object": "shop.Item", "price": 3}], "nothing": None},
    watches={"len(items)": 2},
    message="total is 120",
    stack=(
        Frame(
            function="Cart.total",
            filename="shop/cart.py",
            line_number=42,
            text="return x",
            in_repository=True,
            variables={"a": 1},
        ),
        Frame(function="run", filename="/lib/run.py", line_number=7),
    ),
    truncated="bytes",
    digest="a" * 40,
    condition="total > 100",
    process_id="0199a1b2-0000-7000-8000-000000000003",
    service="web",
    environment="prod",
    host="web-1",
    pid=17,
    revision="b" * 40,
    thread="MainThread",
    task="Task-1",
    request="GET /cart",
    request_id="r1",
    trace_id="t1",
    span_id="s1",
    context_variables={"tenant": "acme"},
    globals={"RATE": 0.2},
    exception={"py/object": "KeyError", "args": {"py/tuple": ["total"]}},
    awaiters=(
        Awaiter(task="Task-2", stack=(Frame(function="wait", filename="shop/cart.py", line_number=50, in_repository=True),)),
        Awaiter(),
    ),
)


def there_and_back(hit: Hit) -> Hit | None:
    event = json.loads(json.dumps(hit_event.write(hit)))
    return hit_event.read(event["uuid"], event["timestamp"], event["properties"], verified=hit.verified)


def test_a_hit_survives_the_way_there_and_back() -> None:
    assert HIT == there_and_back(HIT)


def test_every_field_of_a_hit_is_carried() -> None:
    carried = {field.name for field in dataclasses.fields(Hit)} - {"pinned_by"}  # what the backend knows of it, not the event
    assert all(getattr(HIT, name) not in (None, (), {}) for name in carried)


def test_what_is_not_there_is_not_written() -> None:
    event = hit_event.write(Hit(id="i", breakpoint_id="b", timestamp="t", filename="f", line_number=1))

    assert not [key for key in event["properties"] if key.startswith("$livebreak")]
    assert "i" == event["distinct_id"]


def test_the_event_is_what_the_contract_says() -> None:
    event = hit_event.write(HIT)
    properties = event["properties"]

    assert "$data_breakpoint_hit" == event["event"]
    assert HIT.id == event["uuid"]
    assert (HIT.breakpoint_id, "shop/cart.py", 42) == tuple(
        properties[key] for key in ("$breakpoint_id", "$file_path", "$line_number")
    )
    assert {"total": "120", "user": '"ada"', "nothing": "null"}.items() <= properties["$locals_variables"].items()
    frame = properties["$stack_trace"][0]
    assert ("Cart.total", "shop/cart.py", 42) == (frame["function"], frame["filename"], frame["lineno"])
    assert ("shop/cart.py", "Cart.total", 42) == (frame["0"], frame["1"], frame["2"])


BASE: dict[str, Any] = {"$breakpoint_id": "b", "$line_number": 3, "$file_path": "f.py"}


def read(**properties: Any) -> Hit | None:
    return hit_event.read("id", "time", BASE | {f"${name}": value for name, value in properties.items()}, verified=False)


@pytest.mark.parametrize(
    ("line", "number"), [(42, 42), ("42", 42), ("abc", None), (1.5, None), (None, 0), (True, None), ("9" * 5000, None)]
)
def test_line_numbers_come_as_numbers_and_as_texts(line: object, number: int | None) -> None:
    hit = read(line_number=line)

    assert number == (hit.line_number if hit else None)


@pytest.mark.parametrize("variables", ["{}", [1], 3])
def test_variables_that_are_no_object_make_no_hit(variables: object) -> None:
    assert read(locals_variables=variables) is None


@pytest.mark.parametrize("breakpoint_id", [None, 3, ["b"]])
def test_a_breakpoint_id_is_a_text(breakpoint_id: object) -> None:
    assert read(breakpoint_id=breakpoint_id) is None


def test_the_triples_of_the_original_agent_are_a_stack() -> None:
    hit = read(stack_trace=[["shop/cart.py", "total", 3], ["run.py", "<module>", "9"]])

    assert hit is not None
    assert "total" == hit.function
    assert (
        Frame(filename="shop/cart.py", function="total", line_number=3),
        Frame(filename="run.py", function="<module>", line_number=9),
    ) == hit.stack


def test_the_objects_of_the_server_s_own_tests_are_a_stack() -> None:
    hit = read(stack_trace=[{"function": "total", "line": 3, "file": "cart.py"}])

    assert hit is not None
    assert (Frame(filename="cart.py", function="total", line_number=3),) == hit.stack


@pytest.mark.parametrize("stack", [None, "text", {}, [1, "x", [], [1], [None, None, None], {"function": None, "variables": [1]}]])
def test_a_stack_of_anything_is_read_somehow(stack: object) -> None:
    hit = read(stack_trace=stack)

    assert hit is not None
    assert all(isinstance(frame, Frame) for frame in hit.stack)


@pytest.mark.parametrize(
    ("value", "decoded"),
    [
        ("1", 1),
        ('"ada"', "ada"),
        ("not json", "not json"),
        ("", ""),
        (3, 3),
        ({"a": [1]}, {"a": [1]}),
        ("9" * 5_000, "9" * 5_000),
        ("[" * 100_000, "[" * 100_000),
        ("NaN", {"py/object": "float", "value": "nan"}),
        ('{"a": [-Infinity, 1e999]}', {"a": [{"py/object": "float", "value": "-inf"}, {"py/object": "float", "value": "inf"}]}),
        ('{"a\\ud800": "b\\udfff"}', {"a\ufffd": "b\ufffd"}),
        ("raw \ud800", "raw \ufffd"),
        ('"\\ud83d\\ude00 NaN"', "\N{GRINNING FACE} NaN"),
        ("1.5e3", 1500.0),
    ],
)
def test_a_variable_is_json_or_a_text(value: object, decoded: object) -> None:
    assert decoded == hit_event.decode(value)


def test_deep_nesting_is_cut() -> None:
    data = hit_event.decode("[" * 900 + "]" * 900)
    depth = 0
    while isinstance(data, list):
        data = data[0] if data else None
        depth += 1

    assert hit_event.DEEPEST == depth
    assert {"py/object": "object", "$cut": "depth"} == data


def test_file_names_that_are_no_utf_8_can_be_sent() -> None:
    name = b"caf\xe9.py".decode("utf-8", "surrogateescape")
    hit = dataclasses.replace(
        HIT,
        filename=name,
        variables={name: [name]},
        message=name,
        stack=(Frame(function=name, filename=name, line_number=1, text=name),),
    )

    json.dumps(hit_event.write(hit), ensure_ascii=False).encode()

    read_back = there_and_back(hit)
    assert read_back is not None
    assert {"caf\ufffd.py": ["caf\ufffd.py"]} == read_back.variables


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=6)
    | st.sampled_from(["NaN", '"\\ud800"']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=4), inner, max_size=3),
)
KEYS = ["$locals_variables", "$stack_trace", "$line_number", "$file_path", "$livebreak_watches", "$livebreak_pid", "$thread_name"]


@settings(max_examples=4 * settings().max_examples)
@given(
    st.dictionaries(st.sampled_from(KEYS), anything), st.dictionaries(st.text(st.characters(), max_size=3), anything, max_size=3)
)
def test_whatever_anybody_sends_can_be_passed_on_as_strict_json(properties: dict[str, Any], variables: dict[str, Any]) -> None:
    frame = {"function": "f", "filename": "g", "lineno": 1, "variables": variables}
    sent = {"$breakpoint_id": "b", "$line_number": 3, "$locals_variables": variables, "$stack_trace": [frame], **properties}
    hit = hit_event.read("id", "time", sent, verified=False)

    if hit is not None:
        json.dumps(dataclasses.asdict(hit), ensure_ascii=False, allow_nan=False).encode()


@given(st.one_of(st.text(max_size=20), st.text(alphabet=' \t\n\r[]{}",:-+.01enultrfas\\', max_size=12)))
def test_a_text_is_what_json_makes_of_it_or_itself(text: str) -> None:
    assume(not re.search(r"\d[eE]|NaN|Infinity", text))  # numbers that are not finite are written otherwise
    try:
        expected = json.loads(text)
    except ValueError:
        expected = text

    assert expected == hit_event.decode(text)


@pytest.mark.parametrize("awaiters", ["Task-1", {"task": "Task-1"}, [3, None], {}])
def test_odd_awaiters_are_none(awaiters: object) -> None:
    hit = read(livebreak_awaiters=awaiters)
    assert hit is not None
    assert () == hit.awaiters


def test_an_awaiter_with_odd_parts_keeps_the_others() -> None:
    hit = read(livebreak_awaiters=[{"task": 3, "stack": "none"}, {"task": "T", "stack": [["f.py", "run", 1]]}])
    assert hit is not None
    assert [(None, 0), ("T", 1)] == [(one.task, len(one.stack)) for one in hit.awaiters]
