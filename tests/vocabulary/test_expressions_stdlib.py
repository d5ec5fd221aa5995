"""Decimals, dates and enums in expressions: as Python has them, and without the application's code."""

from __future__ import annotations

import enum
import math
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Context, Decimal, getcontext, localcontext

import pytest

from livebreak_agent.vocabulary.expressions import EvaluationError, compile_expression, compile_message

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Tier(enum.Enum):
    GOLD = "gold"
    BASIC = "basic"


class Odd(enum.Enum):
    ONE = 1

    @property
    def name(self) -> str:
        raise AssertionError("the application's code ran")


NAMES = {
    "total": Decimal("-1.04"), "nothing": Decimal(0), "prices": [Decimal("1.10"), Decimal("2.20")], "noon": NOON,
    "later": NOON + timedelta(hours=2), "day": date(2026, 11, 23), "tier": Tier.GOLD, "Tier": Tier, "half": 0.5,
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "total < 0", "0 > total", "total == Decimal_free", "total >= -1.04", "total + 1 < 0", "total * 2", "-total", "abs(total)",
        "total / 2", "total // 1", "total % 1", "nothing or 7", "not nothing", "sum(prices)", "max(prices)", "sorted(prices)[0]",
        "int(total)", "float(total)", "str(total)", "f'{total}'", "repr(total)", "total in prices", "prices[0] in prices",
        "total == half - 1.54", "noon < later", "later - noon", "(later - noon).seconds > 3600", "noon.hour == 12", "str(noon)",
        "noon == later", "day.year", "tier == Tier.GOLD", "tier is Tier.BASIC", "tier.name", "tier.value == 'gold'",
        "tier in [Tier.GOLD]",
    ],
)  # fmt: skip
def test_it_is_as_in_python(text: str) -> None:
    names = NAMES | {"Decimal_free": Decimal("-1.040")}
    builtins = {"abs": abs, "sum": sum, "max": max, "sorted": sorted, "int": int, "float": float, "str": str, "repr": repr}

    result = compile_expression(text).evaluate(names)

    expected = eval(text, {"__builtins__": builtins}, dict(names))
    assert expected == result
    assert type(expected) is type(result)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("noon < naive", "offset-naive and offset-aware"),
        ("total < 'x'", "Decimal"),
        ("noon.isoformat", "could run the application's code"),
        ("odd.name", "could run the application's code"),
        ("int(huge)", "too large"),
        ("int(nan)", "not a finite number"),
        ("total + vast", "too many"),
        ("noon + 1", "does not go with"),
        ("elsewhere < noon", "could run the application's code"),
    ],
)
def test_what_cannot_be_is_said(text: str, sentence: str) -> None:
    class Zone(tzinfo):
        def utcoffset(self, _: object) -> timedelta:
            raise AssertionError("the application's code ran")

    names = NAMES | {
        "naive": datetime(2026, 1, 1), "odd": Odd.ONE, "huge": Decimal("1e99999"), "nan": Decimal("nan"),  # noqa: DTZ001
        "vast": 1 << 100_000, "elsewhere": datetime(2026, 1, 1, tzinfo=Zone()),
    }  # fmt: skip

    with pytest.raises(EvaluationError, match=sentence):
        compile_expression(text).evaluate(names)


@pytest.mark.parametrize("text", ["total / 0", "total // nothing", "total % 0.0"])
def test_dividing_by_zero_is_an_error_as_in_python(text: str) -> None:
    with pytest.raises(EvaluationError, match=r"The expression divides by zero\."):
        compile_expression(text).evaluate(NAMES)


@pytest.mark.parametrize(
    "text", ["total == None", "day == 'x'", "day == total", "noon in [1, 'a', None]", "total != total", "day == noon"]
)
def test_another_type_is_not_equal(text: str) -> None:
    assert compile_expression(text).evaluate(NAMES) is False


def test_a_third_is_the_third_that_the_application_has() -> None:
    assert compile_expression("third == one / 3").evaluate({"one": Decimal(1), "third": Decimal(1) / 3}) is True


def test_the_name_of_a_time_zone_is_not_asked_for_its_repr() -> None:
    class Name(str):
        __slots__ = ()

        def __repr__(self) -> str:
            raise AssertionError("the application's code ran")

    names = {"time": datetime(2026, 11, 23, tzinfo=timezone(timedelta(hours=1), Name("x")))}

    with pytest.raises(EvaluationError, match="without running the application's code"):
        compile_expression("repr(time)").evaluate(names)
    assert "[2026-11-23 00:00:00+01:00]" == compile_message("{[time]}").render(names)


def test_the_applications_decimal_context_is_not_touched() -> None:
    with localcontext(Context(prec=3, traps=[])):
        assert not compile_expression("nan < 1 or total < half and total / 3 > 0").evaluate(NAMES | {"nan": Decimal("nan")})
        assert not any(getcontext().flags.values())


def test_nan_is_equal_to_nothing() -> None:
    names = {"nan": Decimal("nan"), "number": math.nan}
    assert not compile_expression("nan == nan or nan == number or nan <= nan").evaluate(names)
