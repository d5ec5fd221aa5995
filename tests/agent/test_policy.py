"""What the owner of a process forbids cannot be asked for: not by another name, not by larger limits, not by a typing error."""

import pytest

from livebreak_agent import policy, settings
from livebreak_agent.limits import Limits, extent
from livebreak_agent.policy import Policy, PolicyError
from livebreak_agent.vocabulary.model import Breakpoint, CaptureLimits

START = {"LIVEBREAK_HOST": "https://livebreak.example", "LIVEBREAK_SECRET_KEY": "phs_a"}


def at(filename, **more):
    return Breakpoint(id="b", filename=filename, line_number=1, **more)


def test_without_a_policy_everything_is_allowed():
    assert Policy() == policy.read({})
    assert Policy().refusal(at("any/file.py")) is None
    assert Policy().refusal_of_file("/srv/any/file.py", None) is None
    assert Limits() == Policy().applied_to(Limits())


@pytest.mark.parametrize(
    ("rules", "filename", "part"),
    [
        ({"LIVEBREAK_DENY": "billing/*"}, "billing/cards/pan.py", "LIVEBREAK_DENY has billing/*"),
        ({"LIVEBREAK_DENY": "x.py, ./billing/"}, "billing/cards/pan.py", "LIVEBREAK_DENY has billing/*"),
        ({"LIVEBREAK_ALLOW": "shop/*,web.py"}, "billing/pan.py", "LIVEBREAK_ALLOW has only shop/*, web.py"),
        ({"LIVEBREAK_ALLOW": "shop/*", "LIVEBREAK_DENY": "*/secrets.py"}, "shop/secrets.py", "LIVEBREAK_DENY has */secrets.py"),
    ],
)
def test_a_refusal_names_the_policy(rules, filename, part):
    allowed = policy.read(rules)
    assert part in (allowed.refusal(at(filename)) or "")
    assert allowed.refusal(at("shop/cart.py")) is None


def test_a_file_is_denied_by_where_it_is_whatever_the_breakpoint_calls_it():
    allowed = policy.read({"LIVEBREAK_DENY": "billing/*"})
    assert allowed.refusal(at("pan.py")) is None
    assert allowed.refusal_of_file("/srv/app/billing/pan.py", "billing/pan.py") is not None
    assert allowed.refusal_of_file("/srv/app/billing/pan.py", None) is not None
    assert allowed.refusal_of_file("/srv/billing/app/pan.py", "app/pan.py") is None


def test_logpoints_only():
    allowed = policy.read({"LIVEBREAK_LOGPOINTS_ONLY": "1"})
    assert "LIVEBREAK_LOGPOINTS_ONLY" in (allowed.refusal(at("f.py")) or "")
    assert allowed.refusal(at("f.py", log_message="total is {total}")) is None


def test_a_ceiling_holds_for_who_asks_for_more_and_for_who_asks_for_nothing():
    limits = policy.read({"LIVEBREAK_LIMITS": "depth=2, items=10, process_hits_per_second=1.5"}).applied_to(Limits())
    assert (2, 10) == (extent(limits, None).depth, extent(limits, None).items)
    asked = CaptureLimits(depth=8, items=500, fields=400)
    assert (2, 10, 400) == (extent(limits, asked).depth, extent(limits, asked).items, extent(limits, asked).fields)
    assert extent(limits, CaptureLimits(depth=1)).depth == 1
    assert limits.process_hits_per_second == 1.5


@pytest.mark.parametrize(
    ("rules", "part"),
    [
        ({"LIVEBREAK_REDACTION": "stict"}, "LIVEBREAK_REDACTION is 'stict'; it must be names or strict."),
        ({"LIVEBREAK_LOGPOINTS_ONLY": "maybe"}, "LIVEBREAK_LOGPOINTS_ONLY is 'maybe'; it must be 1 or 0."),
        ({"LIVEBREAK_LIMITS": "dept=1"}, "no limit named 'dept'"),
        ({"LIVEBREAK_LIMITS": "depth=-1"}, "no number from 0 on for depth"),
        ({"LIVEBREAK_LIMITS": "depth"}, "no number from 0 on for depth"),
    ],
)
def test_a_policy_that_cannot_be_understood_keeps_the_agent_from_starting(rules, part):
    with pytest.raises(PolicyError, match=part):
        policy.read(rules)
    with pytest.raises(settings.SettingsError, match=part):
        settings.read(START | rules)


def test_an_argument_goes_before_its_variable():
    chosen = settings.read(START | {"LIVEBREAK_DENY": "a/*", "LIVEBREAK_REDACTION": "names"}, deny=["b/*"], redaction="strict")
    assert (("b/*",), "strict") == (chosen.policy.deny, chosen.policy.redaction)
