"""Log messages: what is written, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from livebreak_agent.vocabulary.expressions import ExpressionError, NotCaptured, Record, compile_message, limits


class Cart:
    def __init__(self) -> None:
        self.total = 120

    def __repr__(self) -> str:
        raise AssertionError("a __repr__ ran")


NAMES: dict[str, Any] = {"total": 42, "user": "ada", "items": [1, "b"], "table": {"k": {"n": 1}}, "cart": Cart()}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("", ""),
        ("plain", "plain"),
        ("total is {total}", "total is 42"),
        ("{user} {user!r} {user!s:>5} {total:06.2f} {total:,}", "ada 'ada'   ada 042.00 42"),
        ("{{}} {{total}} }}{{", "{} {total} }{"),
        ("{items} {items[1]} {items[0:1]}", "[1, 'b'] b [1]"),
        ("{table['k']['n']} {'}' + ':'} { {1: 2}[1] }", "1 }: 2"),
        ("{total != 42} {total == 42} {'!'}", "False True !"),
        ("{'it\\'s {fine}'}", "it's {fine}"),
        ("{f'<{total}>'}", "<42>"),
        ("{len(items)} of {sum([1, 2])}", "2 of 3"),
        ("{[x for x in items if x == 1]}", "[1]"),
        ("{totl}", "{totl: No variable named 'totl' here.}"),
        ("a {total / 0} b", "a {total / 0: The expression divides by zero.} b"),
        ("{user:d}", "{user: The format 'd' does not go with a str.}"),
        ("{cart.total} {[cart]}", "120 [<__TYPE__>]"),
        ("{cart}", "<__TYPE__>"),
    ],
)
def test_the_parts_are_replaced_by_their_values(text: str, rendered: str) -> None:
    expected = rendered.replace("__TYPE__", f"{Cart.__module__}.Cart")

    assert expected == compile_message(text).render(NAMES)


def test_what_was_captured_is_described() -> None:
    names = {
        "when": Record("datetime.datetime", {}, text="2026-11-23"),
        "cart": Record("shop.Cart", {}),
        "x": NotCaptured("redacted"),
    }

    assert "2026-11-23 <shop.Cart> <not captured: redacted>" == compile_message("{when} {cart} {x}").render(names)


def test_the_names_are_those_of_all_parts() -> None:
    assert frozenset({"total", "user", "items"}) == compile_message("{total} {user!r} {[total for total in items]}").names


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("a {total", "The { is never closed; write {{ for a brace.", 2),
        ("a {'b}", "The { is never closed; write {{ for a brace.", 2),
        ("a } b", "There is a } without a {; write }} for a brace.", 2),
        ("a {}", "There is no expression; write one such as `total > 100`.", 3),
        ("a {total!x}", "After ! there is r, s or a, as in {name!r}.", 8),
        ("a {total:>1000}", "The width and precision of a format are 200 at most.", 9),
        ("a {total:{width}}", None, 9),
        ("ab {  user.get('k')}", None, 6),
        ("ab {1 + open('f')}", None, 8),
        ("x" * (limits.EXPRESSION_LENGTH + 1), None, limits.EXPRESSION_LENGTH),
    ],
)
def test_what_is_no_message_is_refused_with_the_place(text: str, message: str | None, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_message(text)

    assert message is None or message == caught.value.message
    assert column == caught.value.column


def test_the_length_is_bounded() -> None:
    rendered = compile_message("{a}{a}{a} {b}").render({"a": "x" * 3_000, "b": list(range(10_000_000 // 100))})

    assert limits.MESSAGE_LENGTH == len(rendered)
    assert rendered.endswith("…")


def test_all_parts_share_the_steps_of_one_evaluation() -> None:
    names = {"items": list(range(limits.STEPS // 10))}
    part = "{sum(x for x in items)}"

    rendered = compile_message(" ".join([part] * 10)).render(names)

    assert rendered.startswith(str(sum(names["items"])))
    assert "takes too long" in rendered
