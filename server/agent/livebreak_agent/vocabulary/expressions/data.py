"""Reading values without running the application's code.

Everything here goes by the exact type. Types themselves are compared by identity or by `id`: a class may have a
metaclass whose `__hash__` and `__eq__` belong to the application, so a class is never looked up in a set.
"""

from __future__ import annotations

import types
from collections import deque, namedtuple
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from livebreak_agent.vocabulary.expressions import limits, spending, stdlib_types, subclasses
from livebreak_agent.vocabulary.expressions.errors import EvaluationError
from livebreak_agent.vocabulary.expressions.spending import Budget, charge, charge_reading, charge_text


@dataclass(frozen=True, slots=True)
class Record:
    """An object of a captured hit; its attributes are its `fields`."""

    type: str
    fields: Mapping[str, object]
    text: str | None = None
    """What `str` gives, where the capture holds it: of a datetime, a UUID, an enum's member."""


@dataclass(frozen=True, slots=True)
class NotCaptured:
    """What a hit does not hold, or not wholly. Its true length and the captured part can be read; any other use is an error."""

    reason: str
    """A `captured.Cut`, or what a newer agent calls it."""
    size: int | None = None
    part: str | bytes | list[object] | tuple[object, ...] | dict[object, object] | None = None
    """The captured beginning of a text or sequence, or some entries of a dict."""


REDACTED = NotCaptured(reason="redacted")
"""In the place of what is secret; any use of it is an error that says so."""


def _ids(*kinds: type) -> frozenset[int]:
    return frozenset(map(id, kinds))


INTEGERS = _ids(int, bool)
NUMBERS = _ids(int, bool, float, complex)
SCALARS = _ids(int, bool, float, complex, str, bytes, types.NoneType)
SEQUENCES = _ids(list, tuple, str, bytes, range, deque)
SETS = _ids(set, frozenset)
SIZED = SEQUENCES | SETS | _ids(dict)
KEYS = SCALARS | _ids(tuple)

_mro_of: Any = type.__dict__["__mro__"].__get__
_dict_of: Any = type.__dict__["__dict__"].__get__
_module_of: Any = type.__dict__["__module__"].__get__
_qualname_of: Any = type.__dict__["__qualname__"].__get__
_MISSING = object()


def type_name(value: Any) -> str:
    """The type's name for a sentence: `int`, `shop.cart.Cart`."""
    kind = type(value)
    if kind is Record:
        return str(value.type)
    name: str = str.__str__(_qualname_of(kind))
    module: Any = _module_of(kind)
    return name if module == "builtins" or type(module) is not str else f"{module}.{name}"


def article(value: object) -> str:
    name = type_name(value)
    return f"an {name}" if name[:1] in "aeiouAEIOU" else f"a {name}"


def opening(value: object) -> str:
    """The same at the beginning of a sentence."""
    text = article(value)
    return text[0].upper() + text[1:]


def refuse(value: Any, what: str) -> NoReturn:
    """Says that `what` ("The length of") cannot be had of a value that is not plain data."""
    if type(value) is NotCaptured:
        raise not_captured(value)
    raise EvaluationError(f"{what} {article(value)} cannot be known without running the application's code.")


def not_captured(value: NotCaptured) -> EvaluationError:
    if value.reason == "redacted":
        return EvaluationError("The value is redacted.")
    if value.part is not None and value.size is not None:
        return EvaluationError(f"Only {len(value.part):,} of {value.size:,} were captured here (cut: {value.reason}).")
    return EvaluationError(f"The value was not captured{' whole' if value.part is not None else ''} (cut: {value.reason}).")


def truth(value: Any) -> bool:
    """Whether a value counts as true; exact built-in types only, for anything else `EvaluationError`."""
    if value is True or value is False:
        return value
    identity = id(type(value))
    if identity in SCALARS or identity in SIZED:
        return bool(value)
    if type(value) is NotCaptured and (value.part or value.size):
        return True
    if type(value) is NotCaptured:
        raise not_captured(value)
    if (result := stdlib_types.truth(value)) is not None:
        return result
    if (size := subclasses.truth(value)) is not None:
        return size
    raise EvaluationError(f"Whether {article(value)} is true is up to the application's code; compare it, as in `x is not None`.")


def length(value: Any) -> int:
    if id(type(value)) in SIZED:
        return len(value)
    if (size := subclasses.length(value)) is not None:
        return size
    if type(value) is NotCaptured and value.part is not None and value.size is not None:
        return value.size
    if id(type(value)) in SCALARS:
        raise EvaluationError(f"{opening(value)} has no length.")
    refuse(value, "The length of")


def attribute(value: Any, name: str, budget: Budget) -> object:
    """A field of an object: in its own `__dict__` or `__slots__`, past properties and `__getattr__`."""
    kind = type(value)
    if budget[1] is not None and budget[1].hides_type(kind):
        return REDACTED
    if kind is Record:
        if name in value.fields:
            return value.fields[name]
        raise EvaluationError(f"{opening(value)} has no field {name!r} in this hit.")
    if kind is NotCaptured:
        raise not_captured(value)
    if (found := stdlib_types.attribute(value, name)) is not stdlib_types.MISSING:
        return found
    return _read_field(value, kind, stdlib_types.field_name(kind, name))


def _read_field(value: object, kind: type, name: str) -> object:
    on_class: Any = _MISSING
    for base in _mro_of(kind):
        members = _dict_of(base)
        if on_class is _MISSING:
            on_class = members.get(name, _MISSING)
        descriptor = members.get("__dict__")
        if type(descriptor) is types.GetSetDescriptorType or type(descriptor) is types.MemberDescriptorType:
            found = _in_namespace(descriptor.__get__(value), name)
            if found is not _MISSING:
                return found
    if type(on_class) is _TUPLE_FIELD:
        # The field of a named tuple, which is an item of it.
        return on_class.__get__(value)
    if on_class is _EXCEPTION_ARGS:
        return on_class.__get__(value)
    if type(on_class) is types.MemberDescriptorType:
        try:
            return on_class.__get__(value)
        except AttributeError:
            raise EvaluationError(f"The field {name!r} of this {type_name(value)} is not set.") from None
    if (beside := _beside_declared(value, kind, name)) is not _MISSING:
        return beside
    if on_class is not _MISSING:
        raise EvaluationError(
            f"{name!r} is not a field of this {type_name(value)} but of its class, such as a property or a method; "
            "reading it could run the application's code."
        )
    raise EvaluationError(f"{opening(value)} has no field {name!r}.")


_NAMESPACES_IN_SLOTS = ("__pydantic_extra__", "__pydantic_private__")
"""Where a pydantic model keeps what it took beside its declared fields, and its private ones."""


def _beside_declared(value: object, kind: type, name: str) -> object:
    for slot in (_dict_of(base).get(slot) for base in _mro_of(kind) for slot in _NAMESPACES_IN_SLOTS):
        with suppress(AttributeError):  # It is not set yet.
            if type(slot) is types.MemberDescriptorType and (found := _in_namespace(slot.__get__(value), name)) is not _MISSING:
                return found
    return _MISSING


def _in_namespace(namespace: Any, name: str) -> object:
    """A key of an instance's `__dict__`, which may be a subclass of dict and may hold keys that are no strings."""
    if not issubclass(type(namespace), dict):
        return _MISSING
    if all_exact(dict.__iter__(namespace), _STRINGS):
        return dict.get(namespace, name, _MISSING)
    for key, value in dict.items(namespace):
        if type(key) is str and key == name:
            return value
    return _MISSING


_STRINGS = _ids(str)
_TUPLE_FIELD = type(namedtuple("_", "field").field)  # type: ignore[attr-defined]  # noqa: PYI024 -- its type is all that is wanted


_EXCEPTION_ARGS: Any = vars(BaseException)["args"]
"""What every exception was made of, in its C structure."""


def all_exact(values: Iterable[object], kinds: frozenset[int]) -> bool:
    """Whether each value is exactly of one of the types with these ids."""
    return kinds.issuperset(map(id, map(type, values)))


def item(container: Any, key: Any, budget: Budget) -> object:
    """`container[key]` of built-in containers; `REDACTED` where that is secret."""
    kind = type(container)
    if kind is NotCaptured:
        return _item_of_part(container, key, budget)
    if kind is dict:
        check_key(key, budget)
        check_keys(container, budget)
        found = container.get(key, _MISSING)
        if found is _MISSING:
            raise EvaluationError("The dict has no such key.")
        return REDACTED if budget[1] is not None and is_secret_key(key, budget[1]) else found
    if id(kind) not in SEQUENCES:
        return item(plain(container, "An item of", budget, "__getitem__"), key, budget)
    if id(type(key)) not in INTEGERS:
        raise EvaluationError(f"The index of {article(container)} must be an integer, not {article(key)}.")
    try:
        return open_sequence(container, budget)[key]
    except IndexError:
        raise EvaluationError(f"The index is beyond the end of the {kind.__name__}.") from None


def _item_of_part(cut: NotCaptured, key: Any, budget: Budget) -> object:
    part = cut.part
    if type(part) is dict:
        check_key(key, budget)
        check_keys(part, budget)
        if key in part:
            return part[key]
    elif part is not None and id(type(key)) in INTEGERS and 0 <= key < len(part):
        return part[key]
    raise not_captured(cut)


def slice_of(container: Any, start: Any, stop: Any, step: Any, budget: Budget) -> object:
    """`container[start:stop:step]` of built-in sequences."""
    kind = type(container)
    if id(kind) not in SEQUENCES or kind is deque:
        return slice_of(plain(container, "A slice of", budget, "__getitem__", without=(deque, dict)), start, stop, step, budget)
    for bound in (start, stop, step):
        if bound is not None and id(type(bound)) not in INTEGERS:
            raise EvaluationError(f"The bounds of a slice must be integers, not {article(bound)}.")
    if step is not None and step == 0:
        raise EvaluationError("The step of a slice must not be zero.")
    taken = slice(start, stop, step)
    count = len(range(*taken.indices(len(container))))
    if kind is str or kind is bytes:
        charge_text(budget, count)
    else:
        charge(budget, count if kind is not range else 0)
    return open_sequence(container, budget)[taken]


def plain(value: Any, what: str, budget: Budget, *methods: str, without: tuple[type, ...] = ()) -> Any:
    """A copy as an exact built-in of an instance of a subclass that has none of these methods of its own.

    `EvaluationError`, which says that `what` ("The length of") cannot be had, for anything else.
    """
    found = subclasses.exact(value, budget[0], *methods)
    if found is None or type(found) in without:
        refuse(value, what)
    charge(budget, subclasses.cost(found))
    return found


def is_secret_key(key: Any, secrets: spending.Secrets) -> bool:
    kind = type(key)
    if kind is bytes:
        key = key[:_LONGEST_KEY].decode("ascii", "replace")
    return (kind is str or kind is bytes) and secrets.hides(key)


def is_secret_pair(container: Any, budget: Budget) -> bool:
    """Whether it is a pair whose first item says that the second is secret: headers are often lists of pairs."""
    kind = type(container)
    if budget[1] is None or not (kind is tuple or kind is list) or len(container) != 2:
        return False
    return is_secret_key(container[0], budget[1])


def open_sequence(container: Any, budget: Budget) -> Any:
    """The sequence itself, or a copy of it without what is secret; `EvaluationError` where it is a text and texts are secret."""
    if budget[1] is None:
        return container
    if is_secret_pair(container, budget):
        return type(container)((container[0], REDACTED))
    check_text(container, budget)
    return container


def check_text(value: Any, budget: Budget) -> None:
    """`EvaluationError` if it is a text, and texts are secret."""
    if budget[1] is not None and budget[1].strict and (type(value) is str or type(value) is bytes):
        raise EvaluationError("Redaction is strict in this process, so no part of a text can be read here.")


_LONGEST_KEY = 200
"""Characters of a key in bytes that are looked at; a longer text is no name."""


def check_key(key: Any, budget: Budget, depth: int = limits.NESTING) -> None:
    """Makes sure that hashing and comparing a key runs only built-in code."""
    kind = type(key)
    if kind is tuple:
        if depth == 0:
            raise EvaluationError("The key is nested too deeply.")
        charge(budget, len(key))
        for part in key:
            check_key(part, budget, depth - 1)
    elif kind is str or kind is bytes:
        charge_reading(budget, len(key))
    elif id(kind) not in SCALARS:
        if id(kind) in SIZED:
            raise EvaluationError(f"{opening(key)} cannot be a key here; only texts, numbers, None and tuples of them can.")
        refuse(key, "The hash of")


def check_keys(container: Any, budget: Budget) -> None:
    """Makes sure that looking something up in a dict or set compares it with plain keys only.

    Any key whose hash happens to be the same is compared with, by its own `__eq__`; so all keys are checked.
    """
    count = len(container)
    charge(budget, count // limits.KEYS_PER_STEP)
    if all_exact(container, SCALARS):
        return
    for key in list(container):
        if type(key) is tuple:
            check_key(key, budget)
        elif id(type(key)) not in SCALARS:
            raise EvaluationError(
                f"Looking something up could run the application's code, because a key is {article(key)}; use `any` to compare."
            )


def elements(value: Any, budget: Budget, cost: int = 1) -> list[Any]:
    """The items of an exact built-in container, copied, at `cost` steps each."""
    kind = type(value)
    if id(kind) in SIZED:
        charge(budget, len(value) * cost)
        return list(open_sequence(value, budget))
    if id(kind) in SCALARS:
        raise EvaluationError(f"{opening(value)} has no items to go through.")
    return elements(plain(value, "What is in", budget, "__iter__"), budget, cost)


def unpacked(rows: list[Any], count: int, budget: Budget) -> list[Any]:
    """The same rows, each of which is certain to be an exact sequence of `count` items."""
    sequences = []
    for row in rows:
        sequence = row
        if id(type(row)) not in SEQUENCES:
            if id(type(row)) in SCALARS or id(type(row)) in SIZED:
                raise EvaluationError(f"An item is {article(row)} where {count} names stand.")
            sequence = plain(row, "What is in", budget, "__iter__", without=(dict, set, frozenset, int, float))
        if len(sequence) != count:
            raise EvaluationError(f"An item has {len(sequence)} parts where {count} names stand.")
        sequences.append(open_sequence(sequence, budget))
    return sequences


def same(one: object, other: object) -> bool:
    """`one is other`."""
    if type(one) is NotCaptured:
        raise not_captured(one)
    if type(other) is NotCaptured:
        raise not_captured(other)
    return one is other


def is_a(value: object, *kinds: type) -> bool:
    """`isinstance` by built-in types, without asking the value's `__class__` or a metaclass."""
    if type(value) is NotCaptured:
        raise not_captured(value)
    return any(issubclass(type(value), kind) for kind in kinds)


def has_own_equality(value: object) -> bool:
    """Whether `==` on the value could run other code than `object`'s, which compares by identity."""
    if type(value) is Record:
        return True
    for base in _mro_of(type(value)):
        if "__eq__" in _dict_of(base):
            return base is not object
    return True
