"""The newest hits of a breakpoint, where very many are stored."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import time
import uuid
from pathlib import Path

from sqlalchemy import create_engine
from tests.bench.hits import new_event
from tests.bench.machine import ROOT, cpu_seconds, peak_mb
from tests.bench.rows import Broken, Goal, Row, distribution
from tests.bench.run import STATE, Run, new_breakpoint

from livebreak.backend.store.packing import pack
from livebreak.backend.store.tables import hits

STORED = 1_000_000, 1_000
BREAKPOINTS = 100, 10
QUESTIONS = 1000, 10
NEWEST = 100
CHUNK = 20_000
"""Rows of one statement."""

PATHS = {
    "backend: newest hits of a breakpoint": "/live_debugger_breakpoints/breakpoint_hits/?breakpoint_ids={id}&limit={newest}",
    "backend: newest hits by the live route": "/livebreak/hits?breakpoint_id={id}&limit={newest}",
}

PAYLOADS = 100
"""Different payloads, which the hits share: what is not measured is how well they compress."""

FAR = 4102444800 * 10**6
"""The year 2100 in microseconds: hits of that time are never too old for the contract's window or for retention, so that the
database can be used again."""


def measure(run: Run) -> list[Row]:
    stored = run.count(*STORED)
    folder = STATE / f"hits-{stored}-{_version()}"
    known = folder / "bench.json"
    if not known.exists():
        run.say(f"  storing {stored:,} hits, once ...")
        # Those of earlier versions are of no use to anybody.
        for outdated in STATE.glob(f"hits-{stored}-*"):
            shutil.rmtree(outdated, ignore_errors=True)
        known.write_text(json.dumps(_fill(run, folder, stored)))
    made = json.loads(known.read_text())
    served = run.backend(folder, made["project"])
    pid, api = served.process.popen.pid, served.api()
    rows = []
    for name, path in PATHS.items():
        times = []
        for number in range(-10, run.count(*QUESTIONS)):
            if number == 0:
                cpu = cpu_seconds(pid)
            path_of_one = path.format(id=random.choice(made["breakpoints"]), newest=NEWEST)
            started = time.perf_counter()
            answer = api.ask("GET", path_of_one)
            if number >= 0:
                times.append(time.perf_counter() - started)
            if len(answer["results"]) != NEWEST:
                raise Broken(f"{path_of_one} gave {len(answer['results'])} hits")
        how = (
            f"{len(times)} requests for the newest {NEWEST} hits of a breakpoint, drawn at random of {len(made['breakpoints'])}; "
            f"{stored:,} hits are stored; parsing of the answer included"
        )
        cpu_ms = (cpu_seconds(pid) - cpu) / len(times) * 1000
        goal = Goal(figure="p99", at_most=20)
        peak = {"server CPU": cpu_ms, "peak MB": peak_mb(pid)}
        rows.append(distribution(name, times, shares=(0.5, 0.95, 0.99), how=how, goal=goal, more=peak))
    return rows


def _fill(run: Run, folder: Path, stored: int) -> dict[str, object]:
    count = run.count(*BREAKPOINTS)
    served = run.backend(folder)
    api = served.api()
    made = [api.ask("POST", "/livebreak/breakpoints", new_breakpoint("shop/orders.py", 1 + number)) for number in range(count)]
    ids = [one["id"] for one in made]
    served.process.end()
    payloads = {identity: [pack(new_event(identity)["properties"]) for _ in range(PAYLOADS)] for identity in ids}
    engine = create_engine(f"sqlite:///{folder / 'livebreak.db'}")
    with engine.connect() as connection:
        for start in range(0, stored, CHUNK):
            chosen = [ids[number % count] for number in range(start, min(start + CHUNK, stored))]
            values = [
                {
                    "project_id": served.project.id,
                    "id": str(uuid.uuid4()),
                    "breakpoint_id": identity,
                    "verified": True,
                    "timestamp": at,
                    "received_at": at,
                    "payload": random.choice(payloads[identity]),
                }
                for at, identity in enumerate(chosen, start=FAR + start)
            ]
            connection.execute(hits.insert(), values)
            connection.commit()
    # The last connection to close moves the log into the database, which the backend would have to do otherwise.
    engine.dispose()
    return {"project": served.project.id, "breakpoints": ids}


def _version() -> str:
    """Of all that decides what the database looks like."""
    sources = [*sorted((ROOT / "server/livebreak/backend/store").rglob("*.py")), Path(__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:8]
