"""More programs of the kind that debuggers break; see `evil_programs`."""

PROGRAMS = {
    "several statements and expressions in a line": """
        def run():
            a = 1; b = 2; c = a + b
            d = [x for x in (y for y in range(3)) if x]; e = {x: (lambda z: z * x)(2) for x in d}
            if (n := c) > 2: m = n
            else: m = 0
            f = lambda x: x + 1; g = (lambda: (lambda q: q + n)(1))()
            return (
                a, b,
                c if a else
                d, e, f(
                    m
                ), g,
                [
                    i
                    for i in range(3)
                    if i
                ],
            )
    """,
    "match": """
        from dataclasses import dataclass

        @dataclass
        class Point:
            x: int
            y: int

        def kind(value):
            match value:
                case Point(x=0, y=0):
                    return "origin"
                case Point(x, y) if x == y:
                    return f"diagonal {x}"
                case [1, *rest]:
                    return rest
                case {"a": a, **others}:
                    return a, others
                case str() | bytes():
                    return "text"
                case _:
                    return None

        def run():
            return [kind(v) for v in (Point(0, 0), Point(2, 2), Point(1, 2), [1, 2, 3], {"a": 1, "b": 2}, "x", 3)]
    """,
    "threads": """
        import threading

        def work(n, out, lock):
            total = 0
            for i in range(n):
                total += i
                with lock:
                    out.append(i)
            return total

        def run():
            out, lock = [], threading.Lock()
            threads = [threading.Thread(target=work, args=(50, out, lock)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return sorted(out) == sorted(list(range(50)) * 4), len(out)
    """,
    "a class body that is strange": """
        class Names(dict):
            def __missing__(self, name):
                if name.startswith("magic"):
                    return name
                raise KeyError(name)

        class Meta(type):
            @classmethod
            def __prepare__(mcs, name, bases):
                return Names()

            def __new__(mcs, name, bases, names):
                return super().__new__(mcs, name, bases, dict(names))

        def make():
            class Made(metaclass=Meta):
                a = magic_a
                b: int = 3

                def method(self):
                    return __class__, super().__init__

                for c in range(2):
                    d = c
            return Made

        def run():
            made = make()
            return made.a, made.b, made.d, made().method()[0] is made
    """,
    "frames and tracebacks that look at themselves": """
        import sys
        import traceback

        def lines():
            frame = sys._getframe()
            numbers = [frame.f_lineno]
            numbers.append(frame.f_lineno)
            return [n - frame.f_code.co_firstlineno for n in numbers], frame.f_back.f_code.co_name

        def fail():
            try:
                {}["key"]
            except KeyError:
                return traceback.format_exc().count("line"), sys.exc_info()[2].tb_lineno - fail.__code__.co_firstlineno

        def writes():
            a = 1
            locals()["a"] = 5
            frame = sys._getframe()
            frame.f_locals
            return a

        def run():
            return lines(), fail(), writes(), sys.exc_info()
    """,
    "cells and nonlocal names that are changed and deleted": """
        def make():
            count = 0
            items = []

            def add(n):
                nonlocal count
                count += n
                items.append(count)
                return (lambda: count + n)()

            def drop():
                nonlocal items
                del items
                try:
                    return items
                except NameError as error:
                    return type(error).__name__

            return add, drop

        def run():
            add, drop = make()
            return add(1), add(2), drop(), [f() for f in [lambda i=i: i for i in range(3)]]
    """,
    "finalizers and weak references": """
        import gc
        import weakref

        class Thing:
            def __init__(self, out):
                self.out = out
                self.me = self

            def __del__(self):
                self.out.append("gone")

        def make(out):
            thing = Thing(out)
            weakref.finalize(thing, out.append, "final")
            return weakref.ref(thing)

        def run():
            out = []
            gc.collect()
            reference = make(out)
            gc.collect()
            return reference() is None, sorted(out)
    """,
    "long jumps and many constants": """
        def run():
            body = "\\n".join(f"        total += {i} if x % {i + 2} else {i * 2}" for i in range(600))
            scope = {}
            end = "        if x == 3:\\n            continue\\n    return total"
            source = f"def far(n):\\n    total = 0\\n    for x in range(n):\\n{body}\\n{end}"
            exec(compile(source, __file__, "exec"), scope)
            return scope["far"](6)
    """,
    "hot reload": """
        import importlib
        import pathlib
        import sys

        def run():
            folder = pathlib.Path(__file__).parent
            name = __name__.rpartition(".")[0] + ".hot"
            out = []
            for version in (1, 2, 3):
                source = f"VALUE = {version}\\n\\ndef value():\\n    v = VALUE\\n    return v\\n"
                (folder / "hot.py").write_text(f"# {'x' * version}\\n{source}")
                importlib.invalidate_caches()
                module = importlib.reload(sys.modules[name]) if name in sys.modules else importlib.import_module(name)
                out.append(module.value())
            del sys.modules[name]
            return out
    """,
    "system exit and interrupts": """
        def leave(how):
            try:
                if how == 1:
                    raise SystemExit(3)
                if how == 2:
                    raise KeyboardInterrupt
                if how == 3:
                    raise GeneratorExit
                raise StopIteration(4)
            finally:
                how = None

        def run():
            out = []
            for how in range(4):
                try:
                    leave(how)
                except BaseException as error:
                    out.append(repr(error))
            return out
    """,
}
