"""The agent's engine: arms breakpoints in the code of this process, and gives out their hits and what became of them.

Two kinds of threads come here. The uplink's arms, ticks and takes hits. The application's run over lines, which goes past
everything here that could make them wait, and load code that was not there before; only for such code, and for no longer than
`LOCK_SECONDS`, they wait for the uplink's thread.
"""

from __future__ import annotations

import sys
import time
import types
from collections import deque
from collections.abc import Callable, Sequence

from livebreak_agent import armed as armed_breakpoints
from livebreak_agent import breaker, native, passing
from livebreak_agent.armed import Armed
from livebreak_agent.binding import Found, longest_asleep_first, outcomes_of, plan_of
from livebreak_agent.capture import raw
from livebreak_agent.capture.hits import RawHit, to_hit
from livebreak_agent.hit_queue import HitQueue
from livebreak_agent.instrument import guard
from livebreak_agent.instrument.files import Places
from livebreak_agent.instrument.injection import Injection
from livebreak_agent.instrument.loaded import LoadedFile, LoadedFiles
from livebreak_agent.instrument.monitoring import Monitoring
from livebreak_agent.instrument.reach import last_name
from livebreak_agent.instrument.sites import Instrument, Site
from livebreak_agent.instrument.sources import Texts
from livebreak_agent.limits import Limits, TokenBucket
from livebreak_agent.passing import Shared
from livebreak_agent.policy import EVERYTHING, Policy
from livebreak_agent.redaction import Redaction, put_in_force
from livebreak_agent.resolve import Outcome, Place
from livebreak_agent.vocabulary.model import Binding, BindingState, Breakpoint, Hit, Process

LOCK_SECONDS = 0.05
"""A thread of the application that loads awaited code waits so long at most while breakpoints are being armed; then the code
is left to the next tick."""

WAKE_SECONDS = 0.5
"""A line that was left alone is watched again when the tokens of so much time are there: rarely enough to cost nothing, often
enough that its hits look like a stream."""


class Engine:
    """All breakpoints of one process.

    Parameters
    ----------
    process
        Who this process is; its facts are in every hit.
    root
        Absolute directory of the repository's working tree in this process, None if that is not known.
    path_map
        Pairs of a deployed directory and the repository's directory that was copied there.
    queue
        Where hits wait until they are taken.
    on_change
        Called in any thread when a binding changes its state; it must neither wait nor raise.
    policy
        What the owner of the process allows in it.
    """

    def __init__(
        self,
        *,
        process: Process,
        root: str | None = None,
        path_map: Sequence[tuple[str, str]] = (),
        limits: Limits,
        redaction: Redaction,
        queue: HitQueue[RawHit],
        on_change: Callable[[], None] = lambda: None,
        policy: Policy = EVERYTHING,
    ) -> None:
        self.process = process
        self._policy = policy
        self._places = Places(root, path_map)
        self._texts = Texts()
        self._queue = queue
        self._on_change = on_change
        queue.on_drop = self._count_dropped
        bucket = TokenBucket(limits.process_hits_per_second, limits.process_hits_at_once)
        self._shared = Shared(limits=limits, redaction=redaction, queue=queue, bucket=bucket, is_of_app=self._places.is_of_app)
        put_in_force(redaction)
        self._lock = native.new_reentrant_lock()
        self._armed: dict[str, Armed] = {}
        self._sites: dict[str, dict[str, tuple[Found, ...]]] = {}
        """What each breakpoint (by id) has in each file (by name)."""
        self._names: frozenset[str] = frozenset()
        """Last names of the files that breakpoints are set in: the first, cheap question about any code."""
        self._limited: frozenset[str] = frozenset()
        """Which were limited by their rate at the last tick."""
        self._costs = breaker.Costs()
        self._problem: str | None = None
        """Why nothing can be watched now."""
        self._late: deque[types.CodeType] = deque()
        """Code that began to run while the lock was held."""
        self._instrument: Instrument = (
            Monitoring(self._on_code, self._is_awaited, self._places.is_library_by_name)
            if sys.version_info >= (3, 12)
            else Injection(self._on_code, self._is_awaited)
        )
        self._files = LoadedFiles(self._instrument, self._places)

    # Called by the uplink's thread, or any other but a hook.

    def arm(self, breakpoints: Sequence[Breakpoint]) -> None:
        """Arms exactly these, replacing the last list. Those that are the same stay as they are, with their counters."""
        with self._lock:
            wanted = {one.id: one for one in breakpoints if one.enabled}
            gone = [one for one in self._armed.values() if not one.is_same(wanted.get(one.breakpoint.id))]
            for armed in gone:
                self._armed.pop(armed.breakpoint.id)
            new = [
                armed_breakpoints.make(one, self._shared.limits, self._shared.redaction)
                for one in wanted.values()
                if one.id not in self._armed
            ]
            self._armed |= {armed.breakpoint.id: armed for armed in new}
            self._names = frozenset([armed.last_name for armed in self._armed.values()])
            touched = {filename for armed in gone for filename in self._sites.pop(armed.breakpoint.id, {})}
            if self._instrument.is_lost():
                self._begin_anew()
            unsettled = new if self._problem is None else list(self._armed.values())
            self._problem = self._instrument.open() if self._armed else None
            if self._problem is not None:
                for armed in unsettled:
                    armed.settle(BindingState.FAILED, self._problem)
            else:
                self._instrument.watch_for_code(bool(self._armed))
                self._files.find({armed.last_name for armed in unsettled})
                for armed in unsettled:
                    touched |= self._settle(armed)
            if self._problem is None:
                self._install(touched)
        if gone or new:
            self._on_change()

    def bindings(self) -> tuple[Binding, ...]:
        """What became of each breakpoint, with its counters as they are now."""
        return tuple(armed.binding() for armed in list(self._armed.values()))

    def tick(self) -> None:
        """To be called about every quarter of a second while anything is armed.

        Lines that were left alone are watched again, and what could not be bound is tried again.
        """
        with self._lock:
            if self._instrument.is_lost():
                self._begin_anew()
            problem = self._instrument.open() if self._armed else None
            if problem is not None:
                self._note_problem(problem)
                return
            changed = self._problem is not None and self._settle_all()
            while self._late:
                code = self._late.popleft()
                loaded = self._files.get(raw.filename_of(code))
                loaded.add([code])
                self._files.search(loaded)
                changed |= self._settle_and_install(self._armed_in(loaded))
            changed |= self._switch_off_and_on()
            changed |= self._try_again()
            changed |= self._note_passes()
            self._instrument.rest(self._files.functions_of)
            self._wake_lines()
            self._instrument.keep_in_mind()
        if changed:
            self._on_change()

    def capture_to_hit(self, raw: RawHit) -> Hit:
        """What a thread of the application captured, as everybody else knows it."""
        return to_hit(raw, self.process, self._places, self._texts)

    def refused(self, breakpoint_ids: Sequence[str]) -> None:
        """Hits of these breakpoints, one entry for each, were taken and will never arrive."""
        for identity in breakpoint_ids:
            armed = self._armed.get(identity)
            if armed is not None:
                armed.dropped += 1

    def close(self) -> None:
        """Disarms everything: all code is as it was."""
        with self._lock:
            self._armed, self._sites, self._names = {}, {}, frozenset()
            self._install({loaded.filename for loaded in self._files.all() if loaded.plan})
            self._instrument.close()
            self._late.clear()

    def after_fork(self, process: Process) -> None:
        """In the child of a fork, before anything else: it is another process, whose breakpoints are armed already.

        The lock may have been held by a thread that is not here any more, and what waits in the queue is the parent's to send.
        """
        self._lock = native.new_reentrant_lock()
        self.process = process
        self._queue.clear()
        for armed in self._armed.values():
            armed.forget_counts()

    def _begin_anew(self) -> None:
        """Another tool has taken the agent's place away."""
        self._instrument.close()
        self._sites = {}
        self._problem = "The agent's place in sys.monitoring was taken away; it takes another one."
        for loaded in self._files.all():
            loaded.plan = {}

    def _settle_all(self) -> bool:
        """What nothing could be done for up to now."""
        self._problem = None
        self._instrument.watch_for_code(bool(self._armed))
        self._files.find({armed.last_name for armed in self._armed.values()})
        return self._settle_and_install(list(self._armed.values()))

    def _note_problem(self, problem: str) -> None:
        self._problem = problem
        changes = [armed.settle(BindingState.FAILED, problem) for armed in self._armed.values()]
        if any(changes):
            self._on_change()

    # Called by threads of the application.

    def _on_code(self, code: types.CodeType) -> None:
        """Code begins to run, or a module is about to, that was not seen before."""
        if not self._is_awaited(raw.filename_of(code)):
            return
        if not self._lock.acquire(timeout=LOCK_SECONDS):
            self._late.append(code)
            return
        try:
            changed = self._take_code(code)
        except Exception as error:
            if guard.is_for_the_application(error):
                raise
            changed = False
        finally:
            self._lock.release()
        if changed:
            self._on_change()

    def _is_awaited(self, filename: str) -> bool:
        return last_name(filename) in self._names

    def _count_dropped(self, raw: RawHit) -> None:
        self.refused([raw.breakpoint.id])

    # Under the lock.

    def _take_code(self, code: types.CodeType) -> bool:
        """Binds what can be bound in code that is new; True if a binding changed."""
        loaded = self._files.get(raw.filename_of(code))
        if id(code) in loaded.known:
            return False
        if code.co_name == "<module>":
            loaded.loaded_anew(code, time.time())
        loaded.add([code])
        return self._settle_and_install(self._armed_in(loaded))

    def _settle_and_install(self, some: Sequence[Armed]) -> bool:
        before = [armed.binding() for armed in some]
        touched: set[str] = set()
        for armed in some:
            touched |= self._settle(armed)
        changed = before != [armed.binding() for armed in some]
        if changed and self._instrument.needs_functions:
            # Functions may have been found that were made while the module was being imported: the same code, not watched yet.
            touched |= {filename for armed in some for filename in self._sites.get(armed.breakpoint.id, {})}
        self._install(touched)
        return changed

    def _settle(self, armed: Armed) -> set[str]:
        """Finds out what the breakpoint comes to; returns the files in which something else is to be watched now."""
        before = self._sites.get(armed.breakpoint.id, {})
        after: dict[str, tuple[Found, ...]] = {}
        if armed.compiled.refusal is not None:
            armed.settle(BindingState.FAILED, armed.compiled.refusal)
        elif armed.trip is not None:
            armed.settle(BindingState.PENDING, armed.trip.reason, line=armed.line, digest=armed.digest)
        else:
            for loaded, outcome in self._outcomes(armed):
                after[loaded.filename] = self._sites_of(armed, outcome, before.get(loaded.filename, ()))
                if outcome.places:
                    self._places.learn(loaded.filename, armed.breakpoint.filename)
                    self._remember_text(loaded)
        self._sites[armed.breakpoint.id] = after
        return {filename for filename in {*before, *after} if before.get(filename) != after.get(filename)}

    def _outcomes(self, armed: Armed) -> list[tuple[LoadedFile, Outcome]]:
        """The files that the breakpoint means, with what it comes to there; the binding is settled by the best."""
        try:
            return outcomes_of(
                armed,
                self._sites.get(armed.breakpoint.id, {}),
                files=self._files,
                places=self._places,
                policy=self._policy,
                instrument=self._instrument,
            )
        except Exception as error:
            if guard.is_for_the_application(error):
                raise
            armed.settle(
                BindingState.FAILED, f"The agent made a mistake while it set this breakpoint ({error!r}); please report it."
            )
            return []

    def _sites_of(self, armed: Armed, outcome: Outcome, before: tuple[Found, ...]) -> tuple[Found, ...]:
        """What to watch; what was watched already stays the very same, so that it is not touched."""
        known = {(id(code), site.line): (code, site) for code, site in before}
        return tuple(
            known.get((id(place.code), outcome.line or 0)) or (place.code, self._site(armed, place, outcome.line or 0))
            for place in outcome.places
        )

    def _site(self, armed: Armed, place: Place, line: int) -> Site:
        calls = passing.make_calls(armed, place.code, line, self._shared)
        return Site(line=line, passes=place.passes, on_pass=calls.on_pass, written=calls.written)

    def _install(self, filenames: set[str]) -> None:
        """Has the files watched as their breakpoints want it."""
        for filename in filenames:
            loaded = self._files.get(filename)
            self._files.install(
                loaded, plan_of([sites[filename] for sites in self._sites.values() if filename in sites], loaded.plan)
            )
        for loaded in self._files.all():
            loaded.forget_search()

    def _remember_text(self, loaded: LoadedFile) -> None:
        text = loaded.source().text
        if text is not None:
            self._texts.remember(loaded.filename, text)

    def _try_again(self) -> bool:
        """Looks for files and functions that came without being noticed."""
        unbound = [
            armed for armed in self._armed.values() if armed.state is not BindingState.BOUND and armed.compiled.refusal is None
        ]
        more = self._files.find_more({armed.last_name for armed in unbound}) if unbound else []
        changes = [self._settle_and_install(self._armed_in(loaded)) for loaded in more]
        return any(changes)

    def _armed_in(self, loaded: LoadedFile) -> list[Armed]:
        return [armed for armed in self._armed.values() if self._places.rank(loaded.filename, armed.breakpoint.filename) > 0]

    def _note_passes(self) -> bool:
        """A breakpoint that might not have been reached was; one on whose line the agent made a mistake has failed; and one
        became limited by its rate, or is so no more.
        """
        limited = frozenset(armed.breakpoint.id for armed in self._armed.values() if armed.is_limited_now())
        changed, self._limited = limited != self._limited, limited
        for armed in self._armed.values():
            if armed.fault is not None:
                reason = f"The agent made a mistake on this line ({armed.fault}) and leaves it alone; please report it."
                changed |= armed.settle(BindingState.FAILED, reason, line=armed.line, digest=armed.digest)
            elif armed.state is BindingState.PENDING and armed.passes and armed.trip is None:
                changed |= armed.settle(
                    BindingState.BOUND, line=armed.line, digest=armed.digest, source_changed=armed.source_changed
                )
        return changed

    def _switch_off_and_on(self) -> bool:
        """Switches off what costs too much, and on again what was off for long enough."""
        now = time.monotonic()
        again = [armed for armed in self._armed.values() if armed.trip is not None and armed.trip.until <= now]
        for armed in again:
            armed.trip = None
        self._costs = breaker.over(self._costs, list(self._armed.values()), self._shared.limits, now)
        return self._settle_and_install([*again, *self._costs.tripped])

    def _wake_lines(self) -> None:
        """Those that have slept longest first, each with what is in the same code: each code that is touched costs something."""
        tokens = self._shared.bucket.level()
        woken: dict[int, tuple[types.CodeType, set[int]]] = {}
        for armed in longest_asleep_first(self._armed.values(), self._sites):
            bucket = armed.bucket if armed.asleep_for is not armed.errors else armed.errors
            if tokens < armed.weight:
                break
            if bucket.level() < bucket.share(WAKE_SECONDS):
                continue
            tokens -= armed.weight
            armed.asleep_for = None
            for sites in self._sites.get(armed.breakpoint.id, {}).values():
                for code, site in sites:
                    woken.setdefault(id(code), (code, set()))[1].add(site.line)
        for code, numbers in woken.values():
            self._instrument.wake(code, numbers)
