"""What a breakpoint comes to in each construct of Python, found out by setting it: `python binding_cases.py` prints it as JSON.

docs/binding.md is made of this by tools/binding_page.py, for each Python; test_binding_page.py says when the page is out of date.
Standard library and the agent only. In each source the breakpoint is on the line that ends with `# here`. `run` makes a pass
over it; what `begin` returned, which is called before the breakpoint is set, is its argument.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import tempfile
import textwrap
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from livebreak_agent.engine import Engine
from livebreak_agent.hit_queue import HitQueue
from livebreak_agent.limits import Limits
from livebreak_agent.redaction import Redaction
from livebreak_agent.vocabulary.model import Breakpoint, Process

BINDS, NEXT_CALL, CANNOT, NO_SYNTAX = "binds", "next call", "cannot", "no such syntax"

IN_THREAD = """
    import threading
    def begin():
        state = {'go': threading.Event(), 'in': threading.Event()}
        state['thread'] = threading.Thread(target=work, args=(state,))
        state['thread'].start()
        state['in'].wait(30)
        return state
    def run(state):
        state['go'].set()
        state['thread'].join()
"""

GROUPS: dict[str, dict[str, str]] = {
    "Functions": {
        "a function": "def f():\n    return 1  # here\ndef run(_):\n    f()\n",
        "a method": "class A:\n    def f(self):\n        return 1  # here\ndef run(_):\n    A().f()\n",
        "a static method, a class method": """
            class A:
                @staticmethod
                def f():
                    return 1  # here
            def run(_):
                A.f()
            """,
        "a property": "class A:\n    @property\n    def f(self):\n        return 1  # here\ndef run(_):\n    A().f\n",
        "a decorated function": """
            def wrap(g):
                return lambda *a: g(*a)
            @wrap
            @wrap
            def f():
                return 1  # here
            def run(_):
                f()
            """,
        "a function that `functools.lru_cache` wraps": """
            import functools
            @functools.lru_cache(0)
            def f():
                return 1  # here
            def run(_):
                f()
            """,
        "a nested function": "def f():\n    def g():\n        return 1  # here\n    return g()\ndef run(_):\n    f()\n",
        "a closure that exists already": """
            def make(n):
                def inner():
                    return n  # here
                return inner
            made = make(1)
            def run(_):
                made()
            """,
        "a closure that exists already, and that no name leads to": """
            import itertools
            def make(n):
                def inner(*_):
                    return n  # here
                return inner
            def begin():
                return map(make(1), itertools.count())
            def run(calls):
                next(calls)
            """,
        "a lambda of one line": "f = lambda: 1  # here\ndef run(_):\n    f()\n",
        "a lambda over several lines": "f = lambda x: str(\n    x)  # here\ndef run(_):\n    f(1)\n",
        "the line of the `def`": "def f():  # here\n    return 1\ndef run(_):\n    f()\n",
        "the line of a decorator": "def d(g):\n    return g\n@d  # here\ndef f():\n    return 1\ndef run(_):\n    f()\n",
        "a `def` of one line": "def f(): return 1  # here\ndef run(_):\n    f()\n",
        "a generic function (`def f[T]`)": "def f[T](x: T) -> T:\n    return x  # here\ndef run(_):\n    f(1)\n",
        "a method of a generic class (`class A[T]`)": """
            class A[T]:
                def f(self) -> None:
                    x = 1  # here
            def run(_):
                A().f()
            """,
    },
    "Comprehensions and generators": {
        "a list comprehension": "def run(_):\n    return [x for x in range(2)]  # here\n",
        "a line within a comprehension": "def run(_):\n    return [\n        x + 1  # here\n        for x in range(2)\n    ]\n",
        "a generator expression": "def run(_):\n    return list(x for x in range(2))  # here\n",
        "a generator": "def f():\n    yield 1  # here\ndef run(_):\n    list(f())\n",
        "a generator that is suspended": """
            def f():
                yield 1
                yield 2  # here
            def begin():
                made = f()
                next(made)
                return made
            def run(made):
                next(made)
            """,
        "a coroutine": """
            import asyncio
            async def f():
                await asyncio.sleep(0)
                return 1  # here
            def run(_):
                asyncio.run(f())
            """,
        "a coroutine that waits": """
            import asyncio
            async def f(future):
                await future
                return 1  # here
            def begin():
                loop = asyncio.new_event_loop()
                future = loop.create_future()
                task = loop.create_task(f(future))
                loop.call_soon(loop.stop)
                loop.run_forever()
                return loop, future, task
            def run(state):
                loop, future, task = state
                future.set_result(None)
                loop.run_until_complete(task)
                loop.close()
            """,
        "an async generator": """
            import asyncio
            async def f():
                yield 1  # here
            async def main():
                return [x async for x in f()]
            def run(_):
                asyncio.run(main())
            """,
        "`async with`, `async for`": """
            import asyncio, contextlib
            @contextlib.asynccontextmanager
            async def f():
                yield 1
            async def main():
                async with f() as x:  # here
                    return x
            def run(_):
                asyncio.run(main())
            """,
    },
    "Statements": {
        "a call over several lines, at its first line": "def run(_):\n    return max(  # here\n        1,\n        2,\n    )\n",
        "a call over several lines, at an argument": "def run(_):\n    return max(\n        abs(1),  # here\n        2,\n    )\n",
        "`for`, `while`": "def run(_):\n    for x in range(2):  # here\n        pass\n",
        "`with`": "def run(_):\n    with open(__file__):  # here\n        pass\n",
        "`except`": "def run(_):\n    try:\n        1 / 0\n    except ZeroDivisionError:  # here\n        pass\n",
        "`finally`": "def run(_):\n    try:\n        x = 1\n    finally:\n        x = 2  # here\n    return x\n",
        "`match`, `case`": "def run(_):\n    match (1, 2):\n        case (1, x):  # here\n            return x\n",
        "`try:`": "def run(x):\n    try:  # here\n        x = 1\n    finally:\n        x = 2\n    return x\n",
        "`else:`": "def run(x):\n    if x:\n        x = 1\n    else:  # here\n        x = 2\n    return x\n",
        "a comment, a blank line": "def run(_):\n    x = 1\n    # here\n    return x\n",
        "a docstring": "def run(_):\n    '''Docs.'''  # here\n    return 1\n",
        "`global`": "def run(_):\n    global y  # here\n    y = 1\n",
        "`pass`": "def run(_):\n    pass  # here\n",
        "code that the compiler leaves out (`if False:`)": "def run(_):\n    if False:\n        x = 1  # here\n    return 2\n",
    },
    "Modules and classes": {
        "the body of a module that is not imported yet": "x = 1  # here\ndef run(_):\n    pass\n",
        "the body of a module that is imported": "x = 1  # here\ndef run(_):\n    pass\n",
        "the body of a module that is imported, and then reloaded": """
            import importlib, sys
            x = 1  # here
            def run(_):
                importlib.reload(sys.modules[__name__])
            """,
        "the body of a class that is made already": "class A:\n    x = 1  # here\ndef run(_):\n    A()\n",
        "a field of a dataclass or pydantic model": """
            import dataclasses
            @dataclasses.dataclass
            class A:
                x: int = 1  # here
            def run(_):
                A()
            """,
        "an annotation without a value": "class A:\n    x: int  # here\ndef run(_):\n    A()\n",
        "the body of a class in a function": "def run(_):\n    class A:\n        x = 1  # here\n    return A\n",
        "a function of a module that is reloaded": """
            import importlib, sys
            def f():
                return 1  # here
            def run(_):
                importlib.reload(sys.modules[__name__]).f()
            """,
        "code that is `exec`uted under the file's name": """
            namespace = {}
            exec(compile('\\n' * 4 + 'def f():\\n    return 1\\n', __file__, 'exec'), namespace)
            def run(_):
                namespace['f']()

            # here
            """,
    },
    "Calls that have begun": {
        "a loop that runs": IN_THREAD
        + """
    def work(state):
        state['in'].set()
        while not state['go'].wait(0.001):
            pass
        for _ in range(2):
            x = 1  # here
""",
        "a function that waits for another": IN_THREAD
        + """
    def work(state):
        state['in'].set()
        state['go'].wait(30)
        x = 1  # here
""",
        "a thread that is started later": """
            import threading
            def f():
                x = 1  # here
            def run(_):
                thread = threading.Thread(target=f)
                thread.start()
                thread.join()
            """,
    },
}

BEFORE_IMPORT = frozenset({"the body of a module that is not imported yet"})
"""Where the breakpoint is set before the file is imported."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    result: str
    reason: str | None = None
    """What the user is told until the line is hit."""


def outcomes() -> dict[str, Outcome]:
    """Of every case, on this Python."""
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        try:
            every = [(name, source) for cases in GROUPS.values() for name, source in cases.items()]
            return {name: _outcome(Path(folder), f"bound_{number}", name, source) for number, (name, source) in enumerate(every)}
        finally:
            sys.path.remove(folder)


def _outcome(folder: Path, module: str, name: str, source: str) -> Outcome:
    text = textwrap.dedent(source).lstrip("\n")
    (folder / f"{module}.py").write_text(text)
    line = next(number for number, shown in enumerate(text.split("\n"), 1) if shown.endswith("# here"))
    queue: HitQueue[Any] = HitQueue()
    limits = Limits(hits_at_once=1_000, process_hits_at_once=1_000, hit_seconds=10.0)
    process = Process(id="1", pid=1, host="here")
    engine = Engine(process=process, root=str(folder), limits=limits, redaction=Redaction(), queue=queue)
    importlib.invalidate_caches()
    is_late = name in BEFORE_IMPORT
    try:
        loaded: Any = None if is_late else importlib.import_module(module)
        state = None if is_late else _begin(loaded)
        engine.arm([Breakpoint(id="1", filename=f"{module}.py", line_number=line)])
        reason = engine.bindings()[0].reason
        loaded = loaded or importlib.import_module(module)
        loaded.run(state)
        if _hits(engine):
            return Outcome(result=BINDS)
        again = engine.bindings()[0]
        loaded.run(_begin(loaded))
        reason = _worded(again.reason or reason, module, line)
        return Outcome(result=NEXT_CALL if _hits(engine) else CANNOT, reason=reason)
    except SyntaxError:
        return Outcome(result=NO_SYNTAX)
    finally:
        engine.close()
        sys.modules.pop(module, None)


def _begin(loaded: Any) -> Any:
    return loaded.begin() if hasattr(loaded, "begin") else None


def _hits(engine: Engine) -> int:
    engine.tick()
    return engine.bindings()[0].hits


def _worded(reason: str | None, module: str, line: int) -> str | None:
    """Without what is of this case alone."""
    if reason is None:
        return None
    general = re.sub(r"(No |^)[\w.<>]+ (was found that|is running now)", r"\1FUNCTION \2", reason)
    general = general.replace(f"{module}.py", "FILE").replace(f"ine {line} ", "ine N ")
    return re.sub(r"(with code (?:is|are)) \d+(?: and \d+)?", r"\1 N", general)


if __name__ == "__main__":
    sys.stdout.write(json.dumps({name: asdict(outcome) for name, outcome in outcomes().items()}))
