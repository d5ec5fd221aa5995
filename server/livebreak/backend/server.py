"""Runs the application: a socket, uvicorn, and an end that open streams do not hold up."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.applications import Starlette

GRACE_SECONDS = 2
"""What requests under way get at the end; streams and long polls end at once."""

KEEP_ALIVE_SECONDS = 75
"""For how long a connection may be idle: longer than agents and common proxies keep one, so that it is they who close it and no
request of theirs meets a connection that is just being closed."""

LARGEST_HEAD = 32 * 2**10
"""Bytes of a request's first line and headers: a filter over hits may stand in the first, and both are held in memory."""

SWITCH_SECONDS = 0.001
"""How long one of Python's threads may keep the others waiting; by default five times as long, which is what an agent's request
would wait for each thread that unpacks hits."""

COLLECTED_AFTER = 10_000, 20, 100
"""New objects after which Python looks for circles of dead ones, and how many such looks go before one at all older ones. All
stands still meanwhile, and by default there would be several looks at thousands of resting polls while these are answered."""

BACKLOG = 2048
"""Connections that wait to be accepted: room for thousands of agents that come back at the same moment."""


class ListenError(Exception):
    """The address cannot be listened on; the text says why and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 is any free one. `ListenError`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        if os.name == "posix":
            # Elsewhere the same option would let two programs listen on one port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        raise ListenError(_explain(error, host, port)) from error
    listener.setblocking(False)
    return listener


@dataclass(frozen=True, kw_only=True, slots=True)
class Tls:
    """Files in PEM form; `check_tls` says whether they can be used."""

    certificate: Path
    key: Path


class TlsError(Exception):
    """The certificate or its key cannot be used; the text says why and what to do."""


def check_tls(tls: Tls) -> None:
    """`TlsError`, before anything listens."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for path in (tls.certificate, tls.key):
        try:
            path.open("rb").close()
        except OSError as error:
            raise TlsError(f"{path} cannot be read ({error.strerror}); name the certificate and its key in PEM form.") from None
    try:
        # Without a password at hand the library would ask for one on the terminal, and a service has none.
        context.load_cert_chain(tls.certificate, tls.key, password=lambda: b"")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or "unknown form"
        raise TlsError(
            f"{tls.certificate} and {tls.key} are no certificate and its key ({reason}); both must be PEM, without a password."
        ) from None


@dataclass(frozen=True, kw_only=True, slots=True)
class Front:
    """What stands between the clients and this process."""

    trusted_proxies: str = "127.0.0.1"
    """Addresses or networks, with commas between them, whose `X-Forwarded-For` and `-Proto` are believed; `*` is everybody."""
    root_path: str = ""
    """The path below which a proxy shows this server, and which it takes off."""


def serve(
    app: Starlette, listener: socket.socket, on_ready: Callable[[str], None], tls: Tls | None = None, front: Front = Front()
) -> None:
    """Serve until SIGTERM or SIGINT. `on_ready` is called with the base URL once requests are answered."""
    _raise_open_files()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()  # what was imported stays
    gc.set_threshold(*COLLECTED_AFTER)
    make_server(app, listener, on_ready, tls, front).run(sockets=[listener])


def make_server(
    app: Starlette, listener: socket.socket, on_ready: Callable[[str], None], tls: Tls | None = None, front: Front = Front()
) -> uvicorn.Server:
    """The server that `serve` runs; setting its `should_exit` ends it, as a signal does."""
    # Not uvicorn's access log: a URL can hold a key (`?personal_api_key=`).
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        server_header=False,
        ssl_certfile=tls.certificate if tls is not None else None,
        ssl_keyfile=tls.key if tls is not None else None,
        forwarded_allow_ips=front.trusted_proxies,
        root_path=front.root_path,
        h11_max_incomplete_event_size=LARGEST_HEAD,
    )
    # The one of uvicorn through which exceptions come; a filter that is there already is not added again.
    logging.getLogger("uvicorn.error").addFilter(_is_failure)
    return _Server(app, config, listener, on_ready)


def base_url(listener: socket.socket, scheme: str = "http") -> str:
    host, port = listener.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _is_failure(record: logging.LogRecord) -> bool:
    """Not a request that the end cut off: it took longer than the grace, and its client comes again."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


class _Server(uvicorn.Server):
    """uvicorn, but it says when it is ready, wakes those who wait when it is to stop, and then ends with status 0."""

    def __init__(self, app: Starlette, config: uvicorn.Config, listener: socket.socket, on_ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._app = app
        self._listener = listener
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready(base_url(self._listener, "https" if self.config.is_ssl else "http"))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.backend.changes.stop()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 -- uvicorn's signature
        # Unlike uvicorn's own, it does not remember the signal, to raise it again at the end: being told to stop is no failure.
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True


def _raise_open_files() -> None:
    """Each agent that polls is an open file; the soft limit is often 1,024, where there is one."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use; stop what listens there, or choose another with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} needs privileges that this user lacks; choose one above 1023 with --port."
    return f"Cannot listen on {host}:{port} ({error.strerror or error}); choose an address of this machine with --host."
