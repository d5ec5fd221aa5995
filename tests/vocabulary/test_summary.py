"""What one line can show of a hit."""

from __future__ import annotations

from livebreak_agent.vocabulary.model import Frame, Hit
from livebreak_agent.vocabulary.summary import MOST_VARIABLES, summarise


def hit(condition: str | None = None, text: str | None = None, **variables: object) -> Hit:
    frame = Frame(function="f", filename="a.py", line_number=1, text=text)
    return Hit(
        id="1", breakpoint_id="b", timestamp="", filename="a.py", line_number=1, variables=variables, condition=condition,
        stack=(frame,),
    )  # fmt: skip


def shown(hit: Hit) -> list[str]:
    return list(summarise(hit).variables or ())


def test_the_condition_comes_first_then_the_line_then_the_rest() -> None:
    assert ["total", "user", "a", "b"] == shown(hit("total < 0", "pay(user, total)", a=1, user="ada", b=2, total=-1))


def test_the_object_of_a_method_comes_last() -> None:
    assert ["a", "self"] == shown(hit(text="self.pay(a)", self=1, a=2))


def test_long_values_are_left_out() -> None:
    assert ["small"] == shown(hit("big", big="x" * 5000, small=1))


def test_it_is_bounded() -> None:
    assert MOST_VARIABLES == len(shown(hit(**{f"v{number}": number for number in range(100)})))


def test_values_that_are_no_json_are_left_out() -> None:
    assert ["fine"] == shown(hit(odd=object(), fine=1))
