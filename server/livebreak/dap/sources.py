"""Sources: the local file where its text is what the process runs, else the deployed text, as far as it can be had."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from livebreak.dap import types
from livebreak.dap.failures import ErrorId, RequestError
from livebreak.dap.methods import Method
from livebreak.dap.references import FrameView
from livebreak.dap.session import DebugSession
from livebreak.dap.source_references import DeployedSource
from livebreak.debugger.values import visible
from livebreak.debugger.wording import frames_of
from livebreak.debugger.workspace import Location
from livebreak.sync.deployed_source import deployed_text
from livebreak.sync.source_files import decode_source
from livebreak_agent.vocabulary.anchor import digests_of, split_lines
from livebreak_agent.vocabulary.model import Hit

FILES_KEPT = 64
"""Local texts kept: the files of a stack or two."""
LARGEST_LOCAL = 8 << 20
"""Bytes; a larger file is taken as one that differs."""
LONGEST_SKETCH = 20_000
"""Lines of a text of which only single lines are known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalFile:
    path: Path
    text: str
    digests: Sequence[str]


async def source_of(session: DebugSession, view: FrameView) -> types.Source:
    """Where a client finds the text of a frame."""
    frame = view.frame
    name = visible(frame.filename.rpartition("/")[2] or frame.filename) or "unknown"
    hint: Literal["deemphasize"] | None = None if is_own(view) else "deemphasize"
    local = local_file(session, view)
    if local is not None and is_same(view, local):
        return types.Source(name=name, path=str(local.path), presentation_hint=hint)
    source = deployed_source(session, view)
    if frame.text is not None and 0 < frame.line_number <= LONGEST_SKETCH:
        session.sources.lines.setdefault(source, {})[frame.line_number] = frame.text
    origin = "the text here differs" if local is not None else "not on this machine"
    return types.Source(
        name=name,
        # For the title only, since with a reference the client asks us for the text.
        path=visible(frame.filename),
        source_reference=session.sources.reference(source),
        origin=f"deployed{f' at {visible(view.hit.revision[:8])}' if view.hit.revision else ''}; {origin}",
        presentation_hint=hint,
    )


async def text_of(session: DebugSession, view: FrameView) -> str | None:
    """The text that a frame ran, where it is known as a whole."""
    local = local_file(session, view)
    if local is not None and is_same(view, local):
        return local.text
    deployed = deployed_source(session, view)
    known = session.sources.texts
    return known[deployed] if deployed in known else await _deployed(session, deployed)


async def source(session: DebugSession, arguments: types.SourceArguments) -> types.SourceResponseBody:
    reference = arguments.source_reference
    if arguments.source is not None and arguments.source.source_reference:
        reference = arguments.source.source_reference
    found = session.sources.get(reference)
    if found is None:
        raise RequestError(ErrorId.UNKNOWN_SOURCE, f"There is no source {reference} in this session; select a frame again.")
    text = await _deployed(session, found)
    if text is None:
        text = _sketch(found, session.sources.lines.get(found, {}))
    return types.SourceResponseBody(content=text, mime_type="text/x-python")


async def loaded_sources(session: DebugSession, _: None) -> types.LoadedSourcesResponseBody:
    listed = (
        types.Source(
            name=visible(it.filename.rpartition("/")[2]) or "unknown", path=visible(it.filename), source_reference=number
        )
        for it, number in session.sources.references.items()
    )
    return types.LoadedSourcesResponseBody(sources=tuple(listed))


METHODS = (
    Method(command="source", arguments=types.SourceArguments, answer=source),
    Method(
        command="loadedSources",
        arguments=None,
        answer=loaded_sources,
        capabilities=("supports_loaded_sources_request",),
        before_attach=True,
    ),
)


def is_own(view: FrameView) -> bool:
    """True of the application's own code; what is not in its repository is a library's."""
    return view.frame.in_repository or view.index == 0


def deployed_source(session: DebugSession, view: FrameView) -> DeployedSource:
    hit = view.hit
    is_line = view.frame.filename == frames_of(hit)[0].filename
    return DeployedSource(
        repository=_repository(session, hit) if is_own(view) else None,
        filename=view.frame.filename,
        digest=hit.digest if is_line else None,
        revision=hit.revision if is_own(view) else None,
    )


def local_file(session: DebugSession, view: FrameView) -> LocalFile | None:
    if is_own(view):
        location = Location(repository=_repository(session, view.hit), filename=view.frame.filename)
        path = session.attached.repositories.path(location)
    else:
        # A library's file, where the app runs on this machine, is the one that it loaded.
        path = _library_file(view.frame.filename)
    if path is None:
        return None
    try:
        status = path.stat()
        return _read(path, status.st_mtime_ns, status.st_size) if status.st_size <= LARGEST_LOCAL else None
    except (OSError, ValueError):
        return None


def _library_file(filename: str) -> Path | None:
    """A Python file of this machine's own disks. Even to look for one on another host would send the user's credentials there."""
    path = Path(filename)
    is_elsewhere = filename[:2].replace("\\", "/") == "//"
    return path if path.is_absolute() and path.suffix == ".py" and not is_elsewhere else None


def is_same(view: FrameView, local: LocalFile) -> bool:
    """True if the local text is what the process ran, by its digest; for other frames' files, by the text of their line."""
    hit = view.hit
    if hit.digest is not None and view.frame.filename == frames_of(hit)[0].filename:
        return hit.digest in local.digests
    lines = split_lines(local.text)
    number = view.frame.line_number
    if view.frame.text is None:
        return 0 < number <= len(lines) and view.index > 0
    return 0 < number <= len(lines) and lines[number - 1].strip() == view.frame.text.strip()


def _repository(session: DebugSession, hit: Hit) -> str | None:
    item = session.feed.breakpoint(hit.breakpoint_id)
    return item.repository if item is not None else None


@functools.lru_cache(maxsize=FILES_KEPT)
def _read(path: Path, changed: int, size: int) -> LocalFile:
    del changed, size  # they are a part of the key: a file that was saved again is read again
    data = path.read_bytes()
    return LocalFile(path=path, text=decode_source(data), digests=digests_of(data))


async def _deployed(session: DebugSession, source: DeployedSource) -> str | None:
    root = session.attached.repositories.root(source.repository)
    text = None
    if root is not None:
        text = await deployed_text(root, source.filename, digest=source.digest, revision=source.revision)
    session.sources.keep(source, text)
    return text


def _sketch(source: DeployedSource, lines: dict[int, str]) -> str:
    """The lines that hits have shown, at their numbers, below a sentence that says why there are no others."""
    which = f"blob {source.digest[:12]}" if source.digest else f"revision {source.revision[:8]}" if source.revision else "unknown"
    head = [
        f"# The deployed text of {visible(source.filename)} ({visible(which)}) is not on this machine;",
        "# `git fetch` may bring it. Only the lines that hits have shown are known:",
    ]
    last = max(lines, default=0)
    known = [visible(lines.get(number, "")) for number in range(1, last + 1)]
    return "\n".join([*(old or new for old, new in zip(known, head, strict=False)), *known[len(head) :], *head[len(known) :], ""])
