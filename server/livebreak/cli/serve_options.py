"""The options of `livebreak serve` about its operation, and what is made of them."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
from typing import TYPE_CHECKING, Annotated

import typer

from livebreak.cli.serving import fail

if TYPE_CHECKING:
    from livebreak.backend.bootstrap import Given
    from livebreak.backend.server import Front
    from livebreak.backend.settings import BackendSettings
    from livebreak.backend.store.interface import Store

ForwardedAllowIps = Annotated[
    str,
    typer.Option(metavar="ADDRESSES", help="Proxies whose X-Forwarded-For and -Proto are believed: addresses, networks, or *."),
]
RootPath = Annotated[
    str, typer.Option(metavar="PATH", help="Path below which a proxy shows this server, and which it takes off.")
]
AccessLog = Annotated[bool, typer.Option("--access-log", help="Print a line of JSON for each request, without queries or keys.")]
RateLimit = Annotated[bool, typer.Option("--rate-limit", help="Allow 480 requests a minute and 4800 an hour for each key.")]
Expire = Annotated[bool, typer.Option("--expire", help="Have breakpoints of plain API clients end after a day, too.")]
RetentionHours = Annotated[
    float, typer.Option("--retention", min=0.01, max=87600, metavar="HOURS", help="How long hits are kept.")
]

_ROOT_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+\Z")


def backend_settings(*, access_log: bool, rate_limit: bool, expire: bool, retention: float) -> BackendSettings:
    from livebreak.backend.clock import HOUR
    from livebreak.backend.settings import BackendSettings

    return BackendSettings(
        logs_access=access_log, limits_rate=rate_limit, expires_plain=expire, hit_retention_us=int(retention * HOUR)
    )


def front(forwarded_allow_ips: str, root_path: str) -> Front:
    from livebreak.backend.server import Front

    root_path = root_path.rstrip("/")
    if root_path and not _ROOT_PATH.match(root_path):
        fail(f"--root-path is {root_path!r}; it must be a path such as /livebreak.")
    for address in forwarded_allow_ips.split(","):
        if address.strip() != "*" and not _is_network(address.strip()):
            fail(f"--forwarded-allow-ips holds {address!r}; it must be addresses or networks with commas between them, or *.")
    return Front(trusted_proxies=forwarded_allow_ips, root_path=root_path)


def bootstrap_or_fail() -> Given | None:
    from livebreak.backend.bootstrap import BootstrapError, read_given

    try:
        return read_given(os.environ)
    except BootstrapError as error:
        fail(str(error))


def ensure_or_fail(store: Store, given: Given | None) -> None:
    from livebreak.backend.bootstrap import BootstrapError, ensure
    from livebreak.backend.store.interface import StoreUnavailableError

    if given is None:
        return
    try:
        asyncio.run(ensure(store, given))
    except (BootstrapError, StoreUnavailableError) as error:
        asyncio.run(store.close())
        fail(str(error) if isinstance(error, BootstrapError) else f"The database does not answer ({error}); try again.")


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
