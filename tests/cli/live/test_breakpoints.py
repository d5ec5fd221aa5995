"""`livebreak breakpoints`, as processes, with a real backend and a real application."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

LINE = 14


@pytest.fixture(scope="module")
def bob(project: Any, livebreak: Any) -> dict[str, str]:
    """A teammate's environment."""
    options = ("--project", str(project.id), "--scope", "live_debugger:write", "--for", "bob", "--json", "--data-dir")
    return {"LIVEBREAK_API_KEY": json.loads(livebreak("keys", "create", *options, str(project.data)).stdout)["key"]}


@pytest.fixture(autouse=True)
def clean(shop: Any) -> Iterator[None]:
    yield
    shop.clear()


def test_a_breakpoint_is_pinned_to_the_local_text_and_said_to_be_bound(shop: Any) -> None:
    added = shop.run("breakpoints", "add", f"app.py:{LINE}", "--if", "number > 0", "--expires", "2h", "--watch", "number + 1")
    (listed,) = shop.ask("breakpoints", "list")["breakpoints"]
    piped = shop.run("breakpoints", "list").stdout.splitlines()

    assert (0, "") == (added.returncode, added.stderr)
    assert [listed["id"], f"app.py:{LINE}", "bound"] == added.stdout.split("\t")[:3]
    assert added.stdout.split("\t")[3].startswith("Bound in 1 of 1 process (web test")
    assert ("acme/shop", "ada", True) == (listed["repository"], listed["owner"], listed["mine"])
    assert ("number > 0", ["number + 1"], "return total  # the line") == (
        listed["condition"],
        listed["watches"],
        listed["anchor"]["text"],
    )
    assert [listed["id"], f"acme/shop:app.py:{LINE}"] == piped[0].split("\t")[:2]
    # The line may have run too often by now.
    assert piped[0].split("\t")[2] in ("bound 1/1", "rate-limited 1/1")


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["add", "app.py"], 2, "'app.py' is no FILE:LINE"),
        (["add", "nowhere.py:3"], 5, "There is no file nowhere.py."),
        (["add", ".:3"], 5, ". is a folder; name a file."),
        (["add", "app.py:900"], 5, "app.py has 26 lines, so there is no line 900."),
        (["add", "app.py:2"], 5, "There is no code on line 2 of app.py; the nearest with code: 1 and 4."),
        (["add", f"app.py:{LINE}", "--if", "total >"], 2, "--if 'total >' cannot be used"),
        (["add", f"app.py:{LINE}", "--if", "open('x')"], 2, "--if \"open('x')\" cannot be used"),
        (["add", f"app.py:{LINE}", "--watch", "a = 1"], 2, "--watch 'a = 1' cannot be used"),
        (["add", f"app.py:{LINE}", "--log", "total {"], 2, "--log 'total {' cannot be used"),
        (["add", f"app.py:{LINE}", "--expires", "soon"], 2, "--expires: 'soon' is no length of time"),
        (["add", "../x.py:1", "--repository", "a/b"], 2, "'../x.py' is no path in a repository."),
        (["edit", "app.py:1", "--if", "x"], 5, "There is no breakpoint 'app.py:1'"),
        (["edit", "app.py:1"], 2, "Say what to change"),
        (["enable", "ffff"], 5, "There is no breakpoint 'ffff'"),
        (["disable", "no such"], 5, "There is no breakpoint 'no such'"),
        (["remove"], 2, "Say which breakpoints to remove"),
        (["remove", "x", "--all-mine"], 2, "Say which breakpoints to remove"),
        (["list", "--connection", "other"], 3, "There is no connection named 'other'"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_a_status(shop: Any, arguments: list[str], status: int, sentence: str) -> None:
    done = shop.run("breakpoints", *arguments)

    assert (status, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert sentence in done.stderr
    assert [] == shop.stored()


def test_a_file_outside_every_repository_needs_the_repository_named(shop: Any, tmp_path: Path) -> None:
    (tmp_path / "loose.py").write_text("x = 1\n")

    refused = shop.run("breakpoints", "add", "loose.py:1", folder=tmp_path)
    named = shop.ask("breakpoints", "add", f"app.py:{LINE}", "--repository", "acme/shop", folder=tmp_path)

    assert (5, "") == (refused.returncode, refused.stdout)
    assert "is in no git repository" in refused.stderr
    assert ("bound", None) == (named["state"], named.get("anchor"))


def test_the_nearest_lines_of_the_process_are_said_where_there_is_no_local_text(shop: Any, tmp_path: Path) -> None:
    added = shop.ask("breakpoints", "add", "app.py:2", "--repository", "acme/shop", folder=tmp_path)

    assert ("failed", 2) == (added["state"], len(added["nearest_lines"]))
    assert "No code on line 2 of app.py" in added["message"]


def test_a_name_that_the_line_does_not_know_is_doubted_and_sent_all_the_same(shop: Any) -> None:
    done = shop.run("breakpoints", "add", f"app.py:{LINE}", "--if", "totl > 1")

    assert (0, 1) == (done.returncode, len(done.stderr.splitlines()))
    assert "totl" in done.stderr
    assert ["totl > 1"] == [item["condition"] for item in shop.stored()]


def test_one_that_nobody_runs_is_stored_and_says_so_at_once(shop: Any) -> None:
    added = shop.ask("breakpoints", "add", f"app.py:{LINE}", "--service", "other", "--no-wait")

    assert ("stored", "other") == (added["state"], added["service"])


def test_a_second_one_on_a_line_is_refused_with_the_first_ones_id(shop: Any) -> None:
    first = shop.ask("breakpoints", "add", f"app.py:{LINE}")

    second = shop.run("breakpoints", "add", f"app.py:{LINE}")

    assert (1, "") == (second.returncode, second.stdout)
    assert f"You have a breakpoint on app.py:{LINE} already ({first['id'][:8]})" in second.stderr


def test_a_breakpoint_is_named_by_the_beginning_of_its_id_or_by_its_place(shop: Any, tmp_path: Path) -> None:
    one = shop.ask("breakpoints", "add", f"app.py:{LINE}")["id"]
    other = shop.ask("breakpoints", "add", f"app.py:{LINE - 1}")["id"]
    short = next(one[:length] for length in range(1, 37) if one[:length] != other[:length])

    by_id = shop.ask("breakpoints", "disable", short)
    by_place = shop.ask("breakpoints", "disable", f"app.py:{LINE - 1}")
    from_elsewhere = shop.ask("breakpoints", "enable", f"app.py:{LINE}", "--no-wait", folder=tmp_path)
    removed = shop.ask("breakpoints", "remove", one, other)

    assert [(one, "disabled")] == [(it["id"], it["state"]) for it in by_id["breakpoints"]]
    assert [other] == [it["id"] for it in by_place["breakpoints"]]
    assert [(one, True)] == [(it["id"], it["enabled"]) for it in from_elsewhere["breakpoints"]]
    assert {one, other} == set(removed["removed"])


def test_a_name_that_means_several_lists_them(shop: Any) -> None:
    ids = {
        repository: shop.ask("breakpoints", "add", "shop/cart.py:3", "--repository", repository, "--no-wait")["id"]
        for repository in ("acme/one", "acme/two")
    }

    done = shop.run("breakpoints", "disable", "cart.py:3")

    assert (5, "") == (done.returncode, done.stdout)
    assert "'cart.py:3' can mean 2 breakpoints; say which." == done.stderr.splitlines()[0]
    assert {f"  {id}  shop/cart.py:3  {name}  ada" for name, id in ids.items()} == set(done.stderr.splitlines()[1:])


def test_a_place_follows_the_local_text(shop: Any) -> None:
    added = shop.ask("breakpoints", "add", f"app.py:{LINE}")["id"]
    text = (shop.folder / "app.py").read_text()
    (shop.folder / "app.py").write_text(f"# one more line\n{text}")
    try:
        found = shop.ask("breakpoints", "disable", f"app.py:{LINE + 1}")["breakpoints"]
    finally:
        (shop.folder / "app.py").write_text(text)

    assert [added] == [it["id"] for it in found]


def test_settings_are_changed_and_taken_away_one_by_one(shop: Any) -> None:
    name = f"app.py:{LINE}"
    shop.ask("breakpoints", "add", name, "--if", "total > 1", "--hit-limit", "5", "--watch", "number")

    edited = shop.ask("breakpoints", "edit", name, "--log", "total is {total}", "--hit-limit", "0")
    cleared = shop.ask("breakpoints", "edit", name, "--if", "", "--log", "", "--watch", "")

    assert ("total > 1", "total is {total}", None, ["number"]) == (
        edited["condition"],
        edited["log_message"],
        edited.get("hit_limit"),
        edited["watches"],
    )
    assert (None, None, []) == (cleared.get("condition"), cleared.get("log_message"), cleared["watches"])


def test_a_teammates_breakpoint_is_touched_only_by_who_names_the_teammate(shop: Any, bob: dict[str, str]) -> None:
    theirs = shop.ask("breakpoints", "add", f"app.py:{LINE}", environment=bob)["id"]

    for command in (["disable"], ["remove"], ["edit", "--if", "total"]):
        refused = shop.run("breakpoints", command[0], theirs[:8], *command[1:])
        assert (4, "") == (refused.returncode, refused.stdout)
        assert f"The breakpoint at app.py:{LINE} is bob's; say --owner bob if you mean it." == refused.stderr.strip()
    assert 5 == shop.run("breakpoints", "disable", theirs, "--owner", "eve").returncode
    assert "disabled" == shop.ask("breakpoints", "disable", theirs[:8], "--owner", "bob")["breakpoints"][0]["state"]
    assert [] == shop.ask("breakpoints", "list", "--mine")["breakpoints"]
    assert [theirs] == [it["id"] for it in shop.ask("breakpoints", "list", "--owner", "bob", "--file", "app.py")["breakpoints"]]


def test_all_of_mine_go_only_after_a_yes_and_nobody_elses(shop: Any, bob: dict[str, str]) -> None:
    mine = shop.ask("breakpoints", "add", f"app.py:{LINE}", "--no-wait")["id"]
    theirs = shop.ask("breakpoints", "add", f"app.py:{LINE - 1}", "--no-wait", environment=bob)["id"]

    refused = shop.run("breakpoints", "remove", "--all-mine")
    removed = shop.ask("breakpoints", "remove", "--all-mine", "--yes")

    assert (2, "") == (refused.returncode, refused.stdout)
    assert "say --yes if they all may go" in refused.stderr
    assert [mine] == removed["removed"]
    assert [theirs] == [it["id"] for it in shop.ask("breakpoints", "list")["breakpoints"]]


def test_processes_and_the_kill_switch(shop: Any) -> None:
    shop.ask("breakpoints", "add", f"app.py:{LINE}")

    (process,) = shop.ask("processes", "list")["processes"]
    row = shop.run("processes", "list").stdout.split("\t")
    paused = shop.ask("pause", "--service", "web", "--reason", "too hot")
    state = shop.ask("breakpoints", "list")["breakpoints"][0]
    resumed = shop.run("resume", "--service", "web")
    again = shop.run("resume", "--service", "web")

    assert ("web", "acme/shop", "bound") == (
        process["process"]["service"],
        process["process"]["repository"],
        process["bindings"][0]["state"],
    )
    assert [process["process"]["id"], "web", "test"] == row[:3]
    assert [("ada", "web", "too hot")] == [(it["by"], it["service"], it["reason"]) for it in paused["pauses"]]
    assert ("paused", True) == (state["state"], "too hot" in state["message"])
    assert (0, "Nothing is paused; breakpoints are armed.\n", "") == (resumed.returncode, resumed.stdout, resumed.stderr)
    assert (0, "Service web was not paused.\n") == (again.returncode, again.stderr)


def test_a_plain_api_takes_a_condition_and_says_what_it_cannot(shop: Any, spawn: Any, livebreak: Any, tmp_path: Path) -> None:
    options = ("--json", "--data-dir", str(tmp_path))
    project = json.loads(livebreak("projects", "create", "plain", *options).stdout)["id"]
    key = json.loads(livebreak("keys", "create", "--project", str(project), "--scope", "*", *options).stdout)["key"]
    program = Path(__file__).parents[2] / "remote" / "plain_backend.py"
    host = spawn("plain", [sys.executable, str(program), str(tmp_path)]).printed(r"listening on (http://\S+)")[1]
    plain = {"LIVEBREAK_HOST": host, "LIVEBREAK_PROJECT": str(project), "LIVEBREAK_API_KEY": key}

    added = shop.ask("breakpoints", "add", f"app.py:{LINE}", "--if", "total > 1", environment=plain)
    beyond = shop.run("breakpoints", "edit", f"app.py:{LINE}", "--log", "text", environment=plain)
    paused = shop.run("pause", environment=plain)
    everything = shop.run("breakpoints", "remove", "--all-mine", "--yes", environment=plain)

    assert ("stored", "total > 1") == (added["state"], added["condition"])
    assert (4, "") == (beyond.returncode, beyond.stdout)
    assert "stores a condition and nothing more (not log_message)" in beyond.stderr
    assert (1, 1) == (paused.returncode, len(paused.stderr.splitlines()))
    assert 4 == everything.returncode
