"""`python -m livebreak_agent ...` against `python ...`: the same program must not see, nor show, any difference."""

import os
import pathlib
import subprocess
import sys
import zipfile

import pytest

import livebreak_agent

PACKAGES = str(pathlib.Path(livebreak_agent.__file__).parents[1])
BOOTSTRAP = str(pathlib.Path(livebreak_agent.__file__).parent / "bootstrap")

SHOW = """\
import json, sys
facts = {
    "argv": sys.argv,
    "path": sys.path[0],
    "names": sorted(globals()),
    "name": __name__,
    "file": __file__,
    "package": __package__,
    "spec": __spec__ and (__spec__.name, __spec__.origin),
    "loader": type(__loader__).__name__,
    "main": sys.modules["__main__"].__dict__ is globals(),
    "builtins": type(__builtins__).__name__,
}
print(json.dumps(facts))
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "app.py").write_text(SHOW)
    (tmp_path / "package" / "sub").mkdir(parents=True)
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "package" / "__main__.py").write_text(SHOW)
    (tmp_path / "package" / "sub" / "__init__.py").write_text("")
    (tmp_path / "package" / "sub" / "tool.py").write_text(SHOW)
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("__main__.py", SHOW)
    return tmp_path


def run(folder, arguments, *, options=(), environ=None, cwd=None):
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("LIVEBREAK_", "PYTHON"))}
    variables.update({"PYTHONPATH": PACKAGES, "PYTHONDONTWRITEBYTECODE": "1"} | (environ or {}))
    return subprocess.run(
        [sys.executable, *options, *arguments],
        cwd=cwd or folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def both(folder, arguments, **how):
    """The same program without and with the agent's runner."""
    return run(folder, arguments, **how), run(folder, ["-m", "livebreak_agent", *arguments], **how)


def outcome(done):
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["app.py", "one", "-m", "--two"],
        ["package", "one"],
        ["app.zip", "one"],
        ["-m", "package", "one", "-x"],
        ["-m", "package.sub.tool", "--help"],
    ],
)
@pytest.mark.parametrize("options", [[], ["-P"], ["-O"]])
def test_a_program_finds_itself_as_python_starts_it(folder, arguments, options):
    plain, ours = both(folder, arguments, options=options)
    assert outcome(plain) == outcome(ours)
    if options != ["-P"] or arguments[0] != "-m":
        assert plain.returncode == 0


def test_a_script_elsewhere_and_behind_a_link_is_found_as_python_finds_it(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "link.py").symlink_to(folder / "app.py")
    plain, ours = both(folder, [str(elsewhere / "link.py"), "one"], cwd=elsewhere)
    assert outcome(plain) == outcome(ours)


def test_a_compiled_script_runs(folder):
    import py_compile

    py_compile.compile(str(folder / "app.py"), cfile=str(folder / "app.pyc"))
    plain, ours = both(folder, ["app.pyc"])
    assert outcome(plain) == outcome(ours)
    assert plain.returncode == 0


@pytest.mark.parametrize(
    "source",
    [
        "import sys; sys.exit()",
        "import sys; sys.exit(3)",
        "import sys; sys.exit('no luck')",
        "raise SystemExit(4)",
        "def f():\n    raise ValueError('x')\n\nf()\n",
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('y') from error\n",
        "def broken(:\n",
        "raise KeyboardInterrupt",
        "import os, signal; os.kill(os.getpid(), signal.SIGINT)\nimport time; time.sleep(30)",
        "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
        "import os; os._exit(5)",
        "import sys\nsys.excepthook = lambda kind, error, tb: print('hook', kind.__name__)\nraise ValueError",
        "import atexit, threading\natexit.register(print, 'atexit')\nthreading.Thread(target=print, args=('thread',)).start()\n",
        "import atexit, sys\natexit.register(lambda: print(sys.last_value.__traceback__.tb_lineno))\nraise ValueError\n",
    ],
)
@pytest.mark.parametrize("as_module", [False, True])
def test_a_program_ends_as_it_would_without_us(folder, source, as_module):
    (folder / "end.py").write_text(source)
    plain, ours = both(folder, ["-m", "end"] if as_module else ["end.py"])
    assert outcome(plain) == outcome(ours)


@pytest.mark.parametrize("arguments", [["missing.py"], ["-m", "missing"], ["-m", "package.missing"], ["-m", "package.sub"]])
def test_what_is_not_there_is_said_as_python_says_it(folder, arguments):
    plain, ours = both(folder, arguments)
    assert plain.returncode == ours.returncode
    assert plain.stderr == ours.stderr


def test_a_module_that_outlives_the_script_is_still_main(folder):
    (folder / "late.py").write_text(
        "import pickle, sys, threading\n"
        "class Order: pass\n"
        "def work():\n"
        "    threading.main_thread().join()\n"
        "    print(pickle.loads(pickle.dumps(Order())).__class__ is Order, sys.modules['__main__'].Order is Order)\n"
        "threading.Thread(target=work).start()\n"
    )
    plain, ours = both(folder, ["late.py"])
    assert outcome(plain) == outcome(ours)
    assert plain.stdout == "True True\n"


def test_children_of_multiprocessing_find_the_main_module(folder):
    (folder / "pool.py").write_text(
        "import multiprocessing\n"
        "def double(number):\n"
        "    return 2 * number\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.map(double, [1, 2]))\n"
    )
    plain, ours = both(folder, ["pool.py"])
    assert outcome(plain) == outcome(ours)
    assert plain.stdout == "[2, 4]\n"


def test_without_a_program_the_usage_is_shown(folder):
    done = run(folder, ["-m", "livebreak_agent"])
    assert done.returncode == 2
    assert "usage: python -m livebreak_agent SCRIPT" in done.stderr
    assert f"livebreak-agent {livebreak_agent.__version__}\n" == run(folder, ["-m", "livebreak_agent", "--version"]).stdout


def test_without_a_host_nothing_is_started_and_little_imported(folder):
    (folder / "quiet.py").write_text(
        "import sys, livebreak_agent\n"
        "print(livebreak_agent.start(), len(sys._current_frames()))\n"
        "print(sorted(name for name in sys.modules if name.startswith('livebreak_agent')))\n"
        "livebreak_agent.stop()\n"
    )
    expected = "False 1\n['livebreak_agent']\n"
    assert expected == run(folder, ["quiet.py"]).stdout
    disabled = {"LIVEBREAK_HOST": "https://a.example", "LIVEBREAK_SECRET_KEY": "phs_a", "LIVEBREAK_DISABLED": "1"}
    assert expected == run(folder, ["quiet.py"], environ=disabled).stdout


def test_importing_the_agent_loads_no_further_module(folder):
    done = run(
        folder, ["-c", "import sys; before = set(sys.modules); import livebreak_agent; print(sorted(set(sys.modules) - before))"]
    )
    assert done.stdout in {"['__future__', 'livebreak_agent']\n", "['livebreak_agent', '__future__']\n"}


def test_a_host_without_a_key_is_one_sentence_and_the_program_runs(folder):
    done = run(folder, ["-m", "livebreak_agent", "app.py"], environ={"LIVEBREAK_HOST": "https://a.example"})
    assert done.returncode == 0
    assert done.stdout
    assert done.stderr.startswith("LiveBreak: LIVEBREAK_SECRET_KEY is not set;")
    assert done.stderr.count("\n") == 1


def test_the_bootstrap_folder_starts_the_agent_and_runs_the_next_sitecustomize(folder):
    (folder / "sitecustomize.py").write_text("print('next', __name__, __file__.endswith('sitecustomize.py'))\n")
    (folder / "child.py").write_text(
        "import sys, sitecustomize; print('livebreak_agent.lifecycle' in sys.modules, sitecustomize.__file__)\n"
    )
    path = os.pathsep.join([BOOTSTRAP, str(folder), PACKAGES])
    environ = {"PYTHONPATH": path, "LIVEBREAK_HOST": "http://127.0.0.1:9", "LIVEBREAK_SECRET_KEY": "phs_a"}
    done = run(folder, ["child.py"], environ=environ)
    assert done.returncode == 0
    assert done.stdout == f"next sitecustomize True\nTrue {folder / 'sitecustomize.py'}\n"
    without_host = run(folder, ["child.py"], environ={"PYTHONPATH": path})
    assert without_host.stdout == f"next sitecustomize True\nFalse {folder / 'sitecustomize.py'}\n"


def test_the_bootstrap_folder_works_where_the_agent_is_not_installed(folder):
    (folder / "child.py").write_text("import livebreak_agent\n")
    environ = {"PYTHONPATH": BOOTSTRAP, "LIVEBREAK_HOST": "http://127.0.0.1:9", "LIVEBREAK_SECRET_KEY": "phs_a"}
    done = run(folder, ["child.py"], options=["-S"], environ=environ)
    assert "ModuleNotFoundError" in done.stderr  # Without `site` nothing runs our file: the module is truly not installed.
    program = "import sys; sys.path.insert(0, {!r}); import sitecustomize, os; print(len(os.listdir('/proc/self/task')))"
    found = run(folder, ["-c", program.format(BOOTSTRAP)], options=["-I", "-S"], environ=environ)
    assert found.stdout == "2\n"
