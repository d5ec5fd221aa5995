"""The queue between the application's threads and the uplink's."""

from __future__ import annotations

import threading

from livebreak_agent.hit_queue import HitQueue


def test_items_come_out_in_the_order_they_went_in():
    queue = HitQueue()
    for number in range(5):
        queue.put(number, 1)
    assert ([0, 1, 2], [3, 4], []) == (queue.take(3), queue.take(3), queue.take(3))


def test_the_oldest_are_dropped_and_counted_when_there_is_no_room():
    dropped = []
    queue = HitQueue(limit_bytes=100, on_drop=dropped.append)
    for number in range(10):
        queue.put(number, 30)
    assert ([7, 8, 9], 7, list(range(7))) == (queue.take(100), queue.dropped, dropped)
    queue.put("again", 90)
    assert ["again"] == queue.take(1)


def test_an_item_larger_than_the_room_is_dropped_itself():
    queue = HitQueue(limit_bytes=10)
    queue.put("large", 11)
    assert ([], 1) == (queue.take(1), queue.dropped)
    queue.put("small", 5)
    assert ["small"] == queue.take(1)


def test_each_item_wakes():
    woken = []
    queue = HitQueue(wake=lambda: woken.append(len(queue)))
    queue.put("a", 1)
    queue.put("b", 1)
    assert [1, 2] == woken


def test_clearing_it_counts_nothing_as_dropped():
    queue = HitQueue(limit_bytes=10)
    queue.put("a", 9)
    queue.clear()
    queue.put("b", 9)
    assert (["b"], 0) == (queue.take(5), queue.dropped)


def test_nothing_is_lost_between_threads():
    queue = HitQueue(limit_bytes=10**9)
    taken = []
    done = threading.Event()

    def take():
        while not done.is_set() or len(queue):
            taken.extend(queue.take(10))

    taker = threading.Thread(target=take)
    taker.start()
    putters = [
        threading.Thread(target=lambda start=start: [queue.put(start + n, 1) for n in range(5_000)])
        for start in range(0, 20_000, 5_000)
    ]
    for putter in putters:
        putter.start()
    for putter in putters:
        putter.join()
    done.set()
    taker.join()
    assert list(range(20_000)) == sorted(taken)
    assert 0 == queue.dropped
