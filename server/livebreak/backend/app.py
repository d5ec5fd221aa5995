"""`create_app`: the backend as an ASGI application, over a store that is passed in."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from livebreak.backend.access_log import AccessLog
from livebreak.backend.admissions import Admissions
from livebreak.backend.armed_sets import ArmedSets
from livebreak.backend.capture_routes import capture_routes
from livebreak.backend.changes import Changes
from livebreak.backend.clock import Clock, steady_clock, system_clock
from livebreak.backend.context import Backend
from livebreak.backend.contract_routes import contract_routes
from livebreak.backend.environments import EnvironmentsMiddleware
from livebreak.backend.errors import ApiError, on_api_error, on_crash, on_http_error, on_unavailable
from livebreak.backend.health import health_routes
from livebreak.backend.key_use import KeyUse
from livebreak.backend.live_routes import live_routes
from livebreak.backend.pacing import Pacer
from livebreak.backend.polls import Polls
from livebreak.backend.processes import ProcessRegistry
from livebreak.backend.rate_limit import RateLimit
from livebreak.backend.readiness import Readiness
from livebreak.backend.schema_routes import schema_routes
from livebreak.backend.searches import Searches
from livebreak.backend.settings import BackendSettings
from livebreak.backend.store.interface import Store, StoreUnavailableError
from livebreak.backend.upkeep import keep_up


def create_app(store: Store, settings: BackendSettings, clock: Clock = system_clock, steady: Clock = steady_clock) -> Starlette:
    """The application; it uses the store while it runs, and leaves it open. `app.state.backend` is there once it has started."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        backend = await _start(store, settings, clock, steady)
        app.state.backend = backend
        upkeep = asyncio.create_task(keep_up(backend))
        try:
            yield
        finally:
            backend.changes.stop()
            upkeep.cancel()
            await asyncio.gather(upkeep, return_exceptions=True)
            await backend.hit_pace.settle()
            await backend.process_pace.settle()
            with contextlib.suppress(StoreUnavailableError):  # the end must not wait for a disk
                await backend.key_use.settle(clock())

    access_log = [Middleware(AccessLog, clock)] if settings.logs_access else []
    app = Starlette(
        routes=[*contract_routes(), *live_routes(), *capture_routes(), *schema_routes(), *health_routes()],
        middleware=[*access_log, Middleware(EnvironmentsMiddleware), Middleware(Polls)],
        lifespan=lifespan,
        exception_handlers={
            ApiError: on_api_error,
            StoreUnavailableError: on_unavailable,
            HTTPException: on_http_error,
            Exception: on_crash,
        },
    )
    # Both forms of a URL are routes; what else Starlette would redirect for its slashes is not there.
    app.router.redirect_slashes = False
    return app


async def _start(store: Store, settings: BackendSettings, clock: Clock, steady: Clock) -> Backend:
    now = clock()
    await store.announce_all_hits(now)
    await store.disable_expired(now)
    if settings.expires_plain:
        await store.expire_lasting(now + settings.default_expiry_us, now)
    changes = Changes(store, await store.latest_event())
    store.subscribe(changes.deliver)
    processes = ProcessRegistry(settings.lease_us, steady)
    await processes.load(store, now)

    async def announce_hits(key: tuple[int, str]) -> None:
        await store.announce_hits(*key, clock())

    async def announce_process(key: tuple[int, str]) -> None:
        report = processes.report(*key)
        if report is not None:
            await store.put_process(key[0], report, clock())

    return Backend(
        store=store,
        settings=settings,
        clock=clock,
        changes=changes,
        admissions=Admissions(store, changes),
        key_use=KeyUse(store, now),
        armed=ArmedSets(store, changes, clock, settings.lease_us),
        processes=processes,
        readiness=Readiness(store),
        searches=Searches(),
        rate_limit=RateLimit() if settings.limits_rate else None,
        hit_pace=Pacer(settings.event_interval, announce_hits),
        process_pace=Pacer(settings.event_interval, announce_process),
    )
