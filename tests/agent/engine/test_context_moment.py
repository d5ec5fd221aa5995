"""What a hit tells beside the locals: the exception that is being handled, and the module's variables on request."""

from __future__ import annotations

import pytest

from livebreak_agent.redaction import Mode, Redaction
from livebreak_agent.vocabulary import hit_names
from livebreak_agent.vocabulary.expressions import compile_expression
from livebreak_agent.vocabulary.model import CaptureLimits

HANDLED = """
    ran = []

    class Odd(Exception):
        def __str__(self):
            ran.append("str")
            return "odd"

        __repr__ = __str__

        @property
        def __cause__(self):
            ran.append("cause")

        def __getattribute__(self, name):
            ran.append(name)
            return super().__getattribute__(name)

    def run(error):
        try:
            raise error
        except Exception:
            log(1)

    def finish(error):
        try:
            raise error
        finally:
            log(1)

    def done(error):
        try:
            raise error
        except Exception:
            pass
        log(1)

    def log(x):
        return x  # here
"""


@pytest.fixture
def handling(application):
    application.write(HANDLED)
    return application.load()


def test_the_exception_that_is_being_handled_is_captured(handling, debugger):
    debugger.at()
    handling.run(KeyError("total", {"price": 3}))
    expected = {"py/object": "KeyError", "args": {"py/object": "tuple", "items": ["total", {"price": 3}]}}
    assert expected == debugger.hit().exception


def test_an_exception_on_its_way_through_finally_is_captured(handling, debugger):
    debugger.at()
    with pytest.raises(KeyError):
        handling.finish(KeyError("total"))
    assert "KeyError" == debugger.hit().exception["py/object"]


def test_an_exception_that_was_handled_is_not(handling, debugger):
    debugger.at()
    handling.done(KeyError("total"))
    assert debugger.hit().exception is None


def test_an_exception_of_the_condition_is_not_the_application_s(handling, debugger):
    debugger.at(condition="x.price == 1 or True")
    debugger.at(condition="x == 1")
    handling.done(KeyError("total"))
    assert [None] == [hit.exception for hit in debugger.hits()]


def test_reading_an_exception_runs_none_of_its_code(handling, debugger):
    debugger.at()
    handling.run(handling.Odd({"price": 3}))
    form = debugger.hit().exception
    assert ([], [{"price": 3}]) == (handling.ran, form["args"]["items"])


def test_what_an_exception_holds_is_redacted(handling, make_debugger):
    debugger = make_debugger()
    debugger.at()
    handling.run(ValueError({"password": "s3cret"}, "postgres://app:s3cret@db/shop"))
    assert "s3cret" not in str(debugger.hit().exception)
    debugger.engine.close()
    strict = make_debugger(redaction=Redaction(mode=Mode.STRICT))
    strict.at()
    handling.run(ValueError("s3cret", 7))
    shown = strict.hit().exception
    assert ("redacted", 7) == (shown["args"]["items"][0]["$cut"], shown["args"]["items"][1])


def test_a_logpoint_captures_neither_exception_nor_globals(handling, debugger):
    debugger.at(log_message="x is {x}", limits=CaptureLimits(globals=10))
    handling.run(KeyError("total"))
    hit = debugger.hit()
    assert ("x is 1", None, {}) == (hit.message, hit.exception, hit.globals)


GLOBALS = """
    import json
    import os.path as path
    from decimal import Decimal

    RATE = 0.2
    api_key = "s3cret"
    CACHE = {"a": [1, 2, 3, 4]}
    LATER: int
    UNUSED = 1
    FACTOR = 3  # module
    HOST = "hidden by a local name"

    def helper(x):
        return x

    def run(x, HOST=None):
        if x > 5:
            return json.dumps(path.sep) + api_key + LATER
        total = helper(Decimal(x)), RATE, [one * FACTOR for one in CACHE["a"]], len(CACHE), HOST
        return total  # here

    class Cart:
        size = len(CACHE)
        other = size  # class
"""


def test_the_module_s_variables_that_the_function_reads_are_captured_on_request(application, debugger):
    application.write(GLOBALS)
    module = application.load()
    identity = debugger.at()
    module.run(1)
    assert {} == debugger.hit().globals
    debugger.remove(identity)
    debugger.at(limits=CaptureLimits(globals=10))
    module.run(1)
    shown = debugger.hit().globals
    assert ({"api_key", "RATE", "FACTOR", "CACHE"}, "redacted") == (shown.keys(), shown["api_key"]["$cut"])
    assert (0.2, {"a": [1, 2, 3, 4]}) == (shown["RATE"], shown["CACHE"])


def test_globals_are_read_within_the_limits_of_the_hit(application, debugger):
    application.write(GLOBALS)
    module = application.load()
    debugger.at(limits=CaptureLimits(globals=3, items=2))
    module.run(1)
    shown = debugger.hit().globals
    assert (3, "items") == (len(shown), shown["CACHE"]["a"]["$cut"])


def test_a_class_body_has_globals_and_a_module_has_only_variables(application, debugger):
    application.write(GLOBALS)
    debugger.at("class", limits=CaptureLimits(globals=10))
    debugger.at("module", limits=CaptureLimits(globals=10))
    application.load()
    of_module, of_class = debugger.hits()
    assert ({}, ["CACHE"]) == (of_module.globals, list(of_class.globals))
    assert "RATE" in of_module.variables


def test_a_filter_over_hits_reads_globals_behind_the_variables(application, debugger):
    application.write(GLOBALS)
    module = application.load()
    debugger.at(limits=CaptureLimits(globals=10))
    module.run(1)
    hit = debugger.hit()
    expression = compile_expression("RATE < 1 and HOST is None and CACHE['a'][0] == x")
    assert expression.evaluate(hit_names.names_of(hit, expression.names)) is True
