"""Hits of the usual size, as an agent sends them."""

from __future__ import annotations

import functools
import gzip
import json
import random
import uuid
from datetime import UTC, datetime
from typing import Any

from livebreak_agent.vocabulary.hit_event import write
from livebreak_agent.vocabulary.model import Frame, Hit

BYTES = 3500
"""JSON of one event: what was measured of hits with some ten locals and a stack of a web framework's depth."""

BATCH = 100
"""Hits of one request."""

DIFFERENT = 300
"""Sets of values that the hits share: more than gzip looks back."""

COMPRESSION = 1
"""As fast as agents compress: the sender's time is not what is measured."""


def new_hit(breakpoint_id: str, filename: str, line: int) -> Hit:
    """A hit whose values differ from those of any other as much as those of real ones do."""
    number = random.randrange(10**9)
    variables: dict[str, object] = {
        "order_id": number,
        "user": {
            "$type": "User",
            "fields": {"id": number % 9973, "name": f"user-{number % 9973}", "email": f"u{number}@example.com"},
        },
        "items": [{"sku": f"sku-{random.randrange(10**6)}", "price": random.randrange(10**4), "count": n} for n in range(5)],
        "total": number / 100,
        "token": uuid.uuid4().hex,
    }
    stack = [
        Frame(
            function=f"handle_{n}",
            filename=f"shop/layer_{n}.py",
            line_number=10 + n,
            text="return call(request)",
            in_repository=True,
        )
        for n in range(12)
    ]
    return Hit(
        id=str(uuid.uuid4()),
        breakpoint_id=breakpoint_id,
        timestamp=datetime.now(UTC).isoformat(),
        filename=filename,
        line_number=line,
        function="handle_0",
        variables=variables,
        stack=tuple(stack),
        process_id=str(uuid.UUID(int=7)),
        service="web",
        environment="bench",
        host="bench",
        pid=7,
        thread="MainThread",
    )


def new_event(breakpoint_id: str, filename: str = "shop/orders.py", line: int = 12) -> dict[str, Any]:
    """The event of a hit of `BYTES`, with an id of its own."""
    event = random.choice(_some_events())
    timestamp = datetime.now(UTC).isoformat()
    own = {"$breakpoint_id": breakpoint_id, "$file_path": filename, "$line_number": line, "$timestamp": timestamp}
    return {**event, "uuid": str(uuid.uuid4()), "timestamp": timestamp, "properties": {**event["properties"], **own}}


@functools.cache
def _some_events() -> list[dict[str, Any]]:
    """Made once, since making each anew takes longer than storing it."""
    events = []
    for _ in range(DIFFERENT):
        event = write(new_hit(str(uuid.uuid4()), "shop/orders.py", 12))
        missing = BYTES - len(json.dumps(event)) - len(', "note": "\\"\\""')
        if missing > 0:
            event["properties"]["$locals_variables"]["note"] = json.dumps(random.randbytes(missing // 2).hex())
        events.append(event)
    return events


def batch(token: str, events: list[dict[str, Any]]) -> bytes:
    """A body of `POST /batch/`, compressed."""
    body = {"api_key": token, "batch": events, "sent_at": datetime.now(UTC).isoformat()}
    return gzip.compress(json.dumps(body, separators=(",", ":")).encode(), COMPRESSION)


def batch_headers(secret_key: str) -> dict[str, str]:
    """Of an agent, which proves by the secret key that the hits are the project's own."""
    return {"Content-Type": "application/json", "Content-Encoding": "gzip", "Authorization": f"Bearer {secret_key}"}
