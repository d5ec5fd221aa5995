"""`livebreak serve`: the backend."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from livebreak.cli import serve_options as options
from livebreak.cli.serving import (
    DEFAULT_HOST,
    DEFAULT_PORT,
    EVERY_ADDRESS,
    DatabaseUrl,
    DataDir,
    fail,
    require_libraries,
    require_protection,
    store_url,
)
from livebreak.cli.talking import command, let_go_of_stdout


@command
def serve(
    host: Annotated[
        str | None,
        typer.Option(help=f"Address to listen on; {DEFAULT_HOST}, or every address with --private-network.", show_default=False),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 is any free one.")] = DEFAULT_PORT,
    private_network: Annotated[
        bool, typer.Option("--private-network", help="Listen beyond this machine in plain HTTP: nobody else reads this network.")
    ] = False,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="Listen beyond this machine in plain HTTP: a proxy in front speaks TLS.")
    ] = False,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="Speak TLS with this certificate (PEM, with its chain).", show_default=False)
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The certificate's key (PEM).", show_default=False)] = None,
    forwarded_allow_ips: options.ForwardedAllowIps = "127.0.0.1",
    root_path: options.RootPath = "",
    access_log: options.AccessLog = False,
    rate_limit: options.RateLimit = False,
    expire: options.Expire = False,
    retention: options.RetentionHours = 24,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Run the backend: the Live Debugger API, with its data on this machine.

    On the default data folder it makes a project and your keys at its first start, and then editors and `livebreak run` on this
    machine find it by themselves. With --data-dir or --database-url it leaves your own connection alone.
    """
    require_libraries()
    import asyncio

    from livebreak.backend.app import create_app
    from livebreak.backend.server import ListenError, Tls, TlsError, check_tls, listen
    from livebreak.backend.server import serve as run
    from livebreak.cli.local_backend import ensure_local, forget_local, local_origin
    from livebreak.cli.serve_greeting import greet
    from livebreak.cli.storage import ask_or_fail, open_or_fail
    from livebreak.connections.files import StoredError, user_folders

    if (tls_certificate is None) != (tls_key is None):
        fail("TLS needs both, --tls-certificate and --tls-key.")
    tls = Tls(certificate=tls_certificate, key=tls_key) if tls_certificate is not None and tls_key is not None else None
    address = host or (EVERY_ADDRESS if private_network else DEFAULT_HOST)
    require_protection(address, is_protected=tls is not None or private_network or behind_proxy)
    url = store_url(data_dir, database_url)
    settings = options.backend_settings(access_log=access_log, rate_limit=rate_limit, expire=expire, retention=retention)
    front = options.front(forwarded_allow_ips, root_path)
    given = options.bootstrap_or_fail()
    try:
        if tls is not None:
            check_tls(tls)
        listener = listen(address, port)
    except (ListenError, TlsError) as error:
        fail(str(error))
    store = open_or_fail(url)
    options.ensure_or_fail(store, given)
    # Only one that is of this user's own data, and that others on this machine reach by its address, is to be found by itself.
    origin = local_origin(listener) if data_dir is None and database_url is None and tls is None else None
    try:
        local = ask_or_fail(ensure_local(store, user_folders(), origin, is_passing=port == 0)) if origin is not None else None
        projects, keys = ask_or_fail(store.projects()), ask_or_fail(store.keys(None))

        def on_ready(base_url: str) -> None:
            try:
                greet(base_url, url.removeprefix("sqlite:///"), projects, keys, local)
                sys.stdout.flush()
            except OSError:
                let_go_of_stdout()  # nobody reads it, or the disk is full: no reason not to serve

        run(create_app(store, settings), listener, on_ready, tls, front)
    except StoredError as error:
        fail(str(error))
    finally:
        asyncio.run(store.close())
        if origin is not None and port == 0:
            # Nobody listens on that port again on purpose, so nobody is to be sent there.
            forget_local(user_folders(), origin)
