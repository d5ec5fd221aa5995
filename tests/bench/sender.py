"""Agents that send hits, as a process of their own: `python -m tests.bench.sender`, with its task as JSON on standard input.

All bodies are made before the first is sent, so that what is measured is the backend. Prints `ready`, begins when it is told
a line, and prints what it sent as JSON at the end of that, or of its input.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time

from tests.bench.hits import BATCH, batch, batch_headers, new_event

BREAKPOINTS_OF_BATCH = 10
"""A process captures 10 hits a second of one breakpoint and 100 of all, so that a full batch is of about so many."""


def main() -> None:
    task = json.loads(sys.stdin.readline())
    bodies = [_body(task["token"], task["breakpoints"]) for _ in range(task["batches"])]
    print("ready", flush=True)
    sys.stdin.readline()
    waiting = iter(bodies)
    lock = threading.Lock()
    seconds: list[float] = []
    refusals: list[int] = []
    started = time.perf_counter()
    stopped = threading.Event()
    if task["until_end"]:
        threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()

    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", task["port"], timeout=60)
        while not stopped.is_set():
            with lock:
                body = next(waiting, None)
            if body is None:
                return
            begun = time.perf_counter()
            connection.request("POST", "/batch/", body, batch_headers(task["secret_key"]))
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                refusals.append(response.status)
                return
            seconds.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=send) for _ in range(task["connections"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refusals:
        sys.exit(f"a batch was answered {refusals[0]}")
    print(json.dumps({"seconds": time.perf_counter() - started, "batches": seconds}), flush=True)


def _body(token: str, breakpoints: list[str]) -> bytes:
    some = random.sample(breakpoints, min(BREAKPOINTS_OF_BATCH, len(breakpoints)))
    return batch(token, [new_event(random.choice(some)) for _ in range(BATCH)])


if __name__ == "__main__":
    main()
