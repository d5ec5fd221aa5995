"""What owners of an application are shown of what would leave it."""

from __future__ import annotations

import pytest

import livebreak_agent
from livebreak_agent import redaction


class User:
    def __init__(self):
        self.name = "ada"
        self.password = "hunter2"


@pytest.fixture(autouse=True)
def not_started(monkeypatch):
    monkeypatch.setattr(redaction, "_in_force", None)


def test_before_the_start_the_rules_are_those_of_the_environment(monkeypatch):
    monkeypatch.setenv("LIVEBREAK_REDACT_TYPES", "test_preview.User")
    monkeypatch.setenv("LIVEBREAK_REDACT", "shoe_size")
    user, shoe_size, total = User(), 43, 7
    shown = livebreak_agent.preview_redaction()
    assert {"user", "shoe_size"} <= set(shown["hidden"])
    assert (7, 7) == (shown["variables"]["total"], total)
    assert (user.name, shoe_size) == ("ada", 43)


def test_rules_that_cannot_be_understood_are_said(monkeypatch):
    monkeypatch.setenv("LIVEBREAK_REDACTION", "some")
    with pytest.raises(ValueError, match="must be names or strict"):
        livebreak_agent.preview_redaction()


def test_the_effect_of_redaction_is_shown_for_the_caller_s_frame():
    user, headers = User(), {"Cookie": "x", "Host": "y"}
    pairs = [("authorization", "x")]
    shown = livebreak_agent.preview_redaction()
    assert {"user", "headers", "pairs"} == shown["variables"].keys()
    assert ["user.password", "headers['Cookie']", "pairs[0][1]"] == shown["hidden"]
    assert (user.password, headers["Cookie"], pairs[0][1]) == ("hunter2", "x", "x")
    assert "hunter2" not in str(shown)
