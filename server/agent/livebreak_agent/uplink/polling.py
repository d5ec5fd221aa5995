"""The course of questions: what kind of backend is this, and what is to be armed?"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from livebreak_agent import __version__
from livebreak_agent.uplink import backoff
from livebreak_agent.uplink.armed import Held
from livebreak_agent.uplink.channel import Course, Sleep, ask
from livebreak_agent.uplink.connection import Unreachable, is_private
from livebreak_agent.uplink.contact import Contact, Refusal
from livebreak_agent.uplink.exchange import Request
from livebreak_agent.uplink.notices import Notices, announce
from livebreak_agent.uplink.parts import Parts
from livebreak_agent.uplink.reports import Reports
from livebreak_agent.vocabulary import codec
from livebreak_agent.vocabulary.model import Breakpoint, Process
from livebreak_agent.vocabulary.wire import API_VERSION, MAX_WAIT, ArmedQuery, ArmedSet, Capabilities

LEASE_SECONDS = 120.0
"""Without contact for so long everything is disarmed: nobody could take a breakpoint back any more."""

_GRACE_SECONDS = 15.0
"""How much later than promised a long poll may answer before the connection counts as dead."""

_LEAST_SECONDS = 1.0
"""Between two questions when answers come at once and say nothing new, as from a proxy that cannot hold a question."""

_MOST_EARLY = 3
"""Such answers in a row before there are pauses: one is how the backend asks for a report."""

_OK, _NOT_MODIFIED, _NOT_FOUND = 200, 304, 404


def polling(parts: Parts, contact: Contact, held: Held, reports: Reports, notices: Notices) -> Course:
    """Learn what to arm, for ever; whatever goes wrong is said, waited out and begun anew."""
    patience = backoff.Backoff()
    while True:
        try:
            answer = yield from ask(Request(method="GET", path=contact.path("livebreak/"), headers=contact.headers))
            if answer.status not in {_OK, _NOT_FOUND}:
                raise contact.refusal(answer)
            if answer.status == _OK:
                contact.made(contact.decode(answer, lambda data: codec.from_json(Capabilities, data)), answer.headers)
                _compare_versions(contact, notices)
            else:
                contact.made(None, answer.headers)
            reports.ask_for_all()
            if not contact.is_announced:
                contact.is_announced = True
                _announce(parts, contact)
                _warn_of_clear_text(parts, notices)
            if contact.capabilities is not None:
                yield from _follow_armed(parts, contact, held, reports, notices, patience)
            else:
                yield from _poll_active(parts, contact, held, notices, patience)
        except Unreachable as error:
            notices.trouble("polling", str(error))
            retry_after = error.retry_after if isinstance(error, Refusal) else None
            yield Sleep(seconds=patience.failed(retry_after))


def _follow_armed(
    parts: Parts, contact: Contact, held: Held, reports: Reports, notices: Notices, patience: backoff.Backoff
) -> Course:
    """The long poll of a LiveBreak backend."""
    held.etag = None
    query = ArmedQuery(
        process=parts.process.id,
        wait=MAX_WAIT,
        repository=parts.process.repository,
        service=parts.process.service,
        environment=parts.process.environment,
    )
    path = contact.path("livebreak/armed") + "?" + urlencode(codec.to_json(query))
    early = 0
    while True:
        headers = contact.headers | ({"If-None-Match": held.etag} if held.etag is not None else {})
        asked = time.monotonic()
        answer = yield from ask(Request(method="GET", path=path, headers=headers, seconds=MAX_WAIT + _GRACE_SECONDS))
        is_new = False
        if answer.status == _OK:
            armed = contact.decode(answer, lambda data: codec.from_json(ArmedSet, data))
            etag = answer.headers.get("etag")
            is_new = etag is not None and etag != held.etag
            held.replace(armed.breakpoints, etag=etag, lease_seconds=armed.lease_seconds, headers=answer.headers)
            if armed.unknown_process:
                reports.ask_for_all()
        elif answer.status == _NOT_MODIFIED:
            held.renew()
        else:
            raise contact.refusal(answer)
        patience.succeeded()
        notices.over("polling")
        early = early + 1 if not is_new and time.monotonic() - asked < _LEAST_SECONDS else 0
        if early >= _MOST_EARLY:
            yield Sleep(seconds=_LEAST_SECONDS)


def _poll_active(parts: Parts, contact: Contact, held: Held, notices: Notices, patience: backoff.Backoff) -> Course:
    """The contract's route, for a plain PostHog API."""
    settings = parts.settings
    if contact.token is None:
        raise Refusal(
            f"{settings.address} is a plain PostHog API, which does not tell where hits go; set LIVEBREAK_PROJECT_TOKEN (phc_).",
            status=_NOT_FOUND,
            retry_after=settings.poll_seconds,
        )
    path = contact.path("live_debugger_breakpoints/active/")
    if parts.process.repository is not None:
        path += "?" + urlencode({"repository": parts.process.repository})
    while True:
        answer = yield from ask(Request(method="GET", path=path, headers=contact.headers))
        if answer.status != _OK:
            raise contact.refusal(answer)
        breakpoints = contact.decode(answer, read_active)
        lease_seconds = max(LEASE_SECONDS, 3 * settings.poll_seconds)
        held.replace(breakpoints, etag=None, lease_seconds=lease_seconds, headers=answer.headers)
        patience.succeeded()
        notices.over("polling")
        yield Sleep(seconds=backoff.with_jitter(settings.poll_seconds))


def read_active(data: Any) -> tuple[Breakpoint, ...]:
    """The breakpoints in an answer of `active/`: under `results`, or `breakpoints` as older servers have it."""
    rows = data.get("results", data.get("breakpoints")) if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise codec.ShapeError("results", "expected a list")
    return tuple(codec.from_json(Breakpoint, row) for row in rows)


def _compare_versions(contact: Contact, notices: Notices) -> None:
    capabilities = contact.capabilities
    if capabilities is not None and capabilities.api != API_VERSION:
        outdated = "backend" if capabilities.api < API_VERSION else "agent"
        notices.once(f"The {outdated} is outdated (agent {__version__}, backend {capabilities.version}); update the {outdated}.")


def _announce(parts: Parts, contact: Contact) -> None:
    """The one line of a start."""
    process, capabilities = parts.process, contact.capabilities
    project = f"{capabilities.project.name!r} ({capabilities.project.id})" if capabilities is not None else parts.settings.project
    announce(
        f"LiveBreak agent {__version__}: {parts.settings.address}, project {project}, "
        f"{_code(process)}, "
        f"service {process.service or '-'}, environment {process.environment or '-'}.",
        quiet=parts.settings.quiet,
    )


def _code(process: Process) -> str:
    if process.repository is None:
        return "no repository (it has no git remote here; LIVEBREAK_REPOSITORY=owner/name names it)"
    return f"{process.repository}@{(process.revision or 'unknown')[:12]}"


def _warn_of_clear_text(parts: Parts, notices: Notices) -> None:
    address = parts.settings.address
    if is_private(address):
        notices.once(f"{address} is plain http: whoever listens in that network reads the key and what is captured; use https.")
