"""A file whose code is in this process: its code objects as far as they are known, and its text."""

from __future__ import annotations

import sys
import time
import types
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from livebreak_agent.instrument import lines, reach, sources
from livebreak_agent.instrument.files import Places
from livebreak_agent.instrument.sites import Instrument, Watched


@dataclass(kw_only=True, slots=True, eq=False)
class LoadedFile:
    """One file, by the name that its code has it under."""

    filename: str
    loaded_before: float
    """A time (`time.time`) at which it was loaded already."""
    roots: dict[int, types.CodeType] = field(default_factory=dict)
    """Code that is not nested in other code that is known, by `id`."""
    known: set[int] = field(default_factory=set)
    """`id` of all code that is known, nested code included."""
    functions: list[types.FunctionType] = field(default_factory=list)
    """What was found by the last search; kept for as long as the search's result is being used."""
    running: list[types.CodeType] = field(default_factory=list)
    beginning: types.CodeType | None = None
    """The module's code, while it is about to run."""
    names: int = -1
    """How many names its modules had at the last search: more of them are a reason to search again."""
    plan: dict[int, Watched] = field(default_factory=dict)
    """What is watched in it now."""
    _source: sources.Source | None = None
    _spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    """The first and the last line of each of the roots, by its `id`."""

    def add(self, codes: Iterable[types.CodeType]) -> bool:
        """Takes note of code; True if some of it was not known."""
        before = len(self.known)
        for code in codes:
            if id(code) not in self.known:
                self.roots[id(code)] = code
                self._spans[id(code)] = lines.span(code)
                self.known.update(id(inner) for inner, _ in lines.tree(code))
        return len(self.known) > before

    def roots_around(self, line: int) -> list[types.CodeType]:
        """Those of the roots that the line may be in: mostly one of very many."""
        return [self.roots[identity] for identity, (first, last) in self._spans.items() if first <= line <= last]

    def source(self) -> sources.Source:
        if self._source is None:
            self._source = sources.read(self.filename, self.loaded_before, self.roots.values())
        return self._source

    def loaded_anew(self, code: types.CodeType, now: float) -> None:
        """Its module begins to run at this moment, so the text on disk is what is being loaded."""
        self.beginning = code
        self.loaded_before = now
        self._source = None

    def search(self, instrument: Instrument, modules: Sequence[object]) -> None:
        """Finds the code and the functions that are there already."""
        names = sum(map(reach.size_of, modules))
        if instrument.needs_functions or names != self.names:
            self.functions = [function for module in modules for function in reach.functions(module, self.filename)]
            self.names = names
        self.running = [instrument.original(code) for code in reach.running(self.filename)]
        # The outermost first, so that what is nested in it is known when it is met on its own.
        codes = [function.__code__ for function in self.functions]
        found = [instrument.original(code) for code in codes if id(code) not in self.known]
        self.add(self.running)
        self.add(sorted(found, key=lambda code: code.co_firstlineno))
        self.add(instrument.seen(self.filename))

    def forget_search(self) -> None:
        """The functions are the application's to let go of, and what ran then may have ended since."""
        self.functions, self.running, self.beginning = [], [], None


class LoadedFiles:
    """The loaded files that breakpoints could mean. Used under the engine's lock."""

    def __init__(self, instrument: Instrument, places: Places) -> None:
        self._instrument = instrument
        self._places = places
        self._started = time.time()
        self._files: dict[str, LoadedFile] = {}
        self._modules = 0
        self._modules_by_file = reach.Modules()

    def all(self) -> list[LoadedFile]:
        return list(self._files.values())

    def get(self, filename: str) -> LoadedFile:
        return self._files.setdefault(filename, LoadedFile(filename=filename, loaded_before=self._started))

    def alike(self, repository_path: str) -> list[tuple[int, LoadedFile]]:
        """The files with code whose path could be this one, with their rank."""
        ranked = ((self._places.rank(loaded.filename, repository_path), loaded) for loaded in self.all() if loaded.roots)
        return [(rank, loaded) for rank, loaded in ranked if rank > 0]

    def find(self, names: AbstractSet[str]) -> None:
        """Takes note of what is loaded of files with these last names."""
        if not names:
            return
        self._modules = len(sys.modules)
        for filename, modules in self._modules_by_file.in_files(names).items():
            self.get(filename).search(self._instrument, modules)

    def find_more(self, names: AbstractSet[str]) -> list[LoadedFile]:
        """The same for what came without being noticed, which on Python 3.11 is most: the files in which there is more now."""
        if len(sys.modules) == self._modules and not any(reach.last_name(filename) in names for filename in self._files):
            return []
        self._modules = len(sys.modules)
        more = []
        for filename, modules in self._modules_by_file.in_files(names).items():
            loaded = self.get(filename)
            if sum(map(reach.size_of, modules)) != loaded.names:
                loaded.search(self._instrument, modules)
                more.append(loaded)
        return more

    def search(self, loaded: LoadedFile) -> None:
        """Finds what is there of one file."""
        loaded.search(
            self._instrument, self._modules_by_file.in_files({reach.last_name(loaded.filename)}).get(loaded.filename, [])
        )

    def functions_of(self, filename: str) -> list[types.FunctionType]:
        """Those of a file that can be found now."""
        return [
            function
            for module in self._modules_by_file.in_files({reach.last_name(filename)}).get(filename, [])
            for function in reach.functions(module, filename)
        ]

    def install(self, loaded: LoadedFile, plan: dict[int, Watched]) -> None:
        """Has the file watched as the plan says."""
        if self._instrument.needs_functions and not loaded.functions:
            self.search(loaded)
        self._instrument.apply(plan, loaded.plan, loaded.functions)
        loaded.plan = plan
