"""A hit becomes a script that calls its function again."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from livebreak.debugger.replay import NotReplayable, Replay, replay_of
from livebreak_agent.vocabulary.model import Hit

SOURCE = """
import datetime

class Cart:
    def __init__(self):
        raise RuntimeError("no constructor runs")

    def total(self, items, *more, rate=1, **options):
        return (type(self).__name__, self.owner, items, more, rate, options)

    @classmethod
    def build(cls, name):
        return cls.__name__, name

    @staticmethod
    def plain(a, /, b):
        return a + b

    @property
    def label(self):
        return f"cart of {self.owner}"


async def fetch(key):
    return key * 2


def count(top):
    yield from range(top)


async def stream(top):
    for number in range(top):
        yield number


def outer():
    def inner(): ...
    return inner


def show(value):
    return value
"""


def hit_of(function: str, **variables: object) -> Hit:
    return Hit(
        id="h", breakpoint_id="b", timestamp="2026-01-05T12:00:00+00:00", filename="shop/cart.py", line_number=9,
        function=function, variables=variables,
    )  # fmt: skip


@pytest.fixture
def run(tmp_path: Path):
    """Runs a script without a debugger, and gives what the function returned."""
    path = tmp_path / "shop" / "cart.py"
    path.parent.mkdir()
    path.write_text(SOURCE)
    (path.parent / "__init__.py").write_text("")

    def call(hit: Hit) -> tuple[str, Replay]:
        made = replay_of(hit, SOURCE, path=str(path), root=str(tmp_path))
        script = tmp_path / "replay.py"
        script.write_text(made.script)
        # Python's own debugger, which is told to go on; debugpy is not to be found.
        (tmp_path / "debugpy.py").write_text("raise ImportError")
        done = subprocess.run(
            [sys.executable, str(script)], input="continue\n", capture_output=True, text=True, check=False, timeout=60
        )
        assert "It returned " in done.stdout, done.stdout + done.stderr
        return done.stdout.split("It returned ")[1].strip().rstrip("."), made

    return call


@pytest.mark.parametrize(
    ("function", "variables", "returned"),
    [
        (
            "Cart.total",
            {
                "self": {"py/object": "shop.cart.Cart", "owner": "ada"},
                "items": [1, {"a": None}],
                "more": {"py/object": "tuple", "items": [2, 3]},
                "rate": 0.5,
                "options": {"x": True},
                "local": 9,
            },
            "('Cart', 'ada', [1, {'a': None}], (2, 3), 0.5, {'x': True})",
        ),
        ("Cart.build", {"cls": {"py/object": "type", "value": "shop.cart.Cart"}, "name": "x"}, "('Cart', 'x')"),
        ("Cart.plain", {"a": 1, "b": 2}, "3"),
        ("Cart.label", {"self": {"py/object": "shop.cart.Cart", "owner": "ada"}}, "'cart of ada'"),
        ("fetch", {"key": "k"}, "'kk'"),
        ("count", {"top": 3}, "[0, 1, 2]"),
        ("stream", {"top": 2}, "[0, 1]"),
        ("show", {"value": {"py/object": "float", "value": "inf"}}, "inf"),
        ("show", {"value": {"py/object": "set", "items": [1]}}, "{1}"),
        ("show", {"value": {"py/object": "decimal.Decimal", "value": "1.10"}}, "Decimal('1.10')"),
        ("show", {"value": {"py/object": "datetime.date", "value": "2026-01-05"}}, "datetime.date(2026, 1, 5)"),
        ("show", {"value": {"py/object": "bytes", "value": "b'\\x00'"}}, "b'\\x00'"),
    ],
)
def test_the_function_is_called_with_what_was_captured(run, function, variables, returned) -> None:
    result, made = run(hit_of(function, **variables))

    assert returned == result
    assert () == made.missing


def test_what_cannot_be_rebuilt_is_named(run) -> None:
    cart = {
        "user": {"py/object": "shop.User", "name": "ada", "password": {"py/object": "str", "$cut": "redacted"}},
        "many": {"py/object": "list", "items": [1, 2], "$cut": "items", "$size": 90},
    }
    result, made = run(hit_of("show", value=cart))

    assert "{'user': <stand-in for shop.User>, 'many': [1, 2]}" == result
    assert 3 == len(made.missing)
    assert "stand-in for a shop.User" in made.missing[0]
    assert "redacted" in made.missing[1]
    assert "2 of 90" in made.missing[2]
    assert all(sentence in made.script for sentence in made.missing)


def test_an_argument_that_was_not_captured_is_none(run) -> None:
    result, made = run(hit_of("show"))

    assert "None" == result
    assert "`value` was not captured" in made.missing[0]


@pytest.mark.parametrize(
    ("function", "says"),
    [
        ("outer.<locals>.inner", "inside a function"),
        ("gone", "no function"),
        ("<module>", "no function"),
        ("Cart", "no function"),
        ("", "no function"),
    ],
)
def test_what_has_no_name_to_call_is_refused(function, says) -> None:
    with pytest.raises(NotReplayable, match=says):
        replay_of(hit_of(function), SOURCE, path="/x/shop/cart.py", root="/x")


HOSTILE = ["@ARGUMENTS@", "@PATH@", '"""', "'''", "\\", "\n__import__('os')", "\u202e", "\x00", "{0}", "\u2028import os", "#"]


@pytest.mark.parametrize("text", HOSTILE)
def test_captured_text_is_only_ever_a_literal(text) -> None:
    kind = {"py/object": f"T{text}", f"field{text}": text, "$object": True}
    hit = Hit(
        id=text, breakpoint_id=text, timestamp=text, filename=text, line_number=1, function="show", truncated=text,
        variables={"value": [text, {text: text}, kind, {"py/object": text, "$cut": text}, keyed(text)]},
    )  # fmt: skip

    script = replay_of(hit, SOURCE, path=f"/x/{text}.py", root="/x").script

    harmless = replay_of(hit_of("show", value=[]), SOURCE, path="/x/cart.py", root="/x").script
    assert statements(harmless) == statements(script)
    assert {"StandIn", "set"} >= calls_in_arguments(script)
    assert all(line.startswith("# - ") for line in remarks(script))


def keyed(text: str) -> list[object]:
    """What was cut where no value stands beside it: keys of a dict, and items of a set."""
    cut = {"py/object": "str", "$cut": text}
    return [{"py/object": "dict", "entries": [[cut, 1]]}, {"py/object": "set", "items": [cut]}]


def remarks(script: str) -> list[str]:
    """The lines of the list of what is missing."""
    lines = script.split("\n")
    return lines[lines.index("# What could not be rebuilt:") + 1 : lines.index("ARGUMENTS = {")]


def statements(script: str) -> list[str]:
    """What a script does, its literals aside."""
    return [type(node).__name__ + getattr(node, "name", "") for node in ast.parse(script).body]


def calls_in_arguments(script: str) -> set[str]:
    (arguments,) = (
        node.value for node in ast.parse(script).body if isinstance(node, ast.Assign) and node.targets[0].id == "ARGUMENTS"
    )
    return {ast.unparse(node.func) for node in ast.walk(arguments) if isinstance(node, ast.Call)}
