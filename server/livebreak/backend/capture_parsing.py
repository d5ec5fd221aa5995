"""Ingestion requests: from the bytes to the events, by the contract's section 8. No IO, so it can run in any thread."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import uuid
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from livebreak.backend import json_text
from livebreak.backend.clock import HOUR, parse_time
from livebreak.backend.contract_output import is_malformed
from livebreak.backend.identity import PERSONAL_KEY_PREFIX, uuid7
from livebreak.backend.settings import LARGEST_EVENT
from livebreak.backend.store.hit_shapes import FACT_COLUMNS, HitRow
from livebreak.backend.store.packing import pack
from livebreak_agent.vocabulary import hit_event
from livebreak_agent.vocabulary.hit_event import EVENT
from livebreak_agent.vocabulary.hit_names import FACTS

MOST_PARTS = 4_000_000
"""Commas and brackets of one request. An empty list is 3 bytes of JSON and some 64 of memory, and packs to nearly none; hits of
3.5 KB have a tenth of these in a request of the largest size."""

LONGEST_TOKEN = 64
LONGEST_DISTINCT_ID = 200
FURTHEST_AHEAD_US = 23 * HOUR
"""A timestamp further in the future is a broken clock, and becomes now."""

_LARGEST_OFFSET = 10**14
"""Milliseconds, some 3000 years: beyond any clock, and within what a float says to the millisecond."""

_FACT_FIELDS = tuple("process_id" if name == "process" else name for name in FACT_COLUMNS)
"""The fields of `Hit` that are kept in columns."""

_USUAL_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
"""What nearly all senders write, and what any other form of a UUID becomes."""

_FORM_START = 200
"""Bytes in which a form names its field `data`, behind a few others."""

_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31
"""zlib's way to say: gzip alone."""


class CaptureError(Exception):
    """A refused request; the text is the answer's whole body."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """A request that was understood."""

    token: str
    hits: tuple[HitRow, ...]
    """Of its events, those that are well-formed hits."""


def parse(raw: bytes, now: int, limit: int, proven: str | None = None) -> Batch:
    """Read a request's body. `CaptureError` if any of it is refused: an answer of 200 is for the whole.

    `proven` is the token of the project whose secret key came with it, so that its hits are verified.
    """
    try:
        return _parse(unpack(raw, limit), now, limit, proven)
    except RecursionError:
        raise CaptureError(400, "request is nested too deeply") from None


def _parse(raw: bytes, now: int, limit: int, proven: str | None) -> Batch:
    events, envelope = _events_of(_load(raw, limit))
    token = _token_of(events, envelope)
    if not events:
        raise CaptureError(400, "request holds no event")
    skew = _skew(envelope, now)
    for event in events:
        check(event)
        # Of a request that is no larger than that, no event is; the others are few, so that measuring them is cheap.
        if len(raw) > LARGEST_EVENT and size_of(event) > LARGEST_EVENT:
            raise CaptureError(413, "event too large")
    verified = token == proven
    hits = (read_hit(event, now, skew, verified=verified) for event in events if event.get("event") == EVENT)
    return Batch(token=token, hits=tuple(hit for hit in hits if hit is not None))


def unpack(raw: bytes, limit: int) -> bytes:
    """The body, if it was packed by gzip, within a limit of bytes. `CaptureError`."""
    return inflate(raw, limit, _GZIP_WINDOW) if raw.startswith(_GZIP) else raw


def inflate(raw: bytes, limit: int, window: int) -> bytes:
    """What zlib unpacks with that window; `CaptureError`."""
    unpacker = zlib.decompressobj(window)
    try:
        unpacked = unpacker.decompress(raw, limit + 1)
    except zlib.error:
        raise CaptureError(400, "invalid compressed data") from None
    if len(unpacked) > limit:
        raise CaptureError(413, "request too large")
    if not unpacker.eof:
        raise CaptureError(400, "invalid compressed data")
    return unpacked


def _load(raw: bytes, limit: int) -> Any:
    start = raw[:_FORM_START]
    if start.startswith(b"data=") or (b"&data=" in start and not start.lstrip().startswith((b"{", b"["))):
        raw = unpack(_form_data(raw), limit)
    return load(raw)


def is_token(text: str) -> bool:
    """Whether it may be a project's token."""
    return len(text) <= LONGEST_TOKEN and text.isascii() and "\0" not in text and not text.startswith(PERSONAL_KEY_PREFIX)


def load(raw: bytes) -> Any:
    """JSON, whose numbers that are not finite are null. `CaptureError`."""
    if sum(map(raw.count, (b",", b"[", b"{"))) > MOST_PARTS:
        raise CaptureError(413, "request has too many parts")
    try:
        return json_text.read_strict(raw)
    except json_text.STRICTER:
        pass  # the standard library has the last word, and knows what to do about a number that is not finite
    try:
        return json.loads(raw, parse_float=_finite, parse_constant=lambda _: None)
    except ValueError:
        raise CaptureError(400, "request body is not valid JSON") from None


def _form_data(raw: bytes) -> bytes:
    """The field `data`: base64, or the JSON itself."""
    field = parse_qs(raw.decode(errors="replace")).get("data", [""])[0]
    encoded = field.replace(" ", "+")  # which a sender did not escape
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return field.encode()


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _events_of(data: Any) -> tuple[list[Mapping[str, Any]], Mapping[str, Any]]:
    """The events, and the object around them that holds token and `sent_at`."""
    if isinstance(data, list):
        events, envelope = data, {}
    elif isinstance(data, dict):
        events, envelope = (data["batch"], data) if "batch" in data else ([data], data)
    else:
        events, envelope = None, {}
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        raise CaptureError(400, "request holds something else than events")
    return events, envelope


def _token_of(events: Iterable[Mapping[str, Any]], envelope: Mapping[str, Any]) -> str:
    found = _named_token(envelope)
    tokens = {found} if found else {_named_token(event) for event in events}
    if len(tokens) > 1:
        raise CaptureError(401, "events with different tokens in one request")
    token = next(iter(tokens), None)
    if not token:
        raise CaptureError(401, "request holds no api_key")
    if not is_token(token):
        raise CaptureError(401, "invalid api_key")
    return token


def _named_token(holder: Mapping[str, Any]) -> str | None:
    properties = holder.get("properties")
    inner = properties.get("token") if isinstance(properties, dict) else None
    for token in (holder.get("api_key"), holder.get("token"), inner):
        if isinstance(token, str) and token.strip():
            return token.strip()
    return None


def _skew(envelope: Mapping[str, Any], now: int) -> int:
    """By how much the sender's clock is ahead of ours, in microseconds."""
    sent_at = envelope.get("sent_at")
    sent = parse_time(sent_at) if isinstance(sent_at, str) else None
    return 0 if sent is None else sent - now


def check(event: Mapping[str, Any]) -> None:
    """`CaptureError` if the event is none."""
    name = event.get("event")
    if not isinstance(name, str) or not name:
        raise CaptureError(400, "event submitted without an event name")
    properties = event.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise CaptureError(400, "event properties are not an object")
    distinct_id = event.get("distinct_id")
    if distinct_id is None and properties:
        distinct_id = properties.get("distinct_id")
    if distinct_id is None or not str(distinct_id)[:LONGEST_DISTINCT_ID].strip():
        raise CaptureError(400, "event submitted without a distinct_id")
    if event.get("uuid") is not None:
        _event_id(event, 0)


def size_of(event: Mapping[str, Any]) -> int:
    """Bytes of compact JSON in UTF-8, however it was written."""
    return len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass"))


def read_hit(event: Mapping[str, Any], now: int, skew: int, *, verified: bool) -> HitRow | None:
    """The hit of a checked event, whose sender's clock is ahead by `skew` microseconds; None if it is malformed."""
    properties = event.get("properties") or {}
    if is_malformed(properties):
        return None
    breakpoint_id = properties.get("$breakpoint_id")
    return HitRow(
        id=_event_id(event, now),
        # Lone surrogates are fine in the payload, and impossible in a column; no breakpoint has such an id.
        breakpoint_id=breakpoint_id.encode(errors="replace").decode() if isinstance(breakpoint_id, str) else None,
        timestamp=_timestamp(event, now, skew),
        verified=verified,
        payload=pack(properties),
        facts=hit_event.facts(properties, _FACT_FIELDS),
        hides_facts=not FACTS.keys().isdisjoint(properties.get("$locals_variables") or ()),
    )


def _event_id(event: Mapping[str, Any], now: int) -> str:
    given = event.get("uuid")
    if given is None:
        return uuid7(now)
    if isinstance(given, str) and _USUAL_ID.match(given):
        return given
    try:
        return str(uuid.UUID(given))
    except (ValueError, AttributeError, TypeError):
        raise CaptureError(400, "event submitted with an invalid uuid") from None


def _timestamp(event: Mapping[str, Any], now: int, skew: int) -> int:
    text, offset = event.get("timestamp"), event.get("offset")
    if text is None and isinstance(offset, int | float) and not isinstance(offset, bool):
        corrected = now - int(min(max(offset, -_LARGEST_OFFSET), _LARGEST_OFFSET) * 1000)
    else:
        moment = parse_time(text) if isinstance(text, str) else None
        corrected = now if moment is None else moment - skew
    return now if corrected > now + FURTHEST_AHEAD_US else max(corrected, 0)
