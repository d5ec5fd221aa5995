"""Programs of the kind that debuggers break: each has a `run` whose result must be the same under breakpoints."""

PROGRAMS = {
    "deleted locals": """
        def run():
            a = 1
            out = []
            for name in range(3):
                b = name
                del b
                try:
                    out.append(b)
                except UnboundLocalError as error:
                    out.append(str(error)[:10])
            del a
            return out, sorted(locals())
    """,
    "names that a handler deletes": """
        def run():
            out = []
            for number in (1, 2):
                try:
                    raise ValueError(number)
                except ValueError as error:
                    kept = error
                    out.append(error.args)
                out.append("error" in locals())
            return out, kept.__traceback__.tb_lineno
    """,
    "generators that are closed, thrown into and sent to": """
        import gc
        seen = []

        def inner(start):
            try:
                while True:
                    try:
                        got = yield start
                        start += got or 1
                    except KeyError as error:
                        seen.append(repr(error))
                        start = -5
            finally:
                seen.append("closed")

        def outer(start):
            result = yield from inner(start)
            return result

        def run():
            seen.clear()
            g = outer(1)
            out = [next(g), g.send(5), g.throw(KeyError("k")), g.send(2)]
            g.close()
            h = outer(2)
            next(h)
            del h
            gc.collect()
            try:
                list(x for x in (1, 0) if 1 / x)
            except ZeroDivisionError as error:
                out.append(str(error))
            return out, list(seen)
    """,
    "async generators, comprehensions and context managers": """
        import asyncio
        from contextlib import asynccontextmanager

        @asynccontextmanager
        async def scope(out):
            out.append("in")
            try:
                yield 3
            except ValueError as error:
                out.append(str(error))
            finally:
                await asyncio.sleep(0)
                out.append("out")

        async def numbers(n):
            for i in range(n):
                await asyncio.sleep(0)
                yield i

        async def work(out):
            async with scope(out) as got, scope(out):
                out.append([x * got async for x in numbers(3) if x])
                raise ValueError("inside")
            out.append({k: [v async for v in numbers(k)] for k in range(2)})
            async for x in numbers(2):
                if x:
                    break
            else:
                out.append("never")
            results = await asyncio.gather(*(one(x) for x in range(3)), return_exceptions=True)
            out.append([repr(r) for r in results])
            try:
                async with asyncio.timeout(0.001):
                    await asyncio.sleep(5)
            except TimeoutError:
                out.append("late")
            task = asyncio.create_task(asyncio.sleep(5))
            await asyncio.sleep(0)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                out.append("cancelled")

        async def one(x):
            return 1 // x

        def run():
            out = []
            asyncio.run(work(out))
            return out
    """,
    "signals that raise": """
        import signal

        class Late(Exception):
            pass

        def handler(number, frame):
            where = frame.f_code.co_name
            raise Late(where)

        def busy():
            total = 0
            for number in range(50):
                total += number
                if number == 25:
                    signal.raise_signal(signal.SIGUSR1)
            return total

        def run():
            before = signal.signal(signal.SIGUSR1, handler)
            out = []
            try:
                for _ in range(3):
                    try:
                        out.append(busy())
                    except Late as error:
                        out.append(error.args)
            finally:
                signal.signal(signal.SIGUSR1, before)
            return out
    """,
    "recursion to the limit": """
        import sys

        def down(n):
            return down(n + 1)

        def even(n):
            return True if n == 0 else odd(n - 1)

        def odd(n):
            return False if n == 0 else even(n - 1)

        def run():
            out = []
            for _ in range(3):
                try:
                    down(0)
                except RecursionError:
                    out.append("deep")
            return out, even(100)
    """,
    "code that is executed and evaluated": """
        import types

        def run():
            names = {"out": []}
            source = "for i in range(3):\\n    out.append(i)\\ndef f(x):\\n    return x + 1\\nout.append(f(5))"
            exec(compile(source, __file__, "exec"), names)
            made = types.FunctionType(names["f"].__code__, {}, "renamed")
            scope = eval("lambda a, *b, c=1, **d: (a, b, c, d)")
            return names["out"], made(2), made.__name__, scope(1, 2, c=3, d=4)
    """,
    "slots with descriptors, and classes that say they are others": """
        ran = []

        class Loud:
            def __get__(self, instance, owner=None):
                ran.append("get")
                return 3

            def __set__(self, instance, value):
                ran.append("set")

        class Slots:
            __slots__ = ("a", "__dict__", "__weakref__")
            loud = Loud()

            def __init__(self):
                self.a = 1
                self.loud = 2

            def __getattr__(self, name):
                ran.append(name)
                return name

        class Liar:
            @property
            def __class__(self):
                ran.append("class")
                return int

            @property
            def __dict__(self):
                ran.append("dict")
                return {"a": self}

            def __eq__(self, other):
                ran.append("eq")
                return NotImplemented

            __hash__ = None

            def __repr__(self):
                ran.append("repr")
                return "liar"

        class Meta(type):
            def __getattribute__(cls, name):
                ran.append(name)
                return super().__getattribute__(name)

            def __instancecheck__(cls, other):
                ran.append("check")
                return True

        class Strange(metaclass=Meta):
            pass

        def run():
            ran.clear()
            slots, liar, strange = Slots(), Liar(), Strange()
            slots.missing
            pair = (slots.loud, isinstance(3, Strange), liar is liar)
            del slots.a
            box = [slots, liar, strange]
            return pair, list(ran), len(box)
    """,
    "ten thousand variables": """
        def run():
            names = "\\n".join(f"    v{i} = {i}" for i in range(10_000))
            scope = {}
            exec(compile(f"def many():\\n{names}\\n    return v9999", __file__, "exec"), scope)
            return scope["many"]()
    """,
    "code objects that are replaced": """
        def template(x):
            y = x + 1
            return y * FACTOR

        FACTOR = 2

        def run():
            constants = tuple(10 if c == 1 else c for c in template.__code__.co_consts)
            changed = template.__code__.replace(co_name="other", co_consts=constants)
            own = type(template)(changed, globals())
            before = template(3)
            code = template.__code__
            template.__code__ = changed
            try:
                during = template(3)
            finally:
                template.__code__ = code
            return before, during, own(3), template(3), own.__code__.co_name
    """,
    "decorators that copy functions": """
        import functools
        import types

        def copied(function):
            twin = types.FunctionType(
                function.__code__, function.__globals__, function.__name__ + "_twin", function.__defaults__, function.__closure__
            )
            twin.__kwdefaults__ = function.__kwdefaults__

            @functools.wraps(function)
            def both(*given, **named):
                return function(*given, **named), twin(*given, **named)

            return both

        def counter():
            count = 0

            @copied
            def step(by=1, *, twice=False):
                nonlocal count
                count += by * (2 if twice else 1)
                return count

            return step

        class Cart:
            @property
            @functools.lru_cache(4)
            def total(self):
                return 3

            @classmethod
            @copied
            def make(cls, n):
                return n, cls.__name__

            @staticmethod
            def plain(n): return n

            @functools.singledispatchmethod
            def of(self, n):
                return "any"

            @of.register
            def _(self, n: int):
                return "int"

        def run():
            step = counter()
            cart = Cart()
            return step(), step(2, twice=True), cart.total, Cart.make(2), Cart.plain(1), cart.of(1), cart.of("")
    """,
    "control flow in finally": """
        def swallow(n):
            for i in range(n):
                try:
                    if i == 2:
                        return "return"
                    if i == 1:
                        continue
                    1 / i
                except ZeroDivisionError:
                    pass
                else:
                    return "else"
                finally:
                    if i == 3:
                        return "finally"
            return "end"

        def nested():
            out = []
            try:
                try:
                    raise KeyError("a")
                finally:
                    out.append("f1")
                    try:
                        raise ValueError("b")
                    except ValueError as error:
                        out.append(repr(error.__context__))
            except KeyError as error:
                out.append(repr(error.__context__))
            while True:
                try:
                    break
                finally:
                    out.append("f2")
            return out

        def groups():
            out = []
            try:
                raise ExceptionGroup("g", [ValueError(1), KeyError(2), OSError(3)])
            except* ValueError as group:
                out.append(len(group.exceptions))
            except* (KeyError, OSError) as group:
                out.append(len(group.exceptions))
            return out

        def run():
            return [swallow(n) for n in range(5)], nested(), groups()
    """,
}
