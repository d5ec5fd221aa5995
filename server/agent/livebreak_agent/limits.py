"""How much the agent takes: of a value, of a thread's time, of the process. Every number is named and has its reason."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass, field

from livebreak_agent.vocabulary.model import CaptureLimits

DEPTH = 3
"""Levels below a variable: `order.items[0].price` is in, the object graph behind an ORM session is not."""

ITEMS = 50
"""Items of one container: enough to see what is in it, and 50 short ones fit on a screen."""

FIELDS = 50
"""Fields of one object: more than all but generated classes have."""

STRING_LENGTH = 1_000
"""Characters of one string, bytes of one bytes object: a URL, a query, a stack trace's end; not a document."""

FRAMES_WITH_LOCALS = 1
"""The line's own frame. Each further one costs as much time again."""

CONTEXT_VARIABLES = 0
"""Of the context (`contextvars`): frameworks keep large things there, so they are captured on request."""

GLOBALS = 0
"""Of the module: most are settings that are known from the code, so those that a function reads are captured on request."""

AWAITERS = 10
"""Tasks that wait for the one of a hit, each for the one before it: a request, its task group and their parts are four."""

AWAITER_FRAMES = 20
"""Frames of each of them; what is behind those is the framework's."""

_REMEMBERED = 64
"""Combinations of limits that are kept: mostly there is one."""

CEILING = CaptureLimits(
    depth=8, items=1_000, fields=500, string_length=50_000, frames_with_locals=10, context_variables=100, globals=100
)
"""What a breakpoint may ask for at most; `HIT_BYTES` and `HIT_SECONDS` hold in any case."""

VARIABLES = 200
"""Variables of one frame: functions have fewer, and of a module's globals the first ones still tell what it is."""

STACK_FRAMES = 200
"""Frames of a stack, innermost first: frameworks nest some 60 deep, and a recursion shows its pattern by then."""

HIT_BYTES = 128 * 2**10
"""JSON of the values of one hit, about: ingestion takes events up to 1 MB, and JSON within JSON grows when it is escaped."""

HIT_SECONDS = 0.005
"""Of the thread's time for the values of one hit: some 40 usual hits, and still below what a user of the application feels."""

HITS_PER_SECOND = 10.0
"""Of one breakpoint, as a lasting rate: about as many as a person can look at."""

HITS_AT_ONCE = 20
"""Hits of one breakpoint before that rate holds, so that a short burst, such as the items of one order, is seen whole."""

LOGS_PER_SECOND = 50.0
"""The same for logpoints, which cost less than a hit and are read as a series."""

LOGS_AT_ONCE = 100

LOG_SHARE = 0.2
"""Of a hit, that the process is charged for a logpoint's: there are no variables to be captured, encoded and sent."""

PROCESS_HITS_PER_SECOND = 20.0
"""Of all breakpoints of a process. A usual hit takes a tenth of a millisecond of the application's thread and, with its share of
a request, less than that of the agent's: half a percent of one processor, however many breakpoints there are. It is two
breakpoints at their own limit, which is more than a person reads."""

HIT_TOKEN_SECONDS = 0.0005
"""Of processor time on the application's thread: a hit that takes longer counts as several. So all hits of a process together
take one percent of one processor at most, as a lasting rate, whatever they hold."""

PROCESS_HITS_AT_ONCE = 200
"""Ten breakpoints' bursts: 20 ms of the application's time, once."""

ERRORS_PER_SECOND = 20.0
"""Failures to evaluate a condition, as a lasting rate: each costs some 10 microseconds, and one of them tells everything."""

ERRORS_AT_ONCE = 200

LONGEST_HIT_SECONDS = 0.1
"""Of processor time. A hit that takes more, in spite of `HIT_SECONDS`, came upon a value that the agent did not know how to
bound, and there is to be no other one for a while."""

CPU_SHARE = 0.1
"""Of one processor, for a breakpoint's hits and conditions: a tenth is felt, and still less than what starts an alarm."""

PROCESS_CPU_SHARE = 0.2
"""Of one processor, for all breakpoints of the process."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The limits of one process."""

    depth: int = DEPTH
    items: int = ITEMS
    fields: int = FIELDS
    string_length: int = STRING_LENGTH
    frames_with_locals: int = FRAMES_WITH_LOCALS
    context_variables: int = CONTEXT_VARIABLES
    globals: int = GLOBALS
    awaiters: int = AWAITERS
    ceiling: CaptureLimits = field(default=CEILING)
    variables: int = VARIABLES
    stack_frames: int = STACK_FRAMES
    hit_bytes: int = HIT_BYTES
    hit_seconds: float = HIT_SECONDS
    hits_per_second: float = HITS_PER_SECOND
    hits_at_once: int = HITS_AT_ONCE
    logs_per_second: float = LOGS_PER_SECOND
    logs_at_once: int = LOGS_AT_ONCE
    process_hits_per_second: float = PROCESS_HITS_PER_SECOND
    process_hits_at_once: int = PROCESS_HITS_AT_ONCE
    errors_per_second: float = ERRORS_PER_SECOND
    errors_at_once: int = ERRORS_AT_ONCE
    longest_hit_seconds: float = LONGEST_HIT_SECONDS
    cpu_share: float = CPU_SHARE
    process_cpu_share: float = PROCESS_CPU_SHARE


@dataclass(frozen=True, kw_only=True, slots=True)
class Extent:
    """How much of the values of one hit is taken."""

    depth: int
    items: int
    fields: int
    string_length: int
    frames_with_locals: int
    context_variables: int
    globals: int
    awaiters: int
    variables: int
    stack_frames: int
    bytes: int
    seconds: float


@functools.lru_cache(_REMEMBERED)
def extent(limits: Limits, asked: CaptureLimits | None) -> Extent:
    """What a breakpoint that asks for these limits gets: never more than the ceiling."""

    def chosen(name: str) -> int:
        wanted, highest = getattr(asked, name, None), getattr(limits.ceiling, name)
        value: int = getattr(limits, name) if wanted is None else wanted
        return max(0, value if highest is None else min(value, highest))

    return Extent(
        depth=chosen("depth"),
        items=chosen("items"),
        fields=chosen("fields"),
        string_length=chosen("string_length"),
        frames_with_locals=chosen("frames_with_locals"),
        context_variables=chosen("context_variables"),
        globals=chosen("globals"),
        awaiters=limits.awaiters,
        variables=limits.variables,
        stack_frames=limits.stack_frames,
        bytes=limits.hit_bytes,
        seconds=limits.hit_seconds,
    )


class TokenBucket:
    """`per_second` tokens as a lasting rate, up to `at_once` saved up.

    Without a lock: two threads at the same instant may spend one token twice, which costs one hit more.
    """

    __slots__ = ("_at", "_at_once", "_per_second", "_tokens")

    def __init__(self, per_second: float, at_once: int) -> None:
        self._per_second = per_second
        self._at_once = float(at_once)
        self._tokens = float(at_once)
        self._at = time.monotonic()

    def level(self) -> float:
        """Tokens that are there now."""
        now = time.monotonic()
        self._tokens = min(self._at_once, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        return self._tokens

    def spend(self, tokens: float = 1.0) -> None:
        """Takes some, after `level` said that they are there."""
        self._tokens -= tokens

    def share(self, seconds: float) -> float:
        """The tokens that come in so many seconds, but at least one and at most what can be saved up."""
        return max(1.0, min(self._at_once, self._per_second * seconds))
