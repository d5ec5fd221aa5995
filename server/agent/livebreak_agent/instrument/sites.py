"""What an instrument is told to watch in one code object."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from livebreak_agent.instrument.lines import Passes
from livebreak_agent.vocabulary.expressions import Checked, Secrets

OnPass = Callable[[types.FrameType], bool]
"""Called on the application's thread when a pass over a line begins; True if the line is to be left alone for a while."""

OnCode = Callable[[types.CodeType], None]
"""Called on the application's thread when code begins to run that was not seen before."""


OnError = Callable[[types.FrameType, Exception], bool]
"""The same, when evaluating the condition raised this."""


class Counts(Protocol):
    """Where the passes are counted whose condition is false."""

    passes: int
    steps: int
    """Steps of evaluating (see `expressions.limits.STEPS`) that those took whose steps are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A condition that an instrument may write into what it has called, so that nothing else runs while it is false."""

    condition: Checked
    secrets: Secrets | None
    counts: Counts
    on_true: OnPass
    on_error: OnError


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """One line of one code object."""

    line: int
    passes: Passes
    on_pass: OnPass
    written: Written | None = None
    """There where there is a condition that can be written in; it says the same as `on_pass`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """The lines to watch in one code object."""

    code: types.CodeType
    sites: tuple[Site, ...]


Plan = Mapping[int, Watched]
"""What to watch in the code of one file, by the `id` of the code object."""


class Instrument(Protocol):
    """A way to be called when a line runs. Called under the engine's lock."""

    needs_functions: bool
    """Whether it works on the functions of a file, not on their code alone."""

    def open(self) -> str | None:
        """Ready to be used, or a sentence that says why it cannot be."""

    def is_lost(self) -> bool:
        """Whether somebody has taken away what it works with; it is to be closed and opened again."""

    def original(self, code: types.CodeType) -> types.CodeType:
        """The code as the application's own compiler made it, of code that runs."""

    def seen(self, filename: str) -> Iterable[types.CodeType]:
        """Code of the file that was noticed when it ran."""

    def keep_in_mind(self) -> None:
        """Do what is left to do with code that was noticed; from time to time."""

    def apply(self, plan: Plan, replaced: Plan, functions: Iterable[types.FunctionType]) -> None:
        """Watch what the plan says in place of what an earlier one for the same file said."""

    def unreached(
        self,
        code: types.CodeType,
        around: Sequence[types.CodeType],
        live: Iterable[types.FunctionType],
        running: Iterable[types.CodeType],
    ) -> str | None:
        """Why passes over lines of this code may go unnoticed, or None if none does.

        `around` are the code objects that it is nested in, innermost first; `live` the file's functions that were found;
        `running` the file's code that threads are in.
        """

    def wake(self, code: types.CodeType, numbers: AbstractSet[int]) -> None:
        """Watch these lines of the code again, which were left alone. Others of it may be noticed once more, too."""

    def rest(self, functions_of: Callable[[str], Iterable[types.FunctionType]]) -> None:
        """Code all of whose lines are left alone may be as it was until it is woken; from time to time.

        `functions_of` finds a file's functions by its name.
        """

    def watch_for_code(self, wanted: bool) -> None:
        """Whether code that begins to run for the first time is to be noticed."""

    def close(self) -> None:
        """All code is as it was."""


def all_of(calls: Sequence[OnPass]) -> OnPass:
    """One call for several; the line is left alone only if all of them want that."""

    def on_pass(frame: types.FrameType) -> bool:
        # All are called, also after one that has not had enough.
        enough = [call(frame) for call in calls]
        return all(enough)

    return on_pass
