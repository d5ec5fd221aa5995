"""The types of the Debug Adapter Protocol are those of the official schema, which the lock pins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_generated_types_are_those_of_the_schema() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/dap_types.py"), "--check"], capture_output=True, text=True, check=False, timeout=60
    )

    assert 0 == done.returncode, f"run `make types`\n{done.stderr}"
