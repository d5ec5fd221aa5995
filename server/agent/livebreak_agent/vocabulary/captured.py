"""How a captured value is written as JSON, and read back: without running or importing anything.

PostHog's contract sends each variable as a text of JSON, in the manner of jsonpickle: an object carries its type under
`py/object`. Readers written for that show these values well; ours know a little more.

=============================  =========================================================================================
value                          JSON
=============================  =========================================================================================
None, bool, int, float, str    itself; an int beyond 2**53 and a float that is not finite as *text-like*
list                           an array
dict whose keys are strings    an object
anything else with a text      *text-like*: ``{"py/object": TYPE, "value": TEXT}`` (bytes, datetime, Decimal, Path, enum ...)
tuple, set, deque, a cut list  ``{"py/object": TYPE, "items": [...]}``
other dicts, a cut dict        ``{"py/object": TYPE, "entries": [[KEY, VALUE], ...]}``
an object                      ``{"py/object": TYPE, FIELD: VALUE, ...}``
=============================  =========================================================================================

Whatever is not whole has ``"$cut"``, a `Cut`, and where it is known ``"$size"``, the true number of characters, items or
fields. A field or string key that itself starts with ``$`` or ``py/`` is written with one more ``$`` before it; an object
whose fields include ``value``, ``items`` or ``entries`` has ``"$object": true``, and a dict that has the key `py/object`
is escaped by the same rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

TYPE = "py/object"
VALUE = "value"
ITEMS = "items"
ENTRIES = "entries"
CUT = "$cut"
SIZE = "$size"
OBJECT = "$object"

LARGEST_PLAIN_INT = 2**53
"""Beyond it JSON readers in JavaScript lose digits."""


class Cut(StrEnum):
    """Why a value is not whole."""

    LENGTH = "length"
    """A string or bytes longer than the limit."""
    ITEMS = "items"
    """More items than the limit."""
    FIELDS = "fields"
    """More fields than the limit."""
    DEPTH = "depth"
    """Deeper than the limit."""
    BYTES = "bytes"
    """The hit as a whole had reached its size."""
    TIME = "time"
    """The hit as a whole had used up its time."""
    CYCLE = "cycle"
    """It contains itself."""
    REDACTED = "redacted"
    """Its name or type is on the redaction list."""
    CHANGED = "changed"
    """Another thread changed it while it was read."""
    OPAQUE = "opaque"
    """Nothing of it can be read without running the application's code."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """A captured value as a tree. Of `items`, `entries` and `fields` at most one is there; else it is `scalar`."""

    type: str
    """The qualified type name, such as `int` or `shop.cart.Cart`."""
    scalar: bool | int | float | str | None = None
    """The value of a plain type; the text of a text-like one."""
    items: tuple[Value, ...] | None = None
    entries: tuple[tuple[Value, Value], ...] | None = None
    fields: tuple[tuple[str, Value], ...] | None = None
    cut: str | None = None
    """A `Cut`, or what a newer agent calls it."""
    size: int | None = None


def escape_key(key: str) -> str:
    return "$" + key if key.startswith(("$", "py/")) else key


def unescape_key(key: str) -> str:
    return key[1:] if key.startswith(("$$", "$py/")) else key


_MARKS = frozenset({TYPE, CUT, SIZE, OBJECT})


def read(data: object, depth: int = 64) -> Value:
    """The tree of what `json.loads` gave; anything at all is accepted, since it comes from outside."""
    if data is None or isinstance(data, bool | int | float | str):
        return Value(type=type(data).__name__ if data is not None else "None", scalar=data)
    if depth == 0:
        return Value(type="object", cut=Cut.DEPTH)
    if isinstance(data, list | tuple):
        return Value(type="list", items=tuple(read(item, depth - 1) for item in data))
    if not isinstance(data, Mapping):
        return Value(type=type(data).__name__, cut=Cut.OPAQUE)
    kind = data.get(TYPE)
    if not isinstance(kind, str):
        entries = tuple((read(unescape_key(str(key))), read(item, depth - 1)) for key, item in data.items())
        return Value(type="dict", entries=entries)
    cut = str(data[CUT]) if data.get(CUT) is not None else None
    size = data[SIZE] if type(data.get(SIZE)) is int else None
    rest = {key: item for key, item in data.items() if key not in _MARKS}
    if not data.get(OBJECT):
        text, items, pairs = rest.get(VALUE), rest.get(ITEMS), rest.get(ENTRIES)
        if rest.keys() == {VALUE} and (text is None or isinstance(text, bool | int | float | str)):
            return Value(type=kind, scalar=text, cut=cut, size=size)
        if rest.keys() == {ITEMS} and isinstance(items, list):
            return Value(type=kind, items=tuple(read(item, depth - 1) for item in items), cut=cut, size=size)
        if rest.keys() == {ENTRIES} and isinstance(pairs, list):
            entries = tuple(
                (read(pair[0], depth - 1), read(pair[1], depth - 1))
                for pair in pairs
                if isinstance(pair, list | tuple) and len(pair) == 2
            )
            return Value(type=kind, entries=entries, cut=cut, size=size)
    if not rest and cut is not None:
        return Value(type=kind, cut=cut, size=size)
    fields = tuple((unescape_key(str(key)), read(item, depth - 1)) for key, item in rest.items())
    return Value(type=kind, fields=fields, cut=cut, size=size)
