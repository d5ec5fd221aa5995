"""The demo's child processes: started with their output in a log, waited for, and ended with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

END_PATIENCE = 5.0
"""Seconds between asking a child to end and ending it."""
_TAIL_LINES = 8


class StepError(Exception):
    """A step that did not happen; the text says which and why, for a person."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Child:
    """A running child and the file that holds its output."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    def tail(self) -> str:
        """Its last lines, to say why something failed."""
        lines = self.log.read_text("utf-8", "replace").splitlines()[-_TAIL_LINES:]
        return "\n".join(f"    {line}" for line in lines) or "    (it printed nothing)"


async def start(name: str, command: Sequence[str], *, logs: Path, folder: Path, environment: Mapping[str, str]) -> Child:
    """Start a child in a group of its own, so that Ctrl-C reaches it through us and in order."""
    log = logs / f"{name}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=dict(environment), stdin=asyncio.subprocess.DEVNULL, stdout=output,
            stderr=asyncio.subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    return Child(name=name, process=process, log=log)


async def printed(child: Child, pattern: str) -> re.Match[str]:
    """Wait until the child prints a line with the pattern; `StepError` if it ends before."""
    while True:
        has_ended = child.process.returncode is not None
        if (match := re.search(pattern, child.log.read_text("utf-8", "replace"))) is not None:
            return match
        if has_ended:
            raise StepError(f"the {child.name} ended with status {child.process.returncode}; its last lines:\n{child.tail()}")
        await asyncio.sleep(0.02)


async def run(command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> str:
    """Run a command to its end and return what it printed; `StepError` with its complaint if it fails."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=dict(environment), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await process.communicate()
    if process.returncode != 0:
        raise StepError(
            f"`{Path(command[0]).name} ...` ended with status {process.returncode}: {errors.decode(errors='replace').strip()}"
        )
    return output.decode()


async def end(child: Child) -> None:
    """Ask the child's group to end, and end it if it does not."""
    if child.process.returncode is None:
        _signal(child, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(child.process.wait(), END_PATIENCE)
    if child.process.returncode is None:
        _signal(child, signal.SIGKILL)
        await child.process.wait()


def _signal(child: Child, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, number)
