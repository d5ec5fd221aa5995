"""The commands, by name."""

from __future__ import annotations

from typing import Annotated

import typer

from livebreak import __version__
from livebreak.cli import (
    attach,
    audit,
    breakpoints,
    connect,
    disconnect,
    doctor,
    forget,
    hits,
    keys,
    pausing,
    processes,
    projects,
    run,
    serve,
    status,
    why,
)

app = typer.Typer(
    help="A live debugger: a breakpoint in the editor, locals and stack from running processes, without stopping them.",
    no_args_is_help=True,
    # Locals in a traceback could hold keys, and an error of ours is a sentence anyway.
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(asked: bool) -> None:
    if asked:
        print(f"livebreak {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    del version


@app.command("demo")
def _demo(
    once: Annotated[bool, typer.Option("--once", help="End after the story instead of staying up.")] = False,
) -> None:
    """Find a bug in a running web shop: backend, shop, traffic and an editor, all on this machine, cleaned up at the end."""
    # The story plays an editor, whose protocol takes half of a second to load: no other command is to wait for it.
    from livebreak.cli.demo import demo

    demo(once)


app.command("serve")(serve.serve)
app.command("connect")(connect.connect)
app.command("disconnect")(disconnect.disconnect)
app.command("status")(status.status)
app.command("doctor")(doctor.doctor)
app.command("forget")(forget.forget)
app.add_typer(projects.app, name="projects")
app.add_typer(keys.app, name="keys")
app.add_typer(breakpoints.app, name="breakpoints")
app.add_typer(hits.app, name="hits")
app.add_typer(processes.app, name="processes")
app.command("why")(why.why_no_hits)
app.command("pause")(pausing.pause)
app.command("resume")(pausing.resume)
app.command("audit")(audit.audit)
app.command("attach")(attach.attach)
app.command("run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(run.run)


@app.command("lsp", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def _lsp(context: typer.Context) -> None:
    """Run the language server on standard input and output; an editor starts it."""
    from livebreak.cli.lsp import main

    raise typer.Exit(main(context.args))


@app.command("dap", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def _dap(context: typer.Context) -> None:
    """Run the debug adapter on standard input and output; an editor's debugger starts it."""
    from livebreak.cli.dap import main

    raise typer.Exit(main(context.args))
