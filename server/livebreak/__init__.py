"""LiveBreak on the side of the editor: the debugger's core, its faces, and the backend."""

__version__ = "0.1.0"
