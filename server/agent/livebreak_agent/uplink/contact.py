"""What both courses know of the backend, and how its answers are judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

from livebreak_agent import __version__
from livebreak_agent.settings import OWN_PROJECT, Settings
from livebreak_agent.uplink.backoff import retry_after
from livebreak_agent.uplink.clock import backend_time
from livebreak_agent.uplink.connection import Unreachable
from livebreak_agent.uplink.exchange import Answer
from livebreak_agent.vocabulary import codec
from livebreak_agent.vocabulary.wire import Capabilities

T = TypeVar("T")

UNLIKED = frozenset({400, 413, 422})
"""Statuses that are about what was sent, perhaps about a single hit of a batch."""


_ALLOWED_SKEW_SECONDS = 2.0
"""Between the two clocks: a `Date` header counts whole seconds, and the answer was on its way."""


class Refusal(Unreachable):
    """The backend answered, and it is no answer that helps."""

    def __init__(self, sentence: str, *, status: int, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.retry_after = retry_after


class Contact:
    """The backend as far as it is known: nothing yet, a LiveBreak backend, or a plain PostHog API."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.capabilities: Capabilities | None = None
        """None as well for a plain PostHog API."""
        self.is_made = False
        self.is_clock_off = True
        """Whether this machine's clock may differ from the backend's by more than a request takes. Only then is the backend told
        when a batch was sent and corrects its times: a correction is as inexact as the request was slow, so that hits of two
        requests could change places."""
        self.is_announced = False
        """Whether the log has the line of the start; a forked child does not repeat it."""

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._settings.secret_key}",
            "User-Agent": f"livebreak-agent/{__version__}",
            "Accept": "application/json",
        }

    @property
    def token(self) -> str | None:
        """What hits are sent with: the public `phc_` token."""
        told = self.capabilities.ingestion_token if self.capabilities is not None else None
        return told or self._settings.project_token

    def path(self, route: str) -> str:
        return f"/api/projects/{quote(self._settings.project, safe='@')}/{route}"

    def made(self, capabilities: Capabilities | None, headers: Mapping[str, str]) -> None:
        """It answered, with these headers."""
        self.capabilities = capabilities
        theirs = backend_time(headers)
        self.is_clock_off = theirs is None or abs((datetime.now(UTC) - theirs).total_seconds()) > _ALLOWED_SKEW_SECONDS
        self.is_made = True

    def decode(self, answer: Answer, read: Callable[[Any], T]) -> T:
        """The body of a good answer; `Refusal` if it is not what was asked for."""
        try:
            return read(json.loads(answer.body))
        except codec.ShapeError as error:
            problem = str(error)
        except (ValueError, RecursionError):
            problem = "it is not JSON"
        sentence = f"{self._settings.address} does not answer as a backend of LiveBreak ({problem}); check LIVEBREAK_HOST."
        raise Refusal(sentence, status=answer.status)

    def refusal(self, answer: Answer) -> Refusal:
        """What a status that is no success means, for a person."""
        address, status = self._settings.address, answer.status
        if status in {401, 403}:
            sentence = f"{address} refuses the key in LIVEBREAK_SECRET_KEY ({status}); is it of this backend and this project?"
        elif status == 404:
            project = "" if self._settings.project == OWN_PROJECT else f" {self._settings.project!r}"
            sentence = f"{address} does not know the project{project} (404); check LIVEBREAK_HOST and LIVEBREAK_PROJECT."
        elif 300 <= status < 400:
            sentence = (
                f"{address} redirects elsewhere ({status}), where no key is sent to; set LIVEBREAK_HOST to the final address."
            )
        elif status == 429:
            sentence = f"{address} asks for fewer requests (429); waiting."
        else:
            sentence = f"{address} answers with an error ({status}); trying again."
        return Refusal(sentence, status=status, retry_after=retry_after(answer.headers))
