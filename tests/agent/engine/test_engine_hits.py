"""What a hit holds."""

from __future__ import annotations

import json
import sys
import time

import pytest

from livebreak_agent.limits import Limits, TokenBucket
from livebreak_agent.vocabulary import anchor, hit_event
from livebreak_agent.vocabulary.model import CaptureLimits

SIMPLE = """
    LIMIT = 10
    def run(a, *rest, key=None, **options):
        total = a + 1
        return total  # here
"""


def load(application, source=SIMPLE):
    application.write(source)
    return application.load()


def test_a_hit_holds_the_locals_arguments_first_and_the_stack(application, debugger):
    module = load(application)
    identity = debugger.at(condition="total > 1")
    module.run(1, 2, key="k", more=3)
    hit = debugger.hit()
    assert list(hit.variables.items()) == [
        ("a", 1),
        ("key", "k"),
        ("rest", {"py/object": "tuple", "items": [2]}),
        ("options", {"more": 3}),
        ("total", 2),
    ]
    innermost, caller = hit.stack[:2]
    assert (innermost.function, innermost.filename, innermost.line_number) == ("run", application.filename(), 4)
    assert (innermost.text, innermost.in_repository, innermost.variables) == ("return total  # here", True, None)
    assert caller.function == "test_a_hit_holds_the_locals_arguments_first_and_the_stack"
    assert (caller.line_number, caller.text) == (sys._getframe().f_lineno - 13, 'module.run(1, 2, key="k", more=3)')
    assert (identity, application.filename(), 4, "run") == (hit.breakpoint_id, hit.filename, hit.line_number, hit.function)
    assert ("total > 1", "process-1", "web", "test", "here", 7, "a" * 40, "MainThread", None) == (
        hit.condition, hit.process_id, hit.service, hit.environment, hit.host, hit.pid, hit.revision, hit.thread, hit.task,
    )  # fmt: skip
    assert hit.digest == debugger.binding().digest == anchor.blob_id((application.root / application.filename()).read_bytes())
    assert abs(time.time() - time.mktime(time.strptime(hit.timestamp[:19], "%Y-%m-%dT%H:%M:%S")) + time.timezone) < 60
    assert "+00:00" == hit.timestamp[26:]


def test_a_hit_survives_the_way_through_json(application, debugger):
    module = load(application)
    debugger.at()
    module.run(1, "\udc80 \0 \x1b[31m", key=object())
    hit = debugger.hit()
    event = json.loads(json.dumps(hit_event.write(hit), ensure_ascii=False).encode())
    back = hit_event.read(event["uuid"], event["timestamp"], event["properties"], verified=True)
    assert json.loads(json.dumps(dict(hit.variables))) == back.variables
    assert [frame.function for frame in hit.stack] == [frame.function for frame in back.stack]


def test_frames_of_the_agent_are_left_out_of_the_stack(application, debugger):
    module = load(application)
    debugger.at()
    code = compile("def outer(f):\n    return f(1)\n", TokenBucket.level.__code__.co_filename, "exec")
    namespace = {}
    exec(code, namespace)
    namespace["outer"](module.run)
    assert "outer" not in [frame.function for frame in debugger.hit().stack]


def test_locals_of_the_callers_where_they_are_asked_for(application, debugger):
    module = load(
        application,
        "def inner(x):\n    return x  # here\ndef middle(y):\n    return inner(y + 1)\ndef run(z):\n    return middle(z + 1)\n",
    )
    debugger.at(limits=CaptureLimits(frames_with_locals=3))
    module.run(1)
    hit = debugger.hit()
    assert (hit.variables, [frame.variables for frame in hit.stack[:4]]) == ({"x": 3}, [None, {"y": 2}, {"z": 1}, None])


def test_a_deep_stack_is_cut_at_a_limit(application, make_debugger):
    module = load(application, "def run(n):\n    if n:\n        return run(n - 1)\n    return n  # here\n")
    debugger = make_debugger(limits=Limits(stack_frames=10))
    debugger.at()
    module.run(50)
    assert 10 == len(debugger.hit().stack)


def test_a_stack_that_is_nearly_full_is_the_application_s_alone(application, debugger):
    module = load(application, "def run(n):\n    x = n  # here\n    return run(n + 1)\n")
    debugger.at()
    with pytest.raises(RecursionError):
        module.run(0)
    assert debugger.binding().state == "bound"
    assert debugger.hits()


def test_a_module_s_many_names_are_cut(application, make_debugger):
    application.write("".join(f"name_{number} = {number}\n" for number in range(300)) + "x = 1  # here\n")
    debugger = make_debugger()
    debugger.at()
    application.load()
    hit = debugger.hit()
    assert (200, "200 of 300 variables.") == (len(hit.variables), hit.truncated)


def test_a_class_body_whose_names_are_kept_in_an_object_of_the_application(application, debugger):
    application.write(
        """
        import collections.abc, enum
        asked = []
        class Names(collections.abc.MutableMapping):
            def __init__(self):
                self.own = {}
            def __getitem__(self, name):
                asked.append(name)
                return self.own[name]
            def __setitem__(self, name, value):
                self.own[name] = value
            def __delitem__(self, name):
                del self.own[name]
            def __iter__(self):
                asked.append("iter")
                return iter(self.own)
            def __len__(self):
                asked.append("len")
                return len(self.own)
        class Meta(type):
            def __prepare__(name, bases):
                return Names()
            def __new__(cls, name, bases, namespace):
                return type.__new__(cls, name, bases, namespace.own)
        class A(metaclass=Meta):
            x = 1
            asked.clear()
            y = 2  # here
            z = list(asked)
        class Color(enum.Enum):
            RED = 1
            GREEN = 2  # enum
        """
    )
    debugger.at("here", condition="x == 1")
    debugger.at("here", condition=None)
    debugger.at("enum")
    module = application.load()
    assert ["asked"] == [name for name in module.A.z if name != "list"]
    in_class, in_enum = debugger.hits()
    assert ({}, "The names of this class body are kept in an object of the application's, which is not read.") == (
        in_class.variables, in_class.truncated,
    )  # fmt: skip
    assert 1 == in_enum.variables["RED"]
