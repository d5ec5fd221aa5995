"""The server's log: what failed and where, never with which values."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from livebreak.lsp.logs import LARGEST_FILE, MOST_FILES, open_log
from livebreak.lsp.messages import RequestFailed

SECRETS = ("1234-secret", "phx_AbC123", "phs_AbC123")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A log that was opened in a folder of the test's own; pytest's handlers are put back."""
    root, ours, pygls = logging.getLogger(), logging.getLogger("livebreak"), logging.getLogger("pygls")
    before = list(root.handlers), root.level, ours.level, pygls.level
    path = open_log(tmp_path / "logs")
    assert path is not None
    yield path
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    root.handlers, root.level, ours.level, pygls.level = before
    for logger in (root, ours, pygls):
        logger.setLevel(logger.level)


def fail(error: Exception) -> None:
    raise error


def test_neither_captured_values_nor_keys_come_into_it(log: Path) -> None:
    try:
        fail(ValueError(*SECRETS))
    except ValueError:
        logging.getLogger("livebreak.sync").exception("It failed with %s.", SECRETS[1])
        logging.getLogger("pygls.protocol").exception("Failed to handle request %s %s %s", 7, "textDocument/hover", SECRETS)
        logging.getLogger("asyncio").exception("Task exception was never retrieved\nfuture: <Task %s>", SECRETS)
    logging.getLogger("pygls.protocol").info("Sending data: %s", SECRETS)
    text = log.read_text()

    assert [] == [secret for secret in SECRETS if secret in text]
    assert "It failed with <key>." in text
    assert "Failed to handle request 7 textDocument/hover …" in text
    assert "Task exception was never retrieved" in text
    assert 3 == text.count("in fail\n")
    assert 3 == text.count("ValueError\n")
    assert 0o600 == log.stat().st_mode & 0o777


def test_an_orderly_refusal_is_no_failure(log: Path) -> None:
    try:
        fail(RequestFailed("This breakpoint is not in the file any more."))
    except RequestFailed:
        logging.getLogger("pygls.protocol").exception("Exception occurred for message %s", 7)

    assert "" == log.read_text()


def test_it_is_begun_anew_when_it_is_large(log: Path) -> None:
    for _ in range(2 * LARGEST_FILE // 1000 + 10):
        logging.getLogger("livebreak").info("x" * 1000)

    assert {log.name, f"{log.name}.1"} == {path.name for path in log.parent.iterdir()}
    assert all(path.stat().st_size <= LARGEST_FILE for path in log.parent.iterdir())


def test_only_the_newest_of_servers_that_have_ended_stay(log: Path) -> None:
    for number in range(MOST_FILES + 5):
        (log.parent / f"lsp-x{number}.log").write_text("")
    logging.getLogger().handlers[0].close()
    open_log(log.parent)

    assert len(list(log.parent.iterdir())) <= MOST_FILES + 1
