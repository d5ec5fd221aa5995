"""Edits that wait for the backend."""

from __future__ import annotations

import errno
import json
import stat
import subprocess
import sys
import tempfile
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from livebreak.settings import Settings
from livebreak.sync.outbox import ADDITIONS_LAPSE_AFTER, Outbox
from livebreak.sync.outbox_owners import Owner
from livebreak_agent.vocabulary.model import NewBreakpoint


def new(id: str = "1", **fields: object) -> NewBreakpoint:
    return NewBreakpoint(id=id, filename="a.py", line_number=3, **fields)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "outbox"


def after_a_restart(outbox: Outbox, path: Path) -> Outbox:
    outbox.close()
    return Outbox(path)


def file_of(path: Path) -> Path:
    (file,) = path.glob("*.json")
    return file


def test_edits_survive_a_restart_in_order(path: Path) -> None:
    outbox = Outbox(path)
    outbox.create(new("1", condition="x"))
    outbox.change("2", {"condition": None})
    outbox.remove("3")

    restarted = after_a_restart(outbox, path)
    assert outbox.edits == restarted.edits
    assert ["create", "change", "remove"] == [edit.kind for edit in outbox.edits]
    assert {"condition": None} == restarted.edits[1].fields


def test_two_sessions_do_not_disturb_each_other(path: Path) -> None:
    one, other = Outbox(path), Outbox(path)
    one.create(new("1"))
    other.create(new("2"))
    third = Outbox(path)

    assert () == third.edits
    one.close()
    other.close()
    assert ["1", "2"] == [edit.breakpoint_id for edit in Outbox(path).edits]


def test_what_a_killed_session_could_not_send_is_taken_over(path: Path) -> None:
    program = (
        "import os, sys, pathlib; from livebreak.sync.outbox import Outbox;"
        "from livebreak_agent.vocabulary.model import NewBreakpoint;"
        "Outbox(pathlib.Path(sys.argv[1])).create(NewBreakpoint(id='1', filename='a.py', line_number=1)); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)

    assert ["1"] == [edit.breakpoint_id for edit in Outbox(path).edits]


def test_a_session_that_sent_everything_leaves_nothing(path: Path) -> None:
    outbox = Outbox(path)
    outbox.create(new())
    outbox.next()
    outbox.done(outbox.edits[0])
    outbox.close()

    assert [] == list(path.iterdir())


def test_a_folder_that_cannot_be_written_is_said_and_the_queue_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    outbox = Outbox(tmp_path / "file" / "outbox")
    outbox.create(new())

    assert 1 == len(outbox)
    assert outbox.notices[0].startswith("Edits cannot be kept in")


def test_a_change_folds_into_an_addition_that_was_not_sent(path: Path) -> None:
    outbox = Outbox(path)
    outbox.create(new())
    outbox.change("1", {"condition": "x"})

    (edit,) = outbox.edits
    assert new(condition="x") == edit.new


def test_changes_of_one_breakpoint_fold(path: Path) -> None:
    outbox = Outbox(path)
    outbox.change("1", {"condition": "x", "enabled": False})
    outbox.change("1", {"condition": "y"})

    assert [{"condition": "y", "enabled": False}] == [edit.fields for edit in outbox.edits]


def test_a_removal_swallows_what_was_not_sent(path: Path) -> None:
    outbox = Outbox(path)
    outbox.create(new())
    outbox.change("2", {"condition": "x"})
    outbox.remove("1")
    outbox.remove("2")

    assert [("remove", "2")] == [(edit.kind, edit.breakpoint_id) for edit in outbox.edits]


def test_what_is_being_sent_is_not_folded_into(path: Path) -> None:
    outbox = Outbox(path)
    outbox.create(new())
    outbox.next()
    outbox.change("1", {"condition": "x"})
    outbox.remove("1")
    outbox.done(outbox.edits[0])

    assert [("remove", "1")] == [(edit.kind, edit.breakpoint_id) for edit in outbox.edits]


def test_an_edit_that_was_not_answered_stays_first(path: Path) -> None:
    outbox = Outbox(path)
    outbox.create(new("1"))
    outbox.create(new("2"))
    outbox.next()
    outbox.retry()

    edit = outbox.next()
    assert edit is not None
    assert "1" == edit.breakpoint_id


def unanswered(path: Path) -> Outbox:
    outbox = Outbox(path)
    outbox.create(new("1"))
    outbox.next()
    outbox.retry(is_unsure=True)
    return outbox


@pytest.mark.parametrize("is_restarted", [False, True])
def test_an_addition_that_the_backend_may_have_is_not_folded_into(path: Path, is_restarted: bool) -> None:
    outbox = unanswered(path)
    if is_restarted:
        outbox = after_a_restart(outbox, path)
    outbox.change("1", {"condition": "x"})
    outbox.change("1", {"condition": "y"})

    assert [("create", None), ("change", {"condition": "y"})] == [(edit.kind, edit.fields) for edit in outbox.edits]


@pytest.mark.parametrize("is_restarted", [False, True])
def test_an_addition_that_the_backend_may_have_is_removed_there(path: Path, is_restarted: bool) -> None:
    outbox = unanswered(path)
    if is_restarted:
        outbox = after_a_restart(outbox, path)
    outbox.remove("1")

    assert ["remove"] == [edit.kind for edit in outbox.edits]


def test_only_additions_lapse(path: Path) -> None:
    outbox = Outbox(path)
    outbox.create(new("1"))
    outbox.change("1", {"condition": "x"})
    outbox.remove("2")
    outbox.close()
    written = json.loads(file_of(path).read_text())
    long_ago = (datetime.now(UTC) - ADDITIONS_LAPSE_AFTER - timedelta(minutes=1)).isoformat()
    file_of(path).write_text(json.dumps([{**edit, "made_at": long_ago} for edit in written]))
    restarted = Outbox(path)

    assert ["1"] == [edit.breakpoint_id for edit in restarted.drop_lapsed()]
    assert ["2"] == [edit.breakpoint_id for edit in after_a_restart(restarted, path).edits]


@pytest.mark.parametrize("content", [b"{", b"[1]", b'[{"kind": "explode"}]', b"\xff\xfe", b"null"])
def test_a_damaged_file_is_set_aside_and_not_lost(path: Path, content: bytes) -> None:
    path.mkdir(parents=True)
    (path / "old.json").write_bytes(content)
    outbox = Outbox(path)

    assert () == outbox.edits
    assert "set aside" in outbox.notices[0]
    assert content == (path / "old.damaged").read_bytes()


def test_nobody_else_may_read_the_file(path: Path) -> None:
    outbox = Outbox(path)
    outbox.create(new(condition="user_id == 4711"))

    assert 0o600 == stat.S_IMODE(file_of(path).stat().st_mode)


def test_edits_leave_a_dead_sessions_file_only_once_they_are_in_the_next_ones(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Outbox(path).create(new("1"))
    before = file_of(path).read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "mkstemp", full)
        without_room = Outbox(path)
        assert () == without_room.edits
        assert "No space left on device" in without_room.notices[0]
        assert before == file_of(path).read_bytes()
    without_room.close()

    assert ["1"] == [edit.breakpoint_id for edit in Outbox(path).edits]


def test_a_session_that_another_was_quicker_than_has_nothing_to_say(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = Outbox(path)
    outbox.create(new("1"))
    outbox.close()
    acquire = FileLock.acquire
    quicker: list[Outbox] = []

    def acquire_late(lock: FileLock, *arguments: object, **options: object) -> object:
        if Path(lock.lock_file).with_suffix(".json").exists() and not quicker:
            monkeypatch.setattr(FileLock, "acquire", acquire)
            quicker.append(Outbox(path))
        return acquire(lock, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(FileLock, "acquire", acquire_late)
    slower = Outbox(path)

    assert (["1"], [], []) == ([edit.breakpoint_id for edit in quicker[0].edits], list(slower.edits), slower.notices)
    assert [] == list(path.glob("*.damaged"))


def test_a_save_that_fails_leaves_nothing_behind_nor_does_one_that_was_ended(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = Outbox(path)

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        outbox.create(new())
    assert [] == list(path.glob("*.new"))

    in_work = path / f"{next(path.glob('*.lock')).stem}abc.new"
    left_over = path / f"{uuid.uuid4()}abc.new"
    for part in (in_work, left_over):
        part.touch()
    Outbox(path)
    assert [in_work] == list(path.glob("*.new"))


def test_several_edits_are_written_at_once(path: Path) -> None:
    outbox = Outbox(path)
    with outbox.together():
        outbox.create(new("1"))
        outbox.remove("2")
        assert [] == list(path.glob("*.json"))

    assert ["1", "2"] == [edit["breakpoint_id"] for edit in json.loads(file_of(path).read_text())]


def test_what_a_person_queued_with_another_key_is_sent_with_the_next_one(tmp_path: Path) -> None:
    folders = {name: tmp_path / (name * 16) for name in "abcdef"}
    ada, grace = Owner(owner="ada", project=1), Owner(owner="grace", project=1)
    open_elsewhere = Outbox(folders["e"])
    open_elsewhere.belongs_to(ada)
    open_elsewhere.remove("e")
    for name, owner in (("a", ada), ("b", grace), ("c", Owner(owner="ada", project=2)), ("d", None)):
        outbox = Outbox(folders[name])
        if owner is not None:
            outbox.belongs_to(owner)
        outbox.remove(name)
        outbox.close()
    outbox = Outbox(folders["f"])
    assert {"a"} == outbox.belongs_to(ada)
    assert frozenset() == outbox.belongs_to(ada)
    assert ["a"] == [edit.breakpoint_id for edit in after_a_restart(outbox, folders["f"]).edits]
    (notice,) = outbox.notices
    assert f"wait in {folders['d']}. It is not known whose" in notice
    assert [0, 1, 1, 1] == [len(list(folders[name].glob("*.json"))) for name in "abcd"]


def test_folders_of_one_host_and_project_are_beside_each_other(tmp_path: Path) -> None:
    old, new, elsewhere = (
        Settings(host=host, api_key=key, state_folder=tmp_path).outbox_folder
        for host, key in (("https://a.example", "phx_old"), ("https://a.example", "phx_new"), ("https://b.example", "phx_old"))
    )
    assert old is not None
    assert new is not None
    assert elsewhere is not None

    assert old != new
    assert old.parent == new.parent != elsewhere.parent


def test_what_an_earlier_version_queued_elsewhere_is_taken_over(tmp_path: Path) -> None:
    settings = Settings(state_folder=tmp_path, host="https://api.example", project="1", api_key="phx_any")
    assert settings.outbox_folder is not None
    # Folders were not yet sorted by host and project; their names are as they were.
    before = tmp_path / "outbox" / settings.outbox_folder.name
    theirs = tmp_path / "outbox" / "0123456789abcdef"
    for folder, id in ((before, "1"), (theirs, "2")):
        earlier = Outbox(folder)
        earlier.create(new(id))
        earlier.close()

    outbox = Outbox(settings.outbox_folder)

    assert ["1"] == [edit.breakpoint_id for edit in outbox.edits]
    assert not before.exists()
    assert len(list(theirs.glob("*.json"))) == 1
    assert [] == outbox.notices
    assert ["1"] == [edit.breakpoint_id for edit in after_a_restart(outbox, settings.outbox_folder).edits]
