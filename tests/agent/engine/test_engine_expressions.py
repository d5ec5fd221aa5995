"""Conditions, watches and log messages."""

from __future__ import annotations

import pytest

SIMPLE = """
    LIMIT = 10
    def run(a, *rest, key=None, **options):
        total = a + 1
        return total  # here
"""


def load(application, source=SIMPLE):
    application.write(source)
    return application.load()


def test_a_condition_lets_through_what_it_is_true_of(application, debugger):
    module = load(application)
    debugger.at(condition="total > 5 and key is None")
    for a in range(10):
        module.run(a)
    assert ([6, 7, 8, 9, 10], 10, 5) == (
        [hit.variables["total"] for hit in debugger.hits()],
        debugger.binding().passes,
        debugger.binding().hits,
    )


def test_a_condition_reads_the_module_s_names_and_locals_hide_them(application, debugger):
    module = load(
        application, "x = 1\ny = 2\ndef run(y):\n    def inner():\n        return y + z  # here\n    z = 3\n    return inner()\n"
    )
    debugger.at(condition="x == 1 and y == 5 and z == 3")
    module.run(5)
    module.run(6)
    assert 1 == len(debugger.hits())


def test_a_condition_that_fails_says_so_and_captures_nothing(application, debugger):
    module = load(application)
    debugger.at(condition="missing > 1")
    module.run(1)
    module.run(2)
    binding = debugger.binding()
    assert ("bound", 2, 0, 2, "No variable named 'missing' here.") == (
        binding.state, binding.passes, binding.hits, binding.condition_errors, binding.condition_error,
    )  # fmt: skip
    assert [] == debugger.hits()


def test_a_local_that_is_not_set_yet_is_not_there(application, debugger):
    module = load(application, "def run():\n    y = 1  # here\n    x = y\n    return x\n")
    debugger.at(condition="x == 1")
    module.run()
    assert "No variable named 'x' here." == debugger.binding().condition_error
    assert 1 == debugger.binding().passes


def test_a_condition_on_an_object_s_truth_is_an_error_and_runs_nothing(application, debugger):
    module = load(
        application,
        """
        asked = []
        class A:
            def __bool__(self):
                asked.append(1)
                return True
        def run(a):
            return a  # here
        """,
    )
    debugger.at(condition="a")
    module.run(module.A())
    assert ([], 1, 0) == (module.asked, debugger.binding().condition_errors, debugger.binding().hits)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"condition": "total >"}, "The condition is refused"),
        ({"condition": "a.b()"}, "The condition is refused"),
        ({"log_message": "{total"}, "The log message is refused"),
        ({"watches": ("ok", "1 +")}, "The watch is refused"),
        ({"condition": "user.password == 'x'"}, "password is on the redaction list"),
        ({"condition": "headers['Authorization'] == 'x'"}, "Authorization is on the redaction list"),
        ({"watches": ("api_key",)}, "api_key is on the redaction list"),
        ({"log_message": "it is {session.token}"}, "token is on the redaction list"),
    ],
)
def test_what_cannot_be_evaluated_or_must_not_be_is_refused(fields, reason, application, debugger):
    module = load(application)
    debugger.at(**fields)
    binding = debugger.binding()
    assert "failed" == binding.state
    assert reason in binding.reason
    module.run(1)
    assert [] == debugger.hits()


def test_a_logpoint_captures_its_message_in_place_of_locals(application, debugger):
    module = load(application)
    debugger.at(log_message="total is {total:.1f} for {options}", condition="total == 2")
    module.run(1, password="x", more=1)
    module.run(2)
    hit = debugger.hit()
    assert ({}, "total is 2.0 for {'password': <redacted>, 'more': 1}") == (hit.variables, hit.message)
    assert "run" == hit.stack[0].function


def test_watches_are_captured_beside_the_locals(application, debugger):
    module = load(application)
    debugger.at(watches=("total * LIMIT", "options", "nothing.at_all"))
    module.run(1, more=(1,))
    hit = debugger.hit()
    assert 20 == hit.watches["total * LIMIT"]
    assert {"more": {"py/object": "tuple", "items": [1]}} == hit.watches["options"]
    assert {"py/object": "EvaluationError", "value": "No variable named 'nothing' here."} == hit.watches["nothing.at_all"]
    assert "total" in hit.variables
