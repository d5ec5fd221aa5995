import os
import subprocess
import sys

import pytest

from livebreak_agent import identity, settings

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def git(folder, *arguments):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    names = [
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@example.org",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "protocol.file.allow=always",
    ]
    done = subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True, text=True, env=environ)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "checkout"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "cart.py").write_text("total = 1\n")
    git(folder, "init")
    git(folder, "remote", "add", "origin", "git@hub.example:acme/shop.git")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "first")
    return folder


def find(environ=None, argv=(), directory="/", **options):
    environ = {"LIVEBREAK_HOST": "https://livebreak.example", "LIVEBREAK_SECRET_KEY": "phs_a", **(environ or {})}
    return identity.find(settings.read(environ, **options), environ, argv, str(directory))


def test_git_says_repository_revision_and_root(repository):
    found = find(argv=[str(repository / "shop" / "cart.py")])
    assert found.repository == "acme/shop"
    assert git(repository, "rev-parse", "HEAD") == found.revision
    assert str(repository) == found.root


def test_the_working_directory_counts_where_an_installed_program_runs(repository):
    assert find(argv=["/usr/bin/gunicorn"], directory=repository / "shop").root == str(repository)


def test_git_is_not_run(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert find(directory=repository).repository == "acme/shop"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://hub.example/acme/shop.git", "acme/shop"),
        ("https://ada:hunter2@hub.example/acme/shop", "acme/shop"),
        ("ssh://git@hub.example:2222/acme/shop.git", "acme/shop"),
        ("git@hub-work:acme/shop", "acme/shop"),
        ("https://lab.example/group/sub/shop.git", "group/sub/shop"),
        ("https://ada@dev.azure.com/acme/web/_git/shop", "acme/web/shop"),
        ("git@ssh.dev.azure.com:v3/acme/web/shop", "acme/web/shop"),
    ],
)
def test_every_form_of_remote_is_understood(repository, url, name):
    git(repository, "remote", "set-url", "origin", url)
    assert name == find(directory=repository).repository


def test_another_remote_is_taken_where_origin_is_missing_or_a_folder(repository, tmp_path):
    git(repository, "remote", "add", "upstream", "https://hub.example/upstream/shop")
    git(repository, "remote", "set-url", "origin", str(tmp_path))
    assert find(directory=repository).repository == "upstream/shop"


def test_a_packed_branch_is_found(repository):
    head = git(repository, "rev-parse", "HEAD")
    git(repository, "pack-refs", "--all")
    assert not (repository / ".git" / "refs" / "heads" / "main").exists()
    assert head == find(directory=repository).revision


def test_a_detached_head_is_the_commit(repository):
    git(repository, "checkout", "--detach")
    assert git(repository, "rev-parse", "HEAD") == find(directory=repository).revision


def test_a_linked_work_tree_has_its_own_head(repository, tmp_path):
    tree = tmp_path / "tree"
    git(repository, "worktree", "add", "-b", "feature", str(tree))
    git(tree, "commit", "--allow-empty", "-m", "second")
    found = find(directory=tree)
    assert str(tree) == found.root
    assert found.repository == "acme/shop"
    assert git(tree, "rev-parse", "HEAD") == found.revision
    assert git(repository, "rev-parse", "HEAD") != found.revision


def test_a_submodule_is_a_repository_of_its_own(repository, tmp_path):
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init")
    git(outer, "submodule", "add", str(repository), "inner")
    git(outer / "inner", "remote", "set-url", "origin", "https://hub.example/acme/inner")
    found = find(directory=outer / "inner" / "shop")
    assert str(outer / "inner") == found.root
    assert found.repository == "acme/inner"
    assert git(repository, "rev-parse", "HEAD") == found.revision


def test_a_repository_without_a_commit_has_no_revision(tmp_path):
    git(tmp_path, "init")
    found = find(directory=tmp_path)
    assert (None, None, str(tmp_path)) == (found.repository, found.revision, found.root)


@pytest.mark.parametrize(
    "head", ["ref: ../../secret\n", "ref: refs/../../secret\n", "hello\n", "ref: refs/heads/loop\n", "\0\xff"]
)
def test_a_strange_head_is_no_revision(repository, head):
    (repository / ".git" / "HEAD").write_text(head)
    (repository / ".git" / "refs" / "heads" / "loop").write_text("ref: refs/heads/loop\n")
    (repository / "secret").write_text(COMMIT)
    assert find(directory=repository).revision is None


def test_the_owner_has_the_last_word(repository):
    environ = {
        "LIVEBREAK_REPOSITORY": "https://hub.example/fork/shop.git",
        "LIVEBREAK_REVISION": COMMIT,
        "LIVEBREAK_ROOT": str(repository / "shop"),
        "LIVEBREAK_SERVICE": "web",
        "LIVEBREAK_ENVIRONMENT": "staging",
        "OTEL_SERVICE_NAME": "other",
        "DD_ENV": "other",
    }
    found = find(environ, directory=repository)
    assert found.repository == "fork/shop"
    assert found.revision == COMMIT
    assert found.root == str(repository / "shop")
    assert found.service == "web"
    assert found.environment == "staging"


def test_git_goes_before_the_variables_of_a_ci_job(repository):
    found = find({"GITHUB_REPOSITORY": "ci/other", "GITHUB_SHA": COMMIT}, directory=repository)
    assert found.repository == "acme/shop"
    assert git(repository, "rev-parse", "HEAD") == found.revision


def test_platforms_are_asked_where_there_is_no_git(tmp_path):
    found = find(
        {
            "VERCEL_GIT_REPO_OWNER": "acme",
            "VERCEL_GIT_REPO_SLUG": "shop",
            "VERCEL_GIT_COMMIT_SHA": COMMIT,
            "OTEL_SERVICE_NAME": "web",
            "DD_ENV": "production",
        },
        directory=tmp_path,
    )
    assert found.repository == "acme/shop"
    assert found.revision == COMMIT
    assert found.service == "web"
    assert found.environment == "production"
    assert str(tmp_path) == found.root


def test_half_a_repository_of_a_platform_is_none(tmp_path):
    assert find({"VERCEL_GIT_REPO_OWNER": "acme"}, directory=tmp_path).repository is None


@pytest.mark.parametrize(
    ("argv", "service"),
    [
        (["/srv/shop.py", "serve"], "shop"),
        (["/srv/shop/__main__.py"], "shop"),
        (["/usr/bin/gunicorn", "shop:app"], "gunicorn"),
        (["-c"], None),
        ([""], None),
        ([], None),
    ],
)
def test_a_service_is_called_like_its_program_unless_told(argv, service, tmp_path):
    assert service == find(argv=argv, directory=tmp_path).service


def test_a_module_is_known_before_it_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "orig_argv", ["python", "-X", "dev", "-m", "shop.web", "serve"])
    assert find(argv=["-m", "serve"], directory=tmp_path).service == "shop.web"
