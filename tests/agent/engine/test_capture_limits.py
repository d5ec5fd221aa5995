"""How much of a value is captured, every cut marked, and what never is."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import enum
import json
import sys
import time
import types

from livebreak_agent.capture.values import Walk
from livebreak_agent.limits import Limits, extent
from livebreak_agent.redaction import Mode, Redaction
from livebreak_agent.vocabulary import captured
from livebreak_agent.vocabulary.captured import Cut, Value


class Order(types.SimpleNamespace):
    pass


class Str(str):
    __slots__ = ()


class Color(enum.Enum):
    RED = 1


def test_long_texts_are_cut_and_say_so(read):
    assert Value(type="str", scalar="xxx", cut=Cut.LENGTH, size=10) == read("x" * 10, string_length=3)
    assert Value(type="bytes", scalar="b'xxx'", cut=Cut.LENGTH, size=10) == read(b"x" * 10, string_length=3)
    assert Value(type=f"{__name__}.Str", scalar="xxx", cut=Cut.LENGTH, size=10) == read(Str("x" * 10), string_length=3)
    assert "xxx" == read("xxx", string_length=3).scalar


def test_long_containers_are_cut_and_say_so(read):
    for value in (list(range(9)), tuple(range(9)), set(range(9)), frozenset(range(9)), collections.deque(range(9))):
        shown = read(value, items=2)
        assert (2, Cut.ITEMS, 9) == (len(shown.items), shown.cut, shown.size)
    shown = read(dict.fromkeys("abcdefghi"), items=2)
    assert (2, Cut.ITEMS, 9) == (len(shown.entries), shown.cut, shown.size)


def test_many_fields_are_cut_and_say_so(read):
    shown = read(types.SimpleNamespace(**{f"name_{number}": number for number in range(9)}), fields=2)
    assert (2, Cut.FIELDS, 9) == (len(shown.fields), shown.cut, shown.size)


def test_deep_values_are_cut_and_say_so(capture, read):
    shown = read([[[[1]]]], depth=2)
    assert Value(type="list", cut=Cut.DEPTH, size=1) == shown.items[0].items[0]
    assert Value(type="dict", cut=Cut.DEPTH, size=1) == read({"a": {"b": {"c": 1}}}, depth=2).entries[0][1].entries[0][1]
    assert Value(type=f"{__name__}.Order", cut=Cut.DEPTH) == read([Order(items=[])], depth=1).items[0]
    assert [[[]]] == capture([[[]]], depth=2)


def test_cycles_are_marked(capture, read):
    items = [1]
    items.append(items)
    assert Value(type="list", cut=Cut.CYCLE) == read(items).items[1]
    order = Order(items=[])
    order.items.append(order)
    assert Value(type=f"{__name__}.Order", cut=Cut.CYCLE) == dict(read(order).fields)["items"].items[0]
    mapping = {}
    mapping["self"] = mapping
    assert Value(type="dict", cut=Cut.CYCLE) == read(mapping).entries[0][1]
    shared = [1]
    assert [[1], [1]] == capture([shared, shared])


def test_the_size_of_a_hit_ends_the_walk(capture, read):
    shown = capture([["x" * 100] * 100] * 100, hit_bytes=2_000, items=1_000)
    assert len(json.dumps(shown)) < 6_000
    tree = captured.read(shown)
    assert (Cut.BYTES, 100) == (tree.cut, tree.size)


def test_the_time_of_a_hit_ends_the_walk(read):
    shown = read([[1], [2]], seconds=-1.0)
    assert Cut.TIME == shown.cut


def test_time_in_which_the_thread_does_not_run_is_not_of_the_hit():
    walk = Walk(extent(Limits(hit_seconds=0.05), None), Redaction())
    time.sleep(0.06)
    whole = walk.value([[1], [2]], 8)
    before = time.thread_time()
    while time.thread_time() - before < 0.05:
        pass

    assert [[1], [2]] == whole
    assert Cut.TIME == captured.read(walk.value([[1], [2]], 8)).cut


def test_huge_values_take_no_longer(read):
    whole = read(10**100_000)
    assert (Cut.LENGTH, "int") == (whole.cut, whole.type)
    assert hex(10**100_000).startswith(whole.scalar)
    assert len(hex(10**100_000)) - 2 == whole.size
    assert hex(-(10**100_000)).startswith(read(-(10**100_000)).scalar)
    assert 50_000_000 == read("x" * 50_000_000).size
    assert 1_000_000 == read(dict.fromkeys(range(1_000_000))).size


def test_integers_near_the_limits_are_whole(read):
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        assert read(2**1999).scalar.startswith(str(2**1999)[:600])
        assert Cut.LENGTH == read(2**2001).cut
    finally:
        sys.set_int_max_str_digits(before)


def test_what_has_a_telling_name_is_left_out_at_every_level(capture):
    order = types.SimpleNamespace(user=types.SimpleNamespace(name="ada", password_hash="s3cret"))
    value = {
        "order": order,
        "Authorization": "s3cret",
        b"Cookie": "s3cret",
        "headers": [("X-Api-Key", "s3cret"), [b"authorization", b"s3cret"], ("accept", "text/html")],
        ("token",): 1,
    }
    shown = capture(value, depth=8)
    assert "s3cret" not in json.dumps(shown)
    assert "ada" in json.dumps(shown)
    assert "text/html" in json.dumps(shown)
    assert {"py/object": "str", "$cut": "redacted"} in [item for _, item in shown["entries"]]


def test_what_has_a_telling_type_is_left_out(capture):
    secret = type("SecretStr", (types.SimpleNamespace,), {})(value="s3cret")
    assert {"py/object": f"{__name__}.SecretStr", "$cut": "redacted"} == capture(secret)


def test_strict_mode_keeps_numbers_and_the_shape(capture):
    strict = Redaction(mode=Mode.STRICT)
    value = {"name": "ada", "n": [1, 2.5, True, None], "d": decimal.Decimal("1.5"), "t": (b"x", Color.RED, dt.date(2026, 1, 1))}
    text = json.dumps(capture(value, redaction=strict))
    assert not any(word in text for word in ("ada", "name", "RED", "2026", "b'x'"))
    assert all(word in text for word in ("[1, 2.5, true, null]", "1.5"))
