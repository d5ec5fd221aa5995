"""The debug adapter: hits browsed in the debug view of an editor. The Debug Adapter Protocol lives here only, in one file for
each of its nouns; `types.py` is generated."""

from __future__ import annotations

from livebreak.dap.pipe import Pipe
from livebreak.dap.stdio import serve
from livebreak.dap.target import FileTarget, LiveTarget, Target

__all__ = ["FileTarget", "LiveTarget", "Pipe", "Target", "serve"]
