"""Runs the agent's tests on every CPython 3.11 or newer of this machine: `python tools/agent_tests.py [PYTEST-OPTION...]`.

The agent runs in other people's applications, and watches a line by other means on each version. So each Python gets an
environment of its own, `.venvs/X.Y`, in which there is nothing but what these tests need. Standard library only.

With `--skip-own` the version that runs this is left out, for `make test` tests it with all the rest. A version that is not
there is skipped and said so; with CI=true one of `NEWEST` must have been tested.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pythons import ROOT, Python, find_pythons

WANTED = ("3.11", "3.12", "3.13", "3.14")
"""Versions that the agent supports."""

NEWEST = ("3.13", "3.14")
"""At least one of them must be tested before anything is submitted."""

RUN_TIMEOUT = 900
"""Seconds for all tests on one Python: many times what they take, and below what CI allows for everything."""

TESTS = ("tests/agent", "tests/vocabulary")
REQUIREMENTS = ROOT / "requirements" / "agent-tests.txt"
PYTEST_OPTIONS = (
    # Of pyproject.toml's settings for pytest, some belong to plugins that are not installed here.
    "--config-file=tools/agent-pytest.ini",
    "--rootdir=.",
    "--quiet",
    # Versions may be tested at the same time, and share no folder.
    "-p",
    "no:cacheprovider",
)


class SetupError(Exception):
    """An environment could not be made; the text says why."""


def main(arguments: list[str]) -> int:
    own = f"3.{sys.version_info.minor}" if "--skip-own" in arguments else None
    options = [argument for argument in arguments if argument != "--skip-own"]
    pythons = {python.minor: python for python in find_pythons() if python.released and not python.free_threaded}
    pythons.pop(own, None)
    skipped = [minor for minor in WANTED if minor not in pythons and minor != own]
    for minor in skipped:
        say(f"!!! CPython {minor}: not found, so the agent is not tested on it; `make editors` fetches some.")
    environments = {}
    for minor, python in pythons.items():
        try:
            environments[minor] = prepare(python)
        except SetupError as error:
            say(f"!!! CPython {python.version}: skipped, its environment could not be made: {error}")
            skipped.append(minor)
    running: list[subprocess.Popen[bytes]] = []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        ended = pool.map(lambda minor: run_tests(pythons[minor], environments[minor], options, running), environments)
        try:
            results = dict(zip(environments, ended, strict=True))
        except BaseException:
            # Ctrl-C reaches this thread alone.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in running:
                end(process)
            raise
    passed, failed = ([minor for minor, well in results.items() if well is wanted] for wanted in (True, False))
    say(f"agent: {count(passed)} passed, {count(failed)} failed, {count(skipped)} skipped")
    if os.environ.get("CI") == "true" and not {*passed, own} & {*NEWEST}:
        say(f"!!! The agent must be tested on one of CPython {', '.join(NEWEST)}.")
        return 1
    return 1 if failed else 0


def prepare(python: Python, environment: Path | None = None, requirements: Path = REQUIREMENTS) -> Path:
    """The environment of a Python with all that the tests need; one that is there and fits is left alone."""
    environment = environment or ROOT / ".venvs" / python.minor
    interpreter = environment / "bin" / "python"
    stamp = environment / ".installed"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not answers(interpreter, "-c", f"import platform; assert platform.python_version() == {python.version!r}"):
        say(f"{python.version}: making {environment.relative_to(ROOT)} ...")
        # `--without-pip`, because some systems ship Python without ensurepip.
        check(python.path, "-m", "venv", "--clear", "--without-pip", environment)
    if not stamp.exists() or stamp.read_text() != digest:
        check(*pip(python, interpreter), "install", "--quiet", "--require-hashes", "--requirement", requirements)
        stamp.write_text(digest)
    return environment


def pip(python: Python, interpreter: Path) -> list[str | Path]:
    """A pip that can install into an environment. An old pip fails on a newer Python, so that Python's own is preferred."""
    if answers(python.path, "-m", "pip", "--version"):
        return [python.path, "-m", "pip", "--python", interpreter]
    if answers(interpreter, "-m", "ensurepip"):
        return [interpreter, "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", interpreter]


def run_tests(python: Python, environment: Path, options: Iterable[str], running: list[subprocess.Popen[bytes]]) -> bool:
    """Run the tests, say how it went in one line, and on failure everything that pytest said."""
    say(f"{python.version}: testing ...")
    log = environment / "pytest.log"
    # A file and not a pipe: a process that a test left behind would hold a pipe open for ever.
    with log.open("wb") as output:
        process = subprocess.Popen(
            [environment / "bin" / "python", "-m", "pytest", *PYTEST_OPTIONS, *TESTS, *options],
            cwd=ROOT,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
                "PYTHONPATH": str(ROOT / "server" / "agent"),
                "PYTHONDONTWRITEBYTECODE": "1",
                "HYPOTHESIS_STORAGE_DIRECTORY": str(environment / ".hypothesis"),
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        running.append(process)
        try:
            status = process.wait(RUN_TIMEOUT)
        except subprocess.TimeoutExpired:
            end(process)
            status = -1
    said = log.read_text("utf-8", "replace")
    if status:
        say(said)
    lines = said.strip().splitlines()
    summary = f"did not end within {RUN_TIMEOUT} seconds" if status == -1 else lines[-1] if lines else "pytest said nothing"
    say(f"{python.version}: {summary}")
    return status == 0


def end(process: subprocess.Popen[bytes]) -> None:
    """End it with all its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def check(*command: str | Path) -> None:
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment)
    if done.returncode:
        reasons = (done.stderr or done.stdout).strip().splitlines()
        raise SetupError(reasons[-1] if reasons else f"{command[0]} ended with status {done.returncode}")


def count(minors: list[str]) -> str:
    return f"{len(minors)} ({', '.join(minors)})" if minors else "0"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
