"""ddtrace's dynamic instrumentation in this process, driven as its remote configuration drives it."""

from __future__ import annotations

import os
from typing import Any

os.environ |= {
    "DD_DYNAMIC_INSTRUMENTATION_UPLOAD_INTERVAL_SECONDS": "3600",
    "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
    "DD_REMOTE_CONFIGURATION_ENABLED": "false",
    "DD_TRACE_AGENT_URL": "http://127.0.0.1:9",
    "DD_TRACE_ENABLED": "false",
}  # Read while it is imported; what it captures goes nowhere.

from ddtrace.debugging._debugger import Debugger as Theirs
from ddtrace.debugging._probe.remoteconfig import ProbePollerEvent, build_probe
from ddtrace.debugging._signal.model import SignalTrack
from ddtrace.debugging._uploader import SignalUploader

MANY = 1e9

CONDITION = {
    "dsl": "user_id == '12345' and len(items) > 3",
    "json": {"and": [{"eq": [{"ref": "user_id"}, "12345"]}, {"gt": [{"len": {"ref": "items"}}, 3]}]},
}


class Debugger:
    """See `ours.Debugger`."""

    def __init__(self, root: str) -> None:
        self._root = root
        Theirs.enable()
        self._debugger = Theirs._instance
        self._debugger._global_rate_limiter.limit_rate = MANY
        self._debugger._global_rate_limiter.budget = self._debugger._global_rate_limiter.max_budget = MANY
        self._armed: dict[str, Any] = {}

    def arm(self, breakpoints: list[dict[str, Any]]) -> None:
        wanted = {one["id"] for one in breakpoints}
        gone = [self._armed.pop(identity) for identity in list(self._armed) if identity not in wanted]
        new = {one["id"]: self._build(one) for one in breakpoints if one["id"] not in self._armed}
        if gone:
            self._debugger._on_configuration(ProbePollerEvent.DELETED_PROBES, gone)
        if new:
            self._debugger._on_configuration(ProbePollerEvent.NEW_PROBES, list(new.values()))
        self._armed |= new

    def unbound(self) -> list[str]:
        entries = [self._debugger._probe_registry[identity] for identity in self._armed]
        return [entry.message or "not installed" for entry in entries if not entry.installed]

    def take(self) -> int:
        flushed = SignalUploader._instance._tracks[SignalTrack.SNAPSHOT].queue.flush()
        return flushed[1] if flushed else 0

    def _build(self, one: dict[str, Any]) -> Any:
        config = {
            "id": one["id"],
            "version": 0,
            "type": "LOG_PROBE",
            "language": "python",
            "captureSnapshot": True,
            "template": "",
            "segments": [],
            "where": {"sourceFile": f"{self._root}/{one['file']}", "lines": [str(one["line"])]},
        }
        if one.get("condition"):
            config["when"] = one["condition"]
        if not one.get("is_limited"):
            config["sampling"] = {"snapshotsPerSecond": MANY}
        return build_probe(config)
