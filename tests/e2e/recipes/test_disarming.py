"""Whatever takes breakpoints back, the code is the very same again, and two revisions that run at once have a line each."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from faults import Rewrite, Silence
from livebreak_agent.vocabulary import anchor
from livebreak_agent.vocabulary.codec import to_json

SECONDS = 1.0
"""Within so much time all code is restored, wherever the wish to have it so comes from."""

TRIES = 5
"""A machine that is busy with other tests can hold up a process for longer than that, but not each time."""

WATCHED = """\
import os
import sys
import threading
import time

import livebreak_agent
import prices

original = prices.total.__code__
livebreak_agent.start()


def is_touched():
    if prices.total.__code__ is not original or prices.total.__code__ != original:
        return True
    if sys.version_info < (3, 12):
        return False
    monitoring = sys.monitoring
    tools = [tool for tool in range(6) if monitoring.get_tool(tool) == "livebreak"]
    return any(monitoring.get_local_events(tool, original) for tool in tools)


before = None
turns = 0
while True:
    touched = is_touched()
    if touched != before:
        print("armed" if touched else "restored", f"at {time.monotonic():.3f}", flush=True)
        before = touched
    turns += 1
    if turns % 100 == 0:  # Not so often that the line is left alone for a while.
        prices.total(3, 4)
    if touched and os.path.exists("stop"):
        os.remove("stop")
        asked = time.monotonic()
        stopping = threading.Thread(target=livebreak_agent.stop)
        stopping.start()
        while is_touched():
            time.sleep(0)
        print(f"stopped in {time.monotonic() - asked:.3f} s", flush=True)
        stopping.join()
        print("after stop:", is_touched(), prices.total.__code__ is original, flush=True)
        before = False
        livebreak_agent.start()
    time.sleep(0.002)
"""


class Watching:
    """An application that says when its code is touched and when it is as it was."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self._seen = 0

    def next(self, word: str) -> float:
        """The monotonic time, the same in all processes, at which the code next becomes so."""
        found = self.app.printed(rf"(?s)\A(?:.*?(?:armed|restored) at [\d.]+){{{self._seen}}}.*?{word} at ([\d.]+)")
        self._seen = len(re.findall(r"(?:armed|restored) at", found[0]))
        return float(found[1])


def watching(serve: Any, checkout: Path, **environment: str) -> Watching:
    (checkout / "app.py").write_text(WATCHED)
    return Watching(serve(checkout, sys.executable, "app.py", run=(), **environment))


def is_within_a_second(attempt: Callable[[], float]) -> bool:
    """Whether one of some attempts took less; each takes its own seconds."""
    return any(attempt() < SECONDS for _ in range(TRIES))


def test_the_kill_switch_and_a_removal_restore_all_code_within_a_second(live, serve, checkout_of) -> None:
    checkout = checkout_of("wsgi_shop")
    app = watching(serve, checkout)

    def switched_off() -> float:
        asked = time.monotonic()
        assert live.api.post("livebreak/pause", json={"service": live.service, "reason": "a test"}).status_code < 300
        seconds = app.next("restored") - asked
        assert live.api.post("livebreak/resume", json={"service": live.service}).status_code < 300
        app.next("armed")
        return seconds

    def removed() -> float:
        identity = live.arm(checkout, "prices.py")
        app.next("armed")
        asked = time.monotonic()
        live.remove(identity)
        return app.next("restored") - asked

    assert is_within_a_second(removed)
    live.arm(checkout, "prices.py")
    app.next("armed")
    assert is_within_a_second(switched_off)


def test_an_expiry_restores_all_code_within_a_second(live, serve, checkout_of) -> None:
    checkout = checkout_of("wsgi_shop")
    app = watching(serve, checkout)

    def expired() -> float:
        identity = live.arm(checkout, "prices.py")
        app.next("armed")
        expires_at = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
        # It is reckoned by the backend's clock, whose answers have whole seconds.
        latest = time.monotonic() + 2
        answer = live.api.patch(f"livebreak/breakpoints/{identity}", json={"expires_at": expires_at})
        assert answer.status_code == 200, answer.text
        seconds = app.next("restored") - latest
        live.remove(identity)
        return seconds

    assert is_within_a_second(expired)


def test_stop_restores_all_code_within_a_second(live, serve, checkout_of) -> None:
    checkout = checkout_of("wsgi_shop")
    app = watching(serve, checkout)
    live.arm(checkout, "prices.py")

    tries = iter(range(TRIES))

    def stopped() -> float:
        app.next("armed")
        (checkout / "stop").touch()
        earlier = f"(?:.*?stopped in){{{next(tries)}}}"
        return float(app.app.printed(rf"(?s){earlier}.*?stopped in ([\d.]+) s\nafter stop: False True")[1])

    assert is_within_a_second(stopped)


def test_without_contact_the_lease_ends_and_restores_all_code_within_a_second(live, serve, checkout_of, network, project) -> None:
    lease = 1.5

    def shortened(body: bytes) -> bytes:
        return json.dumps(json.loads(body) | {"lease_seconds": lease}).encode() if body else body

    network.set(Rewrite(shortened), on="GET .*/armed")
    checkout = checkout_of("wsgi_shop")
    live.arm(checkout, "prices.py")
    app = watching(serve, checkout, **project.through(network).for_app)

    def forsaken() -> float:
        armed = app.next("armed")
        network.set(Silence())
        network.down()
        restored = app.next("restored")
        network.heal()
        network.set(Rewrite(shortened), on="GET .*/armed")
        network.up()
        # The lease began before the code was armed.
        return restored - armed - lease

    assert is_within_a_second(forsaken)
    app.next("armed")
    assert "disarmed until it is back" in app.app.output


REVISED = '''\
"""Another revision, in which the line is elsewhere."""

RATE = 1


'''


def test_two_revisions_that_run_at_once_are_bound_each_at_its_own_line(live, serve, checkout_of) -> None:
    old, new = checkout_of("wsgi_shop", "old"), checkout_of("wsgi_shop", "new")
    (new / "prices.py").write_text(REVISED + (new / "prices.py").read_text())
    revisions = {}
    for folder in (old, new):
        git = ["git", "-C", str(folder), "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "--quiet", "-m", folder.name], check=True)
        revisions[folder.name] = subprocess.run(
            [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
        ).stdout.strip()
    text = (old / "prices.py").read_bytes()
    line = next(number for number, shown in enumerate(text.decode().splitlines(), 1) if shown.endswith("# a breakpoint"))
    pinned = anchor.make(text.decode(), line, anchor.digests_of(text))
    apps = {folder.name: watching(serve, folder) for folder in (old, new)}
    identity = live.arm_line("prices.py", line, anchor=to_json(pinned))
    for app in apps.values():
        app.next("armed")
    live.bound(identity, 2)

    pids = {name: app.app.popen.pid for name, app in apps.items()}
    bound = {name: live.bindings(identity)[pid]["line_number"] for name, pid in pids.items()}
    hits = {name: live.hits(identity, pid=pid)[0] for name, pid in pids.items()}

    assert {"old": line, "new": line + REVISED.count("\n")} == bound
    assert bound == {name: hit["line_number"] for name, hit in hits.items()}
    assert revisions == {name: hit["revision"] for name, hit in hits.items()}
    assert {"price": 3, "count": 4, "result": 12} == hits["new"]["variables"]
