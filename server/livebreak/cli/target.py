"""Which backend a command talks to."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from livebreak.settings import Settings, SettingsError, from_environment

Name = Annotated[str | None, typer.Option("--connection", metavar="NAME", help="Which connection to use.", show_default=False)]


def resolve(name: str | None) -> Settings:
    """The settings of a connection. Raises `SettingsError`."""
    if name is not None:
        raise SettingsError(f"There is no connection {name!r}; set LIVEBREAK_HOST and LIVEBREAK_API_KEY instead.")
    return from_environment(os.environ)
