"""What a condition, a watch or a log message must not see, whichever way it asks."""

from __future__ import annotations

import pytest

from livebreak_agent.redaction import Mode, Redaction
from livebreak_agent.vocabulary.expressions import EvaluationError, compile_expression, compile_message

SECRET = "hunter2"


class Account:
    def __init__(self):
        self.name = "ada"


class Credentials:
    def __init__(self):
        self.value = SECRET


NAMES = {
    "d": {"name": "ada", "password": SECRET, "nested": {"api_key": SECRET}},
    "key": "password",
    "headers": [("host", "example.org"), ("authorization", SECRET)],
    "raw": [(b"cookie", SECRET.encode())],
    "pair": ["token", SECRET],
    "held": Credentials(),
    "account": Account(),
    "guess": {"name": "ada", "password": SECRET, "nested": {"api_key": SECRET}},
}

ASKING = [
    "str(d)", "repr(d)", "f'{d}'", "f'{d!r:>5}'", "str([d])", "f'{[d, d]}'", "str(headers)", "repr(raw)", "str(pair)",
    "[d[k] for k in d if k == 'name']", "[name for name, value in headers]", "str([d[k] for k in d])", "[held]", "[d][0]",
    "str([value for name, value in headers])", "str({'x': pair})", "str(d | {'x': 1})", "str((d, d)[0])", "pair[:1]",
]  # fmt: skip
"""These have an answer, in which there is no secret."""

REFUSED = [
    "d[key] == 'hunter2'", "len(d[key])", "d[key] > 'a'", "'hunter' in d[key]", "d == guess", "d != guess", "[d] == [guess]",
    "any(d[k] == 'hunter2' for k in d)", "[value for name, value in headers if value == 'hunter2']", "'hunter2' in pair",
    "pair == ['token', 'hunter2']", "pair < ['token', 'i']", "(pair + [1])[1]", "(pair * 2)[1]", "pair[1] == 'hunter2'",
    "pair[1:] == ['hunter2']", "max(pair)", "sorted(pair)", "held.value == 'hunter2'", "isinstance(d[key], str)",
    "d[key] is None",
        "d['pass' + 'word'] == 'hunter2'", "headers[1][-1] == 'hunter2'", "raw[0][1] == b'hunter2'", "bool(d[key])", "not d[key]",
    "d[f'{key}'] == 'x'",
]  # fmt: skip
"""These could only be answered with the secret."""


@pytest.mark.parametrize("text", ASKING)
def test_an_answer_holds_no_secret(text, capture):
    answer = compile_expression(text, Redaction()).evaluate(NAMES)
    assert SECRET not in repr(capture(answer))


@pytest.mark.parametrize("text", REFUSED)
def test_what_only_the_secret_could_answer_is_an_error(text):
    with pytest.raises(EvaluationError, match=r"redact|run the application's code"):
        compile_expression(text, Redaction()).evaluate(NAMES)


@pytest.mark.parametrize("text", [*ASKING, *REFUSED])
def test_a_log_message_holds_no_secret(text):
    rendered = compile_message("it is {" + text + "}", Redaction()).render(NAMES)
    assert rendered.replace(text, "").find(SECRET) == -1


def test_what_is_hidden_is_named_in_the_text():
    text = compile_expression("str(d)", Redaction()).evaluate(NAMES)
    assert "{'name': 'ada', 'password': <redacted>, 'nested': {'api_key': <redacted>}}" == text


def test_without_rules_nothing_is_hidden():
    assert compile_expression("d[key] == 'hunter2'").evaluate(NAMES) is True


@pytest.mark.parametrize("text", ["str(account.name)", "account.name[0]", "[c for c in account.name]", "f'{account.name}'"])
def test_strict_mode_lets_no_part_of_a_text_out(text):
    with pytest.raises(EvaluationError, match="strict"):
        compile_expression(text, Redaction(mode=Mode.STRICT)).evaluate(NAMES)


@pytest.mark.parametrize("text", ["account.name == 'ada'", "f'{x}'", "int(x) > 3", "name in ['a', 'b']"])
def test_a_breakpoint_that_compares_texts_is_refused_in_strict_mode(text, application, make_debugger):
    application.write("def run(a):\n    return a  # here\n")
    application.load()
    debugger = make_debugger(redaction=Redaction(mode=Mode.STRICT))
    debugger.at(condition=text)
    assert ("failed", "strict" in debugger.binding().reason) == (debugger.binding().state, True)


def test_numbers_can_be_compared_in_strict_mode(application, make_debugger):
    application.write("def run(a, d):\n    return a  # here\n")
    module = application.load()
    debugger = make_debugger(redaction=Redaction(mode=Mode.STRICT))
    debugger.at(condition="a > 3 and d['total'] == 2 and len(d) < 5")
    module.run(4, {"total": 2})
    assert 1 == len(debugger.hits())


def test_a_condition_of_a_breakpoint_cannot_read_what_is_redacted(application, debugger):
    application.write("def run(d, key):\n    return d  # here\n")
    module = application.load()
    debugger.at(condition="d[key] == 'hunter2'", watches=("str(d)",))
    module.run({"password": SECRET}, "password")
    binding = debugger.binding()
    assert ([], 1, "The value is redacted.") == (debugger.hits(), binding.condition_errors, binding.condition_error)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://ada:hunter2@db/shop", "postgres://ada:<redacted>@db/shop"),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer <redacted>"),
        ("key AKIAIOSFODNN7EXAMPLE in a text", "key <redacted> in a text"),
        ("ghp_" + "a" * 36, "<redacted>"),
        ("sk_live_" + "a1" * 10, "<redacted>"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefgh", "<redacted>"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "<redacted>"),
        ("the bearer of good news", "the bearer of good news"),
        ("https://example.org/a?b=c:d@e", "https://example.org/a?b=c:d@e"),
        ("f47ac10b-58cc-4372-a567-0e02b2c3d479", "f47ac10b-58cc-4372-a567-0e02b2c3d479"),
    ],
)
def test_texts_that_are_secret_by_their_form_are_hidden(text, shown, capture):
    assert shown == capture(text)


def test_a_log_message_hides_them_too(application, debugger):
    application.write("def run(url):\n    return url  # here\n")
    module = application.load()
    debugger.at(log_message="connecting to {url}")
    module.run("redis://:hunter2pass@cache:6379")
    assert "connecting to redis://:<redacted>@cache:6379" == debugger.hit().message
