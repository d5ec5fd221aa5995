"""Facts in the words that every face uses: times, processes, frames, counts. What was captured comes out printable."""

from __future__ import annotations

from datetime import UTC, datetime

from livebreak.debugger.values import visible
from livebreak_agent.vocabulary.model import Frame, Hit
from livebreak_agent.vocabulary.wire import Pause


def local_time(timestamp: str, now: datetime) -> str:
    """A UTC time as the clock on this machine's wall shows it; with the date, unless it is today's."""
    if (time := read_time(timestamp)) is None:
        return visible(timestamp)
    return time.strftime("%H:%M:%S" if time.date() == now.date() else "%Y-%m-%d %H:%M:%S")


def pause_sentence(pause: Pause, now: datetime) -> str:
    """What is paused, by whom, since when and why."""
    what = f"Service {visible(pause.service)}" if pause.service else "The project"
    reason = f": {visible(pause.reason)}" if pause.reason else ""
    return f"{what} is paused by {visible(pause.by)} since {local_time(pause.at, now)}{reason}."


def age(timestamp: str, now: datetime) -> str:
    """How long ago a UTC time was, in the largest unit that says enough."""
    if (time := read_time(timestamp)) is None:
        return "at an unknown time"
    return f"{span((now - time).total_seconds())} ago"


def span(seconds: float) -> str:
    """A length of time, in the largest unit that says enough."""
    seconds = max(seconds, 0.0)
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {name}"
    return f"{int(seconds)} s"


def read_time(timestamp: str) -> datetime | None:
    """The time, in this machine's zone; None if it is none, since any process may have sent it."""
    try:
        time = datetime.fromisoformat(timestamp)
        return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)).astimezone()
    except (ValueError, OverflowError):
        return None


def process_line(hit: Hit) -> str | None:
    """One line that names the process: service, environment, host and pid, revision."""
    process = f"{hit.host or ''}:{hit.pid}" if hit.pid is not None else hit.host
    revision = f"at {hit.revision[:8]}" if hit.revision else None
    return " · ".join(part for part in (hit.service, hit.environment, process, revision) if part) or None


def is_label(frame: Frame) -> bool:
    """True of a line that `whole_stack` puts between the stacks of two tasks."""
    return not frame.filename


def whole_stack(hit: Hit) -> tuple[Frame, ...]:
    """The stack and, each below a line that names it, the stacks of the asyncio tasks that wait for the hit's."""
    frames = list(frames_of(hit))
    for awaiter in hit.awaiters:
        frames.append(Frame(function=f"awaited by {visible(awaiter.task or 'a task')}", filename="", line_number=0))
        frames += awaiter.stack
    return tuple(frames)


def count_of_hits(number: int) -> str:
    """`1 hit`, `12,000 hits`."""
    return "1 hit" if number == 1 else f"{number:,} hits"


def frames_of(hit: Hit) -> tuple[Frame, ...]:
    """The stack; of a hit that came without one, the line alone."""
    if hit.stack:
        return hit.stack
    return (Frame(function=hit.function, filename=hit.filename, line_number=hit.line_number, in_repository=True),)
