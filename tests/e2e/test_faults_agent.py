"""Between the agent and the backend anything may happen: the application does not notice, and when it is over the agent is
back, with what it was to watch and what it has captured."""

from __future__ import annotations

import gzip
import re
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

import faults
from faults import Answer, Cut, Drip, Fault, FaultyNetwork

APP = """\
import itertools
import time

def tick(number):
    double = number * 2
    return double

for number in itertools.count():
    tick(number)
    print("tick", number, flush=True)
    time.sleep(0.02)
"""
LINE = 6


@dataclass(frozen=True, kw_only=True)
class App:
    """A running application, and what the backend knows of it."""

    process: Any
    project: Any

    @property
    def ticks(self) -> int:
        return self.process.output.count("tick ")

    def ask(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.project.api_key}"}
        url = f"{self.project.host}/api/projects/{self.project.id}/livebreak/{path}"
        answer = httpx.request(method, url, headers=headers, timeout=20, **more).raise_for_status()
        return answer.json() if answer.content else None

    def bindings(self) -> dict[str, str]:
        processes = self.ask("GET", "processes")["results"]
        return {binding["breakpoint_id"]: binding["state"] for state in processes for binding in state.get("bindings", ())}

    def arm(self) -> str:
        """A logpoint, for which a hot loop has a larger allowance; its id."""
        body = {"id": str(uuid.uuid4()), "filename": "app.py", "line_number": LINE, "log_message": "{double}"}
        return self.ask("POST", "breakpoints", json=body)["id"]

    def hits(self, breakpoint_id: str) -> list[str]:
        page = self.ask("GET", "hits", params={"breakpoint_id": breakpoint_id})
        return [hit["id"] for hit in page["results"]]


@pytest.fixture
def start(spawn: Any, project: Any, network: FaultyNetwork, new_checkout: Callable[..., Path]) -> Iterator[Callable[[], App]]:
    apps: list[App] = []

    def run() -> App:
        checkout = new_checkout({"app.py": APP})
        command = [sys.executable, "-m", "livebreak_agent", "app.py"]
        process = spawn("faulty app", command, folder=checkout, environment=project.through(network).for_app)
        apps.append(App(process=process, project=project))
        process.printed("tick 1")
        return apps[-1]

    yield run
    for app in apps:
        app.process.end()
        for item in app.ask("GET", "breakpoints")["results"]:
            app.ask("DELETE", f"breakpoints/{item['id']}")


FAULTS: dict[str, Fault] = {
    "no answer": Cut(None),
    "cut in the body": Cut(10),
    "half a body": Answer(body=b'{"bre', announced=1000),
    "patience": faults.too_many_requests("1"),
    "patience in no known form": faults.too_many_requests("\xb2"),
    "trouble": Answer(status=500, body=b"Traceback (most recent call last):"),
    "gateway": faults.html(502),
    "HTML in place of JSON": faults.html(200),
    "redirect": faults.redirect("http://127.0.0.1:9/stolen"),
    "10 MB": faults.huge(),
    "wrong types": Answer(body=b'{"breakpoints": {"a": 1}, "lease_seconds": "long"}'),
    "nested": Answer(body=b"[" * 100_000),
    "not gzip": Answer(body=b"plain", headers={"Content-Encoding": "gzip"}),
}


def test_the_application_runs_on_through_every_fault_and_the_agent_is_back_after_each(
    start: Callable[[], App], network: FaultyNetwork, until: Any
) -> None:
    app = start()
    for name, fault in FAULTS.items():
        asked = len(network.seen)
        network.set(fault)
        network.cut()
        assert until(lambda asked=asked: len(network.seen) > asked), name
        ticks = app.ticks
        breakpoint_id = app.arm()
        assert until(lambda ticks=ticks: app.ticks > ticks + 3), name
        network.heal()

        assert until(lambda armed=breakpoint_id: app.bindings().get(armed) == "bound"), (name, app.process.output[-500:])
        assert until(lambda armed=breakpoint_id: app.hits(armed)), name
        app.ask("DELETE", f"breakpoints/{breakpoint_id}")

    assert app.process.popen.poll() is None
    assert "Traceback" not in app.process.output
    assert 0 == network.count("stolen")


def test_an_application_that_starts_without_the_backend_is_bound_once_it_is_there(
    start: Callable[[], App], network: FaultyNetwork, until: Any
) -> None:
    network.down()
    app = start()
    breakpoint_id = app.arm()
    assert until(lambda: "LiveBreak" in app.process.output)
    network.up()

    assert until(lambda: app.bindings().get(breakpoint_id) == "bound"), app.process.output
    lines = [line for line in app.process.output.splitlines() if not line.startswith("tick ")]
    assert 3 == len(lines), lines
    assert "Nothing listens at" in lines[0], lines
    assert "LiveBreak: connected again." == lines[2]


def test_hits_whose_answer_was_lost_are_stored_once(start: Callable[[], App], network: FaultyNetwork, until: Any) -> None:
    app = start()
    network.set(Cut(None), on="^POST /(batch|i/v0/e)", times=2)
    breakpoint_id = app.arm()
    assert until(lambda: network.count("^POST /(batch|i/v0/e)") >= 3)
    assert until(lambda: app.hits(breakpoint_id))

    sends = [request.body for request in list(network.seen) if re.match("/(batch|i/v0/e)", request.path)]
    lost, again = map(_ids, sends[:2])
    assert lost
    assert lost <= again
    assert until(lambda: {one.decode() for one in lost} <= set(app.hits(breakpoint_id)))
    total = next(it["total"] for it in app.ask("GET", "breakpoints")["hits"] if it["breakpoint_id"] == breakpoint_id)
    sent = set().union(*(_ids(it.body) for it in list(network.seen) if re.match("/(batch|i/v0/e)", it.path)))
    assert total <= len(sent)


def _ids(body: bytes) -> set[bytes]:
    return set(re.findall(rb'"uuid":\s*"([^"]+)"', gzip.decompress(body)))


def test_a_slow_drip_is_waited_for(start: Callable[[], App], network: FaultyNetwork, until: Any) -> None:
    network.set(Drip(size=32, pause=0.01))
    app = start()
    breakpoint_id = app.arm()

    assert until(lambda: app.bindings().get(breakpoint_id) == "bound"), app.process.output[-500:]
