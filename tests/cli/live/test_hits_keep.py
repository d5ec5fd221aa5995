"""`livebreak hits pin`, `unpin`, `purge`, and `projects retention`."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest


def send(project: Any, breakpoint_id: str) -> str:
    hit_id = str(uuid.uuid4())
    properties = {"$breakpoint_id": breakpoint_id, "$line_number": 1, "$file_path": "a.py"}
    event = {"event": "$data_breakpoint_hit", "distinct_id": "d", "uuid": hit_id, "properties": properties}
    answer = httpx.post(project.host + "/batch/", json={"api_key": project.token, "batch": [event]})
    assert 200 == answer.status_code
    return hit_id


@pytest.fixture
def run(project: Any, livebreak: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments: livebreak(*arguments, environment=project.for_editor)


def test_a_pinned_hit_outlives_a_purge_of_the_others(project: Any, run: Callable[..., Any]) -> None:
    kept, lost = send(project, "b"), send(project, "b")

    assert f"Hit {kept} is pinned by ada.\n" == run("hits", "pin", kept).stdout
    refused = run("hits", "purge", "--all")
    assert (2, 1) == (refused.returncode, len(refused.stderr.splitlines()))
    assert "--yes" in refused.stderr
    assert "0 hits were removed.\n" == run("hits", "purge", "--all", "--older-than", "1h", "--yes").stdout
    assert {"purged": 1} == json.loads(run("hits", "purge", "--all", "--yes", "--json").stdout)

    left = [hit["id"] for hit in json.loads(run("hits", "list", "--json").stdout)["hits"]]
    assert [kept] == left
    assert lost not in left
    assert f"Hit {kept} is not pinned.\n" == run("hits", "unpin", kept).stdout
    assert "1 hit was removed.\n" == run("hits", "purge", "--all", "--yes").stdout


@pytest.mark.parametrize("arguments", [[], ["b", "--all"], ["--all", "--older-than", "soon", "--yes"]])
def test_a_purge_that_says_too_little_or_too_much_removes_nothing(run: Callable[..., Any], arguments: list[str]) -> None:
    refused = run("hits", "purge", *arguments)

    assert (2, 1) == (refused.returncode, len(refused.stderr.splitlines())), refused.stderr


def test_a_project_is_told_how_long_to_keep_its_hits(project: Any, livebreak: Callable[..., Any]) -> None:
    data = ("--data-dir", str(project.data))
    done = livebreak("projects", "retention", str(project.id), "--hours", "2", "--hits", "500", *data)

    assert f"Hits of project {project.id} are kept for 2 hours, 500 at most.\n" == done.stdout
    with closing(sqlite3.connect(project.data / "livebreak.db")) as connection:
        query = "SELECT retention_us, retained_hits FROM projects WHERE id = ?"
        assert [(7_200_000_000, 500)] == connection.execute(query, (project.id,)).fetchall()
    assert 5 == livebreak("projects", "retention", "999", *data).returncode
