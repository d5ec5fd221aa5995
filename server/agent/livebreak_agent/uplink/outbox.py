"""The hits on their way: out of the queue, into a request, and gone once they have arrived."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

from livebreak_agent.uplink.parts import HitSource
from livebreak_agent.vocabulary import hit_event

BATCH_HITS = 100
"""Hits of one request: what PostHog's own SDK sends, and what the backend's store is fastest with."""

BATCH_BYTES = 2**20
"""Bytes of JSON of one request, before compression: it bounds what is held outside the queue while the backend is away."""

LARGEST_EVENT = 900 * 2**10
"""Bytes of one hit: PostHog's ingestion refuses events from about 1 MB on."""

_COMPRESSION = 3
"""Of zlib's 9 levels: repeated names shrink by then, and the application's processor has better things to do."""


class Outbox:
    """The hits of the next request, as JSON; a batch stays as it is until it has arrived."""

    def __init__(self, hits: HitSource) -> None:
        self._hits = hits
        self._batch: list[tuple[str, bytes]] = []
        """Breakpoint ids and events."""
        self._later: list[tuple[str, bytes]] = []

    def fill(self) -> bool:
        """Whether there is a batch to send."""
        if not self._batch:
            waiting, self._later = self._later, []
            size = 0
            while len(self._batch) < BATCH_HITS and size < BATCH_BYTES:
                waiting = waiting or self._take()
                if not waiting:
                    break
                event = waiting.pop(0)
                self._batch.append(event)
                size += len(event[1])
            self._later = waiting
        return bool(self._batch)

    @property
    def is_full(self) -> bool:
        """Whether there may be more than the batch."""
        return bool(self._later) or len(self._batch) >= BATCH_HITS

    def body(self, token: str, *, tells_time: bool) -> bytes:
        """The batch as a request; with `tells_time` the backend corrects the times of hits by its own clock."""
        sent_at = f'"sent_at":"{datetime.now(UTC).isoformat()}",' if tells_time else ""
        start = f'{{"api_key":{json.dumps(token)},{sent_at}"batch":['
        return gzip.compress(start.encode() + b",".join(event for _, event in self._batch) + b"]}", _COMPRESSION)

    def arrived(self) -> None:
        self._batch = []

    def halve(self) -> bool:
        """Try with half of them, the rest afterwards; False if it is one already."""
        half = len(self._batch) // 2
        self._batch, self._later = self._batch[:half] or self._batch, (self._batch[half:] if half else []) + self._later
        return half > 0

    def give_up(self) -> None:
        lost, self._batch = self._batch, []
        self._hits.refused([breakpoint_id for breakpoint_id, _ in lost])

    def _take(self) -> list[tuple[str, bytes]]:
        """A few hits from the queue; not a whole batch, since hits may be large and the queue is what bounds them."""
        events: list[tuple[str, bytes]] = []
        while not events and (hits := self._hits.take(10)):
            for hit in hits:
                event = _encode(hit_event.write(hit))
                if len(event) <= LARGEST_EVENT:
                    events.append((hit.breakpoint_id, event))
                else:
                    self._hits.refused([hit.breakpoint_id])
        return events


def _encode(event: dict[str, Any]) -> bytes:
    # Escaped to ASCII: it is what lone surrogates in captured text survive in.
    return json.dumps(event, separators=(",", ":")).encode()
