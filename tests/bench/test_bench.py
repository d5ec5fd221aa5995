"""The bench can measure everything that it promises. Its figures are not looked at: a slow machine is no failure."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(660)

BENCHES = sorted(path.stem for path in (ROOT / "tests/bench/benches").glob("*.py"))


def bench(*options: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick", "--no-install", *options],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=600, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a quick run of everything wrote."""
    path = tmp_path_factory.mktemp("bench") / "result.json"
    done = bench("--output", path)
    assert 0 == done.returncode, done.stdout + done.stderr
    return path


@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_measures_its_rows(name: str, result: Path) -> None:
    data = json.loads(result.read_text())

    rows = [row for row in data["rows"] if row["bench"] == name]

    assert rows or [text for text in data["skipped"] if text.startswith(f"{name}: ")]
    assert all(row["figures"] and row["how"] and row["unit"] for row in rows)


def test_a_result_says_where_and_of_what_it_is(result: Path) -> None:
    machine = json.loads(result.read_text())["machine"]

    assert {"cpu", "cores", "memory_mb", "kernel", "commit", "date", "versions"} <= machine.keys()


def test_a_result_is_compared_with_an_earlier_one(result: Path, tmp_path: Path) -> None:
    data = json.loads(result.read_text())
    for row in data["rows"]:
        row["figures"] = {name: value * 1000 for name, value in row["figures"].items()}
    (tmp_path / "earlier.json").write_text(json.dumps(data))

    done = bench("--only", "lsp", "--compare", tmp_path / "earlier.json", "--output", tmp_path / "later.json")

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "-100%  too few rounds to tell" in done.stdout


def test_a_file_that_is_no_result_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("[]")

    done = bench("--only", "lsp", "--compare", tmp_path / "other.json")

    assert 2 == done.returncode
    assert "was not written by `make bench`." in done.stdout
    assert "Traceback" not in done.stderr


def test_an_unknown_bench_is_refused_with_the_names_of_those_that_are_there() -> None:
    done = bench("--only", "lop")

    assert 2 == done.returncode
    assert "there is no bench 'lop'" in done.stderr
    assert all(name in done.stderr for name in BENCHES)
