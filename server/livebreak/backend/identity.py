"""New ids and new keys, and what of a key is stored."""

from __future__ import annotations

import hashlib
import secrets
import string
import uuid

PERSONAL_KEY_PREFIX = "phx_"
SECRET_KEY_PREFIX = "phs_"  # noqa: S105 -- a prefix, not a password
PROJECT_TOKEN_PREFIX = "phc_"  # noqa: S105 -- a prefix, not a password

KEY_LENGTH = 43
"""Characters after the prefix: 256 bits of 62 signs, and short enough for the 64 characters that a token may have."""

HINT_LENGTH = 8
"""Characters of a key that may be shown: four beyond its kind, out of 43."""

_SIGNS = string.ascii_letters + string.digits
"""No `_` or `-`, with which the contract's pattern for secret keys would not match."""


def new_key(prefix: str) -> str:
    return prefix + "".join(secrets.choice(_SIGNS) for _ in range(KEY_LENGTH))


def key_digest(key: str) -> str:
    """What is stored of a secret. A plain digest is enough: nobody can guess 256 random bits, so nothing needs slowing."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def key_hint(key: str) -> str:
    """What may be shown of a key, to tell it from others."""
    return key[:HINT_LENGTH] + "..."


def uuid7(time_us: int) -> str:
    """A UUID of version 7: ids that are made later sort later, which keeps the database's indexes compact."""
    milliseconds = (time_us // 1000) & (2**48 - 1)
    # 12 bits below the millisecond, so that ids within one keep their order too.
    fraction = (time_us % 1000) * 4096 // 1000
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def canonical_uuid(text: str) -> str | None:
    """The usual form of a UUID, or None if the text is none."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None
