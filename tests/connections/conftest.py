"""Folders of a user who has nothing stored yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail

from livebreak.connections.files import Folders


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(config=tmp_path / "config", data=tmp_path / "data")


@pytest.fixture(autouse=True)
def no_keyring() -> Iterator[None]:
    """Whoever runs the tests keeps their own keyring to themselves."""
    own = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(own)
