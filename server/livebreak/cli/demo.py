"""`livebreak demo`: everything on one machine, on real input."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shlex
import signal
import sys
import tempfile
from pathlib import Path

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.text import Text

import livebreak
from livebreak.cli.talking import command
from livebreak.demo.processes import StepError
from livebreak.demo.story import FILE, Running, Seen, play

_MARGIN = 14
"""Columns of the listing that are not the line: frame, mark, number, and the space before the hint."""


@command
def demo(once: bool) -> None:
    """Play the story; with `once` end after it, else stay up until Ctrl-C."""
    console = Console(highlight=False)
    try:
        with tempfile.TemporaryDirectory(prefix="livebreak-demo-") as folder:
            # Resolved, since git and the shop's own tracebacks name real paths.
            asyncio.run(_demo(console, Path(folder).resolve(), once))
    except StepError as error:
        # Markup in a log must not be taken for ours.
        console.print(Text.assemble(("The demo stopped at: ", "bold red"), str(error)))
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        console.print("Ended; everything was cleaned up.")
        raise typer.Exit(130) from None


async def _demo(console: Console, folder: Path, once: bool) -> None:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 -- asyncio.run always has one
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no such handlers on its loops; there Ctrl-C raises KeyboardInterrupt, which ends the task as well.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with console.status("") as status:

        def tell(what: str) -> None:
            status.update(f"{what} ...")
            console.print(Text.assemble(("· ", "cyan"), what))

        async with play(folder, tell) as running:
            status.stop()
            _show(console, running.seen)
            if not once:
                _invite(console, running)
                await asyncio.Event().wait()


def _show(console: Console, seen: Seen) -> None:
    console.print()
    listing = Text()
    for number, line in enumerate(seen.source, start=seen.first_line):
        is_it = number == seen.line
        listing.append("● " if is_it else "  ", style="red")
        listing.append(f"{number:4} ", style="dim")
        listing.append(line, style="bold" if is_it else "")
        if is_it:
            # Behind the line, as in an editor, if the terminal is wide enough.
            is_wide = len(line) + len(seen.inlay_hint) + _MARGIN <= console.width
            listing.append(" " * 3 if is_wide else f"\n{' ' * 11}")
            listing.append(seen.inlay_hint, style="italic yellow")
        listing.append("\n")
    console.print(Panel(listing, title=f"the editor's gutter, breakpoint if {seen.condition}", title_align="left"))
    # The Markdown of terminals refuses links to files; an editor opens them.
    hover = re.sub(r"\[([^\]]+)\]\(file:[^)]*\)", r"\1", seen.hover)
    console.print(Panel(Markdown(hover), title="hover over the line", title_align="left"))
    console.print(Text(f"  {seen.state.message}"))
    console.print(
        f"  set -> bound and shown: {seen.set_to_bound * 1000:.0f} ms    line ran -> hit shown: {seen.ran_to_shown * 1000:.0f} ms"
    )
    console.print()


def _invite(console: Console, running: Running) -> None:
    # `livebreak` may be on no PATH but this environment's, and an editor starts it by name.
    path = f"PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH"
    environment = " ".join([path, *(f"{name}={shlex.quote(value)}" for name, value in running.environment.items())])
    folder = shlex.quote(str(running.place.checkout))
    clients = Path(livebreak.__file__).parents[2] / "editor-clients"
    neovim = shlex.quote(str(clients / "neovim")) if clients.is_dir() else "…/editor-clients/neovim"
    vscode = shlex.quote(str(clients / "vscode")) if clients.is_dir() else "…/editor-clients/vscode"
    console.print(Text.assemble(("It stays up. ", "bold"), f"The shop is at {running.shop}, its code in {folder}."))
    console.print("Open it, and click or type on a line of your own:")
    for name, opened_by in (
        ("Neovim", f"nvim --cmd 'set runtimepath^={neovim}' {folder}/{FILE}    then :LiveBreak"),
        (
            "VS Code",
            f"code --new-window --extensionDevelopmentPath={vscode} {folder}    (after `make vscode`; right-click a line number)",
        ),
    ):
        console.print(Text.assemble((f"  {name}: ", "bold"), f"{environment} {opened_by}"), soft_wrap=True)
    console.print("Ctrl-C ends the demo and removes everything.")
