"""Python 3.11: the code of a module, just before it runs for the first time.

There is no event for that, so while breakpoints wait for a file, a finder stands first on `sys.meta_path`. It finds nothing
itself: for a module whose file has one of the awaited names it asks the others, and lets their loader give out changed code.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader


class ImportWatcher:
    """Calls `on_code` with the code of each module whose file `is_wanted`; the module runs what that gives back."""

    def __init__(self, is_wanted: Callable[[str], bool], on_code: Callable[[types.CodeType], types.CodeType]) -> None:
        self._is_wanted = is_wanted
        self._on_code = on_code

    def watch(self, wanted: bool) -> None:
        is_there = any(finder is self for finder in sys.meta_path)
        if wanted and not is_there:
            sys.meta_path.insert(0, self)
        elif is_there and not wanted:
            sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None) -> ModuleSpec | None:
        """For the import system: the spec that the other finders give, or None to let them be asked."""
        if not self._is_wanted(fullname.rpartition(".")[2] + ".py") and not self._is_wanted("__init__.py"):
            return None
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(fullname, path, target)
            if spec is not None:
                if type(spec.loader) is SourceFileLoader and spec.origin is not None and self._is_wanted(spec.origin):
                    self._change(spec.loader)
                return spec
        return None

    def _change(self, loader: SourceFileLoader) -> None:
        get_code = loader.get_code

        def get_changed_code(name: str) -> types.CodeType | None:
            code = get_code(name)
            try:
                return code if code is None else self._on_code(code)
            except Exception:  # noqa: BLE001 -- a mistake of the agent must not fail the application's import
                return code

        # Of this one loader alone; its class stays as it is.
        vars(loader)["get_code"] = get_changed_code
