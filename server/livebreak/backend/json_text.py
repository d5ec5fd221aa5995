"""JSON at a tenth of the standard library's time, and as exact: what msgspec will not do is left to the standard library.

msgspec refuses what others would change in silence (texts with lone surrogates, numbers that are no numbers), and then the
standard library reads or writes it; integers of any size are exact in both.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

read_strict = msgspec.json.Decoder().decode
"""What strict JSON in UTF-8 says; `STRICTER` if it is none, though the standard library may be able to read it."""

STRICTER = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_encode = msgspec.json.Encoder().encode


def read(raw: bytes) -> Any:
    """What `json.loads` makes of it, with its errors."""
    try:
        return read_strict(raw)
    except STRICTER:
        return json.loads(raw)


def write(content: Any) -> bytes:
    """UTF-8, compact; ASCII if there are lone surrogates, which UTF-8 cannot say. The errors are those of `json.dumps`."""
    try:
        return _encode(content)
    except (msgspec.EncodeError, UnicodeEncodeError, TypeError, RecursionError):
        return json.dumps(content, separators=(",", ":")).encode("ascii")
