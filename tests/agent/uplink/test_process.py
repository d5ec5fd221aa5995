"""The whole agent in real processes: what it tells, and that the process lives, forks and ends as it would without it."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import textwrap

import pytest

import livebreak_agent

BOOTSTRAP = str(pathlib.Path(livebreak_agent.__file__).parent / "bootstrap")
PACKAGES = str(pathlib.Path(livebreak_agent.__file__).parents[1])
KEY = "phs_0123456789abcdef"

WORK = '''\
import os, sys, time

def total(price, count):
    result = price * count
    return result

def until(name):
    """Until the test makes a file of this name beside us."""
    while not os.path.exists(name):
        time.sleep(0.01)
'''
LINE = 5


def environment(host, **more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LIVEBREAK_", "PYTHON"))}
    agent = {"LIVEBREAK_HOST": host, "LIVEBREAK_SECRET_KEY": KEY}
    return {**kept, "PYTHONPATH": PACKAGES, "PYTHONDONTWRITEBYTECODE": "1", **agent, **more}


@pytest.fixture
def app(tmp_path):
    """Starts a program: `app(peer, source)`; it is led by files that `say` makes."""
    (tmp_path / "work.py").write_text(WORK)
    started = []

    def start(peer, source, arguments=("-m", "livebreak_agent", "app.py"), **more):
        (tmp_path / "app.py").write_text("from work import *\n" + textwrap.dedent(source))
        child = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment(peer.host, LIVEBREAK_REPOSITORY="acme/shop", **more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        with contextlib.suppress(ProcessLookupError):  # Its children are of the same session.
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate()


@pytest.fixture
def say(tmp_path):
    def say(name):
        (tmp_path / name).touch()

    return say


def arm(peer):
    peer.arm({"id": "b1", "repository": "acme/shop", "filename": "work.py", "line_number": LINE})


def bound(peer, processes=1):
    """Wait until so many processes say that the line is watched; returns their ids."""

    def ids(p):
        states = {r["process"]["id"]: {b["state"] for b in r["bindings"]} for r in p.reports}
        return [id_ for id_, state in states.items() if state == {"bound"}]

    return peer.until(lambda p: len(found := ids(p)) >= processes and found)


def complaints(err):
    """Stderr without the line of the start, and without what Python 3.13 says of a fork, since it counts the threads only after
    they may have been started again."""
    lines = [line for line in err.splitlines() if not line.startswith("LiveBreak agent ")]
    if sys.version_info[:2] != (3, 13):
        return lines
    of_fork = [number for number, line in enumerate(lines) if "is multi-threaded, use of fork() may lead" in line]
    return [line for number, line in enumerate(lines) if number not in of_fork and number - 1 not in of_fork]


def told_hits(peer):
    """Hits by the id of the process."""
    hits = {}
    for event in peer.hits:
        properties = event["properties"]
        hits.setdefault(properties["$livebreak_process"], []).append(properties["$locals_variables"]["result"])
    return hits


def test_a_process_says_who_it_is_binds_hits_and_says_goodbye(peer, app, say):
    arm(peer)
    source = """
        until("first")
        print(total(3, 4), flush=True)
        until("second")
        print(total(5, 6))
    """
    child = app(peer, source, LIVEBREAK_SERVICE="web", LIVEBREAK_REVISION="a" * 40)
    (process,) = bound(peer)
    told = peer.reports[-1]["process"]
    assert told["pid"] == child.pid
    assert (told["service"], told["repository"], told["revision"]) == ("web", "acme/shop", "a" * 40)
    assert told["runtime"] == f"CPython {sys.version.split()[0]}"
    say("first")
    hit = peer.until(lambda p: p.hits and p.hits[0])["properties"]
    assert hit["$breakpoint_id"] == "b1"
    assert hit["$locals_variables"] == {"price": "3", "count": "4", "result": "12"}
    assert hit["$livebreak_process"] == process
    peer.arm()
    peer.until(lambda p: p.reports[-1]["bindings"] == [])
    say("second")
    out, err = child.communicate(timeout=20)
    assert (out, child.returncode) == ("12\n30\n", 0)
    assert err == (
        f"LiveBreak agent {livebreak_agent.__version__}: {peer.host}, project 'Shop' (1), acme/shop@aaaaaaaaaaaa, "
        "service web, environment -.\n"
    )
    assert len(peer.hits) == 1
    assert [process] == peer.goodbyes


@pytest.mark.parametrize(("ending", "status"), [("", 0), ("sys.exit(3)", 3), ("raise ValueError('x')", 1)])
def test_the_last_hit_before_the_end_arrives(peer, app, say, ending, status):
    arm(peer)
    child = app(peer, f'until("go")\ntotal(3, 4)\n{ending}\n')
    processes = bound(peer)
    say("go")
    _, err = child.communicate(timeout=20)
    assert status == child.returncode
    assert {processes[0]: ["12"]} == told_hits(peer)
    assert processes == peer.goodbyes
    assert ("Traceback" in err) == (status == 1)
    assert "livebreak" not in "\n".join(complaints(err))


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, -15), (signal.SIGINT, -2)])
def test_a_signal_ends_the_process_as_ever(peer, app, number, status):
    child = app(peer, 'until("never")')
    peer.until(lambda p: p.reports)
    child.send_signal(number)
    child.communicate(timeout=20)
    assert status == child.returncode


def test_a_process_whose_backend_is_away_runs_and_ends_as_ever(app, peer):
    peer.close()
    child = app(peer, "print(total(3, 4))")
    out, err = child.communicate(timeout=20)
    assert (out, child.returncode) == ("12\n", 0)
    assert err.count("\n") <= 1


def test_a_forked_child_is_a_process_of_its_own(peer, app, say):
    arm(peer)
    source = """
        until("fork")
        total(1, 2)
        forked = os.fork()
        if forked == 0:
            until("child")
            total(5, 6)
            sys.exit(7)
        print(os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]))
        total(3, 4)
    """
    child = app(peer, source)
    (first,) = bound(peer)
    say("fork")
    second = next(id_ for id_ in bound(peer, 2) if id_ != first)
    say("child")
    out, err = child.communicate(timeout=20)
    assert (out, complaints(err), child.returncode) == ("7\n", [], 0)
    assert {first: ["2", "12"], second: ["30"]} == told_hits(peer)
    assert [second, first] == peer.goodbyes
    pids = {report["process"]["id"]: report["process"]["pid"] for report in peer.reports}
    assert len(set(pids.values())) == 2
    assert pids[first] == child.pid


def test_what_was_armed_before_a_fork_hits_in_the_child_from_its_first_line(peer, app, say):
    arm(peer)
    source = """
        until("fork")
        if os.fork() == 0:
            total(5, 6)
            sys.exit()
        os.wait()
    """
    child = app(peer, source)
    (first,) = bound(peer)
    say("fork")
    _, err = child.communicate(timeout=20)
    assert (complaints(err), child.returncode) == ([], 0)
    assert [["30"]] == list(told_hits(peer).values())
    assert first not in told_hits(peer)


def test_the_counters_of_a_forked_child_begin_anew(peer, app, say):
    arm(peer)
    source = """
        until("first")
        total(1, 2)
        until("fork")
        if os.fork() == 0:
            until("never")
        until("never")
    """
    app(peer, source)
    (first,) = bound(peer)
    say("first")
    peer.until(lambda p: p.bindings["b1"]["hits"] == 1)
    say("fork")
    peer.until(lambda p: p.reports[-1]["process"]["id"] != first and p.bindings.get("b1", {}).get("state") == "bound")
    assert peer.bindings["b1"]["hits"] == 0


def test_a_process_that_forks_often_keeps_its_connections(peer, app, say):
    arm(peer)
    source = """
        until("fork")
        for _ in range(30):
            if os.fork() == 0:
                os._exit(0)
            os.wait()
        total(3, 4)
        until("end")
    """
    child = app(peer, source)
    (first,) = bound(peer)
    say("fork")
    peer.until(lambda p: told_hits(p) == {first: ["12"]})
    assert len(peer.connections) == 2
    say("end")
    child.communicate(timeout=20)
    assert child.returncode == 0
    assert [first] == peer.goodbyes


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_multiprocessing_hit_and_say_goodbye(peer, app, say, method, tmp_path):
    arm(peer)
    source = f"""
        import multiprocessing
        def work():
            with open("pid", "w") as file:
                file.write(str(os.getpid()))
            until("child")
            total(5, 6)
        if __name__ == "__main__":
            until("fork")
            child = multiprocessing.get_context("{method}").Process(target=work)
            child.start()
            child.join()
            print(child.exitcode)
    """
    child = app(peer, source, ("-X", "dev", "app.py"), PYTHONPATH=os.pathsep.join([BOOTSTRAP, PACKAGES]))
    (first,) = bound(peer)
    say("fork")
    worker = peer.until(lambda _: pathlib.Path(tmp_path, "pid").exists() and int(pathlib.Path(tmp_path, "pid").read_text() or 0))
    (second,) = peer.until(lambda p: {r["process"]["id"] for r in p.reports if r["process"]["pid"] == worker})
    peer.until(lambda _: second in bound(peer))
    say("child")
    out, err = child.communicate(timeout=30)
    assert (out, child.returncode) == ("0\n", 0)
    assert err.lower().count("livebreak") == 0
    assert {second: ["30"]} == told_hits(peer)
    assert peer.goodbyes.index(second) < peer.goodbyes.index(first)


def test_a_runner_with_the_bootstrap_folder_is_one_process_and_so_is_each_child(peer, app, say):
    arm(peer)
    source = """
        import subprocess
        until("child")
        subprocess.run([sys.executable, "-c", "import work; work.until('hit'); work.total(5, 6)"], check=True)
        total(3, 4)
    """
    child = app(peer, source, PYTHONPATH=os.pathsep.join([BOOTSTRAP, PACKAGES]))
    (first,) = bound(peer)
    assert peer.reports[-1]["process"]["service"] == "app"
    say("child")
    second = next(id_ for id_ in bound(peer, 2) if id_ != first)
    say("hit")
    child.communicate(timeout=20)
    assert child.returncode == 0
    assert {first: ["12"], second: ["30"]} == told_hits(peer)
    assert {first, second} == {report["process"]["id"] for report in peer.reports}


def test_a_child_that_only_runs_another_program_is_never_told(peer, app):
    source = """
        import subprocess
        for _ in range(3):
            subprocess.run([sys.executable, "-c", ""], preexec_fn=lambda: None, env={})
        total(3, 4)
    """
    child = app(peer, source)
    child.communicate(timeout=30)
    assert child.returncode == 0
    assert {child.pid} >= {report["process"]["pid"] for report in peer.reports}


def test_a_daemon_that_closes_all_files_goes_on_and_keeps_its_own(peer, app, say, tmp_path):
    arm(peer)
    source = """
        until("fork")
        if os.fork() == 0:
            os.closerange(3, 4096)
            files = [open(f"own-{number}", "wb") for number in range(20)]
            until("child")
            total(5, 6)
            sys.exit()
        os.wait()
    """
    child = app(peer, source)
    bound(peer)
    say("fork")
    bound(peer, 2)
    say("child")
    _, err = child.communicate(timeout=20)
    assert (complaints(err), child.returncode) == ([], 0)
    assert [["30"]] == list(told_hits(peer).values())
    assert {b""} == {path.read_bytes() for path in tmp_path.glob("own-*")}


def test_stop_ends_it_and_start_begins_anew(peer, app, say):
    arm(peer)
    source = """
        import threading, livebreak_agent
        print(livebreak_agent.start(), livebreak_agent.start(), len(os.listdir("/proc/self/task")), threading.active_count())
        until("stop")
        total(1, 2)
        livebreak_agent.stop()
        livebreak_agent.stop()
        print(len(sys._current_frames()), total(3, 4))
        livebreak_agent.start()
        until("end")
        total(5, 6)
    """
    child = app(peer, source, ("app.py",))
    (first,) = bound(peer)
    say("stop")
    second = next(id_ for id_ in bound(peer, 2) if id_ != first)
    say("end")
    out, err = child.communicate(timeout=20)
    assert (complaints(err), child.returncode) == ([], 0)
    assert out == "True True 2 1\n1 12\n"
    assert {first: ["2"], second: ["30"]} == told_hits(peer)
    assert [first, second] == peer.goodbyes


def test_a_wrong_key_is_one_line_on_stderr_and_the_program_runs(peer, app, say):
    peer.fail("GET", "", 401, times=1000)
    child = app(peer, 'until("end")\nprint(total(3, 4))')
    peer.until(lambda p: p.count("GET", "/livebreak/") >= 3)
    say("end")
    out, err = child.communicate(timeout=20)
    assert (out, child.returncode) == ("12\n", 0)
    assert err.startswith("LiveBreak: ")
    assert "refuses the key in LIVEBREAK_SECRET_KEY (401)" in err
    assert err.count("\n") == 1
    assert KEY not in err


def test_nothing_is_sent_where_it_is_disabled(peer, app):
    child = app(peer, "print(total(3, 4), len(sys._current_frames()))", LIVEBREAK_DISABLED="1")
    out, err = child.communicate(timeout=20)
    assert (out, err, child.returncode) == ("12 1\n", "", 0)
    assert peer.requests == []
