"""The text of values from the standard library: dates, decimals, UUIDs, paths, enums.

A class is looked up only among the modules that the application has loaded: of a module that it has not, there are no values.
"""

from __future__ import annotations

import datetime as dt
import sys
import types
from collections.abc import Callable
from typing import Any

from livebreak_agent.capture import raw

_FIELDS = 20
"""More than any class here has of its own; further ones are a subclass's."""


def is_a(kind: type, module: str, name: str) -> bool:
    base = _class(module, name)
    return base is not None and raw.is_kind(kind, base)


def text_of(kind: type) -> Callable[[Any], str | None] | None:
    """What gives the text of such values, or None if they are not of these kinds. It gives None where it would not be safe."""
    for module, name, text in _TEXTS:
        if is_a(kind, module, name):
            return text
    return None


_classes: dict[tuple[str, str], type] = {
    ("datetime", kind.__name__): kind for kind in (dt.date, dt.datetime, dt.time, dt.timedelta, dt.timezone)
}
"""Classes as they were found first: tests put others into the place of `datetime`'s, to stop the clock."""


def _class(module: str, name: str) -> type | None:
    known = _classes.get((module, name))
    if known is not None:
        return known
    loaded = sys.modules.get(module)
    found: Any = vars(loaded).get(name) if type(loaded) is types.ModuleType else None
    if not raw.is_kind(type(found), type):
        return None
    _classes[module, name] = found
    return _classes[module, name]


def _enum(value: Any) -> str | None:
    kind = type(value)
    fields = dict(raw.fields(value, _FIELDS)[0])
    name = raw.text(fields.get("_name_"))
    if name is not None:
        return f"{raw.type_name(kind).rpartition('.')[2]}.{name}"
    number = fields.get("_value_")
    return f"{raw.type_name(kind).rpartition('.')[2]}({number})" if type(number) is int else None


def _date_time(value: Any) -> str | None:
    kind: Any = _class("datetime", "datetime")
    zone = kind.tzinfo.__get__(value)
    if zone is None or _is_plain_zone(type(zone)):
        return str(kind.isoformat(value))
    # The offset of any other zone is the application's code; its wall clock time is here.
    parts = [getattr(kind, name).__get__(value) for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")]
    return f"{kind(*parts).isoformat()} {raw.type_name(type(zone))}"


def _time(value: Any) -> str | None:
    kind: Any = _class("datetime", "time")
    zone = kind.tzinfo.__get__(value)
    return str(kind.isoformat(value)) if zone is None or _is_plain_zone(type(zone)) else None


def _is_plain_zone(kind: type) -> bool:
    return kind is _class("datetime", "timezone") or kind is _class("zoneinfo", "ZoneInfo")


def _by_class(module: str, name: str, method: str) -> Callable[[Any], str | None]:
    """The text that a method of the standard library's own class gives; it is written in C and asks nothing else."""

    def text(value: Any) -> str | None:
        found = getattr(_class(module, name), method)
        result = found(value) if type(found) is not types.FunctionType else None
        return result if type(result) is str else None

    return text


def _uuid(value: Any) -> str | None:
    number = dict(raw.fields(value, _FIELDS)[0]).get("int")
    if type(number) is not int or not 0 <= number < 1 << 128:
        return None
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _path(value: Any) -> str | None:
    """From the parts that a path keeps, which are named otherwise in each version of Python."""
    fields = dict(raw.fields(value, _FIELDS)[0])
    whole = fields.get("_str")
    if type(whole) is str:
        return whole
    separator = "\\" if is_a(type(value), "pathlib", "PureWindowsPath") else "/"
    parts = fields.get("_raw_paths")
    if type(parts) is list and all(type(part) is str for part in parts):
        # As they were given; what comes before an absolute one does not count.
        first = max((index for index, part in enumerate(parts) if part.startswith(separator)), default=0)
        joined = separator.join(part.rstrip(separator) or separator for part in parts[first:] if part)
        return joined.replace(separator * 2, separator) or "."
    parts, drive, root = fields.get("_parts"), fields.get("_drv"), fields.get("_root")
    if type(parts) is list and all(type(part) is str for part in (*parts, drive, root)):
        anchor = f"{drive}{root}"
        return anchor + separator.join(parts[1:]) if anchor else separator.join(parts) or "."
    return None


_TEXTS: tuple[tuple[str, str, Callable[[Any], str | None]], ...] = (
    ("enum", "Enum", _enum),
    ("datetime", "datetime", _date_time),
    ("datetime", "date", _by_class("datetime", "date", "isoformat")),
    ("datetime", "time", _time),
    ("datetime", "timedelta", _by_class("datetime", "timedelta", "__str__")),
    ("datetime", "timezone", _by_class("datetime", "timezone", "__str__")),
    ("decimal", "Decimal", _by_class("decimal", "Decimal", "__str__")),
    ("uuid", "UUID", _uuid),
    ("pathlib", "PurePath", _path),
)
