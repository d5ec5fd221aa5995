"""The uplink over real sockets: hits arrive once, in order, in bounded requests, and are not lost to a bad moment."""

import gzip
import logging
import threading
from datetime import datetime

import pytest

KEY = "phs_0123456789abcdef"
TOKEN = "phc_fedcba9876543210"


def breakpoint_(number=1, **more):
    return {"id": f"b{number}", "filename": "shop/cart.py", "line_number": number, **more}


def warnings(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "livebreak" and record.levelno >= logging.WARNING]


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


def test_the_backend_is_told_when_a_batch_was_sent_only_if_the_clocks_differ(peer, start):
    running = start(peer.host)
    running.hit()
    peer.until(lambda p: p.hits)
    assert "sent_at" not in peer.batches[0]


@pytest.mark.parametrize("ahead", [60.0, -60.0])
def test_the_times_of_hits_are_corrected_if_the_clocks_differ(peer, start, ahead):
    peer.clock_ahead = ahead
    running = start(peer.host)
    running.hit()
    peer.until(lambda p: p.hits)
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
