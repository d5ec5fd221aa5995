"""`livebreak status`: where this user's editors and commands are connected to, and what is there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from livebreak.cli.output import print_fields
from livebreak.cli.serving import AsJson
from livebreak.cli.talking import command
from livebreak.cli.target import Name, ask, resolve_choice
from livebreak_agent.vocabulary.wire import Breakpoints, Capabilities, Processes

if TYPE_CHECKING:
    from livebreak.remote.connect import AnyRemote


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    capabilities: Capabilities
    breakpoints: Breakpoints
    processes: Processes


@command
def status(name: Name = None, as_json: AsJson = False) -> None:
    """Show the connection, the project, who you are there, and what is set and running."""
    choice = resolve_choice(name)
    seen = ask(choice.settings, _look)
    capabilities, processes = seen.capabilities, [state.process for state in seen.processes.results]
    enabled = sum(breakpoint.enabled for breakpoint in seen.breakpoints.results)
    print_fields(
        {
            "connected_by": choice.source,
            "host": choice.settings.host,
            "project": {"id": capabilities.project.id, "name": capabilities.project.name},
            "owner": capabilities.owner,
            "scopes": list(capabilities.scopes),
            "key_from": choice.key_source,
            "mode": "stream" if "stream" in capabilities.features else "poll",
            "breakpoints": {"enabled": enabled, "disabled": len(seen.breakpoints.results) - enabled},
            "processes": len(processes),
            "services": dict(Counter(process.service or "-" for process in processes)),
            "paused": [pause.service or "the whole project" for pause in seen.processes.pauses],
        },
        as_json=as_json,
    )


async def _look(remote: AnyRemote) -> _Seen:
    capabilities = await remote.capabilities()
    return _Seen(capabilities=capabilities, breakpoints=await remote.breakpoints(), processes=await remote.processes())
