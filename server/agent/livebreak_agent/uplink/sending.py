"""The course of what is told: what became of each breakpoint, and hits."""

from __future__ import annotations

import time
from dataclasses import dataclass

from livebreak_agent.uplink import backoff
from livebreak_agent.uplink.armed import Held
from livebreak_agent.uplink.channel import Course, Sleep, ask
from livebreak_agent.uplink.connection import Unreachable
from livebreak_agent.uplink.contact import UNLIKED, Contact, Refusal
from livebreak_agent.uplink.exchange import Request
from livebreak_agent.uplink.notices import Notices
from livebreak_agent.uplink.outbox import Outbox
from livebreak_agent.uplink.parts import Parts
from livebreak_agent.uplink.reports import Reports, report

_OK, _SERVER_ERROR = 200, 500
_LATER = frozenset({408, 425, 429})
"""Statuses below 500 that ask for another try."""

BATCH_GAP_SECONDS = 0.1
"""Between the beginnings of two requests with hits: a request takes as much processor time as ten hits in it, so a steady stream
is not to have one for each. The first hit after a silence goes at once, and a full batch is followed by the next."""


def sending(parts: Parts, contact: Contact, held: Held, reports: Reports, notices: Notices, stopping: Stopping) -> Course:
    """Tell whatever there is to tell, for ever; at the end say goodbye."""
    patience = backoff.Backoff()
    outbox = Outbox(parts.hits)
    next_batch = 0.0
    while True:
        is_known, is_ending = contact.is_made, stopping.is_set
        now = time.monotonic()
        try:
            if is_known and contact.capabilities is not None and not is_ending and now >= reports.due(held):
                yield from report(parts, contact, reports, notices)
            elif is_known and (now >= next_batch or is_ending) and outbox.fill():
                next_batch = 0.0 if outbox.is_full else now + BATCH_GAP_SECONDS
                yield from _deliver(contact, outbox, notices)
            elif is_ending:
                if is_known and contact.capabilities is not None:
                    path = contact.path(f"livebreak/processes/{parts.process.id}")
                    yield Request(method="DELETE", path=path, headers=contact.headers, seconds=stopping.seconds)
                return
            else:
                due = reports.due(held) if contact.capabilities is not None else float("inf")
                due = min(due, next_batch) if now < next_batch else due
                yield Sleep(seconds=max(0.0, due - now), until_woken=True)
                continue
            patience.succeeded()
            notices.over("sending")
        except Unreachable as error:
            if stopping.is_set:
                return
            notices.trouble("sending", str(error))
            retry_after = error.retry_after if isinstance(error, Refusal) else None
            yield Sleep(seconds=patience.failed(retry_after))


@dataclass(kw_only=True, slots=True)
class Stopping:
    """Set by another thread, with the seconds that are left for it."""

    is_set: bool = False
    seconds: float = 0.0


def _deliver(contact: Contact, outbox: Outbox, notices: Notices) -> Course:
    """Send the batch at the front; it stays there unless it arrived or never will."""
    token = contact.token
    if token is None:
        raise Refusal("The backend does not tell where hits go; set LIVEBREAK_PROJECT_TOKEN (phc_).", status=_OK)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", "User-Agent": contact.headers["User-Agent"]}
    if contact.capabilities is not None:
        # It proves that these hits are not of somebody who only knows the public token. A plain PostHog API has no use for it.
        headers["Authorization"] = contact.headers["Authorization"]
    body = outbox.body(token, tells_time=contact.is_clock_off)
    answer = yield from ask(Request(method="POST", path="/batch/", headers=headers, body=body, seconds=30.0))
    if answer.status == _OK:
        outbox.arrived()
    elif answer.status in _LATER or answer.status >= _SERVER_ERROR or answer.status < _OK:
        raise contact.refusal(answer)
    elif answer.status in UNLIKED and outbox.halve():
        return  # One bad hit is not to cost the others.
    else:
        outbox.give_up()
        notices.once(f"Hits were refused and are lost: {contact.refusal(answer)}")
