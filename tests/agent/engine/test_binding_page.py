"""docs/binding.md says what is so on the Python that runs this."""

import pathlib
import runpy
import sys

ROOT = pathlib.Path(__file__).parents[3]


def test_the_page_is_what_breakpoints_come_to(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    monkeypatch.setitem(sys.modules, "binding_cases", None)
    page = runpy.run_path(str(ROOT / "tools" / "binding_page.py"))["read"]((ROOT / "docs" / "binding.md").read_text("utf-8"))
    cases = runpy.run_path(str(pathlib.Path(__file__).parent / "binding_cases.py"), run_name="binding_cases")
    found = cases["outcomes"]()

    expected = {name: (outcome.result, outcome.reason) for name, outcome in found.items()}

    assert expected == page[f"3.{sys.version_info.minor}"], "Run `make binding`, and look at what has changed."
