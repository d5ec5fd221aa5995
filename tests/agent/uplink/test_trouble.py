"""The uplink over real sockets: a plain PostHog API, and whatever can be wrong with a backend, is one clear line."""

import logging
import time

import pytest

KEY = "phs_0123456789abcdef"
TOKEN = "phc_fedcba9876543210"


def breakpoint_(number=1, **more):
    return {"id": f"b{number}", "filename": "shop/cart.py", "line_number": number, **more}


def warnings(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "livebreak" and record.levelno >= logging.WARNING]


@pytest.mark.parametrize("key", ["results", "breakpoints"])
def test_a_plain_posthog_api_is_polled(peer, start, key):
    peer.is_live = False
    answer = peer.answer

    def renamed(*request):
        status, headers, data = answer(*request)
        return status, headers, ({key: data["results"]} if data and "results" in data else data)

    peer.answer = renamed
    peer.arm({"id": "b1", "repository": "acme/shop", "filename": "f.py", "line_number": 3, "enabled": True, "condition": None})
    running = start(peer.host, project_token=TOKEN, poll_interval=1)
    running.application.until(lambda a: a.armed == ["b1"])
    peer.arm()
    running.application.until(lambda a: a.armed == [])
    running.hit()
    peer.until(lambda p: len(p.hits) == 1)
    assert peer.count("GET", "/live_debugger_breakpoints/active/?repository=acme%2Fshop")
    assert peer.count("PUT", "processes") == 0
    assert "Authorization" not in next(headers for _, path, headers in peer.requests if path == "/batch/")


def test_a_plain_posthog_api_needs_a_token_for_hits(peer, start, caplog):
    peer.is_live = False
    peer.arm(breakpoint_(1))
    running = start(peer.host, poll_interval=1)
    peer.until(lambda p: p.count("GET", "/livebreak/") >= 2)
    assert [" set LIVEBREAK_PROJECT_TOKEN (phc_)."] == [warning.rpartition(";")[2] for warning in warnings(caplog)]
    assert running.application.armed == []


def until_warned(caplog, text):
    end = time.monotonic() + 20
    while not any(text in warning for warning in warnings(caplog)):
        assert time.monotonic() < end, caplog.text
        time.sleep(0.01)


def test_a_wrong_key_is_said_once_without_the_key(peer, start, caplog):
    peer.fail("GET", "", 401, times=4)
    start(peer.host)
    peer.until(lambda p: p.reports)
    assert 1 == sum("refuses the key in LIVEBREAK_SECRET_KEY (401)" in warning for warning in warnings(caplog))
    assert {"LiveBreak: connected again."} >= set(warnings(caplog)[1:])
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    ("host", "text"),
    [
        ("http://localhost:9", "Nothing listens at http://localhost:9; check LIVEBREAK_HOST"),
        ("https://name.invalid", "The name name.invalid cannot be resolved; check LIVEBREAK_HOST."),
        ("http://93.184.216.34", "is a public address, where plain http would show your key to others; use https."),
    ],
)
def test_a_host_that_cannot_be_used_is_said_in_one_sentence(start, caplog, host, text):
    start(host)
    until_warned(caplog, text)
    assert len(warnings(caplog)) == 1


def test_an_unknown_project_is_said(peer, start, caplog):
    start(peer.host, project=99, project_token=TOKEN)
    until_warned(caplog, "does not know the project '99' (404)")


def test_a_redirect_is_not_followed(peer, start, caplog):
    peer.fail("GET", "/livebreak/", 301, headers={"Location": "https://elsewhere.example/"})
    start(peer.host)
    until_warned(caplog, "redirects elsewhere (301)")


def test_what_is_no_backend_is_said(peer, start, caplog):
    peer.fail("GET", "/livebreak/", 200, times=3)
    start(peer.host)
    text = "does not answer as a backend of LiveBreak (version: is required)"
    until_warned(caplog, text)
    peer.until(lambda p: p.reports)
    assert 1 == sum(text in warning for warning in warnings(caplog))


def test_a_connection_that_is_cut_while_idle_costs_nothing(peer, start, caplog):
    running = start(peer.host)
    peer.until(lambda p: p.count("GET", "armed") == 2 and p.reports)
    peer.fail("POST", "/batch/", None, times=1)
    running.hit()
    peer.until(lambda p: len(p.hits) == 1)
    assert peer.count("GET", "/livebreak/armed") == 2
    assert warnings(caplog) == []


def test_a_log_of_warnings_alone_says_that_a_trouble_is_over(peer, start, caplog):
    peer.fail("GET", "armed", 503, times=1)
    start(peer.host)
    until_warned(caplog, "connected again")
    assert [f"LiveBreak: {peer.host} answers with an error (503); trying again.", "LiveBreak: connected again."] == warnings(
        caplog
    )


def test_answers_that_come_at_once_and_say_nothing_are_not_asked_for_in_a_loop(peer, start):
    peer.sends_etag = False
    start(peer.host)
    peer.until(lambda p: p.count("GET", "armed") >= 4)
    begun = time.monotonic()
    peer.until(lambda p: p.count("GET", "armed") >= 6)
    assert time.monotonic() - begun > 0.9


def test_the_start_is_one_line(peer, start, caplog):
    caplog.set_level(logging.INFO, "livebreak")
    start(peer.host)
    peer.until(lambda p: p.reports)
    assert [f"LiveBreak agent 0.1.0: {peer.host}, project 'Shop' (1), acme/shop@unknown, service web, environment test."] == [
        record.getMessage() for record in caplog.records
    ]
    assert KEY not in caplog.text


def test_all_of_it_works_over_tls(secure_peer, start):
    secure_peer.arm(breakpoint_(1))
    running = start(secure_peer.host)
    running.application.until(lambda a: a.armed == ["b1"])
    secure_peer.until(lambda p: "b1" in p.bindings and p.count("GET", "armed") == 2)
    running.hit(3)
    secure_peer.until(lambda p: len(p.hits) == 3)
    secure_peer.arm(breakpoint_(2))
    running.application.until(lambda a: a.armed == ["b2"])
    running.stop()
    assert [running.id] == secure_peer.goodbyes


def test_an_unknown_certificate_is_refused_and_said(secure_peer, start, caplog, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    start(secure_peer.host)
    until_warned(caplog, "has a certificate that is not trusted")
    assert secure_peer.requests == []


def test_a_host_without_tls_is_said(peer, start, caplog):
    start(peer.host.replace("http:", "https:"))
    until_warned(caplog, "does not speak TLS as expected")
