"""What imports take longer while breakpoints wait for files that are not imported."""

from __future__ import annotations

from tests.bench.agents.pythons import Worker, application, measured
from tests.bench.rows import Broken, Goal, Row, median_of
from tests.bench.run import Run

BLOCKS = 20, 2
MODULES = 100, 10
"""Imported in one block; each is imported once, for the next time would be from `sys.modules`."""
PENDING = 100
"""Breakpoints that wait, a file each."""
MODULE = "import os\n\n\nclass Thing:\n" + "".join(f"    def method_{n}(self, a):\n        return a + {n}\n\n" for n in range(20))


def measure(run: Run) -> list[Row]:
    rows = []
    for python in measured(run):
        blocks, modules = run.count(*BLOCKS), run.count(*MODULES)
        names = [[f"m{block}_{half}_{n}" for n in range(modules)] for block in range(blocks + 1) for half in (0, 1)]
        folder = application(run, f"imports-{python.minor}", {name: MODULE for some in names for name in some})
        worker = Worker(run, python.ours, "ours", folder)
        pending = [{"id": f"p{n}", "file": f"waiting_{n}.py", "line": 2} for n in range(PENDING)]
        ratios = []
        for block in range(blocks + 1):
            seconds = {}
            # Pending first in every other pair, so that a machine that grows slower favours neither.
            for half, is_pending in enumerate([False, True] if block % 2 else [True, False]):
                unbound = worker.ask("arm", breakpoints=pending if is_pending else [])
                if is_pending and len(unbound) != PENDING:
                    raise Broken(f"{PENDING - len(unbound)} breakpoints are bound in files that are not there")
                seconds[is_pending] = worker.ask("imported", modules=names[2 * block + half])
            if block:  # The first pair fills the caches of the folder.
                ratios.append(seconds[True] / seconds[False])
        worker.end()
        how = (
            f"{blocks} pairs of blocks of {modules} imports, {PENDING} breakpoints pending and none by turns; time of the thread"
        )
        name = f"agent: imports while {PENDING} breakpoints are pending, {python.minor}"
        rows.append(median_of(name, ratios, unit="ratio", how=how, goal=Goal(figure="median", at_most=1.05)))
    return rows
