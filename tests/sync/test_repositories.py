"""Files and repositories, with a real git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from livebreak.debugger.workspace import Location
from livebreak.sync.deployed_source import deployed_text
from livebreak.sync.repositories import Repositories, unreadable_overrides


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


async def test_a_name_that_is_said_later_counts_from_then_on(tmp_path: Path) -> None:
    shop = checkout(tmp_path / "shop", None)
    (shop / "cart").mkdir()
    repositories = Repositories()
    first = [await repositories.location(shop / name) for name in ("a.py", "cart/b.py")]
    (shop / ".livebreak.toml").write_text('repository = "acme/shop"\n')
    second = await repositories.location(shop / "a.py")
    (shop / ".livebreak.toml").unlink()
    git(shop, "remote", "add", "origin", "https://github.com/acme/store.git")
    third = await repositories.location(shop / "a.py")

    assert [None, None] == [location and location.repository for location in first]
    assert ["acme/shop", "acme/store"] == [location and location.repository for location in (second, third)]
    assert third is not None
    assert shop == repositories.root("acme/store")
    there = repositories.location_again(shop / "cart" / "b.py")
    assert Location(repository="acme/store", filename="cart/b.py") == there


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


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/acme/shop.git", "acme/shop"),
        ("https://ada:ghp_secret@github.com/acme/shop", "acme/shop"),
        ("ssh://git@github.com:22/acme/shop.git", "acme/shop"),
        ("git@work-alias:acme/shop.git", "acme/shop"),
        ("git@gitlab.com:group/sub/deeper/shop.git", "group/sub/deeper/shop"),
        ("https://oauth2:token@gitlab.example.com/group/sub/shop.git", "group/sub/shop"),
        ("git@bitbucket.org:acme/shop.git", "acme/shop"),
        ("https://bitbucket.example.com/scm/acme/shop.git", "acme/shop"),
        ("https://acme@dev.azure.com/acme/web/_git/shop", "acme/web/shop"),
        ("git@ssh.dev.azure.com:v3/acme/web/shop", "acme/web/shop"),
        ("/srv/git/shop.git", None),
    ],
)
async def test_every_hosters_remote_has_its_name_and_no_credentials(tmp_path: Path, url: str, name: str | None) -> None:
    shop = checkout(tmp_path / "shop", url)

    assert Location(repository=name, filename="a.py") == await Repositories().location(shop / "a.py")


async def test_an_alias_of_the_users_git_is_resolved(tmp_path: Path) -> None:
    shop = checkout(tmp_path / "shop", "gh:acme/shop.git")
    git(shop, "config", "url.https://github.com/.insteadOf", "gh:")

    assert Location(repository="acme/shop", filename="a.py") == await Repositories().location(shop / "a.py")


async def test_a_worktree_is_of_its_repository_and_a_submodule_of_its_own(tmp_path: Path) -> None:
    person = ("-c", "user.name=ada", "-c", "user.email=ada@example.com", "-c", "protocol.file.allow=always")
    library = checkout(tmp_path / "lib", "https://github.com/acme/lib.git")
    shop = checkout(tmp_path / "shop", "https://github.com/acme/shop.git")
    for folder in (library, shop):
        git(folder, *person, "commit", "--quiet", "--allow-empty", "-m", "first")
    git(shop, *person, "submodule", "--quiet", "add", str(library), "vendor/lib")
    git(shop / "vendor" / "lib", "remote", "set-url", "origin", "https://github.com/acme/lib.git")
    git(shop, "worktree", "add", "--quiet", str(tmp_path / "second"))
    repositories = Repositories()

    assert Location(repository="acme/lib", filename="b.py") == await repositories.location(shop / "vendor" / "lib" / "b.py")
    assert Location(repository="acme/shop", filename="a.py") == await repositories.location(tmp_path / "second" / "a.py")


async def test_names_that_are_not_ascii_stay_as_they_are(tmp_path: Path) -> None:
    shop = checkout(tmp_path / "Läden 🛒", "https://github.com/acme/shop.git")
    (shop / "größe").mkdir()
    (shop / "größe" / "summe.py").touch()
    repositories = Repositories()

    location = await repositories.location(shop / "größe" / "summe.py")

    assert Location(repository="acme/shop", filename="größe/summe.py") == location
    assert shop / "größe" / "summe.py" == repositories.path(location)


@pytest.mark.parametrize("variable", ["GIT_DIR", "GIT_WORK_TREE"])
async def test_the_repository_that_git_told_its_editor_of_is_not_that_of_every_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    shop = checkout(tmp_path / "shop", "https://github.com/acme/shop.git")
    other = checkout(tmp_path / "other", "https://github.com/acme/other.git")
    (shop / "cart").mkdir()
    monkeypatch.setenv(variable, str(other / ".git" if variable == "GIT_DIR" else other))

    assert Location(repository="acme/shop", filename="cart/a.py") == await Repositories().location(shop / "cart" / "a.py")


async def test_the_first_working_tree_that_has_the_file_counts(tmp_path: Path) -> None:
    repositories = Repositories()
    scratch = checkout(tmp_path / "scratch", None)
    shop = checkout(tmp_path / "shop", "https://github.com/acme/shop.git")
    clone = checkout(tmp_path / "clone", "https://github.com/acme/shop.git")
    for folder in (scratch, clone):
        (folder / "a.py").touch()
    for folder in (scratch, shop, clone):
        await repositories.meet(folder)

    assert clone / "a.py" == repositories.path(Location(repository="acme/shop", filename="a.py"))
    assert scratch / "a.py" == repositories.path(Location(repository="acme/none", filename="a.py"))
    assert shop == repositories.root("acme/shop")


async def test_a_file_that_is_nested_too_deeply_says_nothing_and_is_named(tmp_path: Path) -> None:
    shop = checkout(tmp_path / "shop", "https://github.com/acme/shop.git")
    (shop / "pyproject.toml").write_text(f"a = {'[' * 5000}{']' * 5000}\n")

    assert Location(repository="acme/shop", filename="a.py") == await Repositories().location(shop / "a.py")
    assert f"{shop / 'pyproject.toml'} cannot be read (it is nested too deeply)" in str(unreadable_overrides(shop))


async def test_what_a_process_names_is_not_fetched_into_a_partial_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = checkout(tmp_path / "shop", None)
    asked = tmp_path / "asked"
    (tmp_path / "ssh").write_text(f'#!/bin/sh\necho "$@" >> {asked}\nexit 1\n')
    (tmp_path / "ssh").chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    git(shop, "remote", "add", "origin", "evil.example:shop.git")
    git(shop, "config", "extensions.partialClone", "origin")
    git(shop, "config", "core.repositoryFormatVersion", "1")
    git(shop, "config", "remote.origin.promisor", "true")

    assert await deployed_text(shop, "a.py", digest="a" * 40, revision=None) is None
    assert not asked.exists()
    # The very clone would ask otherwise.
    with pytest.raises(subprocess.CalledProcessError):
        git(shop, "cat-file", "blob", "a" * 40)
    assert asked.exists()


async def test_of_a_forks_remotes_the_one_wins_that_connected_processes_report(tmp_path: Path) -> None:
    shop = checkout(tmp_path / "shop", "git@github.com:ada/shop.git")
    git(shop, "remote", "add", "upstream", "git@github.com:acme/shop.git")
    (shop / "a.py").touch()
    repositories = Repositories()
    fork = await repositories.location(shop / "a.py")

    changes = [repositories.prefer(names) for names in (["acme/other", None], ["acme/shop"], ["acme/shop", None], [])]
    upstream = await repositories.location(shop / "a.py")

    assert Location(repository="ada/shop", filename="a.py") == fork
    assert [False, True, False, False] == changes
    assert Location(repository="acme/shop", filename="a.py") == upstream == repositories.location_again(shop / "a.py")
    assert upstream is not None
    assert ("ada/shop",) == upstream.also
    assert shop / "a.py" == repositories.path(fork) == repositories.path(upstream)


async def test_a_repository_that_is_said_in_a_file_stays_whatever_runs(tmp_path: Path) -> None:
    shop = checkout(tmp_path / "shop", "git@github.com:ada/shop.git")
    git(shop, "remote", "add", "upstream", "git@github.com:acme/shop.git")
    (shop / ".livebreak.toml").write_text('repository = "ada/shop"\n')
    repositories = Repositories()
    repositories.prefer(["acme/shop"])

    assert Location(repository="ada/shop", filename="a.py") == await repositories.location(shop / "a.py")


async def test_services_of_a_monorepo_are_laid_out_each_in_its_own_way(tmp_path: Path) -> None:
    mono = checkout(tmp_path / "mono", "git@github.com:acme/mono.git")
    (mono / ".livebreak.toml").write_text('path_map = { "services/api/src" = "api", "services/web/src" = "web" }\n')
    files = [mono / "services" / service / "src" / "main.py" for service in ("api", "web")]
    for file in files:
        file.parent.mkdir(parents=True)
        file.touch()
    repositories = Repositories()

    locations = [await repositories.location(file) for file in files]

    assert [Location(repository="acme/mono", filename=f"{service}/main.py") for service in ("api", "web")] == locations
    assert files == [repositories.path(location) for location in locations if location is not None]
