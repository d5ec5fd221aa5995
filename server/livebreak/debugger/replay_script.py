"""The script that replays a hit. `replay` fills in the names between `@`; nothing else of it depends on the hit."""

from __future__ import annotations

TEMPLATE = '''"""Calls a function once more with the arguments that LiveBreak captured, under a debugger.

Start it in an editor's Python debugger, or run it: it then waits for one (debugpy) on 127.0.0.1, port 5678, and without
debugpy it is Python's own. It stops right before the call: step in. The values are those of the moment of the hit, which
the function may have changed since it was called.
"""

import asyncio
import importlib
import os
import sys
from collections import deque
from datetime import date, datetime, time
from decimal import Decimal

HIT = @PLACE@
PATH = @PATH@
ROOT = @ROOT@
NAMES = @NAMES@
KIND = @KIND@
POSITIONAL = @POSITIONAL@
VARARG = @VARARG@
KWARG = @KWARG@
PORT = 5678


class StandIn:
    """In place of an object of the application: its captured fields, and no methods."""

    def __init__(self, kind, fields):
        self.__dict__.update(fields)
        self.__dict__["_kind"] = kind

    def __repr__(self):
        return f"<stand-in for {self._kind}>"


class Own:
    """The captured fields of the object that the method belongs to; made an object of the local class when that is loaded."""

    def __init__(self, fields):
        self.fields = fields

    def made(self, owner):
        instance = object.__new__(owner)
        for name, value in self.fields.items():
            object.__setattr__(instance, name, value)
        return instance


# What could not be rebuilt:
@MISSING@
ARGUMENTS = {
@ARGUMENTS@
}


def load():
    """The module of PATH, under the name that its own imports expect."""
    folder, file = os.path.split(PATH)
    name = file[: -len(".py")]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        name = package if name == "__init__" else f"{package}.{name}"
    sys.path[:0] = [folder, ROOT]
    return importlib.import_module(name)


def prepared():
    """The function, and how it is called."""
    owner = load()
    for name in NAMES[:-1]:
        owner = getattr(owner, name)
    function = vars(owner)[NAMES[-1]]
    function = getattr(function, "__func__", None) or getattr(function, "fget", None) or function
    values = {name: value.made(owner) if isinstance(value, Own) else value for name, value in ARGUMENTS.items()}
    if NAMES[:-1] and POSITIONAL and POSITIONAL[0] == "cls":
        values["cls"] = owner
    positional = [values.pop(name) for name in POSITIONAL]
    positional += values.pop(VARARG) or () if VARARG else ()
    named = values.pop(KWARG) or {} if KWARG else {}
    return function, positional, {**values, **named}


def debugger():
    """What stops the script: the debugger that runs it, else debugpy once one has connected, else Python's own."""
    try:
        import debugpy
    except ImportError:
        return breakpoint
    if not debugpy.is_client_connected():
        debugpy.listen(("127.0.0.1", PORT))
        print(f"Waiting for a debugger on 127.0.0.1:{PORT} ...", flush=True)
        debugpy.wait_for_client()
    return debugpy.breakpoint


async def consumed(generator):
    return [item async for item in generator]


def main():
    function, positional, named = prepared()
    print(f"Calling {NAMES[-1]} with what was captured at {HIT}.", flush=True)
    stop = debugger()
    stop()
    result = function(*positional, **named)  # step in here
    if KIND == "coroutine":
        result = asyncio.run(result)
    elif KIND == "generator":
        result = list(result)
    elif KIND == "async generator":
        result = asyncio.run(consumed(result))
    print(f"It returned {result!r}.")


if __name__ == "__main__":
    main()
'''
