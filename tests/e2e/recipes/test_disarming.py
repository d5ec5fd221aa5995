"""Whatever takes breakpoints back, the code is the very same again, and two revisions that run at once have a line each."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from faults import Rewrite, Silence
from livebreak_agent.vocabulary import anchor
from livebreak_agent.vocabulary.codec import to_json

SECONDS = 5.0
"""It takes a fraction of a second; more is for a machine that is busy with other tests."""

WATCHED = """\
import os
import sys
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
while True:
    touched = is_touched()
    if touched != before:
        print("armed" if touched else "restored", f"at {time.monotonic():.3f}", flush=True)
        before = touched
    prices.total(3, 4)
    if touched and os.path.exists("stop"):
        livebreak_agent.stop()
        print("after stop:", is_touched(), prices.total.__code__ is original, flush=True)
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


def test_the_kill_switch_an_expiry_and_stop_restore_all_code(live, serve, checkout_of) -> None:
    checkout = checkout_of("wsgi_shop")
    app = watching(serve, checkout)
    first = live.arm(checkout, "prices.py")
    app.next("armed")

    asked = time.monotonic()
    assert live.api.post("livebreak/pause", json={"service": live.service, "reason": "a test"}).status_code < 300
    assert app.next("restored") - asked < SECONDS
    assert live.api.post("livebreak/resume", json={"service": live.service}).status_code < 300
    app.next("armed")

    asked = time.monotonic()
    live.remove(first)
    assert app.next("restored") - asked < SECONDS

    expiry = datetime.now(UTC) + timedelta(seconds=2)
    ends = time.monotonic() + 2
    expiring = live.arm(checkout, "prices.py", expires_at=expiry.isoformat())
    app.next("armed")
    # The backend's clock has whole seconds in its answers.
    assert -1.5 <= app.next("restored") - ends < SECONDS

    live.remove(expiring)
    live.arm(checkout, "prices.py")
    app.next("armed")
    (checkout / "stop").touch()
    assert app.app.printed(r"after stop: (\w+) (\w+)").groups() == ("False", "True")
    assert [] == live.processes()


def test_without_contact_the_lease_ends_and_restores_all_code(live, serve, checkout_of, network, project) -> None:
    def shortened(body: bytes) -> bytes:
        return json.dumps(json.loads(body) | {"lease_seconds": 1.5}).encode() if body else body

    network.set(Rewrite(shortened), on="GET .*/armed")
    checkout = checkout_of("wsgi_shop")
    live.arm(checkout, "prices.py")
    app = watching(serve, checkout, **project.through(network).for_app)
    armed = app.next("armed")
    network.set(Silence())
    network.down()
    restored = app.next("restored")
    network.heal()
    network.up()
    again = app.next("armed")

    assert armed < restored <= armed + 1.5 + SECONDS
    assert restored < again
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
