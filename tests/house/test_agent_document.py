"""docs/agent.md names every variable and argument that the agent takes."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import livebreak_agent

ROOT = Path(__file__).parents[2]
PRIVATE = {"LIVEBREAK_RUN_PID"}
"""Between parts of ours."""


def test_every_variable_of_the_agent_is_documented() -> None:
    document = (ROOT / "docs" / "agent.md").read_text("utf-8")
    sources = [path.read_text("utf-8") for path in (ROOT / "server/agent/livebreak_agent").rglob("*.py")]
    read = {name for source in sources for name in re.findall(r"\bLIVEBREAK_[A-Z_]+[A-Z]\b", source)} - PRIVATE

    assert read <= set(re.findall(r"LIVEBREAK_[A-Z_]+[A-Z]", document))


def test_every_argument_of_start_is_documented() -> None:
    document = (ROOT / "docs" / "agent.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `LIVEBREAK_\w+(?:=\w+)?` \| `(\w+)` \|", document, re.MULTILINE))

    assert set(inspect.signature(livebreak_agent.start).parameters) == documented
