"""Values of libraries, shown by what they are; nothing of the library runs. Each is skipped where it is not installed."""

from __future__ import annotations

import dataclasses
import sys

import pytest

from livebreak_agent.redaction import Mode, Redaction
from livebreak_agent.vocabulary.expressions import compile_expression


@dataclasses.dataclass
class Order:
    number: int
    lines: list[str]


@dataclasses.dataclass(slots=True, frozen=True)
class Line:
    name: str
    price: float


def test_dataclasses_are_their_fields(capture):
    assert {"py/object": f"{__name__}.Order", "number": 3, "lines": ["a"]} == capture(Order(3, ["a"]))
    assert {"py/object": f"{__name__}.Line", "name": "tea", "price": 1.5} == capture(Line("tea", 1.5))


def test_attrs_classes_are_their_fields(capture):
    attrs = pytest.importorskip("attrs")
    for options in ({}, {"slots": False}, {"frozen": True}):
        made = attrs.make_class("Made", {"name": attrs.field(), "price": attrs.field()}, **options)
        assert {"name": "tea", "price": 2} == {
            key: value for key, value in capture(made("tea", 2)).items() if not key.startswith(("py/", "$"))
        }


def test_fields_in_slots_are_in_the_order_of_their_definition(capture):
    @dataclasses.dataclass(slots=True)
    class Base:
        zone: str
        area: str

    @dataclasses.dataclass(slots=True)
    class Made(Base):
        price: int
        name: str

    shown = capture(Made("z", "a", 2, "tea"))
    assert ["zone", "area", "price", "name"] == [key for key in shown if not key.startswith("py/")]
    attrs = pytest.importorskip("attrs")
    made = attrs.make_class("Made", {"price": attrs.field(), "name": attrs.field()}, slots=True)
    assert ["price", "name"] == [key for key in capture(made(2, "tea")) if not key.startswith("py/")]


def test_slots_that_are_no_names_are_passed_over(capture):
    class Named(str):
        __slots__ = ()

        def __hash__(self):
            raise AssertionError("a hash was asked for")

    class Made:
        __slots__ = ("area", "name")

    Made.__slots__ = (Named("area"), 3, "name")
    made = Made()
    made.name, made.area = "tea", "north"
    assert [("name", "tea"), ("area", "north")] == [item for item in capture(made).items() if not item[0].startswith("py/")]


def test_pydantic_models_are_their_fields_and_secrets_stay_secret(capture):
    pydantic = pytest.importorskip("pydantic")

    class User(pydantic.BaseModel):
        name: str
        key: pydantic.SecretStr
        tags: list[str] = pydantic.Field(default_factory=list)

        @pydantic.computed_field
        @property
        def asked(self) -> str:
            raise AssertionError("a property was asked")

        def __repr__(self) -> str:
            raise AssertionError("a text was asked for")

    shown = capture(User(name="ada", key="s3cret"))
    assert ("ada", [], "redacted") == (shown["name"], shown["tags"], shown["key"]["$cut"])
    assert "s3cret" not in str(shown)


def test_what_a_pydantic_model_holds_beside_its_declared_fields_is_shown_too(capture):
    pydantic = pytest.importorskip("pydantic")

    class Event(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(extra="allow")
        kind: str
        _tries: int = pydantic.PrivateAttr(default=2)

    shown = capture(Event(kind="paid", zone="eu", api_key="s3cret"))
    assert ("paid", "eu", 2, "redacted") == (shown["kind"], shown["zone"], shown["_tries"], shown["api_key"]["$cut"])
    assert "s3cret" not in str(shown)
    held = compile_expression("(e.kind, e.zone, e._tries)").evaluate({"e": Event(kind="paid", zone="eu")})
    assert ("paid", "eu", 2) == held
    few = capture(Event(kind="paid", zone="eu", colour="red"), fields=2)
    assert ("paid", "eu", "fields", 4) == (few["kind"], few["zone"], few["$cut"], few["$size"])
    assert {"py/object", "kind"} == capture(pydantic.create_model("Plain", kind=str)(kind="paid")).keys()


def test_arrays_are_shape_type_and_first_numbers(capture):
    numpy = pytest.importorskip("numpy")
    shown = capture(numpy.zeros((2000, 2000)), items=3)
    assert {"py/object": "numpy.ndarray", "shape": [2000, 2000], "first": [0.0] * 3, "dtype": "float64"} == shown
    assert ([3], "int32", [1, 2, 3]) == tuple(
        capture(numpy.array([1, 2, 3], dtype="int32"))[key] for key in ("shape", "dtype", "first")
    )
    assert ([], [7]) == tuple(capture(numpy.array(7))[key] for key in ("shape", "first"))
    assert {"py/object": "numpy.ndarray", "shape": [1], "dtype": "object"} == capture(numpy.array([object()], dtype=object))
    assert "<U3" == capture(numpy.array(["abc"]))["dtype"]
    assert [False, True] == capture(numpy.array([False, True]))["first"]


def test_arrays_are_shown_at_any_depth(capture):
    numpy = pytest.importorskip("numpy")
    assert [2] == capture([[[[numpy.zeros(2)]]]], depth=4)[0][0][0][0]["shape"]


def test_numbers_of_numpy_are_numbers(capture):
    numpy = pytest.importorskip("numpy")
    assert {"py/object": "numpy.int64", "value": "3"} == capture(numpy.int64(3), Redaction(mode=Mode.STRICT))
    assert "1.5" == capture(numpy.float32(1.5))["value"]
    assert "True" == capture(numpy.bool_(True))["value"]
    assert "2.5" == capture(numpy.float64(2.5))["value"]


def test_a_subclass_of_an_array_is_not_asked(capture):
    numpy = pytest.importorskip("numpy")
    asked = []

    class Evil(numpy.ndarray):
        def item(self, *_):
            asked.append("item")

        @property
        def shape(self):
            asked.append("shape")

        def __array_finalize__(self, other):
            pass

    value = numpy.ndarray.__new__(Evil, (2,))
    asked.clear()
    capture(value)
    assert [] == asked


def test_tables_are_shape_columns_and_types(capture):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"number": [1, 2, 3], "price": [1.0, 2.0, 3.5], "name": ["a", "b", "c"]})
    shown = capture(table)
    assert ([3, 3], ["number", "price", "name"]) == (shown["shape"], shown["columns"])
    assert ["int64", "float64"] == shown["dtypes"][:2]
    assert [10_000, 2] == capture(pandas.DataFrame({"a": range(10_000), "b": 1}))["shape"]


def test_a_column_is_its_name_and_first_values(capture):
    pandas = pytest.importorskip("pandas")
    shown = capture(pandas.Series([1.0, 2.0], name="price"))
    assert ("price", [2], [1.0, 2.0], "float64") == tuple(shown[key] for key in ("name", "shape", "first", "dtype"))
    hidden = capture(pandas.Series([1, 2], name="cvv"))
    assert "redacted" == hidden["first"]["$cut"]


def test_categories_are_the_values_that_they_stand_for(capture):
    pandas = pytest.importorskip("pandas")
    value = pandas.Categorical(["tea", None, "milk", "tea"], categories=["milk", "tea", "rum"])
    expected = {"shape": [4], "category_count": 3, "categories": ["milk", "tea", "rum"], "first": ["tea", None, "milk", "tea"]}
    assert {"py/object": "pandas.Categorical", **expected} == capture(value)
    shown = capture(pandas.Series(value, name="drink"))
    assert {"name": "drink", "dtype": "category", **expected} == {key: shown[key] for key in ("name", "dtype", *expected)}

    many = capture(pandas.Categorical(range(10_000)), items=3)
    assert ([10_000], 10_000, [0, 1, 2], [0, 1, 2]) == tuple(
        many[key] for key in ("shape", "category_count", "categories", "first")
    )
    numbered = pandas.Categorical([3, 1], categories=pandas.RangeIndex(4))
    assert [3, 1] == capture(numbered)["first"]
    assert [[2, 2], ["b", "a"]] == [
        capture(pandas.DataFrame([[1, 2], [3, 4]], columns=pandas.CategoricalIndex(["b", "a"])))[key]
        for key in ("shape", "columns")
    ]


def test_categories_under_a_secret_name_and_those_of_a_strange_kind_are_not_shown(capture):
    pandas = pytest.importorskip("pandas")
    hidden = capture(pandas.Series(pandas.Categorical(["s3cret"]), name="password"))
    assert "redacted" == hidden["first"]["$cut"]
    assert "s3cret" not in str(hidden)
    intervals = pandas.Categorical([pandas.Interval(0, 1)])
    assert {"py/object": "pandas.Categorical", "shape": [1]} == capture(intervals)


def test_no_code_of_pandas_runs(capture):
    """Its Python functions would call `__len__`, `__getattr__` and the like of what it holds."""
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    column = table["a"]
    categories = pandas.Categorical(["x", None])
    held = [table, column, categories, pandas.Series(categories), pandas.DataFrame([[1]], columns=pandas.CategoricalIndex(["b"]))]
    capture(held)
    ran = []

    def trace(frame, event, _):
        if "pandas" in frame.f_code.co_filename and event == "call":
            ran.append(frame.f_code.co_qualname)

    before = sys.getprofile()
    sys.setprofile(trace)
    try:
        capture(held)
    finally:
        sys.setprofile(before)
    assert [] == ran
