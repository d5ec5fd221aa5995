"""The command `livebreak`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command. What an editor starts goes past the command line's libraries, so that it is there in half a second."""
    if sys.argv[1:2] == ["lsp"]:
        from livebreak.cli.lsp import main as lsp

        sys.exit(lsp(sys.argv[2:]))

    if sys.argv[1:2] == ["dap"]:
        from livebreak.cli.dap import main as dap

        sys.exit(dap(sys.argv[2:]))

    from livebreak.cli.app import app

    app(prog_name="livebreak")


if __name__ == "__main__":
    main()
