"""The wheel of `livebreak` holds all that runs, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_the_demo_and_the_migrations_and_no_tests(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())

    sources = {path.relative_to(ROOT / "server").as_posix() for path in (ROOT / "server" / "livebreak").rglob("*.py")}
    assert sources <= names
    assert {"livebreak/demo/shop/README.md", "livebreak/py.typed"} <= names
    assert {"livebreak"} == {name.split("/")[0] for name in names if ".dist-info" not in name}
