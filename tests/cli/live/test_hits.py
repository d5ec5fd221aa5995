"""`livebreak hits`, over hits of a real application whose values are hostile."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from livebreak.sync.hit_file import read_hit_file

LINE = 14
FULL = 17
"""Hits of the module's breakpoint, after which it is disabled, so that nothing moves under the tests. One more than there are
hexadecimal digits, so that two ids begin alike."""
UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Whatever a terminal would obey, and what reorders a line."""


@pytest.fixture(scope="module")
def breakpoint_id(shop: Any) -> str:
    added = shop.ask("breakpoints", "add", f"app.py:{LINE}", "--hit-limit", str(FULL), "--watch", "total + 1")
    end = time.monotonic() + 60
    while any(item["enabled"] for item in shop.stored()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return added["id"]


@pytest.fixture(scope="module")
def stored(shop: Any, breakpoint_id: str) -> list[dict[str, Any]]:
    """All hits, newest first."""
    listed = shop.ask("hits", "list", breakpoint_id[:8])
    assert (FULL, True, None) == (len(listed["hits"]), listed["complete"], listed["cursor"])
    return listed["hits"]


def test_hits_are_listed_newest_first_one_safe_line_each(shop: Any, stored: list[dict[str, Any]]) -> None:
    done = shop.run("hits", "list", f"app.py:{LINE}")
    rows = [line.split("\t") for line in done.stdout.splitlines()]

    assert (0, "") == (done.returncode, done.stderr)
    assert [(hit["timestamp"], hit["id"], f"app.py:{LINE}") for hit in stored] == [tuple(row[:3]) for row in rows]
    assert all("password=<redacted>" in row[4] for row in rows)
    assert not UNSAFE.search(done.stdout.replace("\t", "").replace("\n", ""))


def test_a_list_is_read_page_by_page_and_by_time(shop: Any, stored: list[dict[str, Any]]) -> None:
    first = shop.ask("hits", "list", "--file", "app.py", "--limit", "8")
    second = shop.ask("hits", "list", "--file", "app.py", "--limit", "20", "--before", first["cursor"])
    before = shop.ask("hits", "list", "--before", stored[3]["timestamp"])

    assert [hit["id"] for hit in stored] == [hit["id"] for hit in [*first["hits"], *second["hits"]]]
    assert (FULL - 8, None) == (len(second["hits"]), second["cursor"])
    assert [hit["id"] for hit in stored[4:]] == [hit["id"] for hit in before["hits"]]


def test_a_filter_is_over_variables_and_facts(shop: Any, stored: list[dict[str, Any]]) -> None:
    number = stored[5]["variables"]["number"]

    found = shop.ask("hits", "list", "--where", f"basket.lines[1]['price'] == {number * 3} and service == 'web'")

    assert [stored[5]["id"]] == [hit["id"] for hit in found["hits"]]


def test_a_hit_shows_locals_stack_cuts_and_redactions_and_obeys_none_of_them(shop: Any, stored: list[dict[str, Any]]) -> None:
    hit = stored[0]

    done = shop.run("hits", "show", hit["id"][:13])
    by_place = shop.run("hits", "show", f"app.py:{LINE}", "--where", f"number == {stored[7]['variables']['number']}")

    text = done.stdout
    assert (0, "") == (done.returncode, done.stderr)
    assert f"app.py:{LINE} in price" in text
    assert hit["id"] in text
    assert stored[7]["id"] in by_place.stdout
    assert re.search(r"password\tstr\t<redacted>", text)
    assert re.search(r"many\tlist\t.*cut: \d+ of 1,000 items", text)
    assert r"\x1b[31mred\x07 \u202egnp.exe" in text
    assert f"  total + 1\tint\t{hit['variables']['total'] + 1}" in text
    assert re.search(rf"→  0 app.py:{LINE}  price  return total  # the line\n   1 app.py:19  shop  return price", text)
    assert not UNSAFE.search(text.replace("\t", "").replace("\n", ""))


def test_a_whole_hit_and_other_frames(shop: Any, stored: list[dict[str, Any]]) -> None:
    hit = stored[0]["id"]

    short, full = shop.run("hits", "show", hit).stdout, shop.run("hits", "show", hit, "--full").stdout
    outer = shop.run("hits", "show", hit, "--frame", "1")
    beyond = shop.run("hits", "show", hit, "--frame", "99")

    assert "more; --full shows them" in short
    assert "more; --full shows them" not in full
    assert full.count("\n") > short.count("\n")
    assert "Locals of frame 1, shop" in outer.stdout
    assert "The locals of this frame were not captured" in outer.stdout
    assert (5, "") == (beyond.returncode, beyond.stdout)
    assert "frames, 0 to" in beyond.stderr


def test_the_difference_of_two_hits_is_in_the_parts_that_differ(shop: Any, stored: list[dict[str, Any]]) -> None:
    newer, older = stored[0], stored[1]

    found = shop.ask("hits", "diff", older["id"], newer["id"])
    piped = shop.run("hits", "diff", older["id"], newer["id"])

    paths = {it["path"]: (it["first"], it["second"]) for it in found["differences"]}
    was, now = older["variables"]["number"], newer["variables"]["number"]
    assert {
        "number": (str(was), str(now)),
        "basket.number": (str(was), str(now)),
        "basket.lines[0]['item']": (str(was), str(now)),
        "basket.lines[1]['price']": (str(was * 3), str(now * 3)),
        "total": (str(was * 2), str(now * 2)),
        "total + 1": (str(was * 2 + 1), str(now * 2 + 1)),
    } == paths
    assert {"password", "note", "many"} == set(found["same"])
    assert {"password", "note", "many"} >= set(found["uncertain"]) >= {"password", "many"}
    assert f"number\t{was}\t{now}" in piped.stdout.splitlines()
    assert "what is missing may differ" in piped.stderr


def test_an_exported_hit_is_whole_and_private(shop: Any, stored: list[dict[str, Any]], tmp_path: Path) -> None:
    file = tmp_path / "hit.json"

    done = shop.run("hits", "export", stored[0]["id"], "-o", str(file))
    printed = shop.run("hits", "export", stored[0]["id"])
    nowhere = shop.run("hits", "export", stored[0]["id"], "-o", str(tmp_path / "no" / "folder"))

    assert (0, "") == (done.returncode, done.stdout)
    document = json.loads(file.read_text())
    assert (1, stored[0], LINE) == (document["format"], document["hit"], document["breakpoint"]["line_number"])
    assert document == json.loads(printed.stdout)
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert (1, "", 1) == (nowhere.returncode, nowhere.stdout, len(nowhere.stderr.splitlines()))


def test_several_hits_are_exported_for_a_debugger(shop: Any, stored: list[dict[str, Any]], tmp_path: Path) -> None:
    file = tmp_path / "hits.json"

    done = shop.run("hits", "export", f"app.py:{LINE}", "--last", "3", "-o", str(file))
    none = shop.run("hits", "export", f"app.py:{LINE}", "--last", "3", "--where", "number < 0")

    assert (0, "") == (done.returncode, done.stdout)
    assert 3 == len(read_hit_file(file).hits)
    assert "There are older ones: --last takes up to 10,000" in done.stderr
    assert [LINE] == [item.line_number for item in read_hit_file(file).breakpoints]
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert (5, "", 1) == (none.returncode, none.stdout, len(none.stderr.splitlines()))


def test_a_hit_is_replayed_by_a_script_that_names_what_it_lacks(shop: Any, stored: list[dict[str, Any]], tmp_path: Path) -> None:
    file = tmp_path / "replay.py"

    done = shop.run("hits", "replay", stored[0]["id"], "-o", str(file))
    elsewhere = shop.run("hits", "replay", stored[0]["id"], folder=tmp_path)

    assert (0, "") == (done.returncode, done.stdout)
    assert "`password` is None: redacted." in done.stderr.splitlines()
    assert "hunter2" not in file.read_text()
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert (5, "", 1) == (elsewhere.returncode, elsewhere.stdout, len(elsewhere.stderr.splitlines()))


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["list", "--where", "number ="], 2, "--where is no filter"),
        (["list", "--before", "yesterday"], 2, "'yesterday' is no time"),
        (["list", "ffff"], 5, "There is no breakpoint 'ffff'"),
        (["list", "ffff", "--file", "app.py"], 2, "not both"),
        (["list", "--file", "other.py"], 5, "There is no breakpoint in other.py."),
        (["show", "00000000-0000-4000-8000-000000000000"], 5, "There is no hit"),
        (["show", f"app.py:{LINE}", "--where", "number < 0"], 5, "for which 'number < 0' is true"),
        (["tail", "--where", "("], 2, "--where is no filter"),
        (["tail", "app.py:1"], 5, "There is no breakpoint 'app.py:1'"),
    ],
)
def test_what_is_not_there_is_one_sentence_and_a_status(
    shop: Any, stored: list[dict[str, Any]], arguments: list[str], status: int, sentence: str
) -> None:
    done = shop.run("hits", *arguments)

    assert (status, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert sentence in done.stderr


def test_an_id_that_begins_several_hits_lists_them(shop: Any, stored: list[dict[str, Any]]) -> None:
    by_first: dict[str, set[str]] = {}
    for hit in stored:
        by_first.setdefault(hit["id"][0], set()).add(hit["id"])
    first, ids = max(by_first.items(), key=lambda item: len(item[1]))

    done = shop.run("hits", "show", first)

    assert (5, "") == (done.returncode, done.stdout)
    assert ids == {line.split()[0] for line in done.stderr.splitlines()[1:]}


def test_tail_shows_what_is_there_then_what_comes_each_once_in_order(shop: Any, stored: list[dict[str, Any]]) -> None:
    with shop.open("hits", "tail", f"app.py:{LINE}", "--last", "2", "--json", "--where", "number > 0") as tail:
        lines = [json.loads(tail.stdout.readline()) for _ in range(2)]
        shop.ask("breakpoints", "edit", f"app.py:{LINE}", "--hit-limit", "0")
        shop.ask("breakpoints", "enable", f"app.py:{LINE}")
        lines += [json.loads(tail.stdout.readline()) for _ in range(20)]
        shop.ask("breakpoints", "disable", f"app.py:{LINE}")
        tail.send_signal(signal.SIGINT)
        said = tail.communicate(timeout=30)[1]

    assert [stored[1], stored[0]] == lines[:2]
    assert len(lines) == len({hit["id"] for hit in lines})
    numbers = [hit["variables"]["number"] for hit in lines[2:]]
    assert sorted(numbers) == numbers
    assert (130, "") == (tail.returncode, said)


def test_tail_ends_with_the_reader_of_its_pipe_though_no_hit_comes(shop: Any, stored: list[dict[str, Any]]) -> None:
    tail = shop.open("hits", "tail", "-n", "3")
    with subprocess.Popen(["head", "-1"], stdin=tail.stdout, stdout=subprocess.PIPE, text=True) as head:
        tail.stdout.close()
        line = head.communicate(timeout=60)[0]
    said = tail.stderr.read()
    tail.stderr.close()

    assert 141 == tail.wait(30)
    assert (5, "") == (len(line.split("\t")), said)
    assert datetime.fromisoformat(line.split("\t")[0])


def test_tail_ends_when_its_breakpoint_is_removed(shop: Any, breakpoint_id: str) -> None:
    added = shop.ask("breakpoints", "add", f"app.py:{LINE - 1}", "--log", "number is {number}")["id"]

    with shop.open("hits", "tail", added[:8]) as tail:
        line = tail.stdout.readline()
        shop.ask("breakpoints", "remove", added)
        said = tail.communicate(timeout=60)[1]

    assert re.search(r"\tnumber is \d+$", line)
    assert (0, "The breakpoint was removed, so no more hits will come.") == (tail.returncode, said.strip())


def test_the_hits_of_all_breakpoints_of_a_file_are_one_list(shop: Any, stored: list[dict[str, Any]]) -> None:
    other = shop.ask("breakpoints", "add", f"app.py:{LINE - 1}", "--hit-limit", "3")["id"]
    end = time.monotonic() + 60
    while any(item["enabled"] for item in shop.stored()):
        assert time.monotonic() < end
        time.sleep(0.05)
    everything = [
        hit["id"]
        for hit in shop.ask("hits", "list", "--limit", "1000")["hits"]
        if hit["breakpoint_id"] in (other, stored[0]["breakpoint_id"])
    ]

    first = shop.ask("hits", "list", "--file", "app.py", "--limit", "2")
    rest = shop.ask("hits", "list", "--file", "app.py", "--limit", "1000", "--before", first["cursor"])

    assert 2 == len(first["hits"])
    assert everything == [hit["id"] for hit in [*first["hits"], *rest["hits"]]]
    assert (None, True) == (rest["cursor"], rest["complete"])
