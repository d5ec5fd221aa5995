"""What happens by itself as time passes: breakpoints expire, processes leave, old hits and events go."""

from __future__ import annotations

import asyncio
import logging

from livebreak.backend.clock import SECOND
from livebreak.backend.context import Backend
from livebreak.backend.store.interface import StoreUnavailableError

PRUNE_INTERVAL_US = 60 * SECOND
"""Between two removals of what is old: it is nobody's business to the second."""

_log = logging.getLogger(__name__)


async def keep_up(backend: Backend) -> None:
    """Runs until it is cancelled."""
    pruned_at = 0
    while True:
        try:
            now = backend.clock()
            await backend.store.disable_expired(now)
            for project_id, state in backend.processes.lapse(now):
                await backend.store.remove_process(project_id, state, now)
            await backend.admissions.review()
            await backend.key_use.keep(now)
            if now - pruned_at >= PRUNE_INTERVAL_US:
                await backend.store.prune(now - backend.settings.hit_retention_us, backend.settings.retained_events)
                await backend.store.prune_audit(now - backend.settings.audit_retention_us)
                pruned_at = now
        except StoreUnavailableError as error:
            _log.warning("The database does not answer (%s); trying again.", error)
        except Exception:  # noqa: BLE001 -- a task in the background has nobody to raise to
            _log.exception("Upkeep failed; trying again.")
        await asyncio.sleep(backend.settings.upkeep_interval)
