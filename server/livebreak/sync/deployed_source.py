"""The text that a process runs, where this machine's git has it: by the blob's id, or by revision and path."""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path

from livebreak.sync.repositories import GIT_TIMEOUT, git_environment
from livebreak.sync.source_files import decode_source

LARGEST_SOURCE = 8 << 20
"""Bytes; no editor shows a longer source without a pause."""

_NOT_FETCHED = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_SSH_COMMAND": "false"}
"""In a partial clone git asks the remote for an object that it lacks, and a process would so make this machine talk to it, once
for each name that it invents. Before git 2.44 only the second, a list of permitted protocols without one, prevents that."""

_OBJECT_ID = re.compile(r"[0-9a-f]{40}\Z")


async def deployed_text(root: Path, filename: str, *, digest: str | None, revision: str | None) -> str | None:
    """The deployed text of a file, from the working tree's git; None where it does not have it.

    `filename` is relative to the repository's root. Digest and revision come from a process, so what is no object id is not
    shown to git.
    """
    names = []
    if digest is not None and _OBJECT_ID.match(digest):
        names.append(digest)
    elif revision is not None and _OBJECT_ID.match(revision) and not filename.startswith(("/", "-")) and "\0" not in filename:
        names.append(f"{revision}:{filename}")
    for name in names:
        if (data := await asyncio.to_thread(_blob, root, name)) is not None:
            return decode_source(data)
    return None


def _blob(root: Path, name: str) -> bytes | None:
    command = ["git", "-C", str(root), "cat-file", "blob", name]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            check=False,
            env=git_environment() | _NOT_FETCHED,
            stdin=subprocess.DEVNULL,
            timeout=GIT_TIMEOUT,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 and len(done.stdout) <= LARGEST_SOURCE else None
