"""Objects whose every special method counts: none of the application's code may run, whatever is written."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

from livebreak_agent.vocabulary.expressions import EvaluationError, ExpressionError, compile_expression, compile_message, truth


class Counter:
    """Names of the special methods that ran."""

    ran: list[str] = []  # noqa: RUF012 - one for all evil classes


SPECIAL = [
    f"__{name}__"
    for name in re.findall(
        r"\w+",
        """eq ne lt le gt ge hash bool len iter next contains getitem setitem missing call repr str format bytes int
        float complex index abs neg pos invert round trunc floor ceil add radd sub rsub mul rmul truediv
        rtruediv floordiv rfloordiv mod rmod divmod rdivmod pow rpow lshift rlshift rshift rrshift and rand or
        ror xor rxor matmul rmatmul getattr getattribute dir enter exit await aiter anext reversed length_hint
        sizeof reduce reduce_ex instancecheck subclasscheck get set fspath buffer copy""",
    )
]


def _loud(name: str) -> Any:
    def method(*_: object, **__: object) -> Any:
        Counter.ran.append(name)
        raise RuntimeError(f"{name} ran")

    return method


class EvilMeta(type):
    pass


def _evil(name: str, base: type = object, meta: type = type, leave: frozenset[str] = frozenset()) -> Any:
    namespace = {special: _loud(f"{name}.{special}") for special in SPECIAL if special not in leave}
    namespace["computed"] = property(_loud(f"{name}.computed"))
    namespace["method"] = _loud(f"{name}.method")
    namespace["__class__"] = property(_loud(f"{name}.__class__"))
    namespace["__dict__"] = property(_loud(f"{name}.__dict__"))
    return meta(name, (base,), namespace)


for _name in (
    "__eq__",
    "__hash__",
    "__instancecheck__",
    "__subclasscheck__",
    "__getattribute__",
    "__bool__",
    "__len__",
    "__contains__",
):
    setattr(EvilMeta, _name, _loud(f"EvilMeta.{_name}"))


class Holder:
    """An ordinary object, which holds evil ones."""


class Colliding:
    """As a key it has the hash of the text `k`, so that every lookup of `k` compares with it."""

    def __hash__(self) -> int:
        return hash("k")

    def __eq__(self, other: object) -> bool:
        Counter.ran.append("Colliding.__eq__")
        return True


class HashedOnce:
    """Can be put into a dict before the test, and counts from then on."""

    is_armed = False

    def __hash__(self) -> int:
        if self.is_armed:
            Counter.ran.append("HashedOnce.__hash__")
        return 1

    def __eq__(self, other: object) -> bool:
        Counter.ran.append("HashedOnce.__eq__")
        return self is other


class Namespace(dict[str, Any]):
    """What an instance's `__dict__` may be, too."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        Counter.ran.append("Namespace.__getitem__")
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        Counter.ran.append("Namespace.get")
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        Counter.ran.append("Namespace.__contains__")
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        Counter.ran.append("Namespace.__iter__")
        return super().__iter__()


@pytest.fixture
def names() -> Iterator[dict[str, Any]]:
    thing = object.__new__(_evil("Thing"))
    meta_thing = object.__new__(_evil("MetaThing", meta=EvilMeta))
    evil_text = str.__new__(_evil("Text", str), "k")
    evil_list = list.__new__(_evil("List", list))
    list.append(evil_list, 1)
    evil_dict = dict.__new__(_evil("Dict", dict))
    dict.__setitem__(evil_dict, "k", 1)
    evil_int = int.__new__(_evil("Int", int), 3)
    holder = Holder()
    holder.evil = thing  # type: ignore[attr-defined]
    holder.text = "k"  # type: ignore[attr-defined]
    odd = Holder()
    odd.__dict__ = Namespace(text="k")
    colliding_namespace = Holder()
    vars(colliding_namespace)[Colliding()] = 1
    Counter.ran.clear()
    vars(colliding_namespace)["text"] = "k"
    colliding_keys: dict[Any, Any] = {Colliding(): 1}
    hashed = HashedOnce()
    hashed_keys = {hashed: 1, "k": 2}
    hashed_set = {hashed, "k"}
    hashed.is_armed = True
    Counter.ran.clear()
    yield {
        "thing": thing,
        "meta": meta_thing,
        "etext": evil_text,
        "elist": evil_list,
        "edict": evil_dict,
        "eint": evil_int,
        "things": [thing, meta_thing, "k"],
        "pair": (thing, 1),
        "table": {"a": thing, "k": meta_thing},
        "deep": [[{"k": (thing,)}]],
        "colliding": colliding_keys,
        "collidingset": set(colliding_keys),
        "hashed": hashed_keys,
        "hashedset": hashed_set,
        "holder": holder,
        "odd": odd,
        "collidingnamespace": colliding_namespace,
        "cls": type(meta_thing),
    }
    Counter.ran.clear()


FORMS = [
    "{x}", "{x} == {y}", "{x} != {y}", "{x} < {y}", "{x} >= {y}", "{x} in {y}", "{x} not in {y}", "{x} is {y}", "{x} == 'k'",
    "'k' == {x}", "{x} > 3", "3 > {x}", "{x} == [1]", "1 < {x} < 3", "[{x}] == [{y}]", "({x}, 1) < ({y}, 1)",
    "{{'k': {x}}} == {{'k': {y}}}", "'k' in {x}", "1 in {x}", "{x} in ['k', 1]", "{x} in {{'k'}}", "{x} in {{'k': 1}}",
    "{x} in range(3) if False else 0", "{x}['k']", "{x}[0]", "{x}[0:1]", "[1, 2][{x}]", "[1, 2][{x}:]", "{{'k': 1}}[{x}]",
    "{{1: 2}}[{x}]", "'k'[{x}:]", "{x} + {y}", "{x} + 1", "1 + {x}", "'k' + {x}", "{x} * 2", "2 * {x}", "'k' * {x}",
    "[1] * {x}", "{x} % 2", "'%s' % {x}", "{x} ** 2", "2 ** {x}", "{x} << 1", "1 << {x}", "{x} | {y}", "{x} & 1",
    "{x} - {y}", "{x} / 2", "{x} // 2", "-{x}", "+{x}", "~{x}", "not {x}", "{x} and {y}", "{x} or {y}", "1 if {x} else 2",
    "bool({x})", "len({x})", "any({x})", "all({x})", "sum({x})", "min({x})", "max({x}, {y})", "sorted({x})",
    "sorted([{x}, {y}])", "sum([{x}])", "sum([1], {x})", "max([1, {x}])", "min([], default={x})", "sorted([1], reverse={x})",
    "str({x})", "repr({x})", "int({x})", "float({x})", "int('1', {x})", "abs({x})", "round({x})", "round(1.5, {x})",
    "str([{x}])", "repr(({x},))", "isinstance({x}, str)", "isinstance({x}, (int, dict, list))", "{x}.k", "{x}.computed",
    "{x}.method", "{x}.text", "{x}.evil", "{x}.evil.k", "[i for i in {x}]", "[i.k for i in {x}]", "[i == 'k' for i in {x}]",
    "[a for a, b in {x}]", "[a for a, b in [{x}]]", "[i for i in [1] if {x}]", "{{i for i in {x}}}", "{{i: 1 for i in {x}}}",
    "{{{x}}}", "{{{x}: 1}}", "{{1: {x}}}", "{{({x}, 1)}}", "any(i for i in {x})", "any(i == 'k' for i in {x})", "f'{{{x}}}'",
    "f'{{{x}!r}}'", "f'{{{x}!s:>5}}'", "f'{{{x}:>5}}'", "f'{{[{x}]}}'",
]  # fmt: skip

EVIL_NAMES = (
    "thing", "meta", "etext", "elist", "edict", "eint", "things", "pair", "table", "deep", "colliding", "collidingset", "hashed",
    "hashedset", "holder", "odd", "collidingnamespace", "cls",
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_no_code_of_the_application_runs(form: str, names: dict[str, Any]) -> None:
    others = EVIL_NAMES if "{y}" in form else EVIL_NAMES[:1]
    for one, other in itertools.product(EVIL_NAMES, others):
        text = form.format(x=one, y=other)
        with contextlib.suppress(EvaluationError, ExpressionError):
            truth(compile_expression(text).evaluate(names))
        assert [] == Counter.ran, text


@pytest.mark.parametrize(
    ("text", "ran"),
    [
        ("thing == 1", "Thing.__eq__"),
        ("[thing] == [1]", "Thing.__eq__"),
        ("things.count('k')", "Thing.__eq__"),
        ("{meta_class: 1}", "EvilMeta.__hash__"),
        ("colliding['k']", "Colliding.__eq__"),
        ("isinstance(thing, str)", "Thing.__getattribute__"),
        ("f'{thing}'", "Thing.__format__"),
        ("thing.text", "Thing.__getattribute__"),
        ("not thing", "Thing.__bool__"),
    ],
)
def test_the_traps_are_set(text: str, ran: str, names: dict[str, Any]) -> None:
    with contextlib.suppress(RuntimeError):
        eval(text, {**names, "meta_class": names["cls"]})

    assert ran in Counter.ran


@pytest.mark.parametrize("name", EVIL_NAMES)
def test_a_log_message_runs_no_code_of_the_application(name: str, names: dict[str, Any]) -> None:
    for part in (f"{{{name}}}", f"{{{name}!r}}", f"{{{name}!s:>5}}", f"{{{name}:>5}}", f"{{[{name}, 1]}}"):
        rendered = compile_message(part).render(names)
        assert rendered
        assert [] == Counter.ran, part


def test_fields_are_found_past_an_overridden_getattribute(names: dict[str, Any]) -> None:
    class Guarded:
        def __init__(self) -> None:
            object.__setattr__(self, "total", 120)

        def __getattribute__(self, name: str) -> Any:
            Counter.ran.append("Guarded.__getattribute__")
            return 1

    assert compile_expression("guarded.total == 120").evaluate({"guarded": Guarded()}) is True
    assert "k" == compile_expression("holder.text").evaluate(names)
    assert "k" == compile_expression("odd.text").evaluate(names)
    assert "k" == compile_expression("collidingnamespace.text").evaluate(names)
    assert [] == Counter.ran


def test_an_object_without_an_eq_of_its_own_is_compared_by_identity(names: dict[str, Any]) -> None:
    plain, other = Holder(), Holder()
    values = {**names, "plain": plain, "other": other, "list": [other, plain]}

    assert (True, False, False, True) == compile_expression(
        "(plain == plain, plain == other, plain == None, plain in list)"
    ).evaluate(values)
    with pytest.raises(EvaluationError, match=r"Comparing a .*Thing could run the application's code"):
        compile_expression("thing == plain").evaluate(values)
    assert [] == Counter.ran


def test_looking_up_beside_foreign_keys_is_refused(names: dict[str, Any]) -> None:
    for text in (
        "colliding['k']",
        "'k' in colliding",
        "'k' in collidingset",
        "hashed['k']",
        "hashedset == {'k'}",
        "hashed == {'k': 2, 'x': 1}",
    ):
        with pytest.raises(EvaluationError, match="could run the application's code"):
            compile_expression(text).evaluate(names)
    assert [] == Counter.ran


def test_values_are_not_changed(names: dict[str, Any]) -> None:
    values = {"items": [3, 1, 2], "table": {"k": [1]}}
    for text in ("sorted(items)", "items + [1]", "items * 2", "[x for x in items]", "items[:] == [3, 1, 2]", "str(table)"):
        compile_expression(text).evaluate(values)

    assert {"items": [3, 1, 2], "table": {"k": [1]}} == values
