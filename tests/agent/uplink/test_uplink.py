"""The uplink over real sockets, with breakpoints that are only written down: what is asked, told, repeated and given up."""

import collections
import gzip
import logging
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from livebreak_agent import settings
from livebreak_agent.uplink.armed import Held
from livebreak_agent.uplink.contact import Contact
from livebreak_agent.uplink.loop import Loop, Uplink
from livebreak_agent.uplink.notices import Notices
from livebreak_agent.uplink.parts import Parts
from livebreak_agent.uplink.reports import Reports
from livebreak_agent.uplink.sending import Stopping
from livebreak_agent.uplink.wake import Wake
from livebreak_agent.vocabulary.model import Binding, BindingState, Hit, Process

KEY = "phs_0123456789abcdef"
TOKEN = "phc_fedcba9876543210"


def breakpoint_(number=1, **more):
    return {"id": f"b{number}", "filename": "shop/cart.py", "line_number": number, **more}


class Application:
    """Breakpoints and hits of no real program."""

    def __init__(self):
        self.changed = threading.Condition()
        self.armed = []
        self.history = []
        self.state = ()
        self.waiting = collections.deque()
        self.dropped = 0
        self.lost = []
        self.on_change = None

    def arm(self, breakpoints):
        with self.changed:
            self.armed = [breakpoint.id for breakpoint in breakpoints]
            self.history.append((time.monotonic(), self.armed))
            self.state = tuple(Binding(breakpoint_id=id_, state=BindingState.BOUND, line_number=1) for id_ in self.armed)
            self.changed.notify_all()
        self.on_change()

    def bindings(self):
        return self.state

    def tick(self):
        pass

    def take(self, limit):
        return [self.waiting.popleft() for _ in range(min(limit, len(self.waiting)))]

    def refused(self, breakpoint_ids):
        with self.changed:
            self.lost += breakpoint_ids
            self.changed.notify_all()

    def until(self, condition, timeout=20):
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self), timeout), (self.armed, self.lost)


class Running:
    def __init__(self, host, **options):
        self.application = Application()
        self.wake = Wake()
        process = Process(id=str(uuid.uuid4()), pid=1, host="web-1", repository="acme/shop", service="web", environment="test")
        chosen = settings.read({}, host=host, secret_key=KEY, **options)
        self.parts = Parts(settings=chosen, process=process, armable=self.application, hits=self.application)
        self.reports = Reports(self.parts, self.wake)
        self.application.on_change = self.reports.changed
        self.stopping = Stopping()
        uplink = Uplink(
            parts=self.parts,
            wake=self.wake,
            contact=Contact(chosen),
            held=Held(self.application.arm),
            reports=self.reports,
            stopping=self.stopping,
            notices=Notices(),
        )
        self.loop = Loop(uplink)
        self.resume()

    def resume(self):
        self.thread = threading.Thread(target=self.loop.run, daemon=True)
        self.thread.start()

    @property
    def id(self):
        return self.parts.process.id

    def hit(self, count=1, breakpoint_id="b1", text="x"):
        hits = [
            Hit(
                id=str(uuid.uuid4()), breakpoint_id=breakpoint_id, timestamp=datetime.now(UTC).isoformat(),
                filename="f", line_number=1, variables={"text": text},
            )
            for _ in range(count)
        ]  # fmt: skip
        self.application.waiting.extend(hits)
        self.wake.set()
        return [hit.id for hit in hits]

    def stop(self, seconds=2.0):
        self.stopping.seconds = seconds
        self.stopping.is_set = True
        self.wake.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture
def start():
    started = []

    def begin(host, **options):
        started.append(Running(host, **options))
        return started[-1]

    yield begin
    for running in started:
        if running.thread.is_alive():
            running.stop(0.5)


def warnings(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "livebreak" and record.levelno >= logging.WARNING]


# --- The armed set --------------------------------------------------------------------------------------------------


def test_what_is_armed_follows_the_long_poll(peer, start):
    peer.arm(breakpoint_(1))
    running = start(peer.host)
    running.application.until(lambda a: a.armed == ["b1"])
    peer.arm(breakpoint_(1), breakpoint_(2))
    running.application.until(lambda a: a.armed == ["b1", "b2"])
    peer.arm()
    running.application.until(lambda a: a.armed == [])
    _, path, headers = peer.until(lambda p: next((r for r in p.requests if "armed" in r[1]), None))
    assert path == f"/livebreak/armed?process={running.id}&wait=25&repository=acme%2Fshop&service=web&environment=test"
    assert "If-None-Match" not in headers
    assert peer.until(lambda p: [r for r in p.requests if "armed" in r[1]][1][2]["If-None-Match"]) == '"1"'


def test_a_disabled_breakpoint_is_not_armed(peer, start):
    peer.arm(breakpoint_(1, enabled=False), breakpoint_(2))
    start(peer.host).application.until(lambda a: a.armed == ["b2"])


def test_the_connection_is_kept_and_the_set_is_not_repeated(peer, start):
    running = start(peer.host)
    for number in range(1, 6):
        peer.arm(breakpoint_(number))
        running.application.until(lambda a, number=number: a.armed == [f"b{number}"])
    peer.until(lambda p: p.count("PUT", "processes"))
    assert len(peer.connections) == 2
    assert [[f"b{number}"] for number in range(1, 6)] == [armed for _, armed in running.application.history]


def test_at_the_end_of_the_lease_everything_is_disarmed_and_armed_again_at_the_next_contact(peer, start, caplog):
    peer.lease_seconds = 0.6
    peer.arm(breakpoint_(1))
    running = start(peer.host)
    running.application.until(lambda a: a.armed == ["b1"])
    peer.close()
    running.application.until(lambda a: a.armed == [])
    peer.open()
    running.application.until(lambda a: a.armed == ["b1"])
    assert 1 == sum("disarmed until it is back" in warning for warning in warnings(caplog))


def test_an_answer_that_nothing_changed_renews_the_lease(peer, start):
    peer.lease_seconds = 2.5
    peer.longest_wait = 0.3
    peer.arm(breakpoint_(1))
    running = start(peer.host)
    running.application.until(lambda a: a.armed == ["b1"])
    begun = time.monotonic()
    peer.until(lambda _: time.monotonic() > begun + 3.0)
    assert [["b1"]] == [armed for _, armed in running.application.history]


def test_a_breakpoint_lapses_at_its_expiry_and_the_others_stay(peer, start):
    soon = (datetime.now(UTC) + timedelta(seconds=1.5)).isoformat()
    peer.arm(breakpoint_(1, expires_at=soon), breakpoint_(2, expires_at="2999-01-01T00:00:00Z"), breakpoint_(3))
    running = start(peer.host)
    running.application.until(lambda a: a.armed == ["b1", "b2", "b3"])
    running.application.until(lambda a: a.armed == ["b2", "b3"])


def test_an_expiry_is_reckoned_by_the_clock_of_the_backend():
    armed = []
    held = Held(armed.append)
    one = settings_breakpoint(expires_at="2001-01-01T00:01:00Z")
    held.replace([one], etag=None, lease_seconds=120, headers={"date": "Mon, 01 Jan 2001 00:00:00 GMT"})
    assert [(one,)] == armed
    held.replace([one], etag=None, lease_seconds=120, headers={})
    assert [(one,), ()] == armed


def settings_breakpoint(**more):
    from livebreak_agent.vocabulary.model import Breakpoint

    return Breakpoint(id="b1", filename="f.py", line_number=1, **more)


# --- Reports --------------------------------------------------------------------------------------------------------


def test_a_process_reports_itself_at_once_and_its_bindings_when_they_change(peer, start):
    running = start(peer.host)
    report = peer.until(lambda p: p.reports and p.reports[0])
    assert report["process"]["id"] == running.id
    assert report["bindings"] == []
    peer.arm(breakpoint_(1))
    peer.until(lambda p: p.bindings.get("b1", {}).get("state") == "bound")


def test_counters_are_told_without_being_asked_and_only_when_they_moved(peer, start):
    peer.arm(breakpoint_(1))
    running = start(peer.host)
    peer.until(lambda p: "b1" in p.bindings)
    told = len(peer.reports)
    running.application.state = (Binding(breakpoint_id="b1", state=BindingState.BOUND, passes=7),)
    peer.until(lambda p: p.bindings["b1"]["passes"] == 7)
    assert told + 1 == len(peer.reports)


def test_a_backend_that_does_not_know_the_process_is_told(peer, start):
    running = start(peer.host)
    peer.until(lambda p: p.reports)
    with peer.changed:
        peer.known = set()
    peer.arm(breakpoint_(1))
    peer.until(lambda p: running.id in p.known)


def test_a_restarted_backend_gets_the_report_and_gives_the_set_again(peer, start):
    peer.arm(breakpoint_(1))
    running = start(peer.host)
    peer.until(lambda p: "b1" in p.bindings)
    peer.close()
    peer.reports.clear()
    peer.arm(breakpoint_(2))
    peer.open()
    running.application.until(lambda a: a.armed == ["b2"])
    peer.until(lambda p: "b2" in p.bindings)


def test_the_end_is_told(peer, start):
    running = start(peer.host)
    peer.until(lambda p: p.reports)
    running.stop()
    assert [running.id] == peer.goodbyes


# --- Hits -----------------------------------------------------------------------------------------------------------


def test_a_hit_is_sent_while_the_poll_is_held(peer, start):
    running = start(peer.host)
    peer.until(lambda p: p.count("GET", "armed") == 2 and p.reports)
    running.hit()
    event = peer.until(lambda p: p.hits and p.hits[0])
    assert event["event"] == "$data_breakpoint_hit"
    assert event["properties"]["$breakpoint_id"] == "b1"
    assert peer.count("GET", "armed") == 2
    headers = next(headers for _, path, headers in peer.requests if path == "/batch/")
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["Content-Encoding"] == "gzip"
    assert peer.batches[0]["api_key"] == TOKEN
    assert datetime.fromisoformat(peer.batches[0]["sent_at"])


def test_many_hits_go_in_bounded_batches_and_in_order(peer, start):
    running = start(peer.host)
    peer.until(lambda p: p.reports)
    with peer.changed:  # What comes while a batch is under way goes with the next.
        ids = running.hit(250)
    peer.until(lambda p: len(p.hits) == 250)
    assert ids == [event["uuid"] for event in peer.hits]
    assert max(len(batch["batch"]) for batch in peer.batches) <= 100


def test_large_hits_are_spread_over_requests(peer, start):
    running = start(peer.host)
    peer.until(lambda p: p.reports)
    running.hit(10, text="x" * 400_000)
    peer.until(lambda p: len(p.hits) == 10)
    assert max(len(batch["batch"]) for batch in peer.batches) <= 3


def test_a_hit_too_large_for_ingestion_is_lost_and_counted_and_the_others_arrive(peer, start):
    running = start(peer.host)
    peer.until(lambda p: p.reports)
    running.hit(12, text="x" * 1_000_000, breakpoint_id="large")
    running.hit(1)
    peer.until(lambda p: len(p.hits) == 1)
    assert ["large"] * 12 == running.application.lost


def test_text_that_is_no_text_arrives(peer, start):
    running = start(peer.host)
    peer.until(lambda p: p.reports)
    running.hit(text="\ud800 \0 \u202e ü 😀")
    event = peer.until(lambda p: p.hits and p.hits[0])
    assert event["properties"]["$locals_variables"]["text"] == '"\ufffd \\u0000 \u202e ü 😀"'


@pytest.mark.parametrize(("status", "headers"), [(500, {}), (503, {"Retry-After": "1"}), (429, {}), (None, {})])
def test_hits_are_kept_until_the_backend_takes_them(peer, start, status, headers):
    running = start(peer.host)
    peer.until(lambda p: p.reports)
    peer.fail("POST", "/batch/", status, times=2, headers=headers)
    running.hit(3)
    peer.until(lambda p: len(p.hits) == 3)
    assert peer.count("POST", "/batch/") >= 3
    assert running.application.lost == []


def test_hits_survive_a_restart_of_the_backend(peer, start):
    running = start(peer.host)
    peer.until(lambda p: p.reports)
    peer.close()
    running.hit(5)
    peer.open()
    peer.until(lambda p: len(p.hits) == 5)
    assert running.application.lost == []


def test_refused_hits_are_lost_counted_and_said_once(peer, start, caplog):
    running = start(peer.host)
    peer.until(lambda p: p.reports)
    peer.fail("POST", "/batch/", 401, times=2)
    running.hit(2)
    running.application.until(lambda a: a.lost == ["b1", "b1"])
    running.hit(1, breakpoint_id="b2")
    running.application.until(lambda a: a.lost == ["b1", "b1", "b2"])
    running.hit(1, breakpoint_id="b3")
    assert peer.until(lambda p: p.hits and p.hits[0]["properties"]["$breakpoint_id"]) == "b3"
    assert 1 == sum("Hits were refused and are lost" in warning for warning in warnings(caplog))


def test_one_bad_hit_does_not_cost_the_others(peer, start):
    running = start(peer.host)
    peer.until(lambda p: p.reports)
    take = peer.take_batch

    def picky(body):
        return (400, {}, None) if b"poison" in gzip.decompress(body) else take(body)

    peer.take_batch = picky
    running.hit(5)
    running.hit(1, breakpoint_id="bad", text="poison")
    running.hit(5)
    running.application.until(lambda a: a.lost == ["bad"])
    peer.until(lambda p: len(p.hits) == 10)


def test_what_waits_is_sent_at_the_end(peer, start):
    running = start(peer.host)
    peer.until(lambda p: p.reports)
    with peer.changed:
        running.hit(150)
        threading.Timer(0.2, running.stop).start()
    running.thread.join(20)
    assert len(peer.hits) == 150
    assert [running.id] == peer.goodbyes


def test_the_end_is_not_held_up_by_a_backend_that_is_away(peer, start):
    running = start(peer.host)
    peer.until(lambda p: p.reports)
    peer.close()
    running.hit(3)
    running.stop()
    assert peer.hits == []


def test_the_end_is_not_held_up_by_a_backend_that_hangs(peer, start):
    running = start(peer.host)
    peer.until(lambda p: p.reports)
    with peer.changed:
        running.hit(3)
        running.stop(0.5)


def test_it_can_be_paused_at_any_moment_and_goes_on_as_if_nothing_had_been(peer, start):
    peer.arm(breakpoint_(1))
    running = start(peer.host)
    peer.until(lambda p: "b1" in p.bindings)
    asked = peer.count("GET", "armed")
    ids = []
    for _ in range(200):
        ids += running.hit()
        running.loop.pause(wanted=True)
        running.thread.join(10)
        assert not running.thread.is_alive()
        running.loop.pause(wanted=False)
        running.resume()
    peer.until(lambda p: len(p.hits) == 200)
    assert ids == [event["uuid"] for event in peer.hits]
    assert asked == peer.count("GET", "armed")
    assert len(peer.connections) == 2


# --- A plain PostHog API --------------------------------------------------------------------------------------------


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


# --- Trouble --------------------------------------------------------------------------------------------------------


def until_warned(caplog, text):
    end = time.monotonic() + 20
    while not any(text in warning for warning in warnings(caplog)):
        assert time.monotonic() < end, caplog.text
        time.sleep(0.01)


def test_a_wrong_key_is_said_once_without_the_key(peer, start, caplog):
    peer.fail("GET", "", 401, times=4)
    start(peer.host)
    peer.until(lambda p: p.reports)
    assert len(warnings(caplog)) == 1
    assert "refuses the key in LIVEBREAK_SECRET_KEY (401)" in warnings(caplog)[0]
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
    until_warned(caplog, "does not answer as a backend of LiveBreak (version: is required)")
    peer.until(lambda p: p.reports)
    assert len(warnings(caplog)) == 1


def test_a_connection_that_is_cut_while_idle_costs_nothing(peer, start, caplog):
    running = start(peer.host)
    peer.until(lambda p: p.count("GET", "armed") == 2 and p.reports)
    peer.fail("POST", "/batch/", None, times=1)
    running.hit()
    peer.until(lambda p: len(p.hits) == 1)
    assert peer.count("GET", "/livebreak/armed") == 2
    assert warnings(caplog) == []


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


# --- TLS ------------------------------------------------------------------------------------------------------------


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
