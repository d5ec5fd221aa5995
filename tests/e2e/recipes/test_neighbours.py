"""What else lives in the process: gevent's threads, and other tools that look at the code."""

from __future__ import annotations

import sys

import pytest

LISTENING = r"(http://127\.0\.0\.1:\d+)"
ASKED = {"price": 3, "count": 4}


@pytest.mark.parametrize("options", [["--worker-class", "gevent"], ["--worker-class", "gevent", "--preload"]])
def test_gunicorn_with_gevent(live, serve_both, checkout_of, get, options: list[str]) -> None:
    checkout = checkout_of("wsgi_shop")
    identity = live.arm(checkout, "prices.py")
    app = serve_both(checkout, "web.py", "gunicorn", "web:app", "--workers", "2", "--bind", "127.0.0.1:0", *options)
    url = app.printed(rf"Listening at: {LISTENING}")[1]
    pids = live.bound(identity, 2)

    get(f"{url}/total", **ASKED)

    assert live.hits(identity)[0]["pid"] in pids


SLOWLY = """\
import sys
import time
import traceback

from gevent import events
from web import app

sleep = time.sleep


def linger(event):
    if not isinstance(event, events.GeventDidPatchModuleEvent) or event.module_name != "threading":
        return
    end = time.monotonic() + 1
    while time.monotonic() < end:
        for frame in sys._current_frames().values():
            if any(one.f_globals["__name__"] == "livebreak_agent.work" for one, _ in traceback.walk_stack(frame)):
                print("It works beside that.", flush=True)
                return
        sleep(0.01)
    print("Nothing worked beside that.", flush=True)


events.subscribers.append(linger)
"""


def test_a_worker_is_begun_when_gevent_has_replaced_everything(live, serve, checkout_of) -> None:
    checkout = checkout_of("wsgi_shop")
    (checkout / "slowly.py").write_text(SLOWLY)
    identity = live.arm(checkout, "prices.py")
    command = ["gunicorn", "slowly:app", "--worker-class", "gevent", "--preload", "--workers", "1", "--bind", "127.0.0.1:0"]
    app = serve(checkout, *command)
    live.bound(identity, 1)

    assert "Nothing worked beside that." in app.output
    assert "It works beside that." not in app.output


PATCHED = """\
from gevent import monkey

monkey.patch_all()
import threading
import time

import livebreak_agent
import prices

livebreak_agent.start()


def forever():
    while True:
        prices.total(3, 4)
        time.sleep(0.05)


thread = threading.Thread(target=forever)
thread.start()
thread.join()
"""


@pytest.mark.parametrize("run", [("-m", "livebreak", "run"), ()], ids=["started-before", "started-after"])
def test_an_application_whose_threads_are_greenlets(live, serve, checkout_of, run) -> None:
    checkout = checkout_of("wsgi_shop")
    (checkout / "app.py").write_text(PATCHED)
    identity = live.arm(checkout, "prices.py")
    command = ["app.py"] if run else [sys.executable, "app.py"]
    serve(checkout, *command, run=run)
    live.bound(identity, 1)
    hit = live.hits(identity)[0]
    live.remove(identity)

    assert {"price": 3, "count": 4, "result": 12} == hit["variables"]


BUSY = """\
import time

import prices


def main():
    end = time.monotonic() + 60
    import os
    while not os.path.exists("end") and time.monotonic() < end:
        prices.total(3, 4)
        time.sleep(0.02)


if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize(
    "tool",
    [
        ("-m", "coverage", "run", "app.py"),
        ("-m", "cProfile", "-o", "profile", "app.py"),
        ("-m", "debugpy", "--listen", "0", "app.py"),
    ],
    ids=lambda tool: tool[1],
)
def test_beside_a_tool_that_looks_at_every_line(live, serve, checkout_of, tool) -> None:
    checkout = checkout_of("wsgi_shop")
    (checkout / "app.py").write_text(BUSY)
    identity = live.arm(checkout, "prices.py")
    app = serve(checkout, *tool)
    live.bound(identity, 1)
    hit = live.hits(identity, 2)[0]
    live.remove(identity)
    (checkout / "end").touch()

    assert 0 == app.popen.wait(30)
    assert {"price": 3, "count": 4, "result": 12} == hit["variables"]
    if tool[1] == "coverage":
        assert (checkout / ".coverage").exists()
    if tool[1] == "cProfile":
        assert (checkout / "profile").stat().st_size > 0
