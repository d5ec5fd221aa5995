"""A file that is open in an editor: its text, and where its breakpoints are in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from livebreak.debugger.breakpoints import is_in
from livebreak.debugger.linemap import follow, locate, nearest_line
from livebreak.debugger.workspace import Location
from livebreak_agent.vocabulary.model import Anchor, Breakpoint


@dataclass(kw_only=True, slots=True)
class OpenFile:
    """What is known of it."""

    location: Location | None
    text: str
    lines: dict[str, int] = field(default_factory=dict)
    """0-based lines by breakpoint id, followed through edits."""
    not_in: dict[str, tuple[Anchor | None, int]] = field(default_factory=dict)
    """Breakpoints that are not surely in this text, by what they were looked for."""

    def edit(self, text: str) -> None:
        """The buffer has another text now; the lines follow."""
        moved = follow(self.lines.values(), self.text, text)
        self.lines = {breakpoint_id: moved[line] for breakpoint_id, line in self.lines.items()}
        self.text = text
        self.not_in.clear()

    def place(self, stored: Iterable[Breakpoint]) -> list[Breakpoint]:
        """The breakpoints that are in this file; the lines are found of those that have none yet."""
        if self.location is None:
            return []
        location = self.location
        items = [item for item in stored if is_in(item, location)]
        for item in items:
            if item.id in self.lines or self.not_in.get(item.id) == (item.anchor, item.line_number):
                continue
            if (line := locate(item, self.text)) is not None:
                self.lines[item.id] = line
            else:
                # Not looked for again in the same text: it takes as long each time.
                self.not_in[item.id] = (item.anchor, item.line_number)
        return items

    def line_of(self, item: Breakpoint) -> int:
        """Where it is shown, surely or not."""
        line = self.lines.get(item.id)
        return nearest_line(item.line_number, self.text) if line is None else line
