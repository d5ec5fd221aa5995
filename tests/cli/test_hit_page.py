"""What `hits show` prints beside locals and stack, where a hit has it."""

from __future__ import annotations

import pytest

from livebreak.cli.hit_page import print_hit
from livebreak_agent.vocabulary.model import Awaiter, Frame, Hit

FRAMES = (Frame(function="charge", filename="pay.py", line_number=7),)
HIT = Hit(
    id="h",
    breakpoint_id="b",
    timestamp="2026-01-02T03:04:05.000000Z",
    filename="pay.py",
    line_number=7,
    variables={"total": 40},
    globals={"RATE": 19},
    context_variables={"tenant": "acme"},
    exception={"type": "KeyError"},
    stack=FRAMES,
    awaiters=tuple(Awaiter(task=f"task-{n}\x1b[31m", stack=FRAMES) for n in range(5)),
)


def test_exception_globals_context_and_who_awaits_are_shown_and_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    print_hit(HIT, frame=0, full=False)
    short = capsys.readouterr().out
    print_hit(HIT, frame=0, full=True)
    full = capsys.readouterr().out

    heads = ["Locals", "Exception being handled", "Globals", "Context variables", "Stack", "Awaited by task-0"]
    places = [short.index(f"\n{head}") for head in heads]
    assert sorted(places) == places
    assert "  RATE\tint\t19" in short
    assert "  tenant\tstr\t" in short
    assert "\x1b" not in short
    assert (3, 5) == (short.count("Awaited by"), full.count("Awaited by"))
    assert "and 2 more tasks; --full shows them" in short


def test_what_a_hit_does_not_have_is_not_named(capsys: pytest.CaptureFixture[str]) -> None:
    print_hit(Hit(id="h", breakpoint_id="b", timestamp=HIT.timestamp, filename="pay.py", line_number=7), frame=0, full=False)
    out = capsys.readouterr().out

    assert [] == [word for word in ("Exception", "Globals", "Context", "Awaited") if word in out]
