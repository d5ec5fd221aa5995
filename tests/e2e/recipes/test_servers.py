"""Servers with workers, masters and reloaders: a breakpoint is bound in every worker and in nothing else, and hits arrive."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

ASKED = {"price": 3, "count": 4}
LISTENING = r"(http://127\.0\.0\.1:\d+)"


def serves(live: Any, get: Any, url: str, identity: str, workers: int) -> set[int]:
    """Every worker watches the line, and a request brings a hit with what the request asked for; the workers' pids."""
    get(url, **ASKED)  # Django loads the code with the first request.
    pids = live.bound(identity, workers)
    answer = get(url, **ASKED)
    hit = live.hits(identity)[0]

    assert answer.status_code == 200, answer.text
    assert {"price": 3, "count": 4, "result": 12} == hit["variables"]
    assert hit["pid"] in pids
    return pids


@pytest.mark.parametrize("options", [["--threads", "2"], ["--preload"]], ids=["lazy", "preload"])
def test_gunicorn(live, serve_both, checkout_of, get, options: list[str]) -> None:
    checkout = checkout_of("wsgi_shop")
    identity = live.arm(checkout, "prices.py")
    app = serve_both(checkout, "web.py", "gunicorn", "web:app", "--workers", "2", "--bind", "127.0.0.1:0", *options)
    url = app.printed(rf"Listening at: {LISTENING}")[1]

    pids = serves(live, get, f"{url}/total", identity, workers=2)

    assert app.popen.pid not in pids


def test_gunicorn_that_is_started_as_a_module_and_replaces_a_worker(live, serve, checkout_of, get) -> None:
    checkout = checkout_of("wsgi_shop")
    identity = live.arm(checkout, "prices.py")
    options = ["--workers", "1", "--bind", "127.0.0.1:0", "--max-requests", "4"]
    app = serve(checkout, "-m", "gunicorn", "web:app", *options)
    url = app.printed(rf"Listening at: {LISTENING}")[1]
    (first,) = serves(live, get, f"{url}/total", identity, workers=1)

    for _ in range(3):
        get(f"{url}/total", **ASKED)
    app.printed(rf"Worker exiting \(pid: {first}\)")
    (second,) = live.bound(identity, 1)

    assert first != second


def test_uvicorn_with_workers(live, serve_both, checkout_of, get) -> None:
    checkout = checkout_of("fastapi_shop")
    identity = live.arm(checkout, "prices.py")
    app = serve_both(checkout, "web.py", "uvicorn", "web:app", "--port", "0", "--workers", "2")
    url = app.printed(rf"running on {LISTENING}")[1]

    assert app.popen.pid not in serves(live, get, f"{url}/total/awaited", identity, workers=2)


def test_a_program_that_itself_calls_uvicorn_with_workers(live, serve, checkout_of, get) -> None:
    checkout = checkout_of("fastapi_shop")
    (checkout / "main.py").write_text(
        "import uvicorn\n\nif __name__ == '__main__':\n    uvicorn.run('web:app', port=0, workers=2)\n"
    )
    identity = live.arm(checkout, "prices.py")
    app = serve(checkout, "main.py")
    url = app.printed(rf"running on {LISTENING}")[1]

    assert app.popen.pid not in serves(live, get, f"{url}/total/awaited", identity, workers=2)


def test_uvicorn_that_reloads_binds_the_new_code(live, serve_both, checkout_of, get) -> None:
    checkout = checkout_of("fastapi_shop")
    identity = live.arm(checkout, "prices.py")
    app = serve_both(checkout, "web.py", "uvicorn", "web:app", "--port", "0", "--reload")
    url = app.printed(rf"running on {LISTENING}")[1]
    (first,) = serves(live, get, f"{url}/total/awaited", identity, workers=1)

    prices = checkout / "prices.py"
    prices.write_text(prices.read_text().replace("price * count", "price * count + 1"))
    app.printed(r"(?s)Reloading.*Started server process")
    (second,) = live.bound(identity, 1)
    get(f"{url}/total/awaited", **ASKED)
    hit = live.hits(identity, pid=second)[0]

    assert app.popen.pid not in {first, second}
    assert 13 == hit["variables"]["result"]


def test_django_that_reloads_binds_the_new_code(live, serve_both, checkout_of, get, free_port) -> None:
    checkout = checkout_of("django_shop")
    identity = live.arm(checkout, "shop/prices.py")
    app = serve_both(checkout, "shop/settings.py", "manage.py", "runserver", str(free_port), SHOP_DEBUG="1")
    url = f"http://127.0.0.1:{free_port}/total"
    (first,) = serves(live, get, url, identity, workers=1)

    prices = checkout / "shop" / "prices.py"
    prices.write_text(prices.read_text().replace("price * count", "price * count + 1"))
    app.printed(r"prices\.py changed, reloading")
    (second,) = live.bound(identity, 1)
    get(url, **ASKED)
    hit = live.hits(identity, pid=second)[0]

    assert app.popen.pid not in {first, second}
    assert 13 == hit["variables"]["result"]


def test_django_under_gunicorn_never_takes_its_own_auth_for_the_applications(live, serve, checkout_of, get) -> None:
    checkout = checkout_of("django_shop")
    (checkout / "shop.sqlite3").touch()
    identity = live.arm(checkout, "auth/models.py")
    run = serve(checkout, "gunicorn", "shop.wsgi", "--bind", "127.0.0.1:0", "--preload")
    url = run.printed(rf"Listening at: {LISTENING}")[1]
    live.bound(identity, 1)
    foreign = live.arm_line("contrib/auth/models.py", 40)
    pending = live.settled(foreign, "pending")

    get(f"{url}/customers/ada")
    hit = live.hits(identity)[0]

    assert ("auth/models.py", "Customer.greeting") == (hit["filename"], hit["function"])
    assert "Hello ada" == hit["variables"]["text"]
    assert "is not imported" in pending["reason"]


def test_a_fastapi_handler_in_a_thread(live, serve, checkout_of, get) -> None:
    checkout = checkout_of("fastapi_shop")
    text = (checkout / "web.py").read_text().splitlines()
    identity = live.arm_line("web.py", text.index("    return answer") + 1)
    app = serve(checkout, "uvicorn", "web:app", "--port", "0")
    url = app.printed(rf"running on {LISTENING}")[1]
    live.bound(identity, 1)

    get(f"{url}/total/threaded", **ASKED)
    hit = live.hits(identity)[0]

    assert "threaded" == hit["function"]
    assert 12 == hit["variables"]["answer"]["total"]


def test_celery_prefork(live, serve, serve_both, checkout_of) -> None:
    checkout = checkout_of("celery_shop")
    for folder in ("queue", "control", "results"):
        (checkout / folder).mkdir()
    identity = live.arm(checkout, "prices.py")
    worker = serve_both(checkout, "tasks.py", "celery", "-A", "tasks", "worker", "--concurrency", "2", "--loglevel", "INFO")
    worker.printed("ready")
    pids = live.bound(identity, 2)

    caller = serve(
        checkout,
        sys.executable,
        "-c",
        "import tasks; print(tasks.total.delay(3, 4).get(timeout=30))",
        run=(),
        LIVEBREAK_DISABLED="1",
    )
    hit = live.hits(identity)[0]

    assert worker.popen.pid not in pids
    assert hit["pid"] in pids
    assert {"price": 3, "count": 4, "result": 12} == hit["variables"]
    assert re.search(r"\[12, \d+\]", caller.printed(r"\[12, \d+\]")[0])


def test_a_child_of_celery_that_takes_over_from_another_is_bound_too(live, serve, checkout_of, until) -> None:
    checkout = checkout_of("celery_shop")
    for folder in ("queue", "control", "results"):
        (checkout / folder).mkdir()
    identity = live.arm(checkout, "prices.py")
    options = ("--concurrency", "1", "--max-tasks-per-child", "1", "--loglevel", "INFO")
    worker = serve(checkout, "celery", "-A", "tasks", "worker", *options)
    worker.printed("ready")
    ask = "import tasks; print(tasks.total.delay(3, 4).get(timeout=30))"
    served: list[int] = []

    def another() -> set[int]:
        return live.bound(identity, 1) - {*served}

    for _ in range(2):
        assert until(another)
        serve(checkout, sys.executable, "-c", ask, run=(), LIVEBREAK_DISABLED="1").printed(r"\[12, \d+\]")
        # It ends with its task, and sends the hit before that.
        served[:] = [hit["pid"] for hit in live.hits(identity, len(served) + 1)]

    assert 2 == len({*served})
    assert worker.popen.pid not in served


UWSGI = ("--http-socket", "127.0.0.1:0", "--wsgi-file", "web.py", "--callable", "app", "--need-app", "--die-on-term")


@pytest.mark.parametrize("options", [["--master", "--processes", "2"], ["--master", "--processes", "2", "--lazy-apps"], []])
def test_uwsgi(live, serve, checkout_of, get, options: list[str]) -> None:
    checkout = checkout_of("wsgi_shop")
    web = checkout / "web.py"
    web.write_text("import livebreak_agent\n\nlivebreak_agent.start()\n" + web.read_text())
    identity = live.arm(checkout, "prices.py")
    app = serve(checkout, "uwsgi", *UWSGI, "--enable-threads", *options, run=())
    port = app.printed(r"bound to TCP address 127\.0\.0\.1:(\d+)")[1]

    serves(live, get, f"http://127.0.0.1:{port}/total", identity, workers=2 if options else 1)


def test_uwsgi_without_threads_is_told_the_flag_once_and_works(live, serve, checkout_of, get) -> None:
    checkout = checkout_of("wsgi_shop")
    web = checkout / "web.py"
    web.write_text("import livebreak_agent\n\nlivebreak_agent.start()\n" + web.read_text())
    app = serve(checkout, "uwsgi", *UWSGI, "--master", "--processes", "2", run=())
    port = app.printed(r"bound to TCP address 127\.0\.0\.1:(\d+)")[1]

    answer = get(f"http://127.0.0.1:{port}/total", **ASKED)

    assert "12" == answer.text.split()[0]
    assert 1 == app.output.count("start uWSGI with --enable-threads")
