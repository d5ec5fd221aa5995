"""Keys go into the system's keyring where there is one that answers, else into a file."""

from __future__ import annotations

import threading
from collections.abc import Callable

import keyring
import pytest
from keyring.backend import KeyringBackend

from livebreak.connections import files, keyring_store, keys
from livebreak.connections.files import Folders, StoredError

ORIGIN = "https://livebreak.example"


class Memory(KeyringBackend):
    """A keyring that works."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def open(self) -> dict[tuple[str, str], str]:
        return self.kept

    def get_password(self, service: str, username: str) -> str | None:
        return self.open().get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.open()[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.open()[service, username]


class Locked(Memory):
    """A keyring that waits for somebody to type its password."""

    def open(self) -> dict[tuple[str, str], str]:
        threading.Event().wait()
        return self.kept


class Broken(Memory):
    """A keyring that was removed while we ran."""

    def open(self) -> dict[tuple[str, str], str]:
        raise OSError(5, "phx_never_to_be_shown")


class Plain(Memory):
    """What keyring does not recommend: a plain file of its own."""

    priority = 0.5


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[KeyringBackend], None]:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(keyring_store, "ANSWER_SECONDS", 0.1)
    return keyring.set_keyring


def test_a_keyring_that_works_holds_the_key_and_the_file_only_says_so(
    folders: Folders, use: Callable[[KeyringBackend], None]
) -> None:
    memory = Memory()
    use(memory)

    assert "keyring" == keys.put(folders, ORIGIN, "phx_a")
    assert ("phx_a", "keyring") == keys.get(folders, ORIGIN)
    assert {("livebreak", ORIGIN): "phx_a"} == memory.kept
    assert "phx_a" not in keys.path_of(folders).read_text()
    assert keys.remove(folders, ORIGIN)
    assert ({}, None, ()) == (memory.kept, keys.get(folders, ORIGIN), keys.origins(folders))


@pytest.mark.parametrize("kind", [Locked, Broken, Plain])
def test_a_keyring_that_does_not_do_leaves_the_file(
    folders: Folders, use: Callable[[KeyringBackend], None], kind: type[Memory]
) -> None:
    use(kind())

    assert "file" == keys.put(folders, ORIGIN, "phx_a")
    assert ("phx_a", "file") == keys.get(folders, ORIGIN)


@pytest.mark.parametrize(
    ("kind", "words"), [(Locked, "unlock it and try again"), (Broken, "does not give the key \\(OSError\\)")]
)
def test_a_key_that_the_keyring_does_not_give_is_a_sentence(
    folders: Folders, use: Callable[[KeyringBackend], None], kind: type[Memory], words: str
) -> None:
    use(Memory())
    keys.put(folders, ORIGIN, "phx_a")
    use(kind())

    with pytest.raises(StoredError, match=words) as raised:
        keys.get(folders, ORIGIN)
    assert "phx_" not in str(raised.value)


@pytest.mark.skipif("sys.platform != 'linux'", reason="elsewhere the system's keyring needs no display of ours")
def test_without_a_screen_no_keyring_is_asked(
    folders: Folders, use: Callable[[KeyringBackend], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(Memory())
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    assert "file" == keys.put(folders, ORIGIN, "phx_a")


def test_nobody_without_a_key_in_it_waits_for_the_keyring(folders: Folders, use: Callable[[KeyringBackend], None]) -> None:
    with files.changed(keys.path_of(folders)) as data:
        data[ORIGIN] = {"key": "phx_a"}
    use(Broken())

    assert ("phx_a", "file") == keys.get(folders, ORIGIN)
    assert None is keys.get(folders, "https://other.example")
