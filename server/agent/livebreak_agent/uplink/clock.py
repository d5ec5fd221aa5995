"""What time it is for the backend."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from datetime import UTC, datetime


def backend_time(headers: Mapping[str, str]) -> datetime | None:
    """When an answer with these headers was made, to the second; None if it does not tell."""
    try:
        told = email.utils.parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError, TypeError):
        return None
    return told if told.tzinfo is not None else told.replace(tzinfo=UTC)
