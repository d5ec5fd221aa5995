"""What is known of the backend right now: a plain store that `Connection` fills and `Session` reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from livebreak.debugger.breakpoints import is_mine
from livebreak.debugger.hits import HitLog
from livebreak_agent.vocabulary.environments import is_production
from livebreak_agent.vocabulary.lsp_messages import Connection, Status
from livebreak_agent.vocabulary.model import Binding, Breakpoint, NewBreakpoint
from livebreak_agent.vocabulary.wire import Pause, ProcessState


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedEdit:
    """An addition that the backend did not take, and its sentence; kept so that the mark can say why it is grey."""

    new: NewBreakpoint
    message: str


class Known:
    """Replaced piece by piece. `on_touched` hears the ids of breakpoints whose state may look different now."""

    def __init__(self, *, host: str | None = None, message: str = "Live mode is off.", is_production: bool = False) -> None:
        self.host = host
        self._is_production = is_production
        self.project: str | None = None
        self.owner: str | None = None
        self.connection = Connection.OFF
        self.message = message
        self.unsendable: str | None = None
        """Why edits do not leave although the backend answers, such as a key that may only read."""
        self.question: str | None = None
        """What the user was asked, and additions wait for."""
        self.keeps_from_production = False
        """The backend knows breakpoints for every environment but production."""
        self.mode: Literal["stream", "poll"] | None = None
        self.breakpoints: dict[str, Breakpoint] = {}
        self.pauses: tuple[Pause, ...] = ()
        self.refused: dict[str, RefusedEdit] = {}
        self.hits = HitLog()
        self.on_touched: Callable[[frozenset[str]], None] = lambda _: None
        self._since_asked: dict[str, Breakpoint | None] | None = None
        self._processes: dict[str, ProcessState] = {}
        self._answers: dict[str, list[tuple[ProcessState, Binding]]] | None = None

    @property
    def is_offline(self) -> bool:
        return self.connection not in (Connection.CONNECTED, Connection.CONNECTING)

    @property
    def why_unsent(self) -> str | None:
        """What keeps edits here; None if nothing does, and they are on their way."""
        return self.message if self.is_offline else self.unsendable

    @property
    def processes(self) -> tuple[ProcessState, ...]:
        return tuple(self._processes.values())

    @property
    def running(self) -> frozenset[str]:
        """The repositories whose code the processes run."""
        return frozenset(it.process.repository for it in self._processes.values() if it.process.repository is not None)

    def answers_for(self, breakpoint_id: str) -> Sequence[tuple[ProcessState, Binding]]:
        """What the processes made of a breakpoint."""
        if self._answers is None:
            # Worked out once for all: each process answers for every breakpoint.
            self._answers = {}
            for state in self._processes.values():
                for binding in state.bindings:
                    self._answers.setdefault(binding.breakpoint_id, []).append((state, binding))
        return self._answers.get(breakpoint_id, ())

    def status(self, *, queued: int) -> Status:
        return Status(
            connection=self.connection,
            message=self.message,
            host=self.host,
            project=self.project,
            owner=self.owner,
            mode=self.mode if self.connection is Connection.CONNECTED else None,
            queued=queued,
            processes=len(self._processes),
            pauses=self.pauses,
            breakpoints=sum(item.enabled and is_mine(item, self.owner) for item in self.breakpoints.values()),
            is_production=self._is_production
            or is_production(self.project)
            or any(is_production(state.process.environment) for state in self._processes.values()),
        )

    def touched(self, *breakpoint_ids: str) -> None:
        self.on_touched(frozenset(breakpoint_ids))

    def expect_breakpoints(self) -> None:
        """The whole list is being asked for: what is learned from now on is newer than the answer."""
        self._since_asked = {}

    def replace_breakpoints(self, breakpoints: Iterable[Breakpoint]) -> None:
        """The whole list, as the backend had it when it was asked."""
        old = self.breakpoints
        newer = self._since_asked or {}
        listed = {item.id: item for item in breakpoints} | newer
        self.breakpoints = {id: item for id, item in listed.items() if item is not None}
        self._since_asked = None
        self.touched(*(old.keys() | self.breakpoints.keys()))

    def put_breakpoint(self, item: Breakpoint) -> None:
        self.breakpoints[item.id] = item
        self.refused.pop(item.id, None)
        if self._since_asked is not None:
            self._since_asked[item.id] = item
        self.touched(item.id)

    def drop_breakpoint(self, breakpoint_id: str) -> None:
        self.refused.pop(breakpoint_id, None)
        if self._since_asked is not None:
            self._since_asked[breakpoint_id] = None
        if self.breakpoints.pop(breakpoint_id, None) is not None:
            self.hits.forget(breakpoint_id)
            self.touched(breakpoint_id)

    def replace_processes(self, states: Iterable[ProcessState]) -> None:
        self._processes = {state.process.id: state for state in states}
        self._answers = None
        self.touched(*self.breakpoints)

    def put_process(self, state: ProcessState) -> None:
        old = self._processes.get(state.process.id)
        self._processes[state.process.id] = state
        self._answers = None
        before = set(old.bindings) if old is not None else set()
        if old is None:
            # A breakpoint that nobody answered for may read differently now that somebody is there.
            self.touched(*self.breakpoints)
        else:
            self.touched(*(binding.breakpoint_id for binding in before ^ set(state.bindings)))

    def drop_process(self, process_id: str) -> None:
        if self._processes.pop(process_id, None) is not None:
            self._answers = None
            self.touched(*self.breakpoints)

    def replace_pauses(self, pauses: tuple[Pause, ...]) -> None:
        if pauses != self.pauses:
            self.pauses = pauses
            self.touched(*self.breakpoints)
