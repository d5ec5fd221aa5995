"""`livebreak serve`: the backend."""

from __future__ import annotations

from typing import Annotated

import typer

from livebreak.cli.serving import DEFAULT_HOST, DEFAULT_PORT, DatabaseUrl, DataDir, fail, require_libraries, store_url


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = DEFAULT_HOST,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 is any free one.")] = DEFAULT_PORT,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
) -> None:
    """Run the backend: the Live Debugger API, with its data on this machine."""
    require_libraries()
    import asyncio

    from livebreak.backend.app import create_app
    from livebreak.backend.server import ListenError, listen
    from livebreak.backend.server import serve as run
    from livebreak.backend.settings import BackendSettings
    from livebreak.cli.storage import open_or_fail

    url = store_url(data_dir, database_url)
    try:
        listener = listen(host, port)
    except ListenError as error:
        fail(str(error))
    store = open_or_fail(url)
    projects = asyncio.run(store.projects())

    def on_ready(base_url: str) -> None:
        # Whoever started this waits for the first line, so nothing may stay in a buffer.
        print(f"LiveBreak backend listening on {base_url}", flush=True)
        print(f"Data: {url.removeprefix('sqlite:///')}", flush=True)
        if projects:
            print("Projects: " + ", ".join(f"{project.id} ({project.name})" for project in projects), flush=True)
            print("A key for a person: livebreak keys create --project ID --scope '*' --for NAME", flush=True)
        else:
            print("Next, in another terminal: livebreak projects create NAME", flush=True)

    try:
        run(create_app(store, BackendSettings()), listener, on_ready)
    finally:
        asyncio.run(store.close())
