"""Serves the contract's routes alone, as PostHog did: `python plain_backend.py DATA_DIR`. The routes are the real ones."""

from __future__ import annotations

import sys
from pathlib import Path

from livebreak.backend.app import create_app
from livebreak.backend.server import listen, serve
from livebreak.backend.settings import BackendSettings
from livebreak.backend.store import open_store

app = create_app(open_store(f"sqlite:///{Path(sys.argv[1]) / 'livebreak.db'}"), BackendSettings())
app.router.routes = [route for route in app.router.routes if "/livebreak" not in getattr(route, "path", "")]
serve(app, listen("127.0.0.1", 0), lambda url: print(f"listening on {url}", flush=True))
