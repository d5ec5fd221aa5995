"""What `livebreak doctor` looks at. No check raises, and none shows a key."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import livebreak
import livebreak_agent
from livebreak.cli.key_scopes import may_read, may_write
from livebreak.cli.remotes import remote_of
from livebreak.cli.serving import missing_libraries
from livebreak.connections import files, keyring_store, keys, local, named
from livebreak.connections.choose import Choice, choose
from livebreak.connections.files import Folders, StoredError
from livebreak.debugger.workspace import Location, preferring
from livebreak.settings import SettingsError, from_environment
from livebreak.sync.remotes import RemoteError
from livebreak.sync.repositories import Repositories, find_repository, unreadable_overrides
from livebreak_agent.vocabulary.wire import API_VERSION, Capabilities, Processes


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    name: str
    found: str
    is_ok: bool | None = None
    """None where nothing can be wrong: it is told because it explains other things."""
    advice: str = ""


def check_all(path: Path | None, name: str | None) -> list[Check]:
    """All checks, for code at this path (by default the working directory) and a connection of this name."""
    folders = files.user_folders()
    checks = [*_versions(), *_storage(folders), _environment()]
    try:
        choice = choose(os.environ, folders, name)
    except (SettingsError, StoredError) as error:
        return [*checks, Check(name="connection", found=str(error), is_ok=False), *_code(path, ())]
    checks.append(_choice(choice))
    if choice.lack is not None:
        return [*checks, *_code(path, ())]
    try:
        capabilities, processes = asyncio.run(_look(choice))
    except RemoteError as error:
        return [*checks, Check(name="backend", found=str(error), is_ok=False), *_code(path, ())]
    repositories = [state.process.repository for state in processes.results]
    return [*checks, *_backend(capabilities), _processes(processes), *_code(path, repositories)]


def _versions() -> Iterator[Check]:
    yield Check(
        name="versions",
        found=f"livebreak {livebreak.__version__}, agent {livebreak_agent.__version__}, "
        f"Python {platform.python_version()}, {platform.system()}",
    )
    missing = missing_libraries()
    yield Check(
        name="serve",
        found="can run here" if not missing else f"cannot run here without {', '.join(missing)}",
        advice="" if not missing else "Only a machine that runs the backend needs it: pip install 'livebreak[serve]'",
    )
    git = shutil.which("git")
    advice = "" if git else "Install git: it tells which repository your files belong to."
    yield Check(name="git", found=git or "not found", is_ok=git is not None, advice=advice)


def _storage(folders: Folders) -> Iterator[Check]:
    state = from_environment({"LIVEBREAK_STATE_DIR": os.environ.get("LIVEBREAK_STATE_DIR", "")}).state_folder
    for label, folder in (("settings in", folders.config), ("data in", folders.data), ("queued edits in", state)):
        is_ok = _is_writable(folder)
        yield Check(name=label, found=str(folder), is_ok=is_ok, advice="" if is_ok else "It cannot be written; mend its rights.")
    for path, read in (
        (named.path_of(folders), named.read_all),
        (keys.path_of(folders), keys.origins),
        (local.path_of(folders), local.read_all),
    ):
        try:
            read(folders)
        except StoredError as error:
            yield Check(name=path.name, found=str(error), is_ok=False)
            continue
        if os.name == "posix" and path.is_file() and path != named.path_of(folders) and path.stat().st_mode & 0o077:
            yield Check(name=path.name, found=f"{path} can be read by others", is_ok=False, advice=f"chmod 600 {path}")
    is_usable = keyring_store.is_usable()
    yield Check(name="keys go to", found="the system's keyring" if is_usable else f"{keys.path_of(folders)}, for your eyes only")


def _environment() -> Check:
    names = sorted(name for name, value in os.environ.items() if name.startswith("LIVEBREAK_") and value)
    return Check(name="environment", found=", ".join(names) or "no LIVEBREAK_ variable is set")


def _choice(choice: Choice) -> Check:
    if choice.lack is not None:
        return Check(name="connection", found=choice.lack, is_ok=False)
    origin = f"{choice.settings.host}, by {choice.source}, key from {_KEY_SOURCES[choice.key_source or 'environment']}"
    return Check(name="connection", found=origin, is_ok=True)


_KEY_SOURCES = {
    "environment": "LIVEBREAK_API_KEY",
    "keyring": "the system's keyring",
    "file": keys.FILE,
    "local backend": local.FILE,
}


async def _look(choice: Choice) -> tuple[Capabilities, Processes]:
    settings = choice.settings
    remote = remote_of(settings)
    try:
        return await remote.capabilities(), await remote.processes()
    finally:
        await remote.close()


def _backend(capabilities: Capabilities) -> Iterator[Check]:
    if not capabilities.api:
        yield Check(
            name="backend",
            found="a plain PostHog API: breakpoints and hits are polled, and no process tells its state",
            is_ok=True,
        )
        return
    is_same = capabilities.api == API_VERSION
    yield Check(
        name="backend",
        found=f"LiveBreak {capabilities.version}, project {capabilities.project.id} ({capabilities.project.name})",
        is_ok=is_same,
        advice="" if is_same else "One side is outdated; bring both to the same version.",
    )
    advice = (
        ""
        if may_write(capabilities)
        else "It may set no breakpoint: make a key with `livebreak keys create --scope live_debugger:write`."
    )
    owner = f"{capabilities.owner or 'nobody by name'}, who may {', '.join(capabilities.scopes) or 'nothing'}"
    yield Check(name="you are", found=owner, is_ok=may_read(capabilities), advice=advice)


def _processes(processes: Processes) -> Check:
    found = processes.results
    services = ", ".join(sorted({state.process.service or "-" for state in found}))
    return Check(
        name="processes",
        found=f"{len(found)} connected" + (f" ({services})" if found else ""),
        advice="" if found else "Start an application with the agent: `livebreak run app.py`.",
    )


def _code(named_path: Path | None, running: Sequence[str | None]) -> Iterator[Check]:
    """Which repository the code belongs to, and whether that is what runs; `running` are the processes' repositories."""
    path = (named_path or Path()).absolute()
    home = find_repository(path if path.is_dir() else path.parent)
    known = sorted({repository for repository in running if repository is not None})
    if home is None:
        yield Check(
            name="this code",
            found=f"{path} is in no git repository",
            # Whoever names no code may be anywhere.
            is_ok=None if named_path is None else False,
            advice='Put it into one (git init), or put a .livebreak.toml with repository = "owner/name" at its root.',
        )
        return
    home = preferring(home, known)
    if (unreadable := unreadable_overrides(Path(home.root))) is not None:
        yield Check(name="this code", found=unreadable, is_ok=False, advice="Mend it, or remove it.")
    location = asyncio.run(Repositories().location(path)) if not path.is_dir() else None
    place = replace(location or Location(repository=home.name, filename="."), repository=home.name)
    is_foreign = home.name is not None and bool(known) and None not in running and home.name not in known
    advice = ""
    if is_foreign:
        advice = (
            f"The connected processes run {', '.join(known)}; this code belongs to {home.name}. Set LIVEBREAK_REPOSITORY of the "
            f"application, or repository in .livebreak.toml, so that both are the same."
        )
    elif home.name is None:
        advice = "Its git has no remote on a host, so its files are matched by path and text alone."
    elif None in running:
        advice = (
            "A connected process knows no repository, so its files are matched by path and text; LIVEBREAK_REPOSITORY names it."
        )
    yield Check(
        name="this code",
        found=f"{place.filename} of {home.name or 'a repository without a name'}, at {home.root}",
        is_ok=not is_foreign,
        advice=advice,
    )


def _is_writable(folder: Path) -> bool:
    """Whether the folder, or the nearest one above that is there, may be written to."""
    there = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
