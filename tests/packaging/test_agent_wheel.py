"""The agent as people install it: one wheel, alone in an environment, and nothing else in the process."""

import importlib.util
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.request
import uuid
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parents[2]

PROGRAM = """\
import os, sys, time

def total(price, count):
    result = price * count
    return result

while not os.path.exists("end"):
    total(3, 4)
    time.sleep(0.02)

own, standard = os.path.dirname(sys.modules["livebreak_agent"].__file__), os.path.dirname(os.__file__)
for name, module in sorted(sys.modules.items()):
    origin = getattr(module, "__file__", None)
    if origin is not None and name != "__main__" and not origin.startswith(own):
        if "site-packages" in origin or not origin.startswith(standard):
            print("third-party", name)
print("loaded the uplink:", "livebreak_agent.uplink.loop" in sys.modules)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT / "server" / "agent", check=True, capture_output=True, text=True,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """The interpreter of an environment that has the wheel and, on Python 3.11, its one dependency."""
    folder = tmp_path_factory.mktemp("alone")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    # The pip of the interpreter that the tests' own environment was made from, as in the Makefile.
    pip = [sys._base_executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*pip, "install", "-qq", "--no-deps", "--no-index", str(wheel)], check=True)
    if sys.version_info < (3, 12):
        (site,) = folder.glob("lib/python*/site-packages")
        (bytecode,) = importlib.util.find_spec("bytecode").submodule_search_locations
        shutil.copytree(bytecode, site / "bytecode")
    return str(python)


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = ROOT / "server" / "agent" / "livebreak_agent"
    sources = {str(path.relative_to(package.parent)) for path in package.rglob("*.py")} | {"livebreak_agent/py.typed"}
    assert sources == names


def test_the_agent_needs_nothing_but_bytecode_on_python_3_11(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    needed = [line for line in metadata.splitlines() if line.startswith("Requires-Dist:")]
    assert needed == ["Requires-Dist: bytecode>=0.16; python_version < '3.12'"]


def test_a_running_agent_has_loaded_no_third_party_module(python, project, spawn, tmp_path):
    def ask(method, path, data=None):
        request = urllib.request.Request(
            f"{project.host}/api/projects/{project.id}/livebreak/{path}",
            method=method,
            data=json.dumps(data).encode() if data else None,
            headers={"Authorization": f"Bearer {project.api_key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    (tmp_path / "program.py").write_text(PROGRAM)
    process = spawn("alone", [python, "-I", "-m", "livebreak_agent", "program.py"], folder=tmp_path, environment=project.for_app)
    ask("POST", "breakpoints", {"id": str(uuid.uuid4()), "filename": "program.py", "line_number": 5})
    end = time.monotonic() + 60
    while not (hits := ask("GET", "hits")["results"]):
        assert time.monotonic() < end, (process.output, ask("GET", "processes"))
        time.sleep(0.05)
    assert hits[0]["variables"] == {"price": 3, "count": 4, "result": 12}
    (tmp_path / "end").touch()
    process.printed(r"loaded the uplink: True\n")
    third_party = {name.partition(".")[0] for name in re.findall(r"^third-party (.*)$", process.output, re.MULTILINE)}
    assert third_party == ({"bytecode"} if sys.version_info < (3, 12) else set())
