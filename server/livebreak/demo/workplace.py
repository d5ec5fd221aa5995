"""The shop's code in a temporary git repository, as somebody's checkout would be."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from livebreak.demo.processes import run

REPOSITORY = "acme/shop"
ORIGIN = f"https://github.com/{REPOSITORY}.git"
"""Only read for the repository's name; nothing is fetched from it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Workplace:
    """Folders below one temporary folder: nothing of the user's own is touched."""

    checkout: Path
    data: Path
    """The backend's."""
    state: Path
    """The editor side's."""
    logs: Path


async def build(root: Path) -> Workplace:
    """Copy the shop below `root`, whose symlinks are resolved, and commit it."""
    place = Workplace(checkout=root / "shop", data=root / "data", state=root / "state", logs=root / "logs")
    for folder in (place.checkout, place.data, place.state, place.logs):
        folder.mkdir()
    with resources.as_file(resources.files("livebreak.demo") / "shop") as shop:
        shutil.copytree(shop, place.checkout / "shop", ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "README.md"))
        shutil.copy(shop / "README.md", place.checkout / "README.md")
    # The user's own git settings (signing, hooks, templates) must not decide whether the demo works.
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    author = ("-c", "user.name=Demo", "-c", "user.email=demo@localhost")
    for command in (
        ("init", "--quiet", "--initial-branch=main"),
        ("remote", "add", "origin", ORIGIN),
        ("add", "--all"),
        (*author, "commit", "--quiet", "--message=The shop"),
    ):
        await run(["git", *command], folder=place.checkout, environment=environment)
    return place
