"""Names of environments: which of them are production, and which a breakpoint asks for."""

from __future__ import annotations

import re
from functools import lru_cache

NOT_PRODUCTION = "!production"
"""In place of a breakpoint's environment: every process but those in production, whenever they come."""

_WORDS = frozenset({"prod", "production", "prd", "live"})
_PARTS = re.compile(r"[^a-z]+")


@lru_cache(maxsize=256)  # It is asked of every process whenever any of them changes.
def is_production(environment: str | None) -> bool:
    """True for what people call it: `prod`, `production-eu`, `eu_prod`. `preprod` and `non-prod` are none."""
    parts = _PARTS.split((environment or "").lower())
    return not _WORDS.isdisjoint(parts) and not {"non", "not", "pre"} & set(parts)


def is_asked_for(environment: str | None, wanted: str | None) -> bool:
    """True if a process of this environment is one of those that a breakpoint asks for."""
    return not is_production(environment) if wanted == NOT_PRODUCTION else wanted in (None, environment)
