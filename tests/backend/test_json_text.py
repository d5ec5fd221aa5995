"""The fast way through JSON differs from the standard library in nothing that can be seen."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livebreak.backend import json_text
from livebreak.backend.capture_parsing import CaptureError, load
from livebreak.backend.live_hits import _plain
from livebreak_agent.vocabulary.codec import to_json
from livebreak_agent.vocabulary.model import Awaiter, Frame, Hit

TEXTS = st.text(st.characters())  # with lone surrogates
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(2**60, 2**200)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
)

ODD = [
    "18446744073709551616",
    "-9223372036854775809",
    "-0",
    "-0.0",
    "1E5",
    "0.1e-400",
    "9007199254740993.0",
    '"\\ud800"',
    '{"\\udfff": 1}',
    '"\\ud83d\\ude00"',
    '{"a": 1, "a": 2}',
    '{"a": {"b": 1}, "a": {"c": 2}}',
    '"\\u0000\x7f\u2028"',
    " [1 ,2 ]\n",
    "NaN",
    "[-Infinity]",
    "1e999",
    "\ufeff1",
]
"""What JSON libraries disagree about."""

NOT_JSON = ["", "{", "[1,]", "01", "+1", "1.", ".5", '"a\nb"', "'a'", "nul", "[1] 2", '"\\x"', '{"a" 1}', "{1: 2}"]


@given(VALUES)
def test_what_was_written_is_read_as_it_was(value: object) -> None:
    assert value == json_text.read(json_text.write(value))


@given(VALUES, st.booleans())
def test_it_reads_what_the_standard_library_writes(value: object, ascii_alone: bool) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_alone).encode(errors="surrogatepass")

    assert repr(json.loads(raw)) == repr(json_text.read(raw))


@pytest.mark.parametrize("text", ODD)
def test_odd_json_is_read_as_by_the_standard_library(text: str) -> None:
    assert repr(json.loads(text.encode())) == repr(json_text.read(text.encode()))


@pytest.mark.parametrize("text", NOT_JSON)
def test_what_is_no_json_is_refused_in_the_words_of_the_standard_library(text: str) -> None:
    with pytest.raises(json.JSONDecodeError) as expected:
        json.loads(text.encode())
    with pytest.raises(json.JSONDecodeError) as actual:
        json_text.read(text.encode())

    assert str(expected.value) == str(actual.value)


def test_what_is_nested_too_deeply_for_the_standard_library_is_too_deep_for_it() -> None:
    with pytest.raises(RecursionError):
        json_text.read(b"[" * 200_000 + b"]" * 200_000)


@pytest.mark.parametrize("text", [*ODD, *NOT_JSON])
def test_ingestion_reads_what_the_standard_library_reads_with_null_for_what_is_not_finite(text: str) -> None:
    def finite(number: str) -> float | None:
        return float(number) if math.isfinite(float(number)) else None

    try:
        expected = repr(json.loads(text.encode(), parse_float=finite, parse_constant=lambda _: None))
    except ValueError:
        expected = "400 request body is not valid JSON"
    try:
        actual = repr(load(text.encode()))
    except CaptureError as error:
        actual = f"{error.status} {error}"

    assert expected == actual


def test_a_hit_is_written_as_the_vocabulary_declares_it() -> None:
    frame = Frame(function="f", filename="a.py", line_number=1, text="x", in_repository=True, variables={"a": {"b": [1, None]}})
    full = Hit(
        id="1",
        breakpoint_id="2",
        timestamp="2026-11-23T07:10:10.168486Z",
        filename="a.py",
        line_number=3,
        function="f",
        variables={"n": None, "deep": {"of": [{"it": None}]}},
        watches={"w": 2**70},
        stack=(frame, Frame(function="g", filename="b.py", line_number=2)),
        awaiters=(Awaiter(task="t", stack=(frame,)), Awaiter()),
        pid=7,
        pinned_by="ada",
    )
    bare = Hit(id="1", breakpoint_id="2", timestamp="", filename="", line_number=0)

    for hit in (full, bare):
        assert to_json(hit) == json.loads(json_text.write(_plain(hit)))
