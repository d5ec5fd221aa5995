"""`python -m livebreak_agent doctor` where there is no backend; tests/e2e has it beside a real one."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

import livebreak_agent
from livebreak_agent.vocabulary import anchor

PACKAGES = str(pathlib.Path(livebreak_agent.__file__).parents[1])
CART = """\
import math

RATE = 2


def total(price):
    # The sum.
    return price * RATE
"""


@pytest.fixture
def app(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "cart.py").write_text(CART)
    (tmp_path / "shop" / "broken.py").write_text("def broken(:\n")
    (tmp_path / "livebreak-stamp.json").write_text('{"repository": "acme/shop", "folder": "services/api"}')
    return tmp_path


@pytest.fixture
def doctor(app):
    """Runs it; gives its status and what it found."""

    def run(*arguments, **environ):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LIVEBREAK_", "PYTHON"))}
        done = subprocess.run(
            [sys.executable, "-m", "livebreak_agent", "doctor", *arguments],
            cwd=app, env=kept | {"PYTHONPATH": PACKAGES} | environ, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        assert "phs_secret" not in done.stdout + done.stderr
        return done.returncode, json.loads(done.stdout) if "--json" in arguments else done.stdout + done.stderr

    return run


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("shop/cart.py:8", "Line 8 of services/api/shop/cart.py binds, in total."),
        ("services/api/shop/cart.py:8", "Line 8 of services/api/shop/cart.py binds, in total."),
        ("shop/cart.py:6", "Line 6 of services/api/shop/cart.py binds, in total."),
        ("shop/cart.py:3", "it binds in processes that have not imported it yet."),
    ],
)
def test_a_line_that_binds_is_told_by_its_place_in_the_repository(doctor, place, sentence):
    _, found = doctor(place, "--json")
    assert found["line"]["sentence"].endswith(sentence)
    assert (True, "services/api/shop/cart.py") == (found["line"]["binds"], found["line"]["filename"])
    assert anchor.blob_id(CART.encode()) == found["line"]["digest"]


@pytest.mark.parametrize(
    ("place", "nearest", "sentence"),
    [
        ("shop/cart.py:4", [3, 6], "the nearest lines with code are 3 and 6."),
        ("shop/cart.py:7", [6, 8], "the nearest lines with code are 6 and 8."),
        ("shop/cart.py:99", [8], "No code on line 99 of services/api/shop/cart.py"),
        ("shop/broken.py:1", [], "cannot be compiled by this Python (SyntaxError)."),
        ("shop/none.py:1", [], "There is no shop/none.py here"),
    ],
)
def test_a_line_that_does_not_bind_is_a_problem(doctor, place, nearest, sentence):
    status, found = doctor(place, "--json")
    assert 1 == status
    assert (False, nearest) == (found["line"]["binds"], found["line"]["nearest_lines"])
    assert sentence in found["line"]["sentence"]
    assert found["line"]["sentence"] in found["problems"]


def test_the_owner_s_policy_is_shown_and_refuses(doctor):
    _, found = doctor("shop/cart.py:8", "--json", LIVEBREAK_DENY="services/api/")
    assert "LIVEBREAK_DENY" in found["line"]["sentence"]
    assert {"name": "deny", "value": "services/api/", "told_by": "LIVEBREAK_DENY"} in found["rows"]


def test_a_library_is_bound_by_its_text_alone(doctor):
    _, found = doctor(f"{json.__file__}:1", "--json")
    assert found["line"]["filename"] is None
    assert "belongs to an installed package" in found["line"]["sentence"] or not found["line"]["binds"]


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({}, "LIVEBREAK_HOST is not set, so no agent starts here."),
        ({"LIVEBREAK_HOST": "http://127.0.0.1:9"}, "LIVEBREAK_SECRET_KEY is not set"),
        ({"LIVEBREAK_HOST": "http://127.0.0.1:9", "LIVEBREAK_SECRET_KEY": "phs_secret"}, "Nothing listens at http://127.0.0.1:9"),
        ({"LIVEBREAK_HOST": "http://127.0.0.1:9", "LIVEBREAK_DISABLED": "1"}, "LIVEBREAK_DISABLED is set"),
        ({"LIVEBREAK_HOST": "http://127.0.0.1:9", "LIVEBREAK_REDACTION": "all"}, "LIVEBREAK_SECRET_KEY is not set"),
        ({"LIVEBREAK_LIMITS": "colour=3"}, "LIVEBREAK_HOST is not set"),
    ],
)
def test_what_keeps_an_agent_from_connecting_is_a_sentence(doctor, environ, sentence):
    status, page = doctor(**environ)
    assert 1 == status
    assert f"Problem: {sentence}" in page
    assert "acme/shop  (livebreak-stamp.json in" in page


@pytest.mark.parametrize("arguments", [["shop/cart.py"], ["shop/cart.py:0"], [":3"], ["a:1", "b:2"], ["--phs"]])
def test_a_mistake_in_the_command_is_usage(doctor, arguments):
    status, said = doctor(*arguments)
    assert 2 == status
    assert "usage: python -m livebreak_agent doctor" in said
