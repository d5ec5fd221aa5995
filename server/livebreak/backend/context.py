"""What every route works with."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from livebreak.backend.admissions import Admissions
from livebreak.backend.armed_sets import ArmedSets
from livebreak.backend.auth import Principal
from livebreak.backend.changes import Changes
from livebreak.backend.clock import Clock
from livebreak.backend.key_use import KeyUse
from livebreak.backend.pacing import Pacer
from livebreak.backend.processes import ProcessRegistry
from livebreak.backend.rate_limit import RateLimit
from livebreak.backend.readiness import Readiness
from livebreak.backend.searches import Searches
from livebreak.backend.settings import BackendSettings
from livebreak.backend.store.interface import ProjectRow, Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Backend:
    """The parts of a running backend."""

    store: Store
    settings: BackendSettings
    clock: Clock
    changes: Changes
    admissions: Admissions
    key_use: KeyUse
    armed: ArmedSets
    processes: ProcessRegistry
    hit_pace: Pacer[tuple[int, str]]
    """By project and breakpoint."""
    process_pace: Pacer[tuple[int, str]]
    """By project and process."""
    readiness: Readiness
    searches: Searches
    rate_limit: RateLimit | None = None
    """None where requests are not limited."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A request that was let in."""

    backend: Backend
    request: Request
    principal: Principal
    project: ProjectRow


def backend_of(request: Request) -> Backend:
    backend: Backend = request.app.state.backend
    return backend
