"""What owners of an application are shown of what would leave it."""

from __future__ import annotations

import livebreak_agent


class User:
    def __init__(self):
        self.name = "ada"
        self.password = "hunter2"


def test_the_effect_of_redaction_is_shown_for_the_caller_s_frame():
    user, headers = User(), {"Cookie": "x", "Host": "y"}
    pairs = [("authorization", "x")]
    shown = livebreak_agent.preview_redaction()
    assert {"user", "headers", "pairs"} == shown["variables"].keys()
    assert ["user.password", "headers['Cookie']", "pairs[0][1]"] == shown["hidden"]
    assert (user.password, headers["Cookie"], pairs[0][1]) == ("hunter2", "x", "x")
    assert "hunter2" not in str(shown)
