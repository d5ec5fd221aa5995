"""What a process is, by what it was started as."""

import pytest

from livebreak_agent import roles


def is_supervisor(*argv, environ=None, orig_argv=(), **more):
    return roles.is_supervisor(argv, orig_argv or ("python", *argv), environ or {}, None, **more)


@pytest.mark.parametrize(
    "argv",
    [
        ("/venv/bin/gunicorn", "web:app"),
        ("/venv/lib/python3.11/site-packages/gunicorn/__main__.py", "web:app"),
        ("/venv/bin/uvicorn", "web:app", "--reload"),
        ("uvicorn", "web:app", "--workers", "2"),
        ("uvicorn", "web:app", "--workers=4"),
        ("celery", "-A", "tasks", "worker"),
        ("celery", "-A", "tasks", "worker", "-P", "prefork"),
        ("manage.py", "runserver", "8000"),
        ("flask", "--app", "web", "run", "--debug"),
        ("uwsgi", "--http", ":80"),
    ],
)
def test_masters_and_reloaders(argv):
    assert is_supervisor(*argv)


@pytest.mark.parametrize(
    ("argv", "environ"),
    [
        (("app.py",), {}),
        ((), {}),
        (("uvicorn", "web:app"), {}),
        (("uvicorn", "web:app", "--workers", "1"), {}),
        (("celery", "-A", "tasks", "worker", "-P", "solo"), {}),
        (("celery", "-A", "tasks", "worker", "--pool=gevent"), {}),
        (("celery", "-A", "tasks", "worker", "-Pthreads"), {}),
        (("celery", "-A", "tasks", "beat"), {}),
        (("manage.py", "runserver", "--noreload"), {}),
        (("manage.py", "runserver"), {"RUN_MAIN": "true"}),
        (("manage.py", "migrate"), {}),
        (("flask", "run", "--debug"), {"WERKZEUG_RUN_MAIN": "true"}),
        (("flask", "run"), {}),
    ],
)
def test_what_serves_is_no_supervisor(argv, environ):
    assert not is_supervisor(*argv, environ=environ)


def test_the_environment_can_ask_for_workers():
    assert is_supervisor("uvicorn", "web:app", environ={"WEB_CONCURRENCY": "4"})
    assert is_supervisor("flask", "run", environ={"FLASK_DEBUG": "1"})


def test_a_module_that_is_only_looked_for_is_known_by_its_name():
    assert roles.program_of(["-m", "web:app"], ["python", "-m", "gunicorn", "web:app"]) == "gunicorn"
    assert roles.program_of(["-m"], ["python", "-m", "gunicorn.app.wsgiapp"]) == "gunicorn"


def test_children_of_multiprocessing_are_none_whatever_their_parent_is():
    spawned = ("python", "-c", "from multiprocessing.spawn import spawn_main; spawn_main()", "--multiprocessing-fork")
    assert not is_supervisor("uvicorn", "web:app", "--reload", orig_argv=spawned)
    server = ("python", "-c", "from multiprocessing.forkserver import main; main(3, 4, [])")
    assert is_supervisor("app.py", orig_argv=server)
    assert not is_supervisor("app.py", orig_argv=server, is_forked=True)


def test_a_celery_pool_may_stand_in_the_configuration():
    assert roles.is_known_later(["celery", "worker"], [])
    assert not roles.is_known_later(["celery", "worker", "-P", "prefork"], [])
