"""The part of LiveBreak that lives inside an application: `start()` and `stop()`.

Importing it costs nothing and does nothing; what the agent needs is imported by `start()`, and only where a host is set.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # `typing` itself would be more to import than all of this.
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType
    from typing import Any

__all__ = ["__version__", "preview_redaction", "start", "stop"]

__version__ = "0.1.0"


def start(
    *,
    host: str | None = None,
    secret_key: str | None = None,
    project: str | int | None = None,
    project_token: str | None = None,
    repository: str | None = None,
    revision: str | None = None,
    root: str | None = None,
    service: str | None = None,
    environment: str | None = None,
    path_map: Mapping[str, str] | None = None,
    poll_interval: float | None = None,
    allow: Sequence[str] | None = None,
    deny: Sequence[str] | None = None,
    logpoints_only: bool | None = None,
    redaction: str | None = None,
    redact: Sequence[str] | None = None,
    redact_types: Sequence[str] | None = None,
    redact_allow: Sequence[str] | None = None,
    limits: Mapping[str, float] | None = None,
) -> bool:
    """Connect this process to a LiveBreak backend, in one background thread. True if the agent runs.

    Every argument may be left out, and then is its environment variable: `LIVEBREAK_HOST`, `LIVEBREAK_SECRET_KEY` and so
    on. From `allow` on they are the policy of this process, which no breakpoint can go beyond. Without a host, or with
    `LIVEBREAK_DISABLED=1`, nothing happens at no cost. Calling it again is harmless. It never raises: what is wrong is
    said once by the logger `livebreak`.
    """
    if not is_wanted(host):
        return False
    from livebreak_agent import lifecycle

    return lifecycle.start(
        host=host,
        secret_key=secret_key,
        project=project,
        project_token=project_token,
        repository=repository,
        revision=revision,
        root=root,
        service=service,
        environment=environment,
        path_map=path_map,
        poll_interval=poll_interval,
        allow=allow,
        deny=deny,
        logpoints_only=logpoints_only,
        redaction=redaction,
        redact=redact,
        redact_types=redact_types,
        redact_allow=redact_allow,
        limits=limits,
    )


def is_wanted(host: str | None = None) -> bool:
    """Whether there is anything to start: a host is named, and nobody switched the agent off."""
    if os.environ.get("LIVEBREAK_DISABLED", "").strip().lower() in {"1", "true", "yes", "on"}:
        return False
    return bool((host or os.environ.get("LIVEBREAK_HOST", "")).strip())


def preview_redaction(frame: FrameType | None = None) -> dict[str, Any]:
    """What a hit would show of a frame, by default of the caller's, under the redaction that is in force here.

    Gives ``{"variables": {name: JSON}, "hidden": [path, ...]}``: the values as they would be sent, see
    `vocabulary.captured`, and where something is left out, such as ``user.password`` or ``headers['Cookie']``. Nothing is sent,
    and neither a host nor a breakpoint is needed. Before `start()` the rules are those of the environment; a `ValueError` says
    what in it cannot be understood.
    """
    import sys

    from livebreak_agent import preview

    return preview.preview(frame if frame is not None else sys._getframe(1))  # noqa: SLF001 -- it is what is asked for


def stop() -> None:
    """Restore all code, send what was captured within two seconds, and end the thread. Harmless where nothing was started."""
    import sys

    # Without `start()` the module is not there, and there is nothing to stop.
    lifecycle = sys.modules.get("livebreak_agent.lifecycle")
    if lifecycle is not None:
        lifecycle.stop()
