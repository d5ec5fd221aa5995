"""`python -m livebreak_agent doctor` beside a real backend."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def doctor(bare: dict[str, str], new_checkout: Any) -> Any:
    checkout: Path = new_checkout({"shop.py": "def total():\n    return 1\n"})

    def run(**environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "livebreak_agent", "doctor", "shop.py:2"],
            cwd=checkout, env=bare | environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    return run


def test_all_is_well(doctor: Any, project: Any) -> None:
    done = doctor(**project.for_app)

    assert (0, "") == (done.returncode, done.stderr)
    assert f"connected as project {'test_doctor.py'!r} ({project.id})." in done.stdout
    assert "Line 2 of shop.py binds, in total." in done.stdout
    assert "acme/shop  (.git in" in done.stdout
    assert "No problem found." in done.stdout
    assert "phs_" not in done.stdout


def test_a_key_that_is_refused_is_a_problem_and_is_not_shown(doctor: Any, project: Any) -> None:
    done = doctor(**project.for_app | {"LIVEBREAK_SECRET_KEY": "phs_" + "a" * 40})

    assert 1 == done.returncode
    assert "refuses the key in LIVEBREAK_SECRET_KEY (401)" in done.stdout
    assert "phs_" not in done.stdout
