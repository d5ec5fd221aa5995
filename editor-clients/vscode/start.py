"""Starts `livebreak` from the folder `bundled` beside this file: `python3 -I start.py lsp`.

`-I` keeps the opened workspace, `PYTHONPATH` and the user's site-packages out of it. Also old Pythons can read this file, so
that they can say what is wrong.
"""

import sys
from pathlib import Path

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    sys.exit(f"LiveBreak needs Python 3.11 or newer, and this is {sys.version_info[0]}.{sys.version_info[1]}.")

sys.path.insert(0, str(Path(__file__).resolve().parent / "bundled"))

from livebreak.__main__ import main  # noqa: E402 - the folder above has it

main()
