"""Code without a `.git`: the stamp of a build, and what an installed distribution says of its origin."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

import livebreak_agent
from livebreak_agent import identity, settings, stamp

PACKAGES = str(pathlib.Path(livebreak_agent.__file__).parents[1])
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def run(folder, *arguments, **environ):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LIVEBREAK_", "GIT_", "PYTHON"))}
    variables = {name: value for name, value in kept.items() if name not in identity.REVISION_VARIABLES} | environ
    command = [sys.executable, "-m", "livebreak_agent", "stamp", *arguments]
    return subprocess.run(
        command, cwd=folder, env=variables | {"PYTHONPATH": PACKAGES}, capture_output=True, text=True, check=False, timeout=60
    )


def find(folder, argv=(), **options):
    environ = {"LIVEBREAK_HOST": "https://livebreak.example", "LIVEBREAK_SECRET_KEY": "phs_a"}
    return identity.find(settings.read(environ, **options), environ, argv, str(folder))


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "checkout"
    (folder / "services" / "api").mkdir(parents=True)
    git = ["git", "-C", str(folder), "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for command in (
        ["init"],
        ["remote", "add", "origin", "https://hub.example/acme/shop"],
        ["commit", "--allow-empty", "-m", "1"],
    ):
        subprocess.run([*git, *command], check=True, capture_output=True)
    return folder


def test_a_stamp_of_a_build_is_what_the_image_knows(checkout, tmp_path):
    api = checkout / "services" / "api"
    (api / "pyproject.toml").write_text('[project]\nname = "api"\nversion = "1.2.3"\n')
    done = run(api)
    assert (0, "") == (done.returncode, done.stderr)
    image = tmp_path / "app"
    api.rename(image)
    head = subprocess.run(["git", "-C", str(checkout), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)

    found = find(image)

    assert ("acme/shop", head.stdout.strip(), "1.2.3") == (found.repository, found.revision, found.version)
    assert str(image) == found.root
    assert ((str(image), "services/api"),) == found.path_map
    assert f"{stamp.NAME} in {image}" == found.told_by["repository"]


def test_a_folder_below_finds_the_stamp_and_git_goes_before_it(checkout, tmp_path):
    for folder in (tmp_path / "app" / "web", checkout):
        folder.mkdir(parents=True, exist_ok=True)
        assert 0 == run(folder, "--repository", "acme/other", "--revision", COMMIT).returncode
    assert "acme/other" == find(tmp_path / "app" / "web").repository
    assert "acme/shop" == find(checkout).repository


def test_options_go_before_variables_and_variables_before_git(checkout):
    assert 0 == run(checkout, LIVEBREAK_REPOSITORY="acme/fork", LIVEBREAK_REVISION=COMMIT.upper()).returncode
    assert stamp.Stamp(repository="acme/fork", revision=COMMIT, version=None, folder="") == stamp.read(str(checkout))
    run(
        checkout, "--repository", "git@hub.example:acme/own.git", "--inside", "a/b/", "--version", "7", LIVEBREAK_REPOSITORY="a/b"
    )
    read = stamp.read(str(checkout))
    assert ("acme/own", "7", "a/b") == (read.repository, read.version, read.folder)


def test_a_build_in_a_container_without_git_takes_the_variables_of_its_ci(tmp_path):
    assert 0 == run(tmp_path, GITHUB_REPOSITORY="acme/shop", GITHUB_SHA=COMMIT).returncode
    assert ("acme/shop", COMMIT) == (stamp.read(str(tmp_path)).repository, stamp.read(str(tmp_path)).revision)


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        ((), 1, "Neither repository nor revision is known here; say --repository and --revision"),
        (("--repository", "shop"), 1, "The repository is neither a URL nor owner/name"),
        (("--revision", "main"), 1, "The revision is not a commit id of 40 hex digits"),
        (("--repository", "acme/shop", "--inside", "../x"), 1, "--inside is a path in the repository"),
        (("missing", "--repository", "acme/shop"), 1, "cannot be written into missing (No such file or directory)."),
        (("--shop",), 2, "unrecognized arguments: --shop"),
    ],
)
def test_what_cannot_be_stamped_is_one_sentence(tmp_path, arguments, status, sentence):
    done = run(tmp_path, *arguments, GITHUB_REPOSITORY="", CI_PROJECT_PATH="", BUILD_REPOSITORY_URI="")
    assert status == done.returncode
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        "\0",
        "[" * 100_000,
        json.dumps({"repository": 1, "revision": "main", "folder": "../..", "version": "\x1b[2J"}),
    ],
    ids=["empty", "list", "half", "nul", "deep", "wrong"],
)
def test_a_strange_stamp_is_none_and_says_nothing_strange(tmp_path, content):
    (tmp_path / stamp.NAME).write_text(content)
    found = find(tmp_path)
    assert (None, (), None) == (found.revision, found.path_map, found.version)


def installed(folder, name, direct_url, *files):
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    info = folder / f"{name}.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    (info / "direct_url.json").write_text(json.dumps(direct_url))


@pytest.fixture
def site(tmp_path, monkeypatch):
    folder = tmp_path / "lib" / "site-packages"
    monkeypatch.syspath_prepend(str(folder))
    origin = {"url": "https://hub.example/acme/shop.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}
    installed(folder, "shop-1.2", origin, "shop/__init__.py", "shop/web.py", "../../bin/shop")
    other = {"url": "https://hub.example/acme/patched", "vcs_info": {"vcs": "git", "commit_id": "f" * 40}}
    installed(folder, "library-3", other, "library/__init__.py")
    installed(folder, "broken-3", ["?"], "broken/__init__.py")
    return folder


@pytest.mark.parametrize("argv", [["{bin}/shop", "serve"], ["/usr/bin/gunicorn", "shop.web:app"], ["/usr/bin/celery", "shop"]])
def test_an_installed_program_is_of_the_commit_it_was_installed_from(site, tmp_path, argv):
    argv = [argv[0].format(bin=tmp_path / "bin"), *argv[1:]]
    found = find(tmp_path, argv)
    assert ("acme/shop", COMMIT, "1.2") == (found.repository, found.revision, found.version)
    assert "direct_url.json of shop-1.2" == found.told_by["revision"]


def test_an_installed_library_is_not_the_application(site, tmp_path):
    assert find(tmp_path, ["/usr/bin/gunicorn", "web:app"]).repository is None


def test_an_editable_installation_leads_to_its_checkout(checkout, tmp_path, monkeypatch):
    folder = tmp_path / "site-packages"
    monkeypatch.syspath_prepend(str(folder))
    installed(folder, "shop-0", {"url": checkout.as_uri(), "dir_info": {"editable": True}}, "../bin/shop")
    found = find(tmp_path, [str(tmp_path / "bin" / "shop")])
    assert ("acme/shop", str(checkout)) == (found.repository, found.root)
