"""`livebreak why`, and a hit by the reference that an editor gives out."""

from __future__ import annotations

from typing import Any, cast

import pytest

LINE = 14
"""`return total`, which runs all the time."""


@pytest.fixture
def hit(shop: Any, until: Any) -> dict[str, Any]:
    """A hit of a breakpoint on `LINE`."""
    shop.clear()
    added = shop.ask("breakpoints", "add", f"app.py:{LINE}")
    return cast("dict[str, Any]", until(lambda: next(iter(shop.ask("hits", "list", added["id"])["hits"]), None)))


def test_where_hits_come_every_step_has_passed(shop: Any, hit: dict[str, Any]) -> None:
    answer = shop.ask("why", f"app.py:{LINE}")
    done = shop.run("why", hit["breakpoint_id"])

    assert (hit["breakpoint_id"], True) == (answer["breakpoint"], answer["hits_come"])
    assert {"backend", "stored", "processes", "bound", "received"} <= {step["name"] for step in answer["steps"]}
    assert (0, "") == (done.returncode, done.stderr)
    assert f"app.py:{LINE}" in done.stdout.splitlines()[0]
    assert done.stdout.splitlines()[1] == "✓ The backend answers."


def test_where_none_can_come_the_step_that_fails_is_last_and_the_status_says_so(shop: Any) -> None:
    shop.clear()
    added = shop.ask("breakpoints", "add", f"app.py:{LINE}", "--service", "nowhere", "--no-wait")

    done = shop.run("why", added["id"])

    assert (1, "") == (done.returncode, done.stderr)
    assert done.stdout.splitlines()[-1].startswith("✕ The breakpoint asks for service nowhere; connected are web/test.")
    assert 5 == shop.run("why", "app.py:1").returncode


def test_hits_from_before_the_condition_was_changed_do_not_count(shop: Any, hit: dict[str, Any], until: Any) -> None:
    shop.ask("breakpoints", "edit", f"app.py:{LINE}", "--if", "1 > 2")

    def is_told() -> bool:
        # Until the process has told of its first passes under the new condition.
        return "The condition `1 > 2` was false all" in shop.run("why", hit["breakpoint_id"]).stdout

    assert until(is_told)
    assert shop.ask("breakpoints", "list")["breakpoints"][0]["hits"] > 0


def test_a_reference_that_a_teammate_sent_is_a_hits_name(shop: Any, hit: dict[str, Any]) -> None:
    assert hit["id"] == shop.ask("hits", "show", f"livebreak://hit/{hit['id']}")["id"]
