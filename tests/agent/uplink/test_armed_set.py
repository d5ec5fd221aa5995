"""The uplink over real sockets: what is armed, for how long, and what is reported of it."""

import contextlib
import logging
import socket
import time
from datetime import UTC, datetime, timedelta

from livebreak_agent.uplink import connection
from livebreak_agent.uplink.armed import Held
from livebreak_agent.vocabulary.model import Binding, BindingState


def breakpoint_(number=1, **more):
    return {"id": f"b{number}", "filename": "shop/cart.py", "line_number": number, **more}


def warnings(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "livebreak" and record.levelno >= logging.WARNING]


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


def test_what_lapses_is_taken_back_in_time_while_the_network_swallows_a_connection(peer, start, monkeypatch, caplog):
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 60.0)  # Longer than the test waits.
    peer.lease_seconds = 4.0
    soon = (datetime.now(UTC) + timedelta(seconds=2.0)).isoformat()
    peer.arm(breakpoint_(1, expires_at=soon), breakpoint_(2))
    running = start(peer.host)
    running.application.until(lambda a: a.armed == ["b1", "b2"])
    peer.close()
    with contextlib.ExitStack() as opened:
        deaf = opened.enter_context(socket.socket())
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        deaf.bind(("127.0.0.1", peer.port))
        deaf.listen(0)
        for _ in range(4):  # Linux takes one more than it is told, and then answers nobody.
            queued = opened.enter_context(socket.socket())
            queued.setblocking(False)
            queued.connect_ex(("127.0.0.1", peer.port))
        running.application.until(lambda a: a.armed == ["b2"])
        running.application.until(lambda a: a.armed == [])
        running.stopping.is_set = True
    running.thread.join(20)

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
