"""What `livebreak serve` says once it answers: where it is, what is in it, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from livebreak.backend.store.interface import KeyRow, ProjectRow
from livebreak.connections.local import LocalBackend


def greet(base_url: str, data: str, projects: Sequence[ProjectRow], keys: Sequence[KeyRow], local: LocalBackend | None) -> None:
    """Print it; no key is in it."""
    lines = [f"LiveBreak backend listening on {base_url}", f"Data: {data}"]
    lines += [_project(project, keys) for project in projects]
    if local is not None:
        lines += [
            f"An application on this machine, in project {local.project}: livebreak run app.py",
            f"An editor on this machine, as {local.owner}: open it; it finds this backend by itself (`livebreak status` tells)",
            f"A key for applications elsewhere: livebreak keys create --project {local.project} --secret",
        ]
    elif projects:
        lines += [
            "A key for a person: livebreak keys create --project ID --scope '*' --for NAME, and then livebreak connect HOST",
            "A key for applications: livebreak keys create --project ID --secret",
        ]
    else:
        lines.append("Next, in another terminal: livebreak projects create NAME")
    if "//0.0.0.0" in base_url or "//[::]" in base_url:
        port = base_url.rpartition(":")[2]
        lines.append(f"From a container or another machine: LIVEBREAK_HOST=http://ADDRESS-OF-THIS-MACHINE:{port}")
    # Whoever started this waits for the first line, so nothing may stay in a buffer.
    print("\n".join(lines), flush=True)


def _project(project: ProjectRow, keys: Sequence[KeyRow]) -> str:
    kinds = [key.kind for key in keys if key.project_id == project.id and key.revoked_at is None]
    return (
        f"Project {project.id} ({project.name}): {_count(kinds.count('personal'), 'key')} of people, "
        f"{_count(kinds.count('secret'), 'key')} of applications"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
