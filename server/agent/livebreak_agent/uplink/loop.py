"""The thread's loop: two connections and a wake, in one `select`."""

from __future__ import annotations

import selectors
import time
from dataclasses import dataclass

from livebreak_agent.uplink.armed import Held
from livebreak_agent.uplink.channel import Channel
from livebreak_agent.uplink.contact import Contact
from livebreak_agent.uplink.notices import Notices
from livebreak_agent.uplink.parts import Parts
from livebreak_agent.uplink.polling import polling
from livebreak_agent.uplink.reports import Reports
from livebreak_agent.uplink.sending import Stopping, sending
from livebreak_agent.uplink.wake import Wake

TICK_SECONDS = 0.25
"""Between two ticks while anything is armed: how exactly a switched-off line is watched again."""

_LONGEST_WAIT = 30.0
"""Seconds of one `select`: a look around now and then mends what nobody foresaw."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Uplink:
    parts: Parts
    wake: Wake
    held: Held
    reports: Reports
    stopping: Stopping
    notices: Notices


def run(uplink: Uplink) -> None:
    """Keep the armed set, reports and hits in step with the backend until `stopping` is set, then flush and say goodbye."""
    parts, held, notices, stopping = uplink.parts, uplink.held, uplink.notices, uplink.stopping
    contact = Contact(parts.settings)
    # Not epoll: its set would be shared with forked children.
    with getattr(selectors, "PollSelector", selectors.SelectSelector)() as selector:
        address = parts.settings.address
        poll = Channel(address, selector, polling(parts, contact, held, uplink.reports, notices))
        send = Channel(address, selector, sending(parts, contact, held, uplink.reports, notices, stopping))
        try:
            _loop(uplink, selector, poll, send)
        finally:
            poll.close()
            send.close()
            held.drop()


def _loop(uplink: Uplink, selector: selectors.BaseSelector, poll: Channel, send: Channel) -> None:
    wake, held, stopping, armable = uplink.wake, uplink.held, uplink.stopping, uplink.parts.armable
    wake_fd: int | None = None
    readable: set[int] = set()
    tick_at = 0.0
    ends = float("inf")
    while True:
        if wake_fd != wake.fileno():
            if wake_fd is not None:
                selector.unregister(wake_fd)
            wake_fd = wake.fileno()
            selector.register(wake_fd, selectors.EVENT_READ)
        woken = wake.clear()
        now = time.monotonic()
        if stopping.is_set:
            ends = min(ends, now + stopping.seconds)
            poll.close()
        elif held.tick(now):
            uplink.notices.trouble(
                "lease", "The backend has been away for too long; all breakpoints are disarmed until it is back."
            )
        elif held.is_armed:
            uplink.notices.over("lease")
            if now >= tick_at:
                armable.tick()
                tick_at = now + TICK_SECONDS
        poll.advance(now, readable=readable, woken=woken, stopping=False)
        send.advance(now, readable=readable, woken=woken, stopping=stopping.is_set)
        if stopping.is_set and (send.done or now >= ends):
            return
        due = min(poll.due(), send.due(), held.due(), ends, tick_at if held.is_armed else float("inf"))
        wait = min(_LONGEST_WAIT, max(0.0, due - time.monotonic()))
        readable = {key.fd for key, _ in selector.select(wait)}
