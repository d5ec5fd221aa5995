"""What happens by itself as time passes: breakpoints expire, processes leave, old hits and events go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from livebreak.backend.clock import SECOND
from livebreak.backend.context import Backend
from livebreak.backend.settings import PRUNED_AT_ONCE
from livebreak.backend.store.hit_shapes import Retention
from livebreak.backend.store.interface import StoreClosedError, StoreUnavailableError

PRUNE_INTERVAL_US = 60 * SECOND
"""Between two removals of what is old: it is nobody's business to the second."""

REMOVAL_PAUSE = 0.02
"""Seconds between two transactions that remove hits, so that ingestion goes on beside a removal of many."""

_log = logging.getLogger(__name__)


async def keep_up(backend: Backend) -> None:
    """Runs until it is cancelled, or the store is closed."""
    # Beside each other: a removal of many hits takes minutes, and a revoked key's stream is not to go on for so long.
    await asyncio.gather(_repeat(_look_after, backend, 0), _repeat(_clear_away, backend, PRUNE_INTERVAL_US))


async def _repeat(work: Callable[[Backend, int], Awaitable[None]], backend: Backend, interval_us: int) -> None:
    done_at: int | None = None
    while True:
        try:
            now = backend.clock()
            # A clock that was set back is no reason to wait until it is where it was.
            if done_at is None or not 0 <= now - done_at < interval_us:
                await work(backend, now)
                done_at = now
        except StoreClosedError:
            return
        except StoreUnavailableError:
            pass  # the store has said so, once; this tries again
        except Exception:  # noqa: BLE001 -- a task in the background has nobody to raise to
            _log.exception("Upkeep failed; trying again.")
        await asyncio.sleep(backend.settings.upkeep_interval)


async def _look_after(backend: Backend, now: int) -> None:
    await backend.store.disable_expired(now)
    for project_id, state in backend.processes.lapse():
        await backend.store.remove_process(project_id, state, now)
    await backend.admissions.review()
    await backend.key_use.keep(now)
    await backend.store.erase_purged()


async def _clear_away(backend: Backend, now: int) -> None:
    await prune(backend, now)
    await backend.store.prune_audit(now - backend.settings.audit_retention_us)


async def prune(backend: Backend, now: int) -> None:
    """Remove the hits and events that need not be kept any more."""
    store, settings = backend.store, backend.settings
    oldest = now - settings.hit_retention_us
    for project in await store.projects():
        retention = Retention(
            since=now - (settings.hit_retention_us if project.retention_us is None else project.retention_us),
            pinned_since=now - settings.pinned_retention_us,
            count=settings.retained_hits if project.retained_hits is None else project.retained_hits,
        )
        oldest = max(oldest, retention.since)
        removed = PRUNED_AT_ONCE
        while removed >= PRUNED_AT_ONCE:
            removed = await store.prune_hits(project.id, retention, PRUNED_AT_ONCE)
            await asyncio.sleep(REMOVAL_PAUSE)
    # Events hold values of hits, too, so none is older than the hits of any project may be.
    await store.prune_events(settings.retained_events, oldest)
