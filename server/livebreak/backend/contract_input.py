"""What clients may send to the contract's routes: the coercions and sentences of Django REST framework.

Each reader takes a raw value and returns it as it is stored, or raises `ApiError` with the field's name.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from livebreak.backend.errors import ApiError, invalid
from livebreak.backend.request_body import Body

LARGEST_LINE = 2147483647
LARGEST_HITS_LIMIT = 1000
DEFAULT_LIMIT = 100

_LONGEST_NUMBER = 1000
_TRUE = frozenset({"t", "y", "yes", "true", "on", "1"})
_FALSE = frozenset({"f", "n", "no", "false", "off", "0"})
_ZERO_FRACTION = re.compile(r"\.0*\s*$")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_text(value: Any, name: str, *, blank: bool = False) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise invalid("invalid_input", "Not a valid string.", name)
    try:
        text = str(value).strip()
    except ValueError:  # Python writes no integer of more than 4300 digits
        raise invalid("invalid_input", "Not a valid string.", name) from None
    if not text and not blank:
        raise invalid("blank", "This field may not be blank.", name)
    refuse_unstorable(text, name)
    return text


def refuse_unstorable(text: str, name: str) -> None:
    """`ApiError` for what no database keeps: NUL, and halves of characters."""
    if "\0" in text:
        raise invalid("null_characters_not_allowed", "Null characters are not allowed.", name)
    surrogate = _SURROGATE.search(text)
    if surrogate is not None:
        detail = f"Surrogate characters are not allowed: U+{ord(surrogate[0]):X}."
        raise invalid("surrogate_characters_not_allowed", detail, name)


def read_integer(value: Any, name: str, *, low: int, high: int | None) -> int:
    if isinstance(value, str) and len(value) > _LONGEST_NUMBER:
        raise invalid("max_string_length", "String value too large.", name)
    try:
        number = int(_ZERO_FRACTION.sub("", str(value)))
    except ValueError:
        raise invalid("invalid_input", "A valid integer is required.", name) from None
    if high is not None and number > high:
        raise invalid("max_value", f"Ensure this value is less than or equal to {high}.", name)
    if number < low:
        raise invalid("min_value", f"Ensure this value is greater than or equal to {low}.", name)
    return number


def read_boolean(value: Any, name: str) -> bool:
    word = value.lower() if isinstance(value, str) else value
    if isinstance(word, str | bool | int | float):
        if word in _TRUE or word == 1:
            return True
        if word in _FALSE or word == 0:
            return False
    raise invalid("invalid_input", "Must be a valid boolean.", name)


def read_uuid(value: str, name: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise invalid("invalid_input", "Must be a valid UUID.", name) from None


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    read: Callable[[Any, str], Any]
    required: bool = False
    nullable: bool = False
    form_default: bool | None = None
    """What a form means by leaving it out: an HTML checkbox that is not ticked is not sent."""


_FIELDS = (
    _Field("repository", lambda value, name: read_text(value, name, blank=True), nullable=True),
    _Field("filename", read_text, required=True),
    _Field("line_number", lambda value, name: read_integer(value, name, low=0, high=LARGEST_LINE), required=True),
    _Field("enabled", read_boolean, form_default=False),
    _Field("condition", lambda value, name: read_text(value, name, blank=True), nullable=True),
)
"""In the order in which their errors are reported."""


def read_breakpoint(body: Body, *, partial: bool) -> dict[str, Any]:
    """The fields that a create (or, if `partial`, a change) sets, by name. `ApiError` with the first error."""
    fields = _require_object(body.data)
    values: dict[str, Any] = {}
    for field in _FIELDS:
        if body.is_form and fields.get(field.name) == "" and not (field.required or field.nullable):
            continue  # an input that was left empty: neither a value nor an unticked box
        if field.name in fields:
            values[field.name] = _read_field(field, fields[field.name])
        elif body.is_form and not partial and field.form_default is not None:
            values[field.name] = field.form_default
        elif field.required and not partial:
            raise invalid("required", "This field is required.", field.name)
    return values


def _require_object(data: Any) -> Mapping[str, Any]:
    if data is None:
        raise invalid("null", "No data provided", None)
    if not isinstance(data, dict):
        raise invalid("invalid_input", f"Invalid data. Expected a dictionary, but got {type(data).__name__}.", None)
    return data


def _read_field(field: _Field, value: Any) -> Any:
    if value is not None:
        return field.read(value, field.name)
    if field.nullable:
        return None
    raise invalid("null", "This field may not be null.", field.name)


# --- Query parameters -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    repository: str | None = None
    filename: str | None = None


def read_list_filters(query: QueryParams) -> Filters:
    """Trimmed; what is empty then is no filter."""
    return Filters(repository=_list_filter(query, "repository"), filename=_list_filter(query, "filename"))


def _list_filter(query: QueryParams, name: str) -> str | None:
    text = query.get(name, "").strip()
    refuse_unstorable(text, name)
    return text or None


def read_page(query: QueryParams) -> tuple[int, int]:
    """`limit` and `offset` of a list: what makes no sense silently becomes the default."""
    limit = _number_or(query.get("limit"), DEFAULT_LIMIT)
    offset = _number_or(query.get("offset"), 0)
    return limit if limit > 0 else DEFAULT_LIMIT, max(offset, 0)


def _number_or(text: str | None, default: int) -> int:
    try:
        return int(text or default)
    except ValueError:
        return default


def read_active(query: QueryParams) -> tuple[Filters, bool]:
    """The filters of `active/`, and whether disabled ones are left out."""
    texts = {name: read_text(query[name], name) for name in ("repository", "filename") if query.get(name)}
    enabled = read_boolean(query["enabled"], "enabled") if query.get("enabled") else True
    return Filters(**texts), enabled


@dataclass(frozen=True, kw_only=True, slots=True)
class HitsPage:
    breakpoint_ids: tuple[str, ...] | None
    limit: int
    offset: int


def read_hits_page(query: QueryParams) -> HitsPage:
    ids = query.getlist("breakpoint_ids") or _indexed(query, "breakpoint_ids")
    known = tuple(read_uuid(text, f"breakpoint_ids__{index}") for index, text in enumerate(ids))
    limit, offset = query.get("limit"), query.get("offset")
    return HitsPage(
        breakpoint_ids=known or None,
        limit=read_integer(limit, "limit", low=1, high=LARGEST_HITS_LIMIT) if limit else DEFAULT_LIMIT,
        offset=read_integer(offset, "offset", low=0, high=None) if offset else 0,
    )


def _indexed(query: QueryParams, name: str) -> list[str]:
    """The values of `name[0]=`, `name[1]=` and so on, by number."""
    form = re.compile(rf"^{re.escape(name)}\[(\d+)\]$")
    found = {int(match[1][:9]): value for key, value in query.multi_items() if (match := form.match(key))}
    return [found[index] for index in sorted(found)]


def unique_error() -> ApiError:
    """The contract's answer to a second breakpoint on one line; upstream it is a 500."""
    return invalid("unique", "The fields repository, filename, line_number must make a unique set.", None)
