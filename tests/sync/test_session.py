"""A session without a network: what an editor sees while live mode is off or the backend is away."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from livebreak.sync.known import Known
from livebreak.sync.live import Live
from livebreak.sync.outbox import Outbox
from livebreak.sync.repositories import Repositories
from livebreak.sync.session import Session
from livebreak_agent.vocabulary.lsp_messages import Connection, EditorBreakpoint, State
from livebreak_agent.vocabulary.model import Breakpoint, Process
from livebreak_agent.vocabulary.wire import ProcessState

TEXT = "a = 1\nb = 2\nc = 3\n"


class Silent:
    """A listener that keeps what it was told."""

    def __init__(self) -> None:
        self.changed: set[Path] = set()

    def breakpoints_changed(self, paths: frozenset[Path]) -> None:
        self.changed |= paths

    def hits_changed(self, paths: frozenset[Path]) -> None:
        self.changed |= paths

    def status_changed(self) -> None: ...

    async def confirm(self, question: str) -> bool:
        raise AssertionError(question)

    def notice(self, message: str) -> None:
        raise AssertionError(message)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    subprocess.run(["git", "-C", str(tmp_path), "init", "--quiet"], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", "git@github.com:acme/shop.git"], check=True)
    (tmp_path / "a.py").write_text(TEXT)
    return tmp_path / "a.py"


@pytest.fixture
def listener() -> Silent:
    return Silent()


@pytest.fixture
def session(listener: Silent) -> Session:
    return Live(listener, remote=None, outbox_folder=None, off_reason="Live mode is off: somebody said so.").session


def mark(line: int, id: str = "dot", **fields: object) -> EditorBreakpoint:
    return EditorBreakpoint(id=id, line=line, **fields)  # type: ignore[arg-type]


async def test_a_mark_says_why_it_is_not_live(session: Session, listener: Silent, file: Path) -> None:
    await session.open(file, TEXT)
    session.set_breakpoints(file, [mark(1)])

    (shown,) = session.view(file)
    assert (State.OFFLINE, 1, "dot") == (shown.state.state, shown.state.line, shown.state.editor_id)
    assert "Not sent yet. Live mode is off: somebody said so." == shown.state.message
    assert {file} == listener.changed


async def test_a_mark_follows_the_buffer(session: Session, file: Path) -> None:
    await session.open(file, TEXT)
    session.add(file, 1, condition="b > 1")
    session.edit(file, "# new\n# lines\n" + TEXT)

    assert [3] == [shown.state.line for shown in session.view(file)]


async def test_a_mark_removed_while_its_file_is_closed_is_removed(session: Session, file: Path) -> None:
    await session.open(file, TEXT)
    session.set_breakpoints(file, [mark(1)])
    session.close(file)
    await session.open(file, TEXT)
    session.set_breakpoints(file, [])

    assert () == session.view(file)


async def test_a_breakpoint_that_was_added_by_name_survives_the_lists_of_marks(session: Session, file: Path) -> None:
    await session.open(file, TEXT)
    session.set_breakpoints(file, [mark(1)])
    session.add(file, 2)
    session.set_breakpoints(file, [])

    assert [2] == [shown.state.line for shown in session.view(file)]


async def test_an_edited_condition_shows_at_once(session: Session, file: Path) -> None:
    await session.open(file, TEXT)
    session.set_breakpoints(file, [mark(1, condition="b")])
    session.set_breakpoints(file, [mark(1, condition="b > 1")])

    assert ["b > 1"] == [shown.state.condition for shown in session.view(file)]


async def test_a_file_outside_every_repository_says_so(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "alone.py"
    await session.open(file, TEXT)
    session.set_breakpoints(file, [mark(1)])

    (shown,) = session.view(file)
    assert State.FAILED == shown.state.state
    assert shown.state.message.startswith("This file is in no git repository")
    session.remove(shown.state.id)
    assert () == session.view(file)


async def test_a_file_that_is_not_open_shows_nothing(session: Session, file: Path) -> None:
    assert () == session.view(file)


def make_fork(folder: Path) -> None:
    for arguments in (("set-url", "origin", "git@github.com:ada/shop.git"), ("add", "upstream", "git@github.com:acme/shop.git")):
        subprocess.run(["git", "-C", str(folder), "remote", *arguments], check=True)


async def test_marks_of_a_fork_go_to_the_repository_that_processes_run_and_stay_in_the_file(file: Path, tmp_path: Path) -> None:
    make_fork(tmp_path)
    outbox, known = Outbox(None), Known()
    known.connection = Connection.CONNECTED
    session = Session(remote=None, repositories=Repositories(), outbox=outbox, known=known)
    await session.open(file, TEXT)
    session.set_breakpoints(file, [mark(1)])
    for id, line_number, owner in (("own", 3, None), ("theirs", 1, "grace")):
        known.put_breakpoint(Breakpoint(id=id, repository="ada/shop", filename="a.py", line_number=line_number, owner=owner))

    known.put_process(ProcessState(process=Process(id="p", pid=1, host="box", repository="acme/shop")))
    renamed = [session.prefer_running(), session.prefer_running()]

    assert [True, False] == renamed
    assert ["acme/shop"] == [edit.new.repository for edit in outbox.edits if edit.new is not None]
    # What is stored moves along, but a teammate's is left alone, and tells why it waits.
    assert [("own", {"repository": "acme/shop"})] == [
        (edit.breakpoint_id, edit.fields) for edit in outbox.edits if edit.fields is not None
    ]
    theirs, mine, own = session.view(file)
    assert [0, 1, 2] == [theirs.state.line, mine.state.line, own.state.line]
    assert State.STORED == theirs.state.state
    assert "run acme/shop; this file belongs to ada/shop" in theirs.state.message


@pytest.mark.parametrize("how", ["look again", "open another"])
async def test_the_marks_of_an_open_file_go_along_when_its_repository_is_given_another_name(
    file: Path, tmp_path: Path, how: str
) -> None:
    outbox, known, told = Outbox(None), Known(), set[str]()
    known.owner = "ada"
    session = Session(remote=None, repositories=Repositories(), outbox=outbox, known=known)
    await session.open(file, TEXT)
    for id, line_number, owner in (("marked", 1, "ada"), ("theirs", 2, "grace")):
        known.put_breakpoint(Breakpoint(id=id, repository="acme/shop", filename="a.py", line_number=line_number, owner=owner))
    session.set_breakpoints(file, [mark(0, "first"), mark(2, "second")])
    known.on_touched = told.update

    (tmp_path / ".livebreak.toml").write_text('repository = "acme/store"\n')
    known.put_breakpoint(Breakpoint(id="new", repository="acme/store", filename="a.py", line_number=2, owner="grace"))
    if how == "open another":
        await session.open(tmp_path / "b.py", TEXT)
    else:
        await session.look_again(file)
    session.set_breakpoints(file, [mark(0, "first"), mark(2, "second")])

    location = session.location(file)
    assert location is not None
    assert "acme/store" == location.repository
    assert [("create", "acme/store"), ("change", "acme/store")] == [
        (edit.kind, edit.new.repository if edit.new is not None else (edit.fields or {})["repository"]) for edit in outbox.edits
    ]
    assert [("first", 0), (None, 1), ("second", 2)] == [(one.state.editor_id, one.state.line) for one in session.view(file)]
    assert {"marked", "theirs", "new"} < told
