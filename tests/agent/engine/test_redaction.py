"""Which names are telling, and what may not be asked."""

from __future__ import annotations

import pytest

from livebreak_agent import armed
from livebreak_agent.limits import Limits
from livebreak_agent.redaction import Mode, Redaction
from livebreak_agent.vocabulary.expressions import check_expression
from livebreak_agent.vocabulary.model import Breakpoint

TELLING = [
    "password", "PASSWORD", "user_password", "passwordHash", "new-password", "passwd", "db_pwd", "secret",
    "client_secret", "SECRET_KEY", "token", "access_token", "authToken", "csrfmiddlewaretoken", "api_key", "apiKey",
    "X-API-Key", "Authorization", "proxy-authorization", "cookie", "Set-Cookie", "HTTP_COOKIE", "session_id",
    "private_key", "aws_access_key_id", "credentials", "credit_card", "cardNumber", "cvv", "ssn", "jwt",
    "DATABASE_URL", "otp", "pin_code", "refresh_tokens", "idToken",
]  # fmt: skip
HARMLESS = [
    "user", "total", "items", "key", "keys", "shipping", "spinning", "author", "authority", "passed", "compass",
    "tokenizer", "assignment", "saltwater", "cart", "card", "access", "url", "session", "monkey", "number", "", "_",
    "x",
]  # fmt: skip


@pytest.mark.parametrize("name", TELLING)
def test_telling_names_are_hidden(name):
    assert Redaction().hides(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_other_names_are_not(name):
    assert not Redaction().hides(name)


def test_an_owner_adds_names_and_takes_them_back():
    redaction = Redaction(names=frozenset({"shoe-size"}), allowed=frozenset({"csrf_token"}))
    assert redaction.hides("shoeSize")
    assert redaction.hides("SHOE_SIZE")
    assert not redaction.hides("CSRFToken")
    assert redaction.hides("token")


def test_a_text_that_is_too_long_for_a_name_is_none():
    assert not Redaction().hides("password" * 1_000_000)


def test_the_answers_that_are_kept_are_bounded():
    redaction = Redaction()
    for number in range(20_000):
        redaction.hides(f"name {number}")
    assert len(redaction._answers) <= 4_096


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("password", "password"),
        ("user.password == 'x'", "password"),
        ("len(request.headers['Authorization']) > 3", "Authorization"),
        ("[u.name for u in users if u.api_key]", "api_key"),
        ("a['x']['secret']", "secret"),
    ],
)
def test_an_expression_that_reads_a_telling_name_is_refused(expression, name):
    reason = f"{name} is on the redaction list of this process, so it cannot be read here."
    assert reason == Redaction().refusal(check_expression(expression).tree)


@pytest.mark.parametrize("expression", ["total > 3", "name == 'password'", "kind in ('token', 'secret')"])
def test_others_are_not(expression):
    assert Redaction().refusal(check_expression(expression).tree) is None


def test_log_messages_are_looked_through():
    assert "token" in refusal_of("it is {user.token!r:>10}")
    assert "password" in refusal_of("it is {password if {} else 1}")
    assert refusal_of("the token of {user.name}") is None
    assert "strict" in refusal_of("{total}", Redaction(mode=Mode.STRICT))
    assert refusal_of("here", Redaction(mode=Mode.STRICT)) is None


def refusal_of(message, redaction=None):
    """Why a logpoint is refused."""
    breakpoint = Breakpoint(id="1", filename="a.py", line_number=1, log_message=message)
    return armed.make(breakpoint, Limits(), redaction or Redaction()).compiled.refusal


def test_types_are_hidden_by_their_name():
    def hides(name, redaction=None, module="shop"):
        return (redaction or Redaction()).hides_type(type(name, (), {"__module__": module}))

    assert hides("SecretStr")
    assert hides("UserCredentials")
    assert not hides("SystemRandom", module="secrets")
    assert not hides("Cart")
    assert hides("Cart", Redaction(types=("shop.Cart",)))
    assert not hides("SecretGarden", Redaction(allowed=frozenset({"secret_garden"})))


def test_a_class_derived_from_a_telling_one_is_telling():
    assert Redaction().hides_type(type("Plain", (type("Password", (), {}),), {}))
