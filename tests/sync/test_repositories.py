"""Files and repositories, with a real git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from livebreak.debugger.workspace import Location
from livebreak.sync.repositories import Repositories


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def checkout(folder: Path, url: str | None, remote: str = "origin") -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet")
    if url is not None:
        git(folder, "remote", "add", remote, url)
    return folder


async def test_a_file_is_named_by_its_remote_and_the_way_from_the_root(tmp_path: Path) -> None:
    shop = checkout(tmp_path / "shop", "git@github.com:acme/shop.git")
    (shop / "cart").mkdir()
    (shop / "cart" / "total.py").touch()
    repositories = Repositories()

    location = await repositories.location(shop / "cart" / "total.py")

    assert Location(repository="acme/shop", filename="cart/total.py") == location
    assert shop / "cart" / "total.py" == repositories.path(location)


async def test_a_symlink_leads_to_the_real_file(tmp_path: Path) -> None:
    shop = checkout(tmp_path / "shop", "https://github.com/acme/shop")
    (shop / "a.py").touch()
    (tmp_path / "link").symlink_to(shop)

    assert Location(repository="acme/shop", filename="a.py") == await Repositories().location(tmp_path / "link" / "a.py")


async def test_a_repository_without_a_remote_has_a_filename_and_no_name(tmp_path: Path) -> None:
    checkout(tmp_path / "shop", None)

    assert Location(repository=None, filename="a.py") == await Repositories().location(tmp_path / "shop" / "a.py")


async def test_origin_comes_before_other_remotes(tmp_path: Path) -> None:
    shop = checkout(tmp_path / "shop", "https://github.com/ada/fork.git", remote="a-fork")
    git(shop, "remote", "add", "origin", "https://github.com/acme/shop.git")

    location = await Repositories().location(shop / "a.py")
    assert location is not None
    assert "acme/shop" == location.repository


async def test_the_innermost_repository_wins(tmp_path: Path) -> None:
    shop = checkout(tmp_path / "shop", "https://github.com/acme/shop.git")
    checkout(shop / "vendor" / "lib", "https://gitlab.com/group/sub/lib.git")

    location = await Repositories().location(shop / "vendor" / "lib" / "b.py")

    assert Location(repository="group/sub/lib", filename="b.py") == location


async def test_no_repository_is_no_location(tmp_path: Path) -> None:
    assert await Repositories().location(tmp_path / "a.py") is None


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".livebreak.toml", 'repository = "acme/other"\npath_map = { src = "api/src" }\n'),
        ("pyproject.toml", '[tool.livebreak]\nrepository = "acme/other"\npath_map = { src = "api/src" }\n'),
    ],
)
async def test_overrides_are_read(tmp_path: Path, file: str, text: str) -> None:
    shop = checkout(tmp_path / "shop", "https://github.com/acme/shop.git")
    (shop / file).write_text(text)

    assert Location(repository="acme/other", filename="api/src/a.py") == await Repositories().location(shop / "src" / "a.py")
