"""One hit for each pass over the statement on a line, whatever the interpreter makes of that line. The same in every version."""

from __future__ import annotations

import pytest

CASES: dict[str, tuple[str, int]] = {
    "a statement": ("def run():\n    x = 1  # here\n", 1),
    "a statement in a loop": ("def run():\n    for i in range(3):\n        x = i  # here\n", 3),
    "a call over several lines": ("def run():\n    print(  # here\n        1,\n        2,\n        end='',\n    )\n", 1),
    "the same in a loop": ("def run():\n    for i in range(3):\n        str(  # here\n            i\n        )\n", 3),
    "calls within calls": (
        "def run():\n    x = max(  # here\n        min(\n            1,\n            2), abs(\n            3),\n    )\n    return x\n",
        1,
    ),
    "an argument's line": ("def run():\n    x = max(\n        min(  # here\n            1,\n            2), abs(\n            3),\n    )\n", 1),
    "a chain of calls": ("def run():\n    x = (\n        'a'  # here\n        .upper()\n        .lower()\n    )\n", 1),
    "a return over several lines": ("def run():\n    return (\n        max(  # here\n            1,\n            2)\n    )\n", 1),
    "an operator over several lines": ("def run(a=1, b=2):\n    x = (a +  # here\n         b +\n         a)\n", 1),
    "a condition over several lines": (
        "def run(a=1, b=0):\n    if (a and  # here\n            str(\n                b) and\n            b):\n        pass\n",
        1,
    ),
    "a choice over several lines": ("def run(a=1):\n    x = (1 if a  # here\n         else 2)\n    return x\n", 1),
    "a part that is skipped to": (
        "def run(a=0):\n    x = (a and\n         str(1) or str(  # here\n             2))\n    return x\n",
        1,
    ),
    "a for over some items": ("def run():\n    for i in (1, 2, 3):  # here\n        x = i\n", 4),
    "a for over several lines": ("def run():\n    for i in list(  # here\n        (1, 2, 3)\n    ):\n        x = i\n", 4),
    "a for in one line": ("def run():\n    for i in (1, 2, 3): str(i)  # here\n", 1),
    "a for that is left": ("def run():\n    for i in (1, 2, 3):  # here\n        if i == 2:\n            break\n", 2),
    "a while": ("def run(n=0):\n    while n < 3:  # here\n        n += 1\n", 4),
    "a while over several lines": (
        "def run(n=0):\n    while (n <  # here\n           int(\n               3) and\n           True):\n        n += 1\n",
        4,
    ),
    "a while in one line": ("def run(n=0):\n    while n < 3: n += 1  # here\n", 1),
    "a with": ("import io\ndef run():\n    with io.StringIO() as f:  # here\n        f.write('')\n    return f\n", 1),
    "a with over several lines": (
        "import io\ndef run():\n    with io.StringIO(  # here\n        'x'\n    ) as f, io.StringIO(\n        'y'):\n        f.read()\n",
        1,
    ),
    "a with in a loop": (
        "import threading\ndef run():\n    lock = threading.Lock()\n    for i in range(3):\n        with lock:  # here\n            x = i\n",
        3,
    ),
    "a with that is left by an exception": (
        "import contextlib\ndef run():\n    with contextlib.suppress(KeyError):  # here\n        raise KeyError\n",
        1,
    ),
    "a with that is left by return": ("import io\ndef run():\n    with io.StringIO() as f:  # here\n        return f\n", 1),
    "a try": ("def run():\n    try:  # here\n        x = 1\n    finally:\n        x = 2\n", 1),
    "a finally": ("def run():\n    try:\n        x = 1\n    finally:\n        x = str(  # here\n            2)\n", 1),
    "a finally after an exception": (
        "def run():\n    try:\n        try:\n            raise KeyError\n        finally:\n            x = str(  # here\n                2)\n"
        "    except KeyError:\n        pass\n",
        1,
    ),
    "a finally after return": (
        "def run():\n    for i in range(2):\n        try:\n            if i: return\n        finally:\n            x = i  # here\n",
        2,
    ),
    "an except": ("def run():\n    try:\n        int('x')\n    except (KeyError, ValueError) as error:  # here\n        str(error)\n", 1),
    "a raise over several lines": (
        "def run():\n    try:\n        raise ValueError(  # here\n            1)\n    except ValueError:\n        pass\n",
        1,
    ),
    "an assert": ("def run():\n    assert str(  # here\n        1), 'no'\n", 1),
    "an assignment to an item": ("def run():\n    x = {}\n    x[str(  # here\n        1)] = str(\n        2)\n", 1),
    "an f-string over several lines": ("def run(a=1):\n    x = f'''{a}  # no\n    {a}'''.join(  # here\n        'ab')\n", 1),
    "a list comprehension": ("def run():\n    x = [i for i in range(3)]  # here\n", 1),
    "a list comprehension over several lines": (
        "def run():\n    x = [  # here\n        str(\n            i)\n        for i in range(3)\n        if i\n    ]\n",
        1,
    ),
    "one that begins on the line": ("def run():\n    x = [i  # here\n         for i in range(3)\n         if i]\n", 1),
    "a comprehension's element": ("def run():\n    x = [\n        str(i)  # here\n        for i in range(3)\n    ]\n", 3),
    "a comprehension's element over several lines": (
        "def run():\n    x = [\n        str(  # here\n            i\n        )\n        for i in range(3)\n    ]\n",
        3,
    ),
    "a comprehension's condition": (
        "def run():\n    x = [\n        i\n        for i in range(3)\n        if str(i)  # here\n    ]\n",
        3,
    ),
    "comprehensions within each other": (
        "def run():\n    x = [[(i, j)  # here\n          for j in range(2)]\n         for i in range(3)]\n    return x\n",
        1,
    ),
    "a dict comprehension": ("def run():\n    x = {i:  # here\n         i\n         for i in range(3)}\n", 1),
    "a comprehension in a loop": (
        "def run():\n    for k in range(2):\n        x = [i  # here\n             for i in range(3)\n             if i]\n",
        2,
    ),
    "a loop around a comprehension": (
        "def run():\n    for k in range(2):  # here\n        x = [i\n             for i in range(3)\n             if i]\n",
        3,
    ),
    "a display with a star in a loop": (
        "def run():\n    for k in range(2):\n        x = [*range(2),  # here\n             k, str(\n                 k)]\n",
        2,
    ),
    "a generator expression": ("def run():\n    x = sum(i for i in range(3))  # here\n", 1),
    "a generator expression's element": (
        "def run():\n    x = sum(\n        int(i)  # here\n        for i in range(3)\n    )\n",
        3,
    ),
    "a lambda that is made and called": ("def run():\n    f = (\n        lambda: 1)  # here\n    f(), f(), f()\n", 4),
    "a lambda over several lines": ("def run():\n    f = (\n        lambda: str(  # here\n            1))\n    f(), f(), f()\n", 4),
    "a lambda's second line": ("def run():\n    f = lambda: str(\n        1)  # here\n    f(), f(), f()\n", 3),
    "a def": ("def inner(a):  # here\n    return a\ndef run():\n    inner(1), inner(2)\n", 2),
    "a def in one line": ("def inner(a): return a  # here\ndef run():\n    for i in range(50): inner(i)\n", 50),
    "a default's line": ("def inner(\n    a=str(1),  # here\n):\n    return a\ndef run():\n    inner()\n", 1),
    "a decorator's line": (
        "import functools\n@functools.lru_cache(0)  # here\n@functools.lru_cache(0)\ndef inner(a):\n    return a\ndef run():\n    inner(1), inner(2)\n",
        2,
    ),
    "the def below a decorator": (
        "import functools\n@functools.lru_cache(0)\ndef inner(a):  # here\n    return a\ndef run():\n    inner(1), inner(2)\n",
        2,
    ),
    "a generator's def": ("def inner():  # here\n    yield 1\n    yield 2\ndef run():\n    list(inner())\n", 1),
    "a yield": ("def inner():\n    for i in range(3):\n        x = yield i  # here\ndef run():\n    list(inner())\n", 3),
    "a yield over several lines": (
        "def inner():\n    for i in range(3):\n        x = yield str(  # here\n            i)\ndef run():\n    list(inner())\n",
        3,
    ),
    "a yield from": ("def inner():\n    x = yield from range(3)  # here\ndef run():\n    list(inner())\n", 1),
    "an await that waits": (
        "import asyncio\nasync def inner():\n    for i in range(3): await asyncio.sleep(0)\nasync def outer():\n    x = await inner()  # here\n"
        "def run():\n    asyncio.run(outer())\n",
        1,
    ),
    "an await over several lines": (
        "import asyncio\nasync def inner(a):\n    for i in range(3): await asyncio.sleep(0)\nasync def outer():\n    x = await inner(  # here\n"
        "        1)\n    return x\ndef run():\n    asyncio.run(outer())\n",
        1,
    ),
    "an async for": (
        "import asyncio\nasync def inner():\n    for i in range(3): yield i\nasync def outer():\n    async for i in inner():  # here\n        str(i)\n"
        "def run():\n    asyncio.run(outer())\n",
        4,
    ),
    "an async with": (
        "import asyncio\nasync def outer():\n    async with asyncio.Lock():  # here\n        await asyncio.sleep(0)\ndef run():\n    asyncio.run(outer())\n",
        1,
    ),
    "a recursion": ("def run(n=5):\n    if n:\n        run(  # here\n            n - 1)\n", 5),
    "a match": ("def run(a=(1, 2)):\n    match a:  # here\n        case (1, x):\n            return x\n", 1),
    "a case": ("def run(a=(1, 2)):\n    match a:\n        case (2, _):\n            pass\n        case (1, x):  # here\n            return x\n", 1),
    "a nested function": (
        "def run():\n    def inner(x):\n        y = x  # here\n        return y\n    inner(1), inner(2)\n",
        2,
    ),
    "two statements on a line": ("def run():\n    x = 1; y = str(  # here\n        2); z = 3\n", 1),
    "a line that is skipped": ("def run(a=0):\n    if a:\n        x = 1  # here\n", 0),
    "a loop's else": ("def run():\n    for i in range(2):\n        pass\n    else:\n        x = 1  # here\n", 1),
    "an elif": ("def run(a=2):\n    if a == 1:\n        pass\n    elif a == str(  # here\n            2):\n        pass\n", 1),
    "a branch at the end of a loop": (
        "def run():\n    for i in range(4):\n        if (i and  # here\n                i > 2):\n            str(i)\n",
        4,
    ),
    "a long jump": (
        "def run():\n    for i in range(3):  # here\n" + "        x = str(i) + str(i) + str(i) + str(i)\n" * 60,
        4,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_line_of_a_loaded_module_is_hit_once_a_pass(case, application, debugger):
    source, expected = CASES[case]
    application.write(source)
    module = application.load()
    debugger.at()
    module.run()
    debugger.engine.tick()
    assert (expected, "bound") == (debugger.binding().hits, debugger.binding().state), debugger.binding().reason
    # Once more, when the interpreter has adapted the code to what it has seen.
    for _ in range(5):
        module.run()
    assert 6 * expected == debugger.binding().hits


@pytest.mark.parametrize("case", CASES)
def test_the_same_is_true_of_a_module_that_is_imported_later(case, application, debugger):
    source, expected = CASES[case]
    application.write(source)
    debugger.at()
    module = application.load()
    module.run()
    debugger.engine.tick()
    assert (expected, "bound") == (debugger.binding().hits, debugger.binding().state), debugger.binding().reason


@pytest.mark.parametrize("case", CASES)
def test_what_the_code_does_is_the_same_with_a_breakpoint_on_every_line(case, application, debugger):
    source, _ = CASES[case]
    application.write(source)
    module = application.load()
    expected = repr(module.run())
    for line in range(1, source.count("\n") + 1):
        debugger.at(line)
    actual = repr(module.run())
    assert expected.partition(" at 0x")[0] == actual.partition(" at 0x")[0]


def test_a_line_is_hit_each_time_though_others_around_it_are_switched_off(application, debugger):
    application.write("def run():\n    for i in range(500):\n        x = i  # here\n        y = i\n")
    module = application.load()
    debugger.at()
    module.run()
    assert debugger.binding().hits == 500


def test_a_lambda_that_has_become_warm_is_hit_each_time(application, debugger):
    application.write("f = lambda x: x  # here\ndef run(n):\n    for i in range(n): f(i)\n")
    module = application.load()
    module.run(200)
    debugger.at()
    module.run(100)
    assert debugger.binding().hits == 100
