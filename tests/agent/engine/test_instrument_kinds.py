"""The line is hit whatever kind of function it is in, and however that function is kept."""

from __future__ import annotations

import pytest

KINDS = {
    "a method": """
        class A:
            def f(self):
                return 1  # here
        def run():
            return A().f()
        """,
    "a property": """
        class A:
            @property
            def f(self):
                return 1  # here
        def run():
            return A().f
        """,
    "a cached property": """
        import functools
        class A:
            @functools.cached_property
            def f(self):
                return 1  # here
        def run():
            return A().f
        """,
    "a static method": """
        class A:
            @staticmethod
            def f():
                return 1  # here
        def run():
            return A.f()
        """,
    "a class method": """
        class A:
            @classmethod
            def f(cls):
                return 1  # here
        def run():
            return A.f()
        """,
    "a method of a nested class": """
        class A:
            class B:
                def f(self):
                    return 1  # here
        def run():
            return A.B().f()
        """,
    "a function wrapped by a decorator": """
        import functools
        def wrap(g):
            @functools.wraps(g)
            def inner(*a):
                return g(*a)
            return inner
        @wrap
        def f():
            return 1  # here
        def run():
            return f()
        """,
    "one wrapped without a trace": """
        def wrap(g):
            return lambda *a: g(*a)
        @wrap
        @wrap
        def f():
            return 1  # here
        def run():
            return f()
        """,
    "one wrapped in an object": """
        class Task:
            __slots__ = ('g',)
            def __init__(self, g):
                self.g = g
            def __call__(self):
                return self.g()
        @Task
        def f():
            return 1  # here
        def run():
            return f()
        """,
    "the wrapper": """
        import functools
        def wrap(g):
            @functools.wraps(g)
            def inner(*a):
                return g(*a)  # here
            return inner
        @wrap
        def f():
            return 1
        def run():
            return f()
        """,
    "a cached function": """
        import functools
        @functools.lru_cache(0)
        def f():
            return 1  # here
        def run():
            return f()
        """,
    "a single dispatch": """
        import functools
        @functools.singledispatch
        def f(x):
            return 1
        @f.register
        def _(x: int):
            return 1  # here
        def run():
            return f(1)
        """,
    "a partial": """
        import functools
        def _f(x):
            return x  # here
        f = functools.partial(_f, 1)
        del _f
        def run():
            return f()
        """,
    "a function in a registry": """
        registry = {}
        def register(g):
            registry[g.__name__] = [g]
        @register
        def f():
            return 1  # here
        def run():
            return registry['f'][0]()
        """,
    "a route of an application": """
        class App:
            def __init__(self):
                self.routes = {}
            def route(self, path):
                return lambda g: self.routes.setdefault(path, g) and None
        def create():
            app = App()
            @app.route('/')
            def index():
                return 1  # here
            return app
        app = create()
        def run():
            return app.routes['/']()
        """,
    "a closure": """
        def make(n):
            def inner():
                return n  # here
            return inner
        made = make(1)
        def run():
            return made()
        """,
    "a dataclass's method": """
        import dataclasses
        @dataclasses.dataclass
        class A:
            x: int = 1
            def f(self):
                return self.x  # here
        def run():
            return A().f()
        """,
    "a context manager": """
        import contextlib
        @contextlib.contextmanager
        def f():
            x = 1  # here
            yield x
        def run():
            with f():
                pass
        """,
    "a named lambda": """
        f = lambda x: str(
            x)  # here
        def run():
            return f(1)
        """,
    "a default": """
        def run(f=lambda: str(
                1)):  # here
            return f()
        """,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_line_is_hit_whatever_it_is_in(kind, application, debugger):
    application.write(KINDS[kind])
    module = application.load()
    debugger.at()
    before = debugger.binding()
    module.run()
    debugger.engine.tick()
    assert (1, "bound") == (debugger.binding().hits, debugger.binding().state), before.reason
    assert before.state == "bound"
