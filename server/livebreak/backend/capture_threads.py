"""The threads in which ingestion unpacks and parses, whichever protocol it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = ThreadPoolExecutor(2, thread_name_prefix="livebreak-parse")
"""Python runs one of them at a time, and beside it what packs; more would only keep the event loop from its turn, and
hold as many unpacked requests at once."""


async def beside_loop(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns; unpacking and packing take longest of all that ingestion does."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, lambda: work(*args, **kwargs))
