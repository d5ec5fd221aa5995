"""No line of the application's code runs while its values are captured, whatever its classes override."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import functools
import pathlib
import sys
import threading
import types
import uuid

import pytest

from livebreak_agent.vocabulary.captured import Cut

ran = []


def trap(name, result=None):
    def method(*_, **__):
        ran.append(name)
        if result is not None:
            return result
        raise RuntimeError(f"The application's {name} ran.")

    return method


METHODS = (
    "__repr__", "__str__", "__format__", "__len__", "__iter__", "__contains__", "__getitem__", "__eq__", "__ne__",
    "__lt__", "__hash__", "__bool__", "__getattribute__", "__getattr__", "__dir__", "__int__", "__index__", "__float__",
    "__sizeof__", "__reversed__", "__length_hint__", "__reduce__", "__reduce_ex__", "__call__", "__next__",
    "__missing__", "items", "keys", "values", "get", "isoformat",
)  # fmt: skip


class EvilMeta(type):
    def __init__(cls, name, bases, namespace):
        pass

    __hash__ = trap("metaclass hash")
    __eq__ = trap("metaclass eq")
    __repr__ = trap("metaclass repr")
    __instancecheck__ = trap("metaclass instancecheck")
    __subclasscheck__ = trap("metaclass subclasscheck")
    __iter__ = trap("metaclass iter")

    def __getattribute__(cls, name):
        ran.append(f"metaclass {name}")
        return type.__getattribute__(cls, name)


class Descriptor:
    def __get__(self, *_):
        ran.append("descriptor")
        raise RuntimeError

    def __set__(self, *_):
        ran.append("descriptor set")


def evil_namespace(*without):
    namespace = {name: trap(name) for name in METHODS if name not in without}
    namespace["__class__"] = property(trap("__class__"))
    namespace["field"] = property(trap("property"))
    namespace["described"] = Descriptor()
    return namespace


def evil(base, *arguments):
    """An instance of a class derived from a built-in one that overrides all that it can, with a metaclass that does so too."""
    kind = EvilMeta("Evil", (base,), evil_namespace() | {"__module__": __name__, "__qualname__": "Evil"})
    return base.__new__(kind, *arguments)


class EvilDict:
    """One whose `__dict__` is a property."""

    __dict__ = property(trap("__dict__"))


class EvilName(str):
    __slots__ = ()
    __str__ = __repr__ = __len__ = __iter__ = __getitem__ = __format__ = trap("name")
    __hash__ = str.__hash__


def evil_values():
    plain = evil(object)
    object.__setattr__(plain, "own", 1)
    yield "object", plain
    for base, *arguments in (
        (int, 5), (float, 5.0), (str, "text"), (bytes, b"bytes"), (bytearray,), (list,), (tuple, (1, 2)), (dict,), (set,),
        (frozenset, (1,)), (collections.deque,), (Exception, 1), (complex, 1j), (dt.datetime, 2026, 1, 1), (dt.date, 2026, 1, 1),
        (dt.timedelta, 1), (decimal.Decimal, "1.5"), (types.ModuleType, "name"), (collections.OrderedDict,),
        (collections.Counter,), (pathlib.PurePosixPath, "a"), (uuid.UUID,), (threading.Thread,),
    ):  # fmt: skip
        if base is pathlib.PurePosixPath and sys.version_info < (3, 12):
            continue
        yield base.__name__, evil(base, *arguments)
    yield "class", EvilMeta("Evil", (), evil_namespace())
    yield "dict property", EvilDict()
    dishonest = EvilMeta("Evil", (), {"__module__": property(trap("module"))})
    yield "module property", object.__new__(dishonest)
    named = type("Named", (), {})
    named.__module__ = EvilName("evil.module")
    yield "type names", named()
    odd = types.SimpleNamespace()
    odd.__dict__[EvilName("name")] = 1
    yield "field names", odd
    yield "timezone name", dt.timezone(dt.timedelta(0), EvilName("UTC"))


EVIL = dict(evil_values())


@pytest.mark.parametrize("name", EVIL)
def test_no_code_of_a_value_runs(name, capture):
    value = EVIL[name]
    for shape in (
        value,
        [value],
        {"key": value},
        (value, value),
        types.SimpleNamespace(a=value),
        functools.partial(trap("partial"), value),
    ):
        ran.clear()
        shown = capture(shape, depth=5)
        assert [] == ran
        assert shown is not None


class EvilKey:
    def __init__(self):
        self.calls = 0

    def __hash__(self):
        self.calls += 1
        return 1

    def __eq__(self, other):
        self.calls += 1
        return self is other

    __repr__ = trap("repr")


def test_keys_and_members_are_neither_hashed_nor_compared(capture):
    keys = [EvilKey() for _ in range(3)]
    values = [dict.fromkeys(keys, 1), set(keys), frozenset(keys), collections.OrderedDict.fromkeys(keys), {"a": 1, keys[0]: 2}]
    before = [key.calls for key in keys]
    for value in values:
        ran.clear()
        capture(value)
        assert [] == ran
    assert before == [key.calls for key in keys]


def test_containers_that_other_threads_change_are_captured_nevertheless(read):
    changing, stop = {}, threading.Event()

    def change():
        number = 0
        while not stop.is_set():
            number += 1
            changing[number] = number
            changing.pop(number - 100, None)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(500):
            shown = read(changing)
            assert shown.cut in (None, Cut.ITEMS, Cut.CHANGED)
    finally:
        stop.set()
        thread.join()
